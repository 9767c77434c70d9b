from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from portal.models import Event
from sessions_app import drafts, publishing, releases
from sessions_app.models import Release
from sessions_app.program import Program
from sessions_app.publishing import ProgramError, preview, publish
from tests.factories import NOON, make_block, make_event, make_program, make_session


@pytest.mark.django_db
class TestPublish:
    def test_it_numbers_the_releases_of_an_event(self) -> None:
        event, other = make_event(), make_event()
        make_program(event)
        make_program(other)

        numbers = [publish(one, "tentative").number for one in (event, event, other)]

        assert numbers == [1, 2, 1]

    def test_a_release_does_not_follow_the_draft(self) -> None:
        event = make_event()
        first, *_ = make_program(event)
        publish(event, "tentative")

        first.title = "Another title"
        first.save()

        shown = releases.latest(event)
        assert shown
        assert [item.title for item in shown.program.items] == ["Part 1", "Coffee break", "Part 2"]

    def test_a_release_is_never_changed(self) -> None:
        event = make_event()
        make_program(event)
        release = publish(event, "tentative")
        release.note = "Another note."

        with pytest.raises(TypeError, match="A release is never changed"):
            release.save()

        assert event.releases.get().note == ""

    def test_a_program_without_sessions_is_refused(self) -> None:
        event = make_event()

        with pytest.raises(ProgramError, match="The program has no sessions"):
            publish(event, "final")

        assert not event.releases.exists()

    def test_only_what_was_previewed_is_released(self) -> None:
        event = make_event()
        make_program(event)
        seen = preview(event).latest
        publish(event, "final", after=seen)

        with pytest.raises(ProgramError, match="Release 1 was made in the meantime"):
            publish(event, "final", after=seen)

        assert event.releases.count() == 1

    def test_it_keeps_the_changes_against_the_release_before(self) -> None:
        event = make_event()
        first, *_ = make_program(event)
        publish(event, "tentative")
        first.title = "Welcome"
        first.save()

        release = publish(event, "final")

        assert [(one["kind"], one["before"], one["after"]) for one in release.changes] == [
            ("retitled", "Part 1", "Welcome")
        ]

    def test_moving_a_session_raises_its_calendar_revision_once(self) -> None:
        event = make_event()
        first, *_ = make_program(event)
        publish(event, "tentative")
        event.blocks.update(start=NOON)

        publish(event, "final")
        publish(event, "final", note="Corrected a text.")

        shown = releases.latest(event)
        first.refresh_from_db()
        assert shown
        assert {item.sequence for item in shown.program.items} == {1}
        assert first.sequence == 1

    def test_the_calendar_revision_of_a_cancelled_session_rises_with_its_time_though_nobody_is_told(self) -> None:
        event = make_event()
        first, _, last = make_program(event, start=NOON)
        event.sessions.filter(pk=last.pk).update(status="cancelled")
        publish(event, "final")
        event.sessions.filter(pk=first.pk).update(duration=60)

        release = publish(event, "final")

        last.refresh_from_db()
        assert (last.sequence, [one["title"] for one in release.changes]) == (1, ["Part 1", "Coffee break"])

    def test_no_revision_falls_where_a_row_was_made_anew_or_saved_as_it_was(self) -> None:
        event = make_event()
        block = make_program(event, start=NOON)[0].block
        told = []

        for hours, is_lost in ((0, False), (1, False), (1, True), (2, False)):
            event.blocks.filter(pk=block.pk).update(start=NOON + timedelta(hours=hours))
            if is_lost:
                event.sessions.update(sequence=0)
            publish(event, "final")
            shown = releases.latest(event)
            assert shown
            told.append({item.sequence for item in shown.program.items})

        assert told == [{0}, {1}, {1}, {2}]
        assert set(event.sessions.values_list("sequence", flat=True)) == {2}

    def test_a_session_that_is_gone_stays_withdrawn_until_it_is_back_with_a_higher_revision(self) -> None:
        event = make_event()
        block = make_block(event, start=NOON)
        make_session(block, "First")
        uuid = make_session(block, "Second").uuid
        told = []

        for step in ("there", "gone", "still gone", "back", "gone"):
            event.sessions.filter(uuid=uuid).delete()
            if step in ("there", "back"):
                make_session(block, "Second", uuid=uuid, position=1)
            publish(event, "final")
            shown = releases.latest(event)
            assert shown
            told.append([(item.title, item.sequence) for item in shown.withdrawn])

        there = [
            [item.sequence for item in releases.numbered(event, n).program.items if item.title == "Second"]
            for n in range(1, 6)
        ]
        assert told == [[], [("Second", 1)], [("Second", 1)], [], [("Second", 3)]]
        assert there == [[0], [], [], [2], []]

    def test_a_session_without_its_clock_time_is_withdrawn_until_it_has_one_again(self) -> None:
        event = make_event()
        make_session(make_block(event, start=NOON))
        there, told = [], []

        for start in (NOON, None, None, NOON, None):
            event.blocks.update(start=start)
            publish(event, "final")
            shown = releases.latest(event)
            assert shown
            there += [item.sequence for item in shown.program.items]
            told.append([item.sequence for item in shown.withdrawn])

        assert (there, told) == ([0, 1, 1, 2, 3], [[], [1], [1], [], [3]])

    def test_what_never_had_a_clock_time_is_not_withdrawn(self) -> None:
        event = make_event()
        _, _, last = make_program(event)
        publish(event, "tentative")
        last.delete()

        publish(event, "tentative")

        assert event.releases.values_list("withdrawn", flat=True)[0] == []

    @pytest.mark.parametrize("count", [1, 3, pytest.param(900, marks=pytest.mark.sqlite)])
    def test_it_takes_as_many_queries_for_any_number_of_sessions(self, count: int, django_assert_num_queries) -> None:
        event = make_event()
        make_program(event, count)
        publish(event, "tentative")
        event.blocks.update(start=NOON)

        with django_assert_num_queries(15):
            release = publish(event, "final")

        assert release.change_count == count + 1

    def test_a_release_renews_the_events_pages(self) -> None:
        event = make_event()
        make_program(event)
        before = event.version

        publish(event, "tentative")

        event.refresh_from_db()
        assert event.version == before + 1

    def test_editing_the_draft_does_not_renew_them(self) -> None:
        event = make_event()
        before = event.version

        make_program(event)

        event.refresh_from_db()
        assert event.version == before


@pytest.mark.django_db
class TestWholeDraft:
    """An edit may come between two queries of one reading of the draft, where the database lets it."""

    def torn(self, event: Event, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        turns = iter(range(times))

        def program_of(event: Event) -> Program:
            draft = drafts.program_of(event)
            return draft if next(turns, None) is None else replace(draft, people=())

        monkeypatch.setattr(publishing, "program_of", program_of)

    def test_a_draft_torn_by_an_edit_is_read_once_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        event = make_event()
        make_program(event)
        self.torn(event, monkeypatch, times=2)

        release = publish(event, "final")

        assert [one["name"] for one in release.data["people"]] == ["Ada Lovelace"]

    def test_one_that_stays_torn_is_not_released(self, monkeypatch: pytest.MonkeyPatch) -> None:
        event = make_event()
        make_program(event)
        self.torn(event, monkeypatch, times=3)

        with pytest.raises(ProgramError, match="being edited just now"):
            publish(event, "final")

        assert not event.releases.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_release_at_once_one_is_refused() -> None:
    event = make_event()
    make_program(event)
    barrier, refused = Barrier(8), []

    def press() -> None:
        barrier.wait()
        try:
            publish(event, "final", after=0)
        except ProgramError as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Release.objects.count() == 1
    assert refused == ["Release 1 was made in the meantime. Look at the changes again."] * 7
