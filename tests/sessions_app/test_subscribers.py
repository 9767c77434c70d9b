"""Programs that poll the feeds, each by its own rules, through a move, a cancellation and a withdrawal."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from lxml import etree

from portal.models import Event
from tests.factories import make_block, make_event, make_program, make_release, make_session

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
LATER = timedelta(hours=1)


@dataclass
class Poller:
    """Asks again with the tag it was given, and reads only what is new."""

    client: Client
    path: str
    tag: str = ""
    answers: list[int] = field(default_factory=list)

    def poll(self) -> bytes:
        response = self.client.get(self.path, headers={"If-None-Match": self.tag} if self.tag else {})
        self.answers.append(response.status_code)
        self.tag = response.headers.get("ETag", self.tag)
        return response.content if response.status_code == 200 else b""


@dataclass
class StrictCalendar(Poller):
    """By RFC 5546: an entry replaces the one of its UID if its SEQUENCE, or at the same SEQUENCE its DTSTAMP, is
    higher; one that isn't in the feed any more stays."""

    held: dict[str, Any] = field(default_factory=dict)

    def look(self) -> None:
        for entry in icalendar.Calendar.from_ical(self.poll() or b"BEGIN:VCALENDAR\nEND:VCALENDAR").walk("VEVENT"):
            known = self.held.get(str(entry["UID"]))
            if known is None or revision(entry) > revision(known):
                self.held[str(entry["UID"])] = entry

    def shown(self) -> dict[str, tuple[datetime, str]]:
        return {str(one["SUMMARY"]): (one["DTSTART"].dt, str(one["STATUS"])) for one in self.held.values()}


@dataclass
class MirroringCalendar(StrictCalendar):
    """As the big web calendars do: the feed is the whole truth, and what it calls cancelled isn't shown."""

    def look(self) -> None:
        if data := self.poll():
            self.held = {str(one["UID"]): one for one in icalendar.Calendar.from_ical(data).walk("VEVENT")}

    def shown(self) -> dict[str, tuple[datetime, str]]:
        return {title: one for title, one in super().shown().items() if one[1] != "CANCELLED"}


@dataclass
class ScheduleApp(Poller):
    """As phone apps read frab's XML: an event is known by its integer id, what is compared is title, room, day, start
    and length, and what has vanished is told as cancelled."""

    held: dict[int, dict[str, str]] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def look(self) -> None:
        data = self.poll()
        if not data:
            return
        found = {int(one.get("id")): fields(one) for one in etree.fromstring(data).iter("event")}
        for number, old in self.held.items():
            if number not in found:
                self.told.append(f"{old['title']} is cancelled")
            elif found[number] != old:
                changed = [name for name in old if found[number][name] != old[name]]
                self.told.append(f"{old['title']}: {', '.join(changed)}")
        self.held = found


def revision(entry: Any) -> tuple[int, datetime]:
    return int(entry["SEQUENCE"]), entry["DTSTAMP"].dt


def fields(event: Any) -> dict[str, str]:
    return {name: event.findtext(name) or "" for name in ("title", "room", "date", "start", "duration")}


@pytest.fixture
def event() -> Event:
    """Three parts of 45 minutes with a break, in a tentative release."""
    event = make_event(slug="tutorial")
    make_program(event, 4, start=START)
    make_release(event, now=START - timedelta(days=9))
    return event


def move_cancel_and_withdraw(event: Event) -> None:
    """The second part an hour later, the third cancelled, the fourth gone."""
    second, third, fourth = event.sessions.filter(title__in=["Part 2", "Part 3", "Part 4"])
    type(second).objects.filter(pk=second.pk).update(start=START + timedelta(minutes=75) + LATER)
    type(third).objects.filter(pk=third.pk).update(status="cancelled", start=START + timedelta(minutes=120))
    fourth.delete()
    make_release(event, "final", now=START - timedelta(days=2))


def follow(event: Event, subscriber: Any) -> Any:
    """A look at each release, and one more after each that has nothing new."""
    subscriber.look()
    subscriber.look()
    move_cancel_and_withdraw(event)
    subscriber.look()
    subscriber.look()
    return subscriber


def test_a_calendar_that_goes_by_revisions_moves_and_strikes_the_entries_it_has(client: Client, event: Event) -> None:
    calendar = follow(event, StrictCalendar(client, "/tutorial/schedule.ics"))

    assert calendar.answers == [200, 304, 200, 304]
    assert calendar.shown() == {
        "Part 1": (START, "CONFIRMED"),
        "Coffee break": (START + timedelta(minutes=45), "CONFIRMED"),
        "Part 2": (START + timedelta(minutes=75) + LATER, "CONFIRMED"),
        "Part 3": (START + timedelta(minutes=120), "CANCELLED"),
        "Part 4": (START + timedelta(minutes=165), "CANCELLED"),
    }


@pytest.mark.parametrize("path", ["/tutorial/schedule.ics", "/tutorial/sessions/part-1.ics"])
def test_a_calendar_that_goes_by_revisions_strikes_what_lost_its_time_until_it_has_one(
    client: Client, path: str
) -> None:
    event = make_event(slug="tutorial")
    make_session(make_block(event, start=START), "Part 1")
    calendar, shown = StrictCalendar(client, path), []

    for start in (START, None, None, START + LATER):
        event.blocks.update(start=start)
        make_release(event)
        calendar.look()
        shown += [calendar.shown()["Part 1"]]

    assert shown == [
        (START, "TENTATIVE"),
        (START, "CANCELLED"),
        (START, "CANCELLED"),
        (START + LATER, "TENTATIVE"),
    ]


def test_a_calendar_that_goes_by_revisions_learns_of_another_venue(client: Client) -> None:
    event = make_event(slug="tutorial", venue="Omni")
    make_program(event, start=START)
    make_release(event)
    calendar = StrictCalendar(client, "/tutorial/schedule.ics")
    calendar.look()

    event.venue = "Library"
    event.save()
    calendar.look()

    assert {str(entry["LOCATION"]) for entry in calendar.held.values()} == {"Library"}


def test_a_calendar_that_goes_by_revisions_learns_of_other_days(client: Client) -> None:
    event = make_event(slug="tutorial", starts_on=date(2026, 3, 22))
    make_release(event)
    calendar = StrictCalendar(client, "/tutorial/schedule.ics")
    calendar.look()
    ((before, sequence),) = [(entry["DTSTART"].dt, entry["SEQUENCE"]) for entry in calendar.held.values()]

    event.starts_on = date(2026, 3, 29)
    event.save()
    calendar.look()

    ((after, risen),) = [(entry["DTSTART"].dt, entry["SEQUENCE"]) for entry in calendar.held.values()]
    assert (before, after, risen > sequence) == (date(2026, 3, 22), date(2026, 3, 29), True)


def test_a_calendar_that_mirrors_the_feed_shows_what_takes_place(client: Client, event: Event) -> None:
    calendar = follow(event, MirroringCalendar(client, "/tutorial/schedule.ics"))

    assert calendar.answers == [200, 304, 200, 304]
    assert calendar.shown() == {
        "Part 1": (START, "CONFIRMED"),
        "Coffee break": (START + timedelta(minutes=45), "CONFIRMED"),
        "Part 2": (START + timedelta(minutes=75) + LATER, "CONFIRMED"),
    }


def test_a_schedule_app_tells_the_move_and_what_is_off(client: Client, event: Event) -> None:
    app = follow(event, ScheduleApp(client, "/tutorial/schedule.xml"))

    assert app.answers == [200, 304, 200, 304]
    assert app.told == ["Part 2: date, start", "Part 3 is cancelled", "Part 4 is cancelled"]
