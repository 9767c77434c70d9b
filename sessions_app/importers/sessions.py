"""The sessions of a file as rows: in their blocks, in order, with their speakers."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Max

from portal.models import Event
from sessions_app import program as shape
from sessions_app.importers.batch import AT_ONCE, Batch
from sessions_app.importers.frame import Frame, free_uuids, own_slug, source_of
from sessions_app.importers.matching import merged
from sessions_app.importers.report import Reading
from sessions_app.importers.rows import difference, listed, said, session_values
from sessions_app.models import Appearance, Block, Session
from sessions_app.visibility import TITLE_TO_COME

FAR_AHEAD = 1_000_000  # ids of another portal that go beyond the highest one here aren't taken over
COUNT_ON = """
SELECT count(nextval(counter))
FROM pg_get_serial_sequence('sessions_app_session', 'id') AS counter,
    generate_series(coalesce(pg_sequence_last_value(counter), 0) + 1, %(last)s)
"""


class SessionsLoading:
    def __init__(
        self, event: Event, reading: Reading, batch: Batch, frame: Frame, sessions: dict[str, Session]
    ) -> None:
        self.event, self.reading, self.batch, self.frame, self.sessions = event, reading, batch, frame, sessions
        self.program = reading.program
        self.fresh: set[str] = set()  # items by uuid
        self.appearances: dict[str, list[Appearance]] = {}  # to be written, by item

    def load(self, old: list[Session]) -> None:
        new = [item for item in self.program.items if item.uuid not in self.sessions]
        self.free = free_uuids(Session, [item.uuid for item in new])
        self.ids = free_ids(item.id for item in new)
        self.given = set(self.ids)
        self.taken = {session.slug for session in old}
        self.homes = defaultdict(list)
        for session in old:
            self.homes[session.block_id].append(session)
        items = self.program.items_by_block
        for block in self.program.blocks:
            self.load_block(items[block.uuid], self.frame.blocks[block.uuid], is_timed=bool(block.start))
        self.batch.write(Session)
        count_on_from(max(self.given, default=0))
        self.write_appearances()

    def load_block(self, items: list[shape.Item], home: Block, *, is_timed: bool) -> None:
        is_timed = is_timed or any(item.is_pinned for item in items)
        before = [session for session in self.homes[home.pk] if session.block_id == home.pk]
        for position, item in enumerate(items):
            if item.uuid not in self.sessions:
                self.sessions[item.uuid] = self.new_session(item, position)
            self.load_session(item, self.sessions[item.uuid], home, is_timed=is_timed)
        self.order(merged(before, [self.sessions[item.uuid] for item in items]), before)

    def new_session(self, item: shape.Item, position: int) -> Session:
        pk = self.ids.pop(item.id, None)
        return Session(pk=pk, event=self.event, position=position, **said(uuid=self.free.get(item.uuid)))

    def load_session(self, item: shape.Item, session: Session, home: Block, *, is_timed: bool) -> None:
        values = session_values(item) | {"block": home} | self.links_of(item, session, home)
        is_old = not session._state.adding
        is_guess = not self.reading.is_exact and is_old and (session.kind == Session.Kind.BREAK) == item.is_break
        is_unsaid = item.title == TITLE_TO_COME and is_old
        unread = {"kind": is_guess, "start": not is_timed, "title": is_unsaid}
        if not is_old:
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
            if session._state.adding:
                session.position = position
            else:
                self.batch.put(session, {"position": position}, "")
        if not in_order_of(kept, before):
            self.batch.changes.append("order of the sessions")


def free_ids(wanted: Iterable[int]) -> dict[int, int]:
    """Of the ids a file has for its sessions those that no session of the portal has, unless they are far ahead."""
    given = set(wanted) - {0}
    if not given:
        return {}
    last = Session.objects.aggregate(last=Max("pk"))["last"] or 0
    real = {number for number in given if number <= last + FAR_AHEAD}
    taken = set(Session.objects.filter(pk__in=real).values_list("pk", flat=True))
    return {number: number for number in real - taken}


def count_on_from(last: int) -> None:
    """Have the next session numbered after this one. SQLite sees to it itself; PostgreSQL's counter is only ever
    moved on step by step, so that sessions made elsewhere at the same time still get numbers of their own."""
    if connection.vendor == "postgresql" and last:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_ON, {"last": last})


def in_order(sessions: list[Session]) -> bool:
    keys = [(session.position, session.pk) for session in sessions]
    return keys == sorted(keys)


def in_order_of(kept: list[Session], before: list[Session]) -> bool:
    wanted = {id(session) for session in kept}
    return kept == [session for session in before if id(session) in wanted]
