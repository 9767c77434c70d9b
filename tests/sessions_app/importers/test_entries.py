from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Event
from sessions_app.drafts import program_of
from sessions_app.importers.entries import Entry, Gathered, Named
from sessions_app.importers.load import load
from sessions_app.importers.report import Known
from sessions_app.models import Session, Speaker
from sessions_app.program import Facts

DAY = datetime(2026, 3, 28, tzinfo=UTC)  # the clocks change in the night after it
entries = st.builds(
    lambda title, start, minutes, room: (title, DAY + timedelta(minutes=5 * start), minutes, room),
    st.integers(),
    st.integers(0, 600),
    st.integers(1, 300),
    st.sampled_from(["", "A", "B"]),
)


@pytest.mark.sqlite
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(entries, min_size=1, max_size=12))
def test_every_session_starts_when_the_file_says(wanted: list[tuple[int, datetime, int, str]]) -> None:
    found = Gathered()
    for number, (title, start, minutes, room) in enumerate(wanted):
        found.add(Entry(number, f"Talk {title}", minutes, start, source=str(number), room=room))
    reading = found.reading(Facts("A Conference", timezone="Europe/Berlin"), Known())
    Event.objects.all().delete()

    load("my-event", reading)
    again = load("my-event", reading)

    event = Event.objects.get()
    draft = program_of(event)
    rows = [(item.title, item.start, item.duration, draft.room_name(item)) for item in draft.items]
    assert sorted(rows) == sorted((f"Talk {title}", *rest) for title, *rest in wanted)
    assert again.changes == ()


class TestPeople:
    @pytest.mark.django_db
    def test_an_id_of_any_length_is_kept_as_long_as_a_row_can_hold_it(self) -> None:
        found = Gathered()
        found.add(Entry(1, "One", 5, source="1" * 300, people=(Named("Ada", source="2" * 300),)))

        load("my-event", found.reading(Facts("A Conference"), Known()))

        assert [len(row.source) for row in (Session.objects.get(), Speaker.objects.get())] == [200, 200]

    def test_who_has_no_id_is_the_one_of_that_name(self) -> None:
        found = Gathered()

        slugs = [found.person(one, 1) for one in (Named("Ada"), Named("ADA", "7"), Named("Ada"), Named("Ada", "8"))]

        assert slugs == ["ada", "ada", "ada", "ada-2"]
        assert found.sources == {"ada": "7", "ada-2": "8"}

    def test_addresses_that_are_none_are_dropped(self) -> None:
        found = Gathered()

        found.person(Named("Ada", email="nobody", url="javascript:alert(1)"), 1)

        assert found.emails == {}
        assert [one.url for one in found.people.values()] == [""]

    def test_they_are_named_once_in_a_session_in_order(self) -> None:
        found = Gathered()
        found.add(Entry(1, "One", 30, people=(Named("B", role="chair"), Named("A"), Named("B"), Named(" "))))

        item = found.reading(Facts("A Page"), Known()).program.items[0]

        assert [(one.person, one.role) for one in item.speakers] == [("b", "chair"), ("a", "")]
