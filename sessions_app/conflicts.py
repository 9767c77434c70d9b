"""What is wrong or missing in a draft, in words, each with the session whose row mends it. Pure.

Conflicts warn, they forbid nothing. Each session is held against the one before it in its room, or of its person, that
ends last, never against all others: the work grows with the program's length, and so does the list.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from operator import attrgetter

from portal.templatetags.words import length
from sessions_app.program import Block, Item, Program

LABELS = {
    "person": "Somebody in two places at once",
    "room": "A room used twice at once",
    "overrun": "No time for a session",
    "seats": "A room too small",
    "no_speaker": "Without a speaker",
    "gap": "Empty time",
    "no_time": "Without a clock time",
    "no_room": "Without a room",
    "no_abstract": "Without an abstract",
    "unannounced": "Not made public in full",
}
MANY = 3  # sessions that all lack the same are told in one line
UNATTENDED = {"break", "social"}  # kinds that need neither speaker nor abstract


@dataclass(frozen=True)
class Conflict:
    """`kind` is a key of LABELS, `session` the id of the session to look at, 0 where all `count` of them lack it."""

    kind: str
    text: str
    session: int
    count: int = 1


def find(program: Program, *, is_final: bool, seats: Mapping[str, int] | None = None) -> list[Conflict]:
    """All conflicts of a draft by kind, in the order of LABELS; what only a final program needs if that is asked for.

    `seats`: how many a session has, by its uuid, where their number is limited. Cancelled sessions are left out.
    """
    items = [item for item in program.items if item.status != "cancelled"]
    found = [
        *clashes(program, items),
        *chain.from_iterable(in_block(program, block) for block in program.blocks),
        *too_small(program, items, seats or {}),
        *missing_speakers(items),
        *(missing_for_final(items) if is_final else []),
    ]
    order = list(LABELS)
    return sorted(found, key=lambda conflict: order.index(conflict.kind))


def by_kind(conflicts: Iterable[Conflict]) -> dict[str, list[Conflict]]:
    found: dict[str, list[Conflict]] = {}
    for conflict in conflicts:
        found.setdefault(conflict.kind, []).append(conflict)
    return found


def clashes(program: Program, items: list[Item]) -> Iterator[Conflict]:
    """People and rooms in two places at once. Breaks leave their room free; what overlaps within a block and a room
    is told of the block."""
    people: dict[str, list[Item]] = {}
    rooms: dict[str, list[Item]] = {}
    for item in (one for one in items if one.start):
        for appearance in item.speakers:
            people.setdefault(appearance.person, []).append(item)
        if item.room and not item.is_break:
            rooms.setdefault(item.room, []).append(item)
    for slug, theirs in people.items():
        name = program.person_by_slug[slug].name
        for one, other in overlapping(theirs):
            yield Conflict("person", f"{name} is in {both(program, one, other)}.", other.id)
    for uuid, here in rooms.items():
        name = program.room_by_uuid[uuid].name
        for one, other in overlapping(here):
            if one.block != other.block:
                yield Conflict("room", f"{name} has {both(program, one, other)}.", other.id)


def overlapping(items: list[Item]) -> Iterator[tuple[Item, Item]]:
    """Each timed session that begins before all earlier ones have ended, with the one that ends last of these."""
    items = sorted(items, key=lambda item: (item.start, item.id))
    last = items[0]
    for item in items[1:]:
        if begin(item) < end(last):
            yield last, item
        last = max(last, item, key=end)


def in_block(program: Program, block: Block) -> Iterator[Conflict]:
    """Overruns, and the empty time of the block in one line."""
    reached = 0
    last: dict[str, Item] = {}
    gaps: list[tuple[int, Item]] = []
    for item in sorted(program.items_of(block), key=attrgetter("offset")):
        if item.offset > reached:
            gaps.append((item.offset - reached, item))
        reached = max(reached, after(item))
        if item.status == "cancelled":
            continue
        before = in_its_way(last, item)
        if before and item.offset < after(before):
            yield Conflict("overrun", overrun(program, before, item), item.id)
        last[item.room] = max(last.get(item.room, item), item, key=after)
    if gaps:
        yield Conflict("gap", empty_time(gaps), gaps[0][1].id)


def in_its_way(last: Mapping[str, Item], item: Item) -> Item | None:
    """Of those that end last in each room, the one to wait for: rooms of their own are meant to be used at the same
    time, but what has no room yet may be anywhere."""
    rooms = (item.room, "") if item.room else last
    return max((last[room] for room in rooms if room in last), key=after, default=None)


def overrun(program: Program, before: Item, item: Item) -> str:
    over = length(after(before) - item.offset)
    if not item.start:
        return f"{named(before)} runs {over} into {named(item)}."
    return (
        f"{named(item)} is pinned to {clock(program, item.start)}, but {named(before)} before it ends at "
        f"{clock(program, end(before))}: {over} too long."
    )


def empty_time(gaps: list[tuple[int, Item]]) -> str:
    """Of all gaps of a block, the first ones by name."""
    told = ", ".join(f"{length(minutes)} before {named(item)}" for minutes, item in gaps[:MANY])
    more = f" and {len(gaps) - MANY} more, {length(sum(minutes for minutes, _ in gaps))} in all"
    return f"Nothing happens for {told}{more if len(gaps) > MANY else ''}."


def too_small(program: Program, items: list[Item], seats: Mapping[str, int]) -> Iterator[Conflict]:
    for item in items:
        room = program.room_by_uuid.get(item.room)
        wanted = seats.get(item.uuid, 0)
        if room and room.capacity is not None and wanted > room.capacity:
            text = f"{named(item)} has {wanted} seats, but {room.name} holds {room.capacity}."
            yield Conflict("seats", text, item.id)


def missing_speakers(items: list[Item]) -> Iterator[Conflict]:
    return lacking("no_speaker", "a speaker", attended(items), lambda item: bool(item.speakers))


def missing_for_final(items: list[Item]) -> Iterator[Conflict]:
    yield from lacking("no_time", "a clock time", items, lambda item: bool(item.start))
    yield from lacking("no_room", "a room", [one for one in items if not one.is_break], lambda item: bool(item.room))
    yield from lacking("no_abstract", "an abstract", attended(items), lambda item: bool(item.abstract))
    for item in items:
        if item.visibility == "tba":
            yield Conflict("unannounced", f"{named(item)} is still to be announced.", item.id)
        elif item.visibility == "title_only":
            yield Conflict("unannounced", f"{named(item)} is made public by its title only.", item.id)


def lacking(kind: str, what: str, items: list[Item], has: Callable[[Item], bool]) -> Iterator[Conflict]:
    without = [item for item in items if not has(item)]
    if len(without) == len(items) > MANY:
        yield Conflict(kind, f"None of the {len(items)} sessions has {what} yet.", 0, len(items))
        return
    for item in without:
        yield Conflict(kind, f"{named(item)} has no {what.split(' ', 1)[1]}.", item.id)


def attended(items: list[Item]) -> list[Item]:
    """Those that people come to for what is said, as far as they are made public in full."""
    return [item for item in items if item.is_full and item.kind not in UNATTENDED]


def named(item: Item) -> str:
    return f"“{item.title}”"


def both(program: Program, one: Item, other: Item) -> str:
    """With the time they share."""
    since = max(begin(one), begin(other)).astimezone(program.zone)
    until = min(end(one), end(other))
    return f"{named(one)} and {named(other)} at once, {since:%a %H:%M}–{clock(program, until)}"


def clock(program: Program, moment: datetime) -> str:
    return f"{moment.astimezone(program.zone):%H:%M}"


def after(item: Item) -> int:
    """The offset at which it ends."""
    return item.offset + item.duration


def begin(item: Item) -> datetime:
    assert item.start
    return item.start


def end(item: Item) -> datetime:
    assert item.end
    return item.end
