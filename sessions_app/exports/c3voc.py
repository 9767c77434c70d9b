"""The schedule.json of the c3voc, version 1, which phone apps and video tools read.

The format knows neither sessions without a clock time nor cancelled ones, and its readers turn every entry into work;
so breaks are left out as well. Its days are those of schedule.xml.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse

from portal.links import absolute
from portal.models import Event
from sessions_app.program import DAY_BEGINS, Item, Link, Person, Program, day_of
from sessions_app.releases import Published

MEDIA_TYPE = "application/json"
SCHEMA = "https://c3voc.de/schedule/schema.json"
TRACK_SLUG = re.compile(r"[a-z0-9_-]+[a-z0-9]")
ZONE = re.compile(r"[A-Z][a-z]+/[A-Z][a-z]+|UTC$")  # of those names the schema takes
COLORS = {
    "lagoon": "#005965",
    "prussian": "#104c80",
    "indigo": "#3e4282",
    "plum": "#663369",
    "madder": "#782d3b",
    "umber": "#753601",
    "moss": "#3d5300",
    "pine": "#005b36",
}  # the hues of tokens.css, in the notation readers know


type Days = dict[date, list[Item]]
type Attachments = Mapping[str, Sequence[Link]]  # what anybody may open of a session, by its uuid

NONE: Attachments = {}


def schedule(event: Event, published: Published, attachments: Attachments = NONE) -> bytes | None:
    """None while no session has a clock time."""
    days = days_of(published.program)
    if not days:
        return None
    document = {
        "$schema": SCHEMA,
        "generator": {"name": "Lectern"},
        "schedule": {
            "url": absolute(reverse("sessions_app:schedule_json", args=[event.slug])),
            "version": f"{published.stage}-{published.number}",
            "base_url": absolute(event.get_absolute_url()),
            "conference": conference(event, published, days, attachments),
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def days_of(program: Program) -> Days:
    """The sessions to tell of, in order of their start."""
    found: Days = {}
    for _, items in program.days:
        for item in items:
            if item.start and not item.is_break and item.status != "cancelled":
                found.setdefault(day_of(item.start, program.zone), []).append(item)
    return found


def dates(event: Event, days: Days) -> tuple[date, date]:
    """The first and the last day of the event, whether there are sessions to tell of or not."""
    known = [*days, *filter(None, (event.starts_on, event.ends_on))]
    return min(known), max(known)


def span(program: Program, day: date) -> tuple[str, str]:
    """The first and the last minute of a day, by the clock on the wall."""
    begins = datetime.combine(day, time(), program.zone) + DAY_BEGINS
    return begins.isoformat(), (begins + timedelta(hours=23, minutes=59)).isoformat()


def conference(event: Event, published: Published, days: Days, attachments: Attachments) -> dict[str, Any]:
    program = published.program
    first, last = dates(event, days)
    found = {
        "acronym": acronym(event.slug),
        "title": event.title,
        "start": first.isoformat(),
        "end": last.isoformat(),
        "daysCount": len(days),
        "timeslot_duration": "00:05",
        "url": absolute(event.get_absolute_url()),
        "tracks": [
            {"name": one.name, "slug": track_slug(one.slug), "color": COLORS.get(one.hue, COLORS["prussian"])}
            for one in program.tracks
        ],
        "rooms": [{"name": one.name, "guid": one.uuid, "capacity": one.capacity} for one in program.rooms],
        "meta": {"stage": published.stage, "release": published.number, "final_program_due": due(event)},
        "days": [
            told_day(event, program, attachments, number, *day) for number, day in enumerate(days.items(), start=1)
        ],
    }
    return found | ({"time_zone_name": program.timezone} if ZONE.match(program.timezone) else {})


def due(event: Event) -> str | None:
    return event.final_program_due.isoformat() if event.final_program_due else None


def told_day(
    event: Event, program: Program, attachments: Attachments, index: int, day: date, items: list[Item]
) -> dict[str, Any]:
    """The rooms in the program's order, then where sessions without a room take place."""
    rooms: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        rooms.setdefault(room_of(event, program, item), []).append(
            entry(event, program, item) | attached(attachments.get(item.uuid, ()))
        )
    order = {room.name: place for place, room in enumerate(program.rooms)}
    begins, ends = span(program, day)
    return {
        "index": index,
        "date": day.isoformat(),
        "day_start": begins,
        "day_end": ends,
        "rooms": dict(sorted(rooms.items(), key=lambda pair: order.get(pair[0], len(order)))),
    }


def entry(event: Event, program: Program, item: Item) -> dict[str, Any]:
    start = local(program, item.start)
    return {
        "guid": item.uuid,
        "id": item.id,
        "date": start,
        "start": start[11:16],
        "end": local(program, item.end),
        "duration": f"{item.duration // 60:02}:{item.duration % 60:02}",
        "room": room_of(event, program, item),
        "slug": slug_of(event, item),
        "url": absolute(reverse("sessions_app:session", args=[event.slug, item.slug])),
        "title": item.title,
        "subtitle": item.subtitle or None,
        "track": program.track_name(item) or None,
        "type": item.kind,
        "language": item.language or None,
        "abstract": item.abstract or None,
        "description": further(item) or None,
        "persons": [person_of(person) for person in program.people_of(item)],
        "links": references(item.links),
    }


def attached(links: Sequence[Link]) -> dict[str, Any]:
    return {"attachments": references(links)} if links else {}


def references(links: Sequence[Link]) -> list[dict[str, str]]:
    return [{"url": link.url, "title": link.title or link.url} for link in links]


def further(item: Item) -> str:
    """What readers show below the abstract."""
    return f"Prerequisites:\n\n{item.prerequisites}" if item.prerequisites else ""


def person_of(person: Person) -> dict[str, Any]:
    """`guid` and `name`: with an `id` beside them the schema refuses a person, without them readers do."""
    found: dict[str, Any] = {"guid": person.uuid, "name": person.name, "biography": person.biography or None}
    return found | ({"url": person.url} if person.url else {})


def room_of(event: Event, program: Program, item: Item) -> str:
    """Never empty: the format sorts sessions by room."""
    return program.room_name(item) or event.venue or event.title


def local(program: Program, moment: Any) -> str:
    text: str = moment.astimezone(program.zone).isoformat(timespec="seconds")
    return text


def slug_of(event: Event, item: Item) -> str:
    """A name of the session among those of all events, in the letters and the length that the schemas want."""
    name = f"{item.id}-{item.slug.lower()}".rstrip("-_").rjust(4, "0")
    return f"{acronym(event.slug)}-{name}"


def track_slug(slug: str) -> str:
    """In the letters and the length that the schema wants."""
    return slug if TRACK_SLUG.fullmatch(slug) else f"track-{slug.lower()}".rstrip("-_")


def acronym(slug: str) -> str:
    """The slug with the letters an acronym may have, and at least four of them."""
    return slug.replace("-", "_").ljust(4, "_")
