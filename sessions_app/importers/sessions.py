"""The sessions of a file as rows: in their blocks, in order, with their speakers."""

from collections import defaultdict
from typing import Any

from portal.models import Event
from sessions_app import program as shape
from sessions_app.importers.batch import AT_ONCE, Batch
from sessions_app.importers.frame import Frame, free_uuids, own_slug, source_of
from sessions_app.importers.matching import merged
from sessions_app.importers.report import Reading
from sessions_app.importers.rows import difference, listed, said, session_values
from sessions_app.models import Appearance, Block, Session


class SessionsLoading:
    def __init__(
        self, event: Event, reading: Reading, batch: Batch, frame: Frame, sessions: dict[str, Session]
    ) -> None:
        self.event, self.reading, self.batch, self.frame, self.sessions = event, reading, batch, frame, sessions
        self.program = reading.program
        self.fresh: set[str] = set()  # items by uuid
        self.appearances: dict[str, list[Appearance]] = {}  # to be written, by item

    def load(self, old: list[Session]) -> None:
        new = [item.uuid for item in self.program.items if item.uuid not in self.sessions]
        self.free = free_uuids(Session, new)
        self.taken = {session.slug for session in old}
        self.homes = defaultdict(list)
        for session in old:
            self.homes[session.block_id].append(session)
        items = self.program.items_by_block
        for block in self.program.blocks:
            self.load_block(items[block.uuid], self.frame.blocks[block.uuid], is_timed=bool(block.start))
        self.batch.write(Session)
        self.write_appearances()

    def load_block(self, items: list[shape.Item], home: Block, *, is_timed: bool) -> None:
        is_timed = is_timed or any(item.is_pinned for item in items)
        before = [session for session in self.homes[home.pk] if session.block_id == home.pk]
        for position, item in enumerate(items):
            session = self.sessions.setdefault(item.uuid, self.new_session(item, position))
            self.load_session(item, session, home, is_timed=is_timed)
        self.order(merged(before, [self.sessions[item.uuid] for item in items]), before)

    def new_session(self, item: shape.Item, position: int) -> Session:
        return Session(event=self.event, position=position, **said(uuid=self.free.get(item.uuid)))

    def load_session(self, item: shape.Item, session: Session, home: Block, *, is_timed: bool) -> None:
        values = session_values(item) | {"block": home} | self.links_of(item, session, home)
        is_guess = not self.reading.is_exact and session.pk and (session.kind == Session.Kind.BREAK) == item.is_break
        is_unsaid = item.visibility == Session.Visibility.TBA and session.pk
        unread = {"kind": is_guess, "start": not is_timed, "title": is_unsaid}
        if not session.pk:
            self.fresh.add(item.uuid)
            values["slug"] = own_slug(item.slug, item.title, self.taken, item.kind or "session")
        values = {name: value for name, value in values.items() if not unread.get(name)}
        self.batch.put(session, values, f"“{item.title}”")
        self.load_appearances(item, session)

    def links_of(self, item: shape.Item, session: Session, home: Block) -> dict[str, Any]:
        found: dict[str, Any] = source_of(self.reading, session, item.uuid, item.uuid)
        found |= {"sequence": item.sequence} if item.sequence > session.sequence else {}
        found |= {"track": self.frame.tracks[item.track]} if item.track else {}
        room = self.frame.rooms[item.room] if item.room else None
        if room and room != (session.room or home.room):
            found["room"] = None if room == home.room else room
        return found

    def load_appearances(self, item: shape.Item, session: Session) -> None:
        before = list(session.appearances.all()) if item.uuid not in self.fresh else []
        roles = {one.speaker_id: one.role for one in before}
        wanted = [(self.frame.speakers[one.person], one.role) for one in item.speakers]
        wanted = [(speaker, role or roles.get(speaker.pk, "")) for speaker, role in wanted]
        if not wanted or wanted == [(one.speaker, one.role) for one in before]:
            return
        if before:
            names = difference(listed(one.speaker for one in before), listed(speaker for speaker, _ in wanted))
            self.batch.changes.append(f"“{item.title}”: speakers {names}")
        self.appearances[item.uuid] = [
            Appearance(speaker=speaker, role=role, position=position) for position, (speaker, role) in enumerate(wanted)
        ]

    def write_appearances(self) -> None:
        replaced = [self.sessions[uuid].pk for uuid in self.appearances if uuid not in self.fresh]
        Appearance.objects.filter(session__in=replaced).delete()
        for uuid, appearances in self.appearances.items():
            for one in appearances:
                one.session = self.sessions[uuid]
        Appearance.objects.bulk_create((one for found in self.appearances.values() for one in found), AT_ONCE)

    def order(self, sessions: list[Session], before: list[Session]) -> None:
        here = {id(session) for session in before}
        kept = [session for session in sessions if id(session) in here]
        if kept == sessions and in_order(kept):
            return
        for position, session in enumerate(sessions):
            if session.pk:
                self.batch.put(session, {"position": position}, "")
            else:
                session.position = position
        if not in_order_of(kept, before):
            self.batch.changes.append("order of the sessions")


def in_order(sessions: list[Session]) -> bool:
    keys = [(session.position, session.pk) for session in sessions]
    return keys == sorted(keys)


def in_order_of(kept: list[Session], before: list[Session]) -> bool:
    wanted = {id(session) for session in kept}
    return kept == [session for session in before if id(session) in wanted]
