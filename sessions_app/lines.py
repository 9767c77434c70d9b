"""A session as lists show it, and sessions grouped by day, block and person. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise

from portal.text import folded
from sessions_app.program import Item, Person, Program, Track

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
class Source:
    """A program and the address its pages stand below. `event` names the guest it is of, empty on its own pages;
    `venue` is where its rooms are, if that isn't where everything else is."""

    program: Program
    base: str = ""
    event: str = ""
    venue: str = ""

    def room_name(self, item: Item) -> str:
        name = self.program.room_name(item)
        return f"{name}, {self.venue}" if name and self.venue else name


@dataclass(frozen=True)
class Line:
    """A session with all that a list says of it. `number` counts sessions without the breaks, `since` is minutes
    after the group's beginning, `start` and `end` are as the clocks of the agenda's zone show them (agenda.shown_at),
    `base` and `event` its source's."""

    item: Item
    number: int
    since: int
    start: datetime | None
    end: datetime | None
    room: str
    track: Track | None
    people: list[tuple[Person, str]]
    base: str = ""
    event: str = ""

    @property
    def address(self) -> str:
        return f"{self.base}sessions/{self.item.slug}/"

    @property
    def key(self) -> str:
        """Names the moment of its start on a page of all days, also in the hour that the clocks show twice."""
        return f"t{self.start:%m%d-%H%M}{'b' * self.start.fold}" if self.start else ""

    @property
    def names(self) -> str:
        return ", ".join(f"{person.name} ({role})" if role else person.name for person, role in self.people)

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

    def overlaps(self, other: "Line") -> bool:
        """Whether both go on at some moment, as far as their clock times are known."""
        mine, theirs = (self.start, self.end), (other.start, other.end)
        if None in (*mine, *theirs):
            return False
        return bool(mine[0] < theirs[1] and theirs[0] < mine[1])  # type: ignore[operator]

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
        return f"{self.day:%a}" if self.day else self.title

    @property
    def short_date(self) -> str:
        return f"{self.day:%b} {self.day.day}" if self.day else ""

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

    @cached_property
    def rooms(self) -> set[str]:
        return {line.room for line in self.lines if line.room}


@dataclass(frozen=True)
class Bill:
    """A person and the sessions they appear in."""

    person: Person
    lines: list[Line]

    @property
    def address(self) -> str:
        return f"{self.lines[0].base}speakers/{self.person.slug}/"

    @property
    def is_own(self) -> bool:
        """Whether it is a person of the event itself, not of a guest."""
        return not self.lines[0].event

    @property
    def initial(self) -> str:
        """The letter to find them by, without accents; "#" where it is none."""
        letter = folded(self.person.name)[:1].upper()
        return letter if letter.isalpha() else "#"

    def is_told(self, words: list[str]) -> bool:
        """Whether all these folded words are in the name or the affiliation."""
        text = folded(f"{self.person.name} {self.person.affiliation}")
        return all(word in text for word in words)
