"""Released programs in the order and the groups in which pages show them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from itertools import chain, groupby
from zoneinfo import ZoneInfo

from portal.templatetags.words import weekday
from portal.text import folded
from portal.text import slug as make_slug
from sessions_app.lines import Bill, Group, Line, Source
from sessions_app.program import Block, Item, Program, Track
from sessions_app.timetable import minutes_between
from sessions_app.wording import zone_words

LONG = 40  # sessions of a program that the event's own page can show
LONGEST = 120  # sessions that one page shows of several days


@dataclass(frozen=True)
class Agenda:
    """All groups of one or more programs: the days first, then the blocks that have no clock times yet.
    `capacities` are those of the rooms in use, by their names, in the programs' order."""

    groups: list[Group]
    capacities: dict[str, int | None]
    clock_zone: ZoneInfo

    @cached_property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group.lines]

    @property
    def sessions(self) -> int:
        return sum(group.sessions for group in self.groups)

    @property
    def breaks(self) -> int:
        return sum(group.breaks for group in self.groups)

    @property
    def minutes(self) -> int:
        return sum(group.minutes for group in self.groups)

    @property
    def is_timed(self) -> bool:
        return bool(self.groups) and all(group.day for group in self.groups)

    @property
    def start(self) -> datetime | None:
        return self.groups[0].start if self.is_timed else None

    @property
    def zone(self) -> str:
        """The zone of the clock times in words, with its difference on the first day."""
        start = next((group.start for group in self.groups if group.start), None)
        return zone_words(self.clock_zone, start) if start else ""

    @property
    def level(self) -> int:
        """Of the sessions' headings, below a heading of level 2."""
        return 3 if len(self.groups) == 1 else 4

    @property
    def is_long(self) -> bool:
        """Too long for the event's own page, which then names the days only."""
        return len(self.lines) > LONG

    @property
    def is_split(self) -> bool:
        """Whether each day is better shown on a page of its own."""
        return len(self.days) > 1 and len(self.lines) > LONGEST

    @property
    def end(self) -> datetime | None:
        return max(group.end for group in self.groups if group.end) if self.is_timed else None

    @cached_property
    def days(self) -> dict[date, Group]:
        return {group.day: group for group in self.groups if group.day}

    @property
    def rooms(self) -> list[str]:
        return list(self.capacities)

    @cached_property
    def room_by_slug(self) -> dict[str, str]:
        return room_slugs(self.capacities)

    @cached_property
    def slug_by_room(self) -> dict[str, str]:
        return {name: slug for slug, name in self.room_by_slug.items()}

    @cached_property
    def track_by_slug(self) -> dict[str, Track]:
        """The tracks in use, by name."""
        found = {line.track.slug: line.track for line in self.lines if line.track}
        return dict(sorted(found.items(), key=lambda pair: folded(pair[1].name)))

    @cached_property
    def line_by_slug(self) -> dict[str, Line]:
        """The event's own sessions; those of guests have their pages there."""
        return {line.item.slug: line for line in self.lines if not line.event}

    @cached_property
    def line_by_uuid(self) -> dict[str, Line]:
        return {line.item.uuid: line for line in self.lines}

    def only(self, lines: Iterable[Line]) -> list[Group]:
        """The groups with no more than these lines of theirs, empty ones left out."""
        kept = {id(line) for line in lines}
        groups = [replace(group, lines=[line for line in group.lines if id(line) in kept]) for group in self.groups]
        return [group for group in groups if group.lines]

    def group_of(self, line: Line) -> Group:
        return next(group for group in self.groups if any(one is line for one in group.lines))

    def around(self, line: Line) -> tuple[Line | None, Line | None]:
        """The sessions before and after this one, breaks left out; in its room, where others run at the same time."""
        is_parallel = self.group_of(line).is_parallel
        lines = [
            one
            for one in self.lines
            if not one.item.is_break and one.event == line.event and (one.room == line.room or not is_parallel)
        ]
        place = next((index for index, one in enumerate(lines) if one is line), None)
        if place is None:
            return None, None
        return (lines[place - 1] if place else None), (lines[place + 1] if place + 1 < len(lines) else None)

    def parallel_to(self, line: Line) -> list[Line]:
        """The other sessions that go on at the same time, at least in part."""
        return [one for one in self.lines if one is not line and not one.item.is_break and one.overlaps(line)]

    @cached_property
    def bills(self) -> list[Bill]:
        """Everybody who appears, by name, each with their sessions."""
        found: dict[tuple[str, str], Bill] = {}
        for line in self.lines:
            for person, _ in line.people:
                found.setdefault((line.base, person.slug), Bill(person, [])).lines.append(line)
        return sorted(found.values(), key=lambda bill: folded(bill.person.name))


def agenda(program: Program, base: str = "", guests: Iterable[Source] = ()) -> Agenda:
    """The program, with those of its guests put in: in its zone, day by day."""
    sources = [Source(program, base), *guests]
    capacities = rooms_in_use(sources)
    order = {name: place for place, name in enumerate(capacities)}
    timed = [line for source in sources for line in timed_lines(source, program.zone)]
    timed.sort(key=lambda line: (line.start, order.get(line.room, -1), line.item.id))
    untimed = chain.from_iterable(untimed_blocks(source) for source in sources)
    return Agenda([*days(timed), *untimed], capacities, program.zone)


def rooms_in_use(sources: list[Source]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for source in sources:
        used = {item.room: item for item in source.program.items}
        rooms = [room for room in source.program.rooms if room.uuid in used]
        found |= {source.room_name(used[room.uuid]): room.capacity for room in rooms}
    return found


def room_slugs(names: Iterable[str]) -> dict[str, str]:
    """The name of each room by the slug that is made of it."""
    found: dict[str, str] = {}
    for name in names:
        found[make_slug(name, taken=set(found), fallback="room")] = name
    return found


def count_sessions(program: Program) -> dict[str, int]:
    """The number of each session by its uuid, breaks left out: timed ones first, as they are shown."""
    timed = [item for _, items in program.days for item in items]
    shown = timed + [item for item in program.items if not item.start]
    return {item.uuid: number for number, item in enumerate((one for one in shown if not one.is_break), start=1)}


def timed_lines(source: Source, zone: ZoneInfo) -> Iterable[Line]:
    numbers = count_sessions(source.program)
    return [line(source, item, numbers, zone) for item in source.program.items if item.start]


def days(timed: list[Line]) -> list[Group]:
    found = []
    for day, together in groupby(timed, key=lambda line: line.start.date() if line.start else date.max):
        lines = list(together)
        first = lines[0].start
        placed = [replace(one, since=minutes_between(first, one.start)) for one in lines if first and one.start]
        found.append(Group(f"day-{day}", weekday(day), placed, day))
    return found


def untimed_blocks(source: Source) -> list[Group]:
    numbers = count_sessions(source.program)
    by_uuid = {block.uuid: block for block in source.program.blocks}
    runs = groupby((item for item in source.program.items if not item.start), key=lambda item: item.block)
    untimed = [(by_uuid.get(uuid), list(items)) for uuid, items in runs]
    return [
        Group(
            f"block-{order}" if not source.event else f"block-{source.base.strip('/')}-{order}",
            source.event or block_title(block, order, of=len(untimed)),
            [line(source, item, numbers, source.program.zone) for item in items],
        )
        for order, (block, items) in enumerate(untimed, start=1)
    ]


def block_title(block: Block | None, order: int, of: int) -> str:
    return (block.title if block else "") or (f"Part {order} of the program" if of > 1 else "Program")


def line(source: Source, item: Item, numbers: dict[str, int], zone: ZoneInfo) -> Line:
    program = source.program
    return Line(
        item=item,
        number=numbers.get(item.uuid, 0),
        since=item.offset,
        start=shown_at(item.start, zone) if item.start else None,
        end=shown_at(item.end, zone) if item.end else None,
        room=source.room_name(item),
        track=program.track_by_slug.get(item.track),
        people=[(program.person_by_slug[one.person], one.role) for one in item.speakers],
        base=source.base,
        event=source.event,
    )


def shown_at(moment: datetime, zone: ZoneInfo) -> datetime:
    """As the zone's clocks show it, with the offset of then alone: of two times that share a zone Python compares and
    subtracts the clocks, which is wrong in a night in which they change."""
    local = moment.astimezone(zone)
    return local.replace(tzinfo=timezone(local.utcoffset() or timedelta()))
