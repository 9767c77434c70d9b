"""Where each session of a day is drawn: a column for each room, rows of some minutes, idle hours folded. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from types import MappingProxyType

from sessions_app.agenda import Agenda
from sessions_app.lines import Group, Line
from sessions_app.wording import OPEN

STEPS = (5, 10, 15, 30, 60)  # minutes a row stands for: the first with which the day fits
MOST_ROWS = 300  # as many as steps.css knows
MOST_COLUMNS = 60
LONGEST_IDLE = 3  # rows of a stretch in which nothing goes on but breaks
MOST_CLASHES = 3  # that are told one by one
LABEL = 3  # rows, with the viewer's own time below
PARTS = (60, 30, 15)  # minutes
LONGEST_ALONE = 6  # rows of a stretch in which one session goes on

type Span = tuple[int, int]


@dataclass(frozen=True)
class Column:
    """A room; once more for sessions it holds at the same time as others."""

    name: str
    capacity: int | None
    slug: str


@dataclass(frozen=True)
class Slot:
    """A session in its column, from its row on over so many; column 0 is all of them. `clashes` are those of a
    choice that go on at the same time."""

    line: Line
    column: int = 0
    row: int = 0
    rows: int = 0
    clashes: Sequence[Line] = ()

    @property
    def first_clashes(self) -> Sequence[Line]:
        return self.clashes[:MOST_CLASHES]

    @property
    def more_clashes(self) -> int:
        return max(len(self.clashes) - MOST_CLASHES, 0)

    @property
    def place(self) -> str:
        """As classes of steps.css; none in a list."""
        if not self.rows:
            return ""
        return f" c{self.column} s{self.rows}" if self.column else f" slot-all s{self.rows}"


@dataclass(frozen=True)
class Moment:
    """What begins at the same time. Where there is no room for a label beside the grid, its slots say the time."""

    start: datetime
    slots: list[Slot]
    is_labelled: bool = True

    @property
    def key(self) -> str:
        return self.slots[0].line.key

    @property
    def row(self) -> int:
        return self.slots[0].row


@dataclass(frozen=True)
class Sheet:
    """A day as pages show it: by moments, and with rooms side by side where there are columns."""

    group: Group
    moments: list[Moment]
    columns: list[Column]
    rows: int = 0

    @property
    def hours(self) -> list[Moment]:
        """The first moment of each hour, to jump to."""
        return [next(same) for _, same in groupby(self.moments, key=lambda one: f"{one.start:%d %H %z}")]


def in_list(group: Group, clashes: Mapping[str, Sequence[Line]] = MappingProxyType({})) -> Sheet:
    """`clashes` by the sessions' uuids."""
    slots = [Slot(line, clashes=clashes.get(line.item.uuid, ())) for line in group.lines]
    return Sheet(group, moments(slots), [])


def lay_out(group: Group, agenda: Agenda) -> Sheet:
    """A mere list where columns would help nobody: one room, nothing at the same time, or too many."""
    if len(group.rooms) < 2 or not group.is_parallel:
        return in_list(group)
    columns, numbers = in_columns(group.lines, agenda)
    if len(columns) > MOST_COLUMNS:
        return in_list(group)
    spans, row_at = in_rows(group.lines)
    placed = zip(group.lines, numbers, spans, strict=True)
    slots = [Slot(line, number, row_at[a], row_at[b] - row_at[a]) for line, number, (a, b) in placed]
    return Sheet(group, moments(slots), columns, max(row_at.values()) - 1)


def moments(slots: list[Slot]) -> list[Moment]:
    """`slots` in the order of their start."""
    together = [(start, list(same)) for start, same in groupby(slots, key=lambda slot: slot.line.start) if start]
    rows = labelled({same[0].row: start.minute for start, same in together})
    return [Moment(start, same, same[0].row in rows) for start, same in together]


def labelled(minutes: Mapping[int, int]) -> set[int]:
    """The rows whose labels fit beside the grid, those of full hours first, then of half and of quarter hours."""
    found: set[int] = set()
    for row in sorted(minutes, key=lambda row: [bool(minutes[row] % part) for part in PARTS]):
        if all(abs(row - other) >= LABEL for other in found):
            found.add(row)
    return found


def in_columns(lines: list[Line], agenda: Agenda) -> tuple[list[Column], list[int]]:
    """The columns, and the number of each line's. A line alone at its time, and a break of no room, goes across."""
    at_once = crowd(lines)
    free_at: dict[str, list[int]] = defaultdict(list)
    lanes: list[tuple[str, int] | None] = []
    for line in lines:
        is_alone = max(at_once[line.since : line.until]) == 1
        lanes.append(None if is_alone or (line.item.is_break and not line.room) else lane(line, free_at))
    order = {name: place for place, name in enumerate(agenda.rooms)}
    used = sorted({one for one in lanes if one}, key=lambda one: (order.get(one[0], len(order)), one))
    numbers = {one: number for number, one in enumerate(used, start=1)}
    columns = [Column(name, agenda.capacities.get(name), agenda.slug_by_room.get(name, "")) for name, _ in used]
    return columns, [numbers[one] if one else 0 for one in lanes]


def lane(line: Line, free_at: dict[str, list[int]]) -> tuple[str, int]:
    """The first column of its room that is free by then, which it takes."""
    name = line.room or line.event or OPEN.capitalize()
    ends = free_at[name]
    number = next((place for place, end in enumerate(ends) if end <= line.since), len(ends))
    ends[number : number + 1] = [line.until]
    return name, number


def crowd(lines: list[Line], *, breaks: bool = True) -> list[int]:
    """How many lines go on in each minute of the day."""
    found = [0] * max(line.until for line in lines)
    for line in lines:
        if breaks or not line.item.is_break:
            for minute in range(line.since, line.until):
                found[minute] += 1
    return found


def in_rows(lines: list[Line]) -> tuple[list[Span], dict[int, int]]:
    """Begin and end of each line in steps, and the row that each such step is drawn at."""
    first = lines[0].start.minute if lines[0].start else 0
    busy = crowd(lines, breaks=False)
    for step in STEPS:
        spans = [steps_of(line, first, step) for line in lines]
        edges = sorted({edge for span in spans for edge in span})
        row, row_at = 1, {edges[0]: 1}
        for begin, end in pairwise(edges):
            row += height(end - begin, busy[min(max(begin * step - first, 0), len(busy) - 1)])
            row_at[end] = row
        if row <= MOST_ROWS:
            break
    return spans, row_at


def steps_of(line: Line, first: int, step: int) -> Span:
    """Rounded alike at both ends, so that what follows each other still does; never nothing."""
    begin = (line.since + first) // step
    return begin, max((line.until + first) // step, begin + 1)


def height(rows: int, busy: int) -> int:
    """Long stretches are folded in which there is little to see."""
    return min(rows, (LONGEST_IDLE, LONGEST_ALONE)[busy]) if busy < 2 else rows
