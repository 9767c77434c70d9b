"""Puts facts and a program that were read into the database: all of it or nothing, and only what differs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from portal.models import Event
from sessions_app import program as shape
from sessions_app.drafts import program_of
from sessions_app.importers.batch import Batch
from sessions_app.importers.events import EventLoading
from sessions_app.importers.frame import Frame
from sessions_app.importers.homes import at_home
from sessions_app.importers.matching import sessions_by_item
from sessions_app.importers.places import in_own_rooms
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.rows import person_values, said, session_values
from sessions_app.importers.sessions import SessionsLoading
from sessions_app.models import Block, Room, Session, Speaker, Track

UNCHOSEN_ZONE = Event._meta.get_field("timezone").default
TWICE = "The file gives a room, track or person the name or id that another one has."


@dataclass(frozen=True)
class Loaded:
    """`changes` in words; none where the database had it all. `kept`: what it has and the file doesn't.
    `new`, `changed` and `unchanged` count the file's sessions."""

    slug: str
    facts: shape.Facts
    program: shape.Program
    changes: tuple[str, ...]
    kept: tuple[str, ...]
    new: int = 0
    changed: int = 0
    unchanged: int = 0


def known_of(event: Event | None, timezone: str = "") -> Known:
    """What the event has already; a zone nobody chose counts as unknown."""
    if event is None:
        return Known(timezone)
    zone = "" if event.timezone == UNCHOSEN_ZONE else event.timezone
    return Known(timezone, zone, event.starts_on, event.kind)


def load(slug: str, reading: Reading, *, is_dry_run: bool = False) -> Loaded:
    """Make or update the event of this address. What the file leaves empty or doesn't name stays as it is.

    A dry run does the same and takes it back, so its result is the real one. Raises ImportFailed.
    """
    check(reading)
    try:
        with transaction.atomic(), timezone.override(reading.program.zone):  # in which changes tell clock times
            loaded = loaded_into(slug, reading)
            if is_dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise ImportFailed(Remark(0, "", f"{TWICE} ({error})")) from error
    return loaded


def loaded_into(slug: str, reading: Reading) -> Loaded:
    event_loading, batch = EventLoading(reading), Batch(is_loose=reading.is_by_clock)
    for section in reading.sections.values():
        section.hold(slug)
    event = event_loading.at(slug)
    present = program_of(event)
    before = {item.uuid: item for item in present.items}
    old = list(event.sessions.select_related("block__room", "room", "track").prefetch_related("appearances__speaker"))
    sessions = sessions_by_item(reading, old)
    if old and reading.is_by_clock:
        reading, sessions = without_withdrawn(reading, sessions)
        reading = in_own_rooms(reading, event, event.rooms.all())
        reading = at_home(reading, present, {name: before[str(row.uuid)] for name, row in sessions.items()})
    frame = Frame(event, reading, batch, sessions, present)
    loading = SessionsLoading(event, reading, batch, frame, sessions)
    loading.load(old)
    beside = [section.load(event, loading.sessions) for section in reading.sections.values()]
    program = program_of(event)
    named = {str(session.uuid) for session in loading.sessions.values()}
    new = len(named - before.keys())
    changed = sum(is_other(before[item.uuid], item) for item in program.items if item.uuid in named & before.keys())
    return Loaded(
        slug,
        reading.facts,
        program,
        tuple(chain(event_loading.changes, batch.changes, *(changes for changes, _ in beside))),
        tuple(chain(event_loading.kept, left_out(old, loading.sessions), *(kept for _, kept in beside))),
        new,
        changed,
        unchanged=len(reading.program.items) - new - changed,
    )


def without_withdrawn(reading: Reading, sessions: dict[str, Session]) -> tuple[Reading, dict[str, Session]]:
    """Our calendars go on having as cancelled what isn't in the program any more."""
    gone = {
        item.uuid
        for item in reading.program.items
        if item.uuid in reading.digests
        and item.status == "cancelled"
        and not is_own(sessions.get(item.uuid), item.uuid)
    }
    program = replace(reading.program, items=tuple(item for item in reading.program.items if item.uuid not in gone))
    return replace(reading, program=program), {name: row for name, row in sessions.items() if name not in gone}


def is_own(session: Session | None, uuid: str) -> bool:
    return session is not None and uuid in (str(session.uuid), session.source)


def is_other(before: shape.Item, after: shape.Item) -> bool:
    """Whether it moved, or says something else; how its block gives it its time doesn't count."""
    place = {name: getattr(before, name) for name in ("block", "offset", "is_pinned", "sequence")}
    return replace(after, **place) != before


def left_out(old: list[Session], sessions: dict[str, Session]) -> list[str]:
    named = {session.pk for session in sessions.values()}
    return [f"“{session.title}” is not in the file." for session in old if session.pk not in named]


def check(reading: Reading) -> None:
    """Everything a row can't hold, at its line, before anything is written. Raises ImportFailed."""
    found = [
        Remark(reading.lines.get(key, 0), shown, reason)
        for values, model, key in rows(reading)
        for shown, reason in wrong(values, model)
    ]
    if found:
        raise ImportFailed(*sorted(found, key=lambda remark: remark.number))


def rows(reading: Reading) -> Iterable[tuple[dict[str, Any], type[models.Model], str]]:
    """The values, the model, and the key of the place of all that is to become a row."""
    program = reading.program
    yield from ((session_values(item) | said(slug=item.slug), Session, item.uuid) for item in program.items)
    yield from (({"title": block.title}, Block, block.uuid) for block in program.blocks)
    yield from (({"name": room.name} | said(capacity=room.capacity), Room, room.uuid) for room in program.rooms)
    for track in program.tracks:
        yield {"name": track.name} | said(slug=track.slug, hue=track.hue), Track, track.slug
    for person in program.people:
        values = person_values(person, reading.emails.get(person.slug, "")) | {"slug": person.slug}
        yield values, Speaker, f"person {person.slug}"


def wrong(values: dict[str, Any], model: type[models.Model]) -> Iterable[tuple[str, str]]:
    """The value at fault, if it can be shown, and what is wrong with it."""
    others = {field.name for field in model._meta.fields} - set(values)
    try:
        model(**values).clean_fields(exclude=others)
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield values[name] if isinstance(values[name], str) else "", f"{name}: {' '.join(messages)}"
