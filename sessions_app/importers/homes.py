"""In which of its own blocks an event has a file's sessions, where the file knows no blocks. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import accumulate

from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import Reading
from sessions_app.program import Block, Item, Program, day_of

type Pair = tuple[Item, Item]  # a session as it is, and as the file has it
type Known = Mapping[str, Item]  # the event's sessions as they are, by the uuids of the file's


def at_home(reading: Reading, present: Program, known: Known) -> Reading:
    """The reading with the event's own blocks in place of the file's, as far as it can be told which they are."""
    homes = Homes(reading, present, known)
    items = tuple(replace(item, block=homes.found.get(item.uuid, item.block)) for item in reading.program.items)
    used = dict.fromkeys(item.block for item in items)
    own = {block.uuid: Block(block.uuid, homes.title(block)) for block in present.blocks if block.uuid in used}
    made = {block.uuid: block for block in reading.program.blocks if block.uuid in used}
    order = [*own, *made] if reading.made_blocks else used  # where the blocks are the file's, so is their order
    blocks = tuple((own | made)[uuid] for uuid in order)
    return replace(reading, program=replace(reading.program, items=items, blocks=blocks))


class Homes:
    """`found`: the blocks of the event by the uuids of items."""

    def __init__(self, reading: Reading, present: Program, known: Known) -> None:
        self.program, self.present, self.known = reading.program, present, known
        self.made = reading.made_blocks
        self.titles = {block.uuid: name_key(block.title) for block in present.blocks}
        self.by_title = {name_key(block.title): block.uuid for block in present.blocks if block.title}
        pairs = [(known[item.uuid], item) for item in self.program.items if item.uuid in known]
        self.moves = common_moves(present, pairs)
        self.torn = {before.block for before, item in pairs if not self.keeps_room(item)}
        runs = ((block, self.program.items_of(block)) for block in self.program.blocks)
        self.found = dict(pair for block, run in runs for pair in self.homes(block, run))

    def homes(self, block: Block, run: list[Item]) -> Iterator[tuple[str, str]]:
        """Who doesn't stay where they are goes to the neighbor before them, or else to the one after."""
        own = self.stays_of_made(block, run) if block.uuid in self.made else self.stays_of_named(block, run)
        first = next(filter(None, own), "")
        homes = accumulate(own, lambda before, home: home or before, initial=first)
        next(homes)
        return ((item.uuid, home) for item, home in zip(run, homes, strict=True) if home)

    def stays_of_named(self, block: Block, run: list[Item]) -> list[str]:
        """Of a block by the title that the file gives it."""
        title = name_key(block.title)
        return [self.home(item) if self.titles.get(self.home(item)) == title else "" for item in run]

    def stays_of_made(self, block: Block, run: list[Item]) -> list[str]:
        """Who keeps their time and room stays where they are, and so does who moves with all of their block. Where
        nobody stays like that, it is enough to keep the time, or at last the day."""
        title = self.by_title.get(name_key(block.title), "")
        ways = (
            [self.home(item) if self.stays(item) else "" for item in run],
            [self.home(item) if self.is_unmoved(item) else "" for item in run],
            [title for _ in run],
            [self.home(item) if self.keeps_day(item) else "" for item in run],
        )
        return next(filter(any, ways), ways[0])

    def home(self, item: Item) -> str:
        return self.known[item.uuid].block if item.uuid in self.known else ""

    def stays(self, item: Item) -> bool:
        if self.is_unmoved(item):
            return self.keeps_room(item)
        return self.home(item) in self.moves.keys() - self.torn

    def is_unmoved(self, item: Item) -> bool:
        """What a file leaves open stays as it is."""
        before = self.known.get(item.uuid)
        return before is not None and item.start in (None, before.start)

    def keeps_room(self, item: Item) -> bool:
        before = self.known[item.uuid]
        names = (self.program.room_name(item), self.present.room_name(before))
        return item.room in ("", before.room) or name_key(names[0]) == name_key(names[1])

    def keeps_day(self, item: Item) -> bool:
        before = self.known.get(item.uuid)
        starts = [one.start for one in (before, item) if one and one.start]
        return len(starts) == 2 and len({day_of(start, self.program.zone) for start in starts}) == 1

    def title(self, block: Block) -> str:
        """The block's own; where that tells its day, the new one."""
        start = next((item.start for item in self.present.items_of(block) if item.start), None)
        shift = self.moves.get(block.uuid)
        if not (start and shift and self.made):
            return block.title
        before, after = (day_of(moment, self.program.zone) for moment in (start, start + shift))
        return block.title.replace(before.isoformat(), after.isoformat())


def common_moves(present: Program, pairs: Iterable[Pair]) -> dict[str, timedelta]:
    """By how much blocks move as a whole: those of which all moves alike that the file names. Where it names a single
    one, and there are others, only if everything in the file moves alike."""
    found = defaultdict(list)
    for before, after in pairs:
        if after.start:
            found[before.block].append(after.start - before.start if before.start else None)
    every = {move for moves in found.values() for move in moves}
    return {
        block: moves[0]
        for block, moves in found.items()
        if moves[0] is not None
        and len(set(moves)) == 1
        and (len(moves) > 1 or len(every) == 1 or len(present.items_by_block[block]) == 1)
    }
