"""An event's program with those of its guests put in, as its pages show it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from portal.models import Event
from sessions_app.agenda import Agenda, agenda
from sessions_app.lines import Source
from sessions_app.program import Program
from sessions_app.releases import Published, family

type Key = tuple[str, str, str, tuple[tuple[str, ...], ...]]

DRAWN = 2
drawn: dict[Key, Agenda] = {}  # the newest ones: a thousand pages of a release have the same


@dataclass(frozen=True)
class Shown:
    """What pages show of an event. `release` is the event's own; a host may have none and show its guests' only."""

    event: Event
    release: Published | None
    agenda: Agenda

    @property
    def context(self) -> dict[str, Any]:
        return {"event": self.event, "release": self.release, "agenda": self.agenda}


def shown_of(event: Event) -> Shown:
    """Raises Http404 while there is nothing to show."""
    shown = shown_if_any(event)
    if shown is None:
        raise Http404("The program isn’t out yet.")
    return shown


def shown_if_any(event: Event) -> Shown | None:
    """For pages that change with the event and its public guests: caching.public_family_page."""
    found = family(event)
    if not found:
        return None
    releases = {member.pk: release for member, release in found}
    own = releases.get(event.pk)
    program = own.program if own else Program(event.timezone)
    guests = [source(event, member, release.program) for member, release in found if member.pk != event.pk]
    parts = tuple((one.digest, member.get_absolute_url(), member.title, member.venue) for member, one in found)
    key = (event.get_absolute_url(), event.timezone, event.venue, parts)
    return Shown(event, own, drawn.get(key) or draw(key, program, guests))


def draw(key: Key, program: Program, guests: list[Source]) -> Agenda:
    drawn[key] = made = agenda(program, key[0], guests)
    for old in list(drawn)[:-DRAWN]:
        drawn.pop(old, None)
    return made


def source(host: Event, guest: Event, program: Program) -> Source:
    venue = guest.venue if guest.venue != host.venue else ""
    return Source(program, guest.get_absolute_url(), guest.title, venue)
