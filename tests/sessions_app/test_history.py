from datetime import UTC, datetime

import pytest

from sessions_app.history import history
from tests.factories import NOON, make_event, make_long_release, make_program, make_release


@pytest.mark.django_db
class TestHistory:
    def test_the_newest_release_is_first_and_its_moment_in_the_events_zone(self):
        event = make_event()
        make_release(event, now=datetime(2026, 1, 1, 3, tzinfo=UTC), note="First.")
        make_release(event, "final")

        entries = history(event)

        assert [(entry.number, entry.stage, entry.is_final) for entry in entries] == [
            (2, "final", True),
            (1, "tentative", False),
        ]
        assert (entries[1].note, entries[1].published_at.isoformat()) == ("First.", "2025-12-31T22:00:00-05:00")

    def test_the_first_release_has_no_changes_to_show(self):
        event = make_event()
        make_release(event)

        assert history(event)[0].marks == []

    def test_a_session_that_is_gone_is_not_linked(self):
        event = make_event()
        first, *_ = make_program(event, 2)
        make_release(event)
        first.delete()

        make_release(event)

        assert [(mark.change.label, mark.slug) for mark in history(event)[0].marks if mark.icon == "removed"] == [
            ("Removed", "")
        ]

    def test_the_summary_tells_first_clock_times_in_one_line(self):
        event = make_event()
        first, *_ = make_program(event, 2)
        make_release(event)
        event.blocks.update(start=NOON)
        first.title = "Welcome"
        first.save()

        make_release(event)

        newest = history(event)[0]
        assert len(newest.marks) == 4
        assert [(mark.change.label, mark.change.title, mark.change.after) for mark in newest.summary] == [
            ("Retitled", "Welcome", "Welcome"),
            ("Time set", "3 sessions", ""),
        ]
        assert newest.summary[0].is_its_own_title

    def test_of_older_ones_it_counts_the_changes_only(self):
        event = make_event()
        first, *_ = make_program(event, 2)
        for title in ("One", "Two", "Three"):
            first.title = title
            first.save()
            make_release(event)

        entries = history(event, told=1)

        assert [(entry.number, entry.changes, len(entry.marks)) for entry in entries] == [
            (3, 1, 1),
            (2, 1, 0),
            (1, 0, 0),
        ]

    @pytest.mark.parametrize("count", [1, 3, 50])
    def test_it_reads_no_program_and_few_changes(self, count, django_assert_num_queries):
        event = make_event()
        for _ in range(count):
            make_long_release(event, 1)

        with django_assert_num_queries(2) as queries:
            entries = history(event)

        assert len(entries) == count
        assert not any('"data"' in query["sql"] or '"withdrawn"' in query["sql"] for query in queries)
        assert queries[0]["sql"].endswith("LIMIT 20")
