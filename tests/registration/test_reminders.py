from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from portal.mail import MailError
from portal.models import Event
from registration import duties
from registration.reminders import days_left, remind
from sessions_app.publishing import publish
from tests.factories import make_block, make_event, make_organizer, make_program, make_session

pytestmark = pytest.mark.django_db
DUE = date(2026, 2, 17)
MORNING = datetime(2026, 2, 10, 8, tzinfo=UTC)  # 7 days before, in Berlin at 9


@pytest.fixture
def event() -> Event:
    event = make_event(title="Large models", timezone="Europe/Berlin", final_program_due=DUE)
    chair = make_organizer(event)
    chair.email = "chair@example.org"
    chair.save()
    return event


def told(event: Event) -> list[tuple[str, str, str]]:
    return list(event.mails.order_by("pk").values_list("kind", "address", "occasion"))


def test_organizers_are_told_seven_days_and_one_day_before(event: Event) -> None:
    for day in range(12):
        for hour in range(0, 24, 6):
            remind(datetime(2026, 2, 8, tzinfo=UTC) + timedelta(days=day, hours=hour))

    assert told(event) == [
        ("due", "chair@example.org", "due-2026-02-17-7"),
        ("due", "chair@example.org", "due-2026-02-17-1"),
    ]


@pytest.mark.parametrize(
    ("zone", "moment", "is_told"),
    [
        ("Pacific/Auckland", datetime(2026, 2, 9, 17, tzinfo=UTC), False),  # there 6 in the morning of the day
        ("Pacific/Auckland", datetime(2026, 2, 9, 18, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 2, 10, 14, tzinfo=UTC), False),
        ("America/Los_Angeles", datetime(2026, 2, 10, 15, tzinfo=UTC), True),
        ("America/Los_Angeles", datetime(2026, 2, 11, 7, tzinfo=UTC), True),  # there still the day before
        ("America/Los_Angeles", datetime(2026, 2, 11, 8, tzinfo=UTC), False),
    ],
)
def test_the_day_is_that_of_the_events_zone_and_begins_at_seven(
    event: Event, zone: str, moment: datetime, is_told: bool
) -> None:
    event.timezone = zone
    event.save()

    remind(moment)

    assert event.mails.exists() is is_told


def test_a_moved_day_is_told_anew(event: Event) -> None:
    remind(MORNING)
    event.final_program_due = DUE + timedelta(days=1)
    event.save()

    remind(MORNING + timedelta(days=1))

    assert [occasion for _, _, occasion in told(event)] == ["due-2026-02-17-7", "due-2026-02-18-7"]


def test_nobody_is_reminded_of_what_is_out(event: Event) -> None:
    make_program(event)
    publish(event, "final")

    remind(MORNING)

    assert told(event) == []


def test_a_tentative_release_is_not_what_was_promised(event: Event) -> None:
    make_program(event)
    publish(event, "tentative")

    remind(MORNING)

    assert len(told(event)) == 1


@pytest.mark.parametrize("count", [1, 3, 50])
def test_events_that_are_due_some_other_day_cost_nothing(count: int, django_assert_num_queries) -> None:
    for _ in range(count):
        make_event(final_program_due=DUE + timedelta(days=30))

    with django_assert_num_queries(1):
        remind(MORNING)


class TestLetter:
    @time_machine.travel(MORNING, tick=False)
    def test_it_lists_what_is_missing_now(self, event: Event) -> None:
        make_session(make_block(event), "Introduction")
        remind()

        letter = duties.due(event.mails.get())

        assert letter.subject == "The final program is due in 7 days: Large models"
        assert "promised for February 17, 2026, in 7 days." in letter.text
        assert "* “Overview” is empty." in letter.text
        assert "* “Introduction” has no speaker." in letter.text
        assert f"https://portal.example/admin/portal/event/{event.pk}/release/" in letter.text
        assert "“Introduction” has no speaker." in letter.html

    @time_machine.travel(MORNING + timedelta(days=2), tick=False)
    def test_the_days_are_counted_by_the_databases_clock(self, event: Event) -> None:
        remind(MORNING)
        event.mails.update(changed_at=MORNING)  # as when it is claimed

        assert duties.due(event.mails.get()).subject == "The final program is due in 7 days: Large models"

    @time_machine.travel(MORNING, tick=False)
    def test_it_names_the_time_that_is_set(self, event: Event) -> None:
        event.timed_releases.create(stage="final", at=MORNING + timedelta(days=2))
        remind()

        letter = duties.due(event.mails.get())

        assert "It will be released as final on February 12, 2026 at 09:00 CET." in " ".join(letter.text.split())

    @time_machine.travel(MORNING, tick=False)
    def test_it_is_not_written_once_the_program_is_final(self, event: Event) -> None:
        make_program(event)
        remind()
        publish(event, "final")

        with pytest.raises(MailError, match="The final program is out"):
            duties.due(event.mails.get())


def test_days_are_counted_by_the_events_calendar(event: Event) -> None:
    late = datetime(2026, 2, 16, 23, 30, tzinfo=UTC)

    assert days_left(event, late) == 0
    assert days_left(make_event(), late) is None
