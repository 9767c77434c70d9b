"""What a change does to the clock times of a draft, to be read before it is saved. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.templatetags.words import length, offset
from sessions_app.conflicts import Conflict, find
from sessions_app.program import Block, Item, Program
from sessions_app.timetable import Slot, lay_out

OF_TIMES = {"person", "room", "overrun", "gap"}  # the kinds of conflicts that times make


@dataclass(frozen=True)
class Row:
    """A session with its time as it was and as it will be, in words; `before` is empty for a new one."""

    title: str
    before: str
    after: str
    note: str

    @property
    def has_moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class BlockTimes:
    title: str
    whole: str
    rows: list[Row]


@dataclass(frozen=True)
class Review:
    """`news` are the conflicts that the change makes, `others` those that were there before; `blocks` those in which
    something moves, or all if nothing does."""

    news: list[Conflict]
    others: list[Conflict]
    blocks: list[BlockTimes]
    is_change: bool


def review(before: Program, after: Program) -> Review:
    known = {one.text for one in find(before, is_final=False)}
    found = [one for one in find(after, is_final=False) if one.kind in OF_TIMES]
    blocks = list(block_times(before, after))
    moved = [one for one in blocks if any(row.has_moved for row in one.rows)]
    news = [one for one in found if one.text not in known]
    return Review(news, [one for one in found if one.text in known], moved or blocks, bool(moved))


def block_times(before: Program, after: Program) -> Iterator[BlockTimes]:
    earlier = {item.uuid: when(before, item) for item in before.items}
    for number, block in enumerate(after.blocks, start=1):
        items = after.items_of(block)
        if items:
            notes = [slack_note(minutes) for minutes in slacks(block, items)]
            rows = [
                Row(item.title, earlier.get(item.uuid, ""), when(after, item), note)
                for item, note in zip(items, notes, strict=True)
            ]
            yield BlockTimes(block.title or f"Block {number}", whole(after, items), rows)


def slacks(block: Block, items: list[Item]) -> list[int]:
    slots = [Slot(item.duration, item.start if item.is_pinned else None) for item in items]
    return [place.slack for place in lay_out(slots, block.start)]


def slack_note(slack: int) -> str:
    if slack > 0:
        return f"{length(slack)} of empty time before it"
    return f"what is before it is {length(-slack)} too long" if slack < 0 else ""


def when(program: Program, item: Item) -> str:
    """ "Sun 09:00–09:45"; "+0:45" while there are no clock times."""
    if not item.start or not item.end:
        return offset(item.offset)
    start, end = item.start.astimezone(program.zone), item.end.astimezone(program.zone)
    return f"{start:%a %H:%M}–{end:%H:%M}"


def whole(program: Program, items: list[Item]) -> str:
    """From the first beginning to the last end, with the minutes between."""
    first = min(items, key=lambda item: item.offset)
    last = max(items, key=lambda item: item.offset + item.duration)
    minutes = length(last.offset + last.duration - first.offset)
    if not first.start or not last.end:
        return f"{minutes} in all"
    start, end = first.start.astimezone(program.zone), last.end.astimezone(program.zone)
    return f"{start:%A, %B} {start.day}, {start:%H:%M}–{end:%H:%M}, {minutes} in all"
