"""A released program in the order and the groups in which pages show it. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo

from portal.templatetags.words import weekday
from sessions_app.program import Block, Item, Person, Program, Track
from sessions_app.timetable import minutes_between
from sessions_app.wording import zone_words

LONG = 40  # sessions
KINDS = {
    "talk": "Talk",
    "tutorial": "Tutorial part",
    "lab": "Hands-on lab",
    "keynote": "Keynote",
    "panel": "Panel",
    "break": "Break",
    "social": "Social",
}
PLAIN = {"talk", "tutorial", "break"}  # kinds that need no word in a list


@dataclass(frozen=True)
class Line:
    """A session with all that a list says of it. `number` counts sessions without the breaks, `since` is minutes
    after the group's beginning, `start` and `end` are in the program's zone."""

    item: Item
    number: int
    since: int
    start: datetime | None
    end: datetime | None
    room: str
    track: Track | None
    people: list[tuple[Person, str]]

    @property
    def until(self) -> int:
        return self.since + self.item.duration

    @property
    def kind(self) -> str:
        return KINDS[self.item.kind]

    @property
    def remark(self) -> str:
        """The kind, where it is worth a word."""
        return "" if self.item.kind in PLAIN else self.kind

    @property
    def is_cancelled(self) -> bool:
        return self.item.status == "cancelled"

    @property
    def has_biographies(self) -> bool:
        return any(person.biography or person.affiliation or person.url for person, _ in self.people)


@dataclass(frozen=True)
class Group:
    """The sessions of a day or, while they have no clock times, of a block."""

    key: str
    title: str
    lines: list[Line]
    day: date | None = None

    @cached_property
    def is_parallel(self) -> bool:
        """Whether some run at the same time, so that their lengths don't add up."""
        return any(before.until > after.since for before, after in pairwise(self.lines))

    @property
    def is_drawn(self) -> bool:
        """Whether a bar to scale can show it: few sessions, one after the other without a gap."""
        return 1 < len(self.lines) <= 12 and self.minutes == sum(line.item.duration for line in self.lines)

    @property
    def short_title(self) -> str:
        return f"{self.day:%a}, {self.day:%b} {self.day.day}" if self.day else self.title

    @property
    def start(self) -> datetime | None:
        return self.lines[0].start

    @property
    def end(self) -> datetime | None:
        return max((line.end for line in self.lines if line.end), default=None)

    @property
    def minutes(self) -> int:
        """From the beginning of the first to the end of the last."""
        return max(line.until for line in self.lines)

    @property
    def break_minutes(self) -> int:
        return sum(line.item.duration for line in self.lines if line.item.is_break)

    @property
    def sessions(self) -> int:
        return sum(not line.item.is_break for line in self.lines)

    @property
    def breaks(self) -> int:
        return len(self.lines) - self.sessions

    @property
    def rooms(self) -> list[str]:
        return sorted({line.room for line in self.lines if line.room})


@dataclass(frozen=True)
class Bill:
    """A person and the sessions they appear in."""

    person: Person
    lines: list[Line]


@dataclass(frozen=True)
class Agenda:
    """All groups of a program: its days first, then the blocks that have no clock times yet."""

    groups: list[Group]

    @property
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
        return zone_words(ZoneInfo(str(start.tzinfo)), start) if start else ""

    @property
    def level(self) -> int:
        """Of the sessions' headings, below a heading of level 2."""
        return 3 if len(self.groups) == 1 else 4

    @property
    def is_long(self) -> bool:
        """Too long for the event's own page, which then names the days only."""
        return len(self.lines) > LONG

    @property
    def end(self) -> datetime | None:
        return max(group.end for group in self.groups if group.end) if self.is_timed else None

    @cached_property
    def rooms(self) -> list[str]:
        return sorted({room for group in self.groups for room in group.rooms})

    @cached_property
    def line_by_slug(self) -> dict[str, Line]:
        return {line.item.slug: line for line in self.lines}

    def around(self, line: Line) -> tuple[Line | None, Line | None]:
        """The sessions before and after this one, breaks left out."""
        lines = [one for one in self.lines if not one.item.is_break]
        place = next((index for index, one in enumerate(lines) if one is line), None)
        if place is None:
            return None, None
        return (lines[place - 1] if place else None), (lines[place + 1] if place + 1 < len(lines) else None)

    @cached_property
    def bills(self) -> list[Bill]:
        """Everybody who appears, by name, each with their sessions."""
        found: dict[str, Bill] = {}
        for line in self.lines:
            for person, _ in line.people:
                found.setdefault(person.slug, Bill(person, [])).lines.append(line)
        return sorted(found.values(), key=lambda bill: bill.person.name.casefold())


def agenda(program: Program) -> Agenda:
    numbers = count_sessions(program)
    return Agenda(days(program, numbers) + untimed_blocks(program, numbers))


def count_sessions(program: Program) -> dict[str, int]:
    """The number of each session by its uuid, breaks left out: timed ones first, as they are shown."""
    timed = [item for _, items in program.days for item in items]
    shown = timed + [item for item in program.items if not item.start]
    return {item.uuid: number for number, item in enumerate((one for one in shown if not one.is_break), start=1)}


def days(program: Program, numbers: dict[str, int]) -> list[Group]:
    found = []
    for day, items in program.days:
        first = items[0].start
        since = [minutes_between(first, item.start) if first and item.start else 0 for item in items]
        found.append(Group(f"day-{day}", weekday(day), lines(program, items, numbers, since), day))
    return found


def untimed_blocks(program: Program, numbers: dict[str, int]) -> list[Group]:
    by_uuid = {block.uuid: block for block in program.blocks}
    untimed = groupby((item for item in program.items if not item.start), key=lambda item: item.block)
    return [
        Group(f"block-{order}", block_title(by_uuid.get(uuid), order), lines(program, list(items), numbers))
        for order, (uuid, items) in enumerate(untimed, start=1)
    ]


def block_title(block: Block | None, order: int) -> str:
    return (block.title if block else "") or f"Part {order} of the program"


def lines(program: Program, items: list[Item], numbers: dict[str, int], since: list[int] | None = None) -> list[Line]:
    begins = since or [item.offset for item in items]
    return [line(program, item, numbers, begin) for item, begin in zip(items, begins, strict=True)]


def line(program: Program, item: Item, numbers: dict[str, int], since: int) -> Line:
    return Line(
        item=item,
        number=numbers.get(item.uuid, 0),
        since=since,
        start=item.start.astimezone(program.zone) if item.start else None,
        end=item.end.astimezone(program.zone) if item.end else None,
        room=program.room_name(item),
        track=program.track_by_slug.get(item.track),
        people=[(program.person_by_slug[one.person], one.role) for one in item.speakers],
    )
