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
from sessions_app.importers.holding import Holding
from sessions_app.importers.matching import merged
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import Reading
from sessions_app.importers.rows import difference, listed, said, session_values
from sessions_app.models import Appearance, Block, Session, Speaker
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
        self.flowing: set[int] = set()  # blocks whose sessions have no clock times in the file
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
        self.hold(old)
        self.batch.write(Session)
        count_on_from(max(self.given, default=0))
        self.write_appearances()

    def load_block(self, items: list[shape.Item], home: Block, *, is_timed: bool) -> None:
        is_timed = is_timed or any(item.is_pinned for item in items)
        before = [session for session in self.homes[home.pk] if session.block_id == home.pk]
        is_flowing = bool(items) and not any(item.start for item in items)
        self.flowing |= {home.pk} if is_flowing else set()
        is_held = home.pk in self.frame.settled and not is_flowing
        for position, item in enumerate(items):
            if item.uuid not in self.sessions:
                self.sessions[item.uuid] = self.new_session(item, position)
            self.load_session(item, self.sessions[item.uuid], home, is_timed=is_timed and not is_held)
        if not is_held:
            self.order(merged(before, [self.sessions[item.uuid] for item in items]), before)

    def hold(self, old: list[Session]) -> None:
        """Where sessions have clock times, in blocks that the event had before."""
        if not self.frame.settled:
            return
        named = [(self.sessions[item.uuid], item) for item in self.program.items]
        holding = Holding(self.batch, self.frame.present, named)
        inside = defaultdict(list)
        for session in {id(session): session for session in (*old, *self.sessions.values())}.values():
            inside[session.block_id].append(session)
        for block in sorted(self.frame.settled - self.flowing):
            if sessions := inside[block]:
                before = [session for session in self.homes[block] if session.block_id == block]
                self.place(holding.hold(sessions[0].block, sessions), before)
        self.batch.write(Block)

    def new_session(self, item: shape.Item, position: int) -> Session:
        pk = self.ids.pop(item.id, None)
        return Session(pk=pk, event=self.event, position=position, **said(uuid=self.free.get(item.uuid)))

    def load_session(self, item: shape.Item, session: Session, home: Block, *, is_timed: bool) -> None:
        values = session_values(item) | {"block": home} | self.links_of(item, session, home)
        unread = set() if is_timed else {"start"}
        if session._state.adding:
            self.fresh.add(item.uuid)
            values["slug"] = own_slug(item.slug, item.title, self.taken, item.kind or "session")
        else:
            unread |= self.unread(item, session)
            keep_titles(session.links, values.get("links", ()))
        values = {name: value for name, value in values.items() if name not in unread}
        self.batch.put(session, values, f"“{item.title}”")
        self.load_appearances(item, session)

    def unread(self, item: shape.Item, session: Session) -> set[str]:
        """What the file doesn't really say of a session that is there."""
        is_digest = item.uuid in self.reading.digests
        found = {
            "kind": not self.reading.is_exact and (session.kind == Session.Kind.BREAK) == item.is_break,
            "title": item.title == TITLE_TO_COME,
            "abstract": is_digest,
            "status": is_digest and session.visibility == Session.Visibility.HIDDEN,  # as withdrawn
        }
        return {name for name, is_unread in found.items() if is_unread}

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
        wanted = [(self.speaker_of(one.person, before), one.role) for one in item.speakers]
        wanted = [(speaker, role or roles.get(speaker.pk, "")) for speaker, role in wanted]
        if not wanted or wanted == [(one.speaker, one.role) for one in before]:
            return
        if before:
            names = difference(listed(one.speaker for one in before), listed(speaker for speaker, _ in wanted))
            self.batch.changes.append(f"“{item.title}”: speakers {names}")
        self.appearances[item.uuid] = [
            Appearance(speaker=speaker, role=role, position=position) for position, (speaker, role) in enumerate(wanted)
        ]

    def speaker_of(self, slug: str, before: list[Appearance]) -> Speaker:
        """Of namesakes, whom the file tells apart by nothing, the one who is there already."""
        person = self.program.person_by_slug[slug]
        if person.uuid or person.affiliation or slug in self.reading.sources:
            return self.frame.speakers[slug]
        same = (one.speaker for one in before if name_key(one.speaker.name) == name_key(person.name))
        return next(same, self.frame.speakers[slug])

    def write_appearances(self) -> None:
        replaced = [self.sessions[uuid].pk for uuid in self.appearances if uuid not in self.fresh]
        Appearance.objects.filter(session__in=replaced).delete()
        for uuid, appearances in self.appearances.items():
            for one in appearances:
                one.session = self.sessions[uuid]
        Appearance.objects.bulk_create((one for found in self.appearances.values() for one in found), AT_ONCE)

    def order(self, sessions: list[Session], before: list[Session]) -> None:
        self.place(sessions, before)
        here = {id(session) for session in before}
        if not in_order_of([session for session in sessions if id(session) in here], before):
            self.batch.changes.append("order of the sessions")

    def place(self, sessions: list[Session], before: list[Session]) -> None:
        """Nothing is written where they stand in this order already."""
        here = {id(session) for session in before}
        if all(id(session) in here for session in sessions) and in_order(sessions):
            return
        for position, session in enumerate(sessions):
            self.batch.note(session, {"position": position})


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


def keep_titles(before: list[dict[str, str]], links: Iterable[dict[str, str]]) -> None:
    """Of links that come without one."""
    titles = {link["url"]: link["title"] for link in before}
    for link in links:
        link["title"] = link["title"] or titles.get(link["url"], "")


def in_order(sessions: list[Session]) -> bool:
    keys = [(session.position, session.pk) for session in sessions]
    return keys == sorted(keys)


def in_order_of(kept: list[Session], before: list[Session]) -> bool:
    wanted = {id(session) for session in kept}
    return kept == [session for session in before if id(session) in wanted]
