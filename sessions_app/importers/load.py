"""Puts facts and a program that were read into the database: all of it or nothing, and only what differs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import cycle
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from portal.models import RESERVED_SLUGS, Event, Hue
from portal.text import slug as make_slug
from sessions_app import program as shape
from sessions_app.drafts import program_of
from sessions_app.importers.matching import (
    blocks_by_shape,
    by_block,
    merged,
    rooms_by_shape,
    sessions_by_item,
    speakers_by_person,
    tracks_by_shape,
)
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import ImportFailed, Reading, Remark
from sessions_app.importers.rows import assign, difference, listed, person_values, said, session_values, uuid_of
from sessions_app.models import Appearance, Block, Room, Session, Speaker, Track

FACTS = [field.name for field in fields(shape.Facts) if field.name != "host"]
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


def load(slug: str, reading: Reading, *, is_dry_run: bool = False) -> Loaded:
    """Make or update the event of this address. What the file leaves empty or doesn't name stays as it is.

    A dry run does the same and takes it back, so its result is the real one. Raises ImportFailed.
    """
    try:
        with transaction.atomic():
            loaded = Loading(reading).into(slug)
            if is_dry_run:
                transaction.set_rollback(True)
    except IntegrityError as error:
        raise ImportFailed(Remark(0, "", f"{TWICE} ({error})")) from error
    return loaded


class Loading:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.facts, self.program, self.lines = reading.facts, reading.program, reading.lines
        self.changes: list[str] = []
        self.kept: list[str] = []
        self.fresh: set[str] = set()  # items by uuid: new ones, and those with any difference
        self.touched: set[str] = set()

    def into(self, slug: str) -> Loaded:
        self.check()
        self.event = self.event_at(slug)
        old = list(
            self.event.sessions.select_related("block__room", "room", "track").prefetch_related("appearances__speaker")
        )
        self.sessions = sessions_by_item(self.reading, old)
        self.rooms, self.tracks = self.load_rooms(), self.load_tracks()
        self.speakers = self.load_speakers()
        self.items = by_block(self.program)
        self.blocks = self.load_blocks()
        self.load_all_sessions(old)
        self.tell_kept(old)
        return self.loaded(slug)

    def loaded(self, slug: str) -> Loaded:
        changed = len(self.touched - self.fresh)
        return Loaded(
            slug,
            self.facts,
            program_of(self.event),
            tuple(self.changes),
            tuple(self.kept),
            new=len(self.fresh),
            changed=changed,
            unchanged=len(self.program.items) - len(self.fresh) - changed,
        )

    def check(self) -> None:
        """Everything a row can't hold, at its line, before anything is written."""
        found = [
            remark
            for item in self.program.items
            for remark in self.wrong(session_values(item) | said(slug=item.slug), Session, item.uuid)
        ]
        for block in self.program.blocks:
            found += self.wrong({"title": block.title}, Block, block.uuid)
        for room in self.program.rooms:
            found += self.wrong({"name": room.name} | said(capacity=room.capacity), Room, room.uuid)
        for track in self.program.tracks:
            found += self.wrong({"name": track.name} | said(slug=track.slug, hue=track.hue), Track, track.slug)
        for person in self.program.people:
            values = person_values(person, self.reading.emails.get(person.slug, "")) | {"slug": person.slug}
            found += self.wrong(values, Speaker, f"person {person.slug}")
        if found:
            raise ImportFailed(*sorted(found, key=lambda remark: remark.number))

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
        if is_new:
            values.setdefault("title", slug.replace("-", " ").capitalize())
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

    def load_rooms(self) -> dict[str, Room]:
        rooms = list(self.event.rooms.all())
        found = rooms_by_shape(self.program, rooms)
        free = self.free_uuids(Room, [room.uuid for room in self.program.rooms if room.uuid not in found])
        position = max((room.position for room in rooms), default=-1)
        for room in self.program.rooms:
            values = {"name": room.name} | said(capacity=room.capacity)
            if room.uuid not in found:
                position += 1
                found[room.uuid] = Room(event=self.event, position=position, **said(uuid=free.get(room.uuid)))
            self.save(found[room.uuid], values, f"room {room.name}")
        return found

    def load_tracks(self) -> dict[str, Track]:
        tracks = list(self.event.tracks.all())
        found = tracks_by_shape(self.program, tracks)
        taken = {track.slug for track in tracks}
        hues = cycle(Hue.values)
        position = max((track.position for track in tracks), default=-1)
        for track in self.program.tracks:
            values = {"name": track.name} | said(hue=track.hue)
            if track.slug not in found:
                position += 1
                slug = track.slug if track.slug not in taken else ""
                found[track.slug] = Track(event=self.event, slug=slug, position=position)
                values = {"hue": next(hues)} | values
            self.save(found[track.slug], values, f"track {track.name}")
        return found

    def load_speakers(self) -> dict[str, Speaker]:
        speakers = list(self.event.speakers.order_by("pk"))
        found = speakers_by_person(self.reading, speakers)
        free = self.free_uuids(Speaker, [one.uuid for one in self.program.people if one.slug not in found])
        taken = {speaker.slug for speaker in speakers}
        for person in self.program.people:
            values = person_values(person, self.reading.emails.get(person.slug, ""))
            if person.slug not in found:
                slug = own_slug(person.slug, person.name, taken, "speaker")
                found[person.slug] = Speaker(event=self.event, slug=slug, **said(uuid=free.get(person.uuid)))
            values |= self.source_of(found[person.slug], person.slug, person.uuid)
            self.save(found[person.slug], values, f"speaker {person.name}")
        return found

    def free_uuids(self, model: type[models.Model], wanted: list[str]) -> dict[str, str]:
        """Of these names those that are UUIDs no row has, of whichever event."""
        real = [name for name in wanted if uuid_of(name)]
        taken = {str(one) for one in model._default_manager.filter(uuid__in=real).values_list("uuid", flat=True)}
        return {name: name for name in real if name not in taken}

    def source_of(self, row: Session | Speaker, name: str, uuid: str) -> dict[str, str]:
        """The id to know the row by at the next import; none where its uuid does."""
        return said(source=self.reading.sources.get(name) or uuid_of(uuid)) if str(row.uuid) != uuid else {}

    def load_blocks(self) -> dict[str, Block]:
        blocks = list(self.event.blocks.select_related("room"))
        found = blocks_by_shape(self.program, blocks, self.sessions)
        free = self.free_uuids(Block, [block.uuid for block in self.program.blocks if block.uuid not in found])
        last = max((block.position for block in blocks), default=-1)
        for block in self.program.blocks:
            if block.uuid not in found:
                last += 1
                room = self.room_of_all(block)
                found[block.uuid] = Block(event=self.event, position=last, room=room, **said(uuid=free.get(block.uuid)))
            values = said(title=block.title, start=block.start)
            self.save(found[block.uuid], values, f"block “{block.title}”" if block.title else "block")
        self.order_blocks([found[block.uuid] for block in self.program.blocks])
        return found

    def room_of_all(self, block: shape.Block) -> Room | None:
        """The room of a block's sessions if they have the same one."""
        names = {item.room for item in self.items[block.uuid]}
        return self.rooms[names.pop()] if len(names) == 1 and "" not in names else None

    def order_blocks(self, wanted: list[Block]) -> None:
        """The file's order, on the places the same blocks had before."""
        places = sorted((block.position, block.pk) for block in wanted)
        if [(block.position, block.pk) for block in wanted] == places:
            return
        first = places[0][0]
        for position, block in enumerate(wanted, start=first):
            self.save(block, {"position": position}, f"order of block “{block}”")

    def load_all_sessions(self, old: list[Session]) -> None:
        new = [item.uuid for item in self.program.items if item.uuid not in self.sessions]
        self.free = self.free_uuids(Session, new)
        self.taken = {session.slug for session in old}
        self.homes = defaultdict(list)
        for session in old:
            self.homes[session.block_id].append(session)
        for block in self.program.blocks:
            self.load_sessions(block)

    def load_sessions(self, block: shape.Block) -> None:
        items, home = self.items[block.uuid], self.blocks[block.uuid]
        is_timed = bool(block.start) or any(item.is_pinned for item in items)
        before = [session for session in self.homes[home.pk] if session.block_id == home.pk]
        for position, item in enumerate(items):
            session = self.sessions.setdefault(item.uuid, self.new_session(item, position))
            self.load_session(item, session, home, is_timed)
        self.order(merged(before, [self.sessions[item.uuid] for item in items]), before)

    def new_session(self, item: shape.Item, position: int) -> Session:
        return Session(event=self.event, position=position, **said(uuid=self.free.get(item.uuid)))

    def load_session(self, item: shape.Item, session: Session, home: Block, is_timed: bool) -> None:
        values = session_values(item) | {"block": home} | self.links_of(item, session, home)
        is_guess = not self.reading.is_exact and session.pk and (session.kind == Session.Kind.BREAK) == item.is_break
        unread = {"kind": is_guess, "start": not is_timed}
        if not session.pk:
            self.fresh.add(item.uuid)
            values["slug"] = own_slug(item.slug, item.title, self.taken, item.kind or "session")
        values = {name: value for name, value in values.items() if not unread.get(name)}
        if self.save(session, values, f"“{item.title}”") | self.load_appearances(item, session):
            self.touched.add(item.uuid)

    def links_of(self, item: shape.Item, session: Session, home: Block) -> dict[str, Any]:
        found: dict[str, Any] = self.source_of(session, item.uuid, item.uuid)
        found |= {"sequence": item.sequence} if item.sequence > session.sequence else {}
        found |= {"track": self.tracks[item.track]} if item.track else {}
        room = self.rooms[item.room] if item.room else None
        if room and room != (session.room or home.room):
            found["room"] = None if room == home.room else room
        return found

    def load_appearances(self, item: shape.Item, session: Session) -> bool:
        before = list(session.appearances.all()) if item.uuid not in self.fresh else []
        roles = {one.speaker_id: one.role for one in before}
        wanted = [(self.speakers[one.person], one.role) for one in item.speakers]
        wanted = [(speaker, role or roles.get(speaker.pk, "")) for speaker, role in wanted]
        if not wanted or wanted == [(one.speaker, one.role) for one in before]:
            return False
        if before:
            session.appearances.all().delete()
            names = difference(listed(one.speaker for one in before), listed(speaker for speaker, _ in wanted))
            self.changes.append(f"“{item.title}”: speakers {names}")
        Appearance.objects.bulk_create(
            Appearance(session=session, speaker=speaker, role=role, position=position)
            for position, (speaker, role) in enumerate(wanted)
        )
        return True

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

    def save(self, row: Any, values: dict[str, Any], what: str) -> bool:
        """Write a row if it is new or differs, and say so."""
        is_new = row.pk is None
        changed = assign(row, values)
        if is_new:
            row.save()
            self.changes.append(f"new session {what}" if isinstance(row, Session) else f"new {what}")
        elif changed:
            row.save(update_fields=[name for name, _, _ in changed])
            told = [
                f"{name} {difference(old, new)}" for name, old, new in changed if name not in ("source", "sequence")
            ]
            self.changes += [f"{what}: {', '.join(told)}"] if told else []
        return bool(changed)

    def tell_kept(self, old: list[Session]) -> None:
        named = {session.pk for session in self.sessions.values()}
        self.kept += [f"“{session.title}” is not in the file." for session in old if session.pk not in named]


def own_slug(said: str, text: str, taken: set[str], fallback: str) -> str:
    """The slug the file says, unless it is taken, or one made of the text; it is taken then."""
    slug = said if said and said not in taken else make_slug(text, taken=taken, fallback=fallback)
    taken.add(slug)
    return slug


def named_once(remark: Remark) -> Remark:
    """Django's messages for the row as a whole have no field to name."""
    return Remark(remark.line, remark.text, remark.reason.removeprefix("__all__: "))
