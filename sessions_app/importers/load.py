"""Puts facts and a program that were read into the database: all of it or nothing, and only what differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from portal.models import RESERVED_SLUGS, Event
from portal.text import slug as make_slug
from sessions_app import program as shape
from sessions_app.drafts import program_of
from sessions_app.importers.matching import blocks_by_shape, items_of, merged, sessions_by_item, speakers_by_person
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import ImportFailed, Remark
from sessions_app.models import Appearance, Block, Session, Speaker

FACTS = [field.name for field in fields(shape.Facts) if field.name != "host"]


@dataclass(frozen=True)
class Loaded:
    """`changes` in words; none where the database had it all. `kept`: what it has and the file doesn't."""

    slug: str
    facts: shape.Facts
    program: shape.Program
    changes: tuple[str, ...]
    kept: tuple[str, ...]


def load(
    slug: str,
    facts: shape.Facts,
    program: shape.Program,
    *,
    is_dry_run: bool = False,
    lines: Mapping[str, int] | None = None,
) -> Loaded:
    """Make or update the event of this address. What the file leaves empty or doesn't name stays as it is.

    A dry run does the same and takes it back, so its result is the real one. Raises ImportFailed.
    """
    with transaction.atomic():
        loading = Loading(facts, program, lines or {})
        loaded = loading.into(slug)
        if is_dry_run:
            transaction.set_rollback(True)
    return loaded


class Loading:
    def __init__(self, facts: shape.Facts, program: shape.Program, lines: Mapping[str, int]) -> None:
        self.facts, self.program, self.lines = facts, program, lines
        self.changes: list[str] = []
        self.kept: list[str] = []

    def into(self, slug: str) -> Loaded:
        self.check()
        self.event = self.event_at(slug)
        old = list(self.event.sessions.select_related("block").prefetch_related("appearances__speaker"))
        self.sessions = sessions_by_item(self.program, old)
        self.speakers = self.load_speakers()
        self.blocks = self.load_blocks()
        for block in self.program.blocks:
            self.load_sessions(block, old)
        self.tell_kept(old)
        return Loaded(slug, self.facts, program_of(self.event), tuple(self.changes), tuple(self.kept))

    def check(self) -> None:
        """Everything a row can't hold, at its line, before anything is written."""
        found = [
            remark for item in self.program.items for remark in self.wrong(session_values(item), Session, item.uuid)
        ]
        for block in self.program.blocks:
            found += self.wrong({"title": block.title}, Block, block.uuid)
        for person in self.program.people:
            found += self.wrong(person_values(person), Speaker, f"person {person.slug}")
        if found:
            raise ImportFailed(*sorted(found, key=lambda remark: remark.line))

    def wrong(self, values: dict[str, Any], model: type[models.Model], key: str) -> Iterable[Remark]:
        others = {field.name for field in model._meta.fields} - set(values)
        try:
            model(**values).clean_fields(exclude=others)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                shown = values[name] if isinstance(values[name], str) else ""
                yield Remark(self.lines.get(key, 0), shown, f"{name}: {' '.join(messages)}")

    def event_at(self, slug: str) -> Event:
        event = Event.objects.select_for_update().filter(slug=slug).first()
        is_new = event is None
        event = event or Event(slug=slug)
        values = {name: value for name in FACTS if (value := getattr(self.facts, name))}
        changed = assign(event, values)
        self.check_event(event)
        if self.facts.host and event.host is None:
            event.host = self.host_of(event)
            changed.append(("host", None, event.host.title))
        self.tell_other_host(event)
        if is_new:
            event.save()
            self.changes.append(f"new event /{slug}/")
        elif changed:
            event.save(update_fields=[name for name, _, _ in changed])
            self.changes += [f"{name.replace('_', ' ')}: {difference(old, new)}" for name, old, new in changed]
        return event

    def check_event(self, event: Event) -> None:
        try:
            event.full_clean()
        except ValidationError as error:
            remarks = [
                Remark(self.lines.get(name, self.lines.get("starts_on", 0)), "", f"{name}: {' '.join(messages)}")
                for name, messages in error.message_dict.items()
            ]
            raise ImportFailed(*[named_once(remark) for remark in remarks]) from error

    def host_of(self, event: Event) -> Event:
        """The conference of this name, made where there is none."""
        known = Event.objects.filter(kind=Event.Kind.CONFERENCE).exclude(pk=event.pk)
        host = next((one for one in known if name_key(one.title) == name_key(self.facts.host)), None)
        if host:
            return host
        taken = RESERVED_SLUGS | {event.slug, *Event.objects.values_list("slug", flat=True)}
        slug = make_slug(self.facts.host.replace("_", " "), taken=taken, fallback="host", length=40)
        host = Event(slug=slug, title=self.facts.host, kind=Event.Kind.CONFERENCE, timezone=event.timezone)
        self.check_event(host)
        host.save()
        self.changes.append(f"new host event /{slug}/: {host.title}")
        return host

    def tell_other_host(self, event: Event) -> None:
        if event.host and self.facts.host and name_key(event.host.title) != name_key(self.facts.host):
            self.kept.append(f"The event belongs to {event.host}, the file says {self.facts.host}.")

    def load_speakers(self) -> dict[str, Speaker]:
        found = speakers_by_person(self.program, list(self.event.speakers.order_by("pk")))
        for person in self.program.people:
            values = {name: value for name, value in person_values(person).items() if value}
            speaker = found.setdefault(person.slug, Speaker(event=self.event))
            self.save(speaker, values, f"speaker {person.name}")
        return found

    def load_blocks(self) -> dict[str, Block]:
        blocks = list(self.event.blocks.all())
        found = blocks_by_shape(self.program, blocks, self.sessions)
        last = max((block.position for block in blocks), default=-1)
        for block in self.program.blocks:
            values = {name: value for name, value in (("title", block.title), ("start", block.start)) if value}
            if block.uuid not in found:
                last += 1
                found[block.uuid] = Block(event=self.event, position=last)
            self.save(found[block.uuid], values, f"block “{block.title}”" if block.title else "block")
        self.order_blocks([found[block.uuid] for block in self.program.blocks])
        return found

    def order_blocks(self, wanted: list[Block]) -> None:
        """The file's order, on the places the same blocks had before."""
        places = sorted((block.position, block.pk) for block in wanted)
        if [(block.position, block.pk) for block in wanted] == places:
            return
        first = places[0][0]
        for position, block in enumerate(wanted, start=first):
            self.save(block, {"position": position}, f"order of block “{block}”")

    def load_sessions(self, block: shape.Block, old: list[Session]) -> None:
        items, home = items_of(self.program, block.uuid), self.blocks[block.uuid]
        is_timed = bool(block.start) or any(item.is_pinned for item in items)
        before = [session for session in old if session.block_id == home.pk]
        for item in items:
            session = self.sessions.setdefault(item.uuid, Session(event=self.event))
            self.load_session(item, session, home, is_timed)
        self.order(merged(before, [self.sessions[item.uuid] for item in items]), before)

    def load_session(self, item: shape.Item, session: Session, home: Block, is_timed: bool) -> None:
        values = session_values(item) | {"block": home}
        is_same_kind = session.pk and (session.kind == Session.Kind.BREAK) == item.is_break
        unread = {"abstract": not item.abstract, "kind": is_same_kind, "start": not is_timed}
        self.save(session, {name: value for name, value in values.items() if not unread.get(name)}, f"“{item.title}”")
        self.load_appearances(item, session)

    def load_appearances(self, item: shape.Item, session: Session) -> None:
        before = list(session.appearances.all())
        roles = {one.speaker_id: one.role for one in before}
        wanted = [(self.speakers[one.person], one.role) for one in item.speakers]
        wanted = [(speaker, role or roles.get(speaker.pk, "")) for speaker, role in wanted]
        if not wanted or wanted == [(one.speaker, one.role) for one in before]:
            return
        session.appearances.all().delete()
        for position, (speaker, role) in enumerate(wanted):
            Appearance.objects.create(session=session, speaker=speaker, role=role, position=position)
        if before:
            names = difference(listed(one.speaker for one in before), listed(speaker for speaker, _ in wanted))
            self.changes.append(f"“{item.title}”: speakers {names}")

    def order(self, sessions: list[Session], before: list[Session]) -> None:
        keys = [(session.position, session.pk) for session in sessions]
        if keys == sorted(keys) and all(session in before for session in sessions):
            return
        for position, session in enumerate(sessions):
            if session.position != position:
                session.position = position
                session.save(update_fields=["position"])
        kept = [session for session in sessions if session in before]
        if kept != [session for session in before if session in kept]:
            self.changes.append("order of the sessions")

    def save(self, row: Any, values: dict[str, Any], what: str) -> None:
        """Write a row if it is new or differs, and say so."""
        is_new = row.pk is None
        changed = assign(row, values)
        if is_new:
            row.save()
            self.changes.append(f"new {what}" if isinstance(row, (Speaker, Block)) else f"new session {what}")
        elif changed:
            row.save(update_fields=[name for name, _, _ in changed])
            self.changes.append(f"{what}: " + ", ".join(f"{name} {difference(old, new)}" for name, old, new in changed))

    def tell_kept(self, old: list[Session]) -> None:
        named = {session.pk for session in self.sessions.values()}
        self.kept += [f"“{session.title}” is not in the file." for session in old if session.pk not in named]


def session_values(item: shape.Item) -> dict[str, Any]:
    return {
        "title": item.title,
        "kind": item.kind,
        "duration": item.duration,
        "abstract": item.abstract,
        "start": item.start if item.is_pinned else None,
    }


def person_values(person: shape.Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "affiliation": person.affiliation,
        "biography": person.biography,
        "url": person.url,
    }


def assign(row: models.Model, values: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Set the attributes that differ; gives name, old and new value of each."""
    changed = [(name, getattr(row, name, None), value) for name, value in values.items() if is_other(row, name, value)]
    for name, _, value in changed:
        setattr(row, name, value)
    return changed


def is_other(row: models.Model, name: str, value: Any) -> bool:
    return row.pk is None or getattr(row, name) != value


def difference(old: Any, new: Any) -> str:
    return f"{shown(old)} → {shown(new)}"


def shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M %Z}"
    text = value.isoformat() if isinstance(value, date) else str(value if value not in (None, "") else "none")
    return " ".join(text.split()) if len(text) <= 60 else f"{' '.join(text[:57].split())} …"


def listed(speakers: Iterable[Speaker]) -> str:
    return ", ".join(speaker.name for speaker in speakers)


def named_once(remark: Remark) -> Remark:
    """Django's messages for the row as a whole have no field to name."""
    return Remark(remark.line, remark.text, remark.reason.removeprefix("__all__: "))
