"""The schedule.xml of frab and Pentabarf, which phone apps, volunteers' and video tools read.

The rules are the schema's of the c3voc and, beyond it, those of its readers: https://c3voc.de/schedule/schema.xsd.
As in schedule.json, breaks and cancelled sessions are left out: readers turn every entry into work.
"""

import re
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from xml.etree.ElementTree import Element

from django.conf import settings
from django.urls import reverse

from portal.links import absolute
from portal.models import Event
from portal.text import clean_line
from sessions_app.exports.c3voc import (
    COLORS,
    NONE,
    Attachments,
    Days,
    acronym,
    dates,
    days_of,
    further,
    local,
    room_of,
    slug_of,
    span,
)
from sessions_app.exports.markup import add, document
from sessions_app.program import Item, Link, Person, Program, Track
from sessions_app.releases import Published

MEDIA_TYPE = "application/vnd.c3voc.schedule+xml"
LONGEST = 24 * 60 - 1  # minutes; readers take a length for a time of day
TRACK_SLUG = re.compile(r"[a-z][a-z0-9-]+")


def schedule(event: Event, published: Published, attachments: Attachments = NONE) -> bytes | None:
    """None while no session has a clock time."""
    days = days_of(published.program)
    if not days:
        return None
    root = Element("schedule")
    add(root, "generator", name="Lectern", system=settings.SITE_HOST)
    add(root, "url", absolute(reverse("sessions_app:schedule_xml", args=[event.slug])))
    add(root, "version", f"{published.stage}-{published.number}")
    add_conference(root, event, published.program, days)
    for index, (day, items) in enumerate(days.items(), start=1):
        add_day(root, event, published.program, items, index=index, day=day)
    for entry in root.iterfind("day/room/event"):
        add_links(entry, "attachment", attachments.get(entry.get("guid", ""), ()))
    return document(root)


def add_conference(root: Element, event: Event, program: Program, days: Days) -> None:
    conference = add(root, "conference")
    first, last = dates(event, days)
    facts = {
        "title": clean_line(event.title),
        "acronym": acronym(event.slug),
        "start": first.isoformat(),
        "end": last.isoformat(),
        "days": str(len(days)),
        "timeslot_duration": "00:05",
        "base_url": absolute(event.get_absolute_url()),
        "url": absolute(event.get_absolute_url()),
        "time_zone_name": program.timezone,
    }
    for name, value in facts.items():
        add(conference, name, value)
    for track in program.tracks:
        add_track(conference, track)


def add_track(conference: Element, track: Track) -> None:
    slug = {"slug": track.slug} if TRACK_SLUG.fullmatch(track.slug) else {}
    add(conference, "track", name=clean_line(track.name), color=COLORS.get(track.hue, COLORS["prussian"]), **slug)


def add_day(root: Element, event: Event, program: Program, items: list[Item], *, index: int, day: date) -> None:
    """The rooms in the program's order, then where sessions without a room take place."""
    begins, ends = span(program, day)
    found = add(root, "day", index=str(index), date=day.isoformat(), start=begins, end=ends)
    rooms: dict[str, list[Item]] = {}
    for item in items:
        rooms.setdefault(place_of(event, program, item), []).append(item)
    uuids = {clean_line(room.name): room.uuid for room in program.rooms}
    for name in [*(name for name in uuids if name in rooms), *(name for name in rooms if name not in uuids)]:
        room = add(found, "room", name=name, **({"guid": uuids[name]} if name in uuids else {}))
        for item in rooms[name]:
            add_session(room, event, program, item)


def place_of(event: Event, program: Program, item: Item) -> str:
    return clean_line(room_of(event, program, item))


def add_session(room: Element, event: Event, program: Program, item: Item) -> None:
    date_text = local(program, item.start)
    hours, minutes = divmod(min(item.duration, LONGEST), 60)
    entry = add(room, "event", id=str(item.id), guid=item.uuid)
    facts = {
        "room": room.get("name", ""),
        "title": clean_line(item.title),
        "type": item.kind,
        "date": date_text,
        "start": date_text[11:16],
        "duration": f"{hours:02}:{minutes:02}",
        "abstract": item.abstract,
        "slug": slug_of(event, item),
        "track": clean_line(program.track_name(item)),
        "url": absolute(reverse("sessions_app:session", args=[event.slug, item.slug])),
    }
    for name, value in facts.items():
        add(entry, name, value)
    perhaps = {"subtitle": clean_line(item.subtitle), "description": further(item), "language": item.language}
    for name, value in perhaps.items():
        if value:
            add(entry, name, value)
    persons = add(entry, "persons")
    for person in program.people_of(item):
        add(persons, "person", clean_line(person.name), id=number_of(person), guid=person.uuid)
    add_links(entry, "link", item.links)


def number_of(person: Person) -> str:
    """By which readers that know no guid tell people apart: lasting, and within the 31 bits they keep."""
    return str(int(sha256(person.uuid.encode()).hexdigest(), 16) % (2**31 - 1) + 1)


def add_links(entry: Element, name: str, links: Sequence[Link]) -> None:
    around = add(entry, f"{name}s") if links else entry
    for link in links:
        add(around, name, clean_line(link.title or link.url), href=link.url)
