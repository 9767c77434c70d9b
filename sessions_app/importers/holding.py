"""Has sessions begin when a file says so in the blocks that the event had before: what would no longer flow to its time
is pinned to it, and what the file doesn't name keeps the time it has."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from heapq import merge

from sessions_app.importers.batch import Batch
from sessions_app.importers.homes import common_moves
from sessions_app.importers.rows import difference
from sessions_app.models import Block, Session
from sessions_app.program import Item, Program
from sessions_app.timetable import pins

LAST = datetime.max.replace(tzinfo=UTC)


class Holding:
    """`present`: the program as it was; `named`: the file's sessions as rows."""

    def __init__(self, batch: Batch, present: Program, named: Sequence[tuple[Session, Item]]) -> None:
        self.batch, self.present = batch, present
        self.before = {item.uuid: item for item in present.items}
        self.items = {id(session): item for session, item in named}
        pairs = [(self.before[str(one.uuid)], item) for one, item in named if str(one.uuid) in self.before]
        self.moves = common_moves(present, pairs)

    def hold(self, block: Block, sessions: Sequence[Session]) -> list[Session]:
        """All sessions of a block, in the order in which they begin."""
        here = [one for one in sessions if self.was_in(block, one)]
        shift = self.moves.get(str(block.uuid), timedelta())
        begins = {id(one): self.begin(one, shift) for one in sessions}
        kept = [one for one in here if begins[id(one)] == later(self.before[str(one.uuid)].start, shift)]
        if not shift and len(kept) == len(sessions) and not self.is_other_inside(block, kept):
            return list(sessions)
        known = {id(one) for one in kept}
        rest = [one for one in sessions if id(one) not in known]
        rest.sort(key=lambda one: begins[id(one)] or LAST)
        ordered = list(merge(kept, rest, key=lambda one: begins[id(one)] or LAST))
        start = min(filter(None, (later(block.start, shift), *begins.values())), default=None)
        self.batch.put(block, {"start": start}, f"block “{block.title}”" if block.title else "block")
        wanted = [(one.duration, begins[id(one)]) for one in ordered]
        for one, (_, begin), pin in zip(ordered, wanted, pins(wanted, start), strict=True):
            self.batch.note(one, {"start": begin if one.start else pin})
        for one in rest:
            self.tell(one, begins[id(one)])
        return ordered

    def was_in(self, block: Block, session: Session) -> bool:
        before = self.before.get(str(session.uuid))
        return before is not None and before.block == str(block.uuid)

    def is_other_inside(self, block: Block, sessions: list[Session]) -> bool:
        """Whether a session has left the block or takes another time than before."""
        lengths = [(item.uuid, item.duration) for item in self.present.items_by_block[str(block.uuid)]]
        return lengths != [(str(one.uuid), one.duration) for one in sessions]

    def begin(self, session: Session, shift: timedelta) -> datetime | None:
        item, before = self.items.get(id(session)), self.before.get(str(session.uuid))
        if item and item.start:
            return item.start
        return session.start or (later(before.start, shift) if before else None)

    def tell(self, session: Session, begin: datetime | None) -> None:
        before = self.before.get(str(session.uuid))
        if before and before.start != begin:
            self.batch.changes.append(f"“{session.title}”: start {difference(before.start, begin)}")


def later(moment: datetime | None, shift: timedelta) -> datetime | None:
    return moment + shift if moment else None
