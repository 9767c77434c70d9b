"""Events as the home page lists them: guests stand below their host. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.models import Event


@dataclass(frozen=True)
class Entry:
    """An event with the events that belong to it."""

    event: Event
    guests: list[Event]

    @property
    def last_day(self) -> date | None:
        return max((day for one in (self.event, *self.guests) if (day := one.ends_on or one.starts_on)), default=None)

    @property
    def first_day(self) -> date | None:
        return self.event.starts_on or min((one.starts_on for one in self.guests if one.starts_on), default=None)


def upcoming_and_past(events: Iterable[Event], today: date) -> tuple[list[Entry], list[Entry]]:
    """What isn't over, the next first and the undated last; and what is, the latest first."""
    entries = entries_of(list(events))
    upcoming = [one for one in entries if one.last_day is None or one.last_day >= today]
    past = [one for one in entries if one.last_day is not None and one.last_day < today]
    upcoming.sort(key=lambda one: one.first_day or date.max)
    past.sort(key=lambda one: one.last_day or date.min, reverse=True)
    return upcoming, past


def entries_of(events: list[Event]) -> list[Entry]:
    listed = {event.pk for event in events}
    hosts = {event.pk for event in events if event.host_id not in listed}
    guests: dict[int, list[Event]] = {}
    for event in events:
        if event.host_id in hosts:
            guests.setdefault(event.host_id or 0, []).append(event)
    return [Entry(event, guests.get(event.pk, [])) for event in events if event.host_id not in hosts]
