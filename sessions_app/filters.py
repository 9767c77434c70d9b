"""What an attendee looks for in a program: words, a track, a room, a kind, a level, one of several events. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Self

from portal.text import folded
from sessions_app.agenda import Agenda
from sessions_app.lines import KINDS, Group, Line
from sessions_app.program import Item, Person

LONGEST = 100  # characters of a search
LEVELS = {"beginner": "Beginner", "intermediate": "Intermediate", "advanced": "Advanced"}


@dataclass(frozen=True)
class Wanted:
    """As asked for, which may be anything; empty for whatever doesn't matter."""

    q: str = ""
    track: str = ""
    room: str = ""
    kind: str = ""
    level: str = ""
    event: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        return cls(**{field.name: query.get(field.name, "").strip() for field in fields(cls)})

    def __bool__(self) -> bool:
        return self != Wanted()


@dataclass(frozen=True)
class Choice:
    """One thing to filter by: its parameter, its label, what there is by value, and what is chosen."""

    name: str
    label: str
    options: dict[str, str]
    chosen: str

    @property
    def every(self) -> str:
        return f"All {self.label.lower()}s"

    @property
    def is_known(self) -> bool:
        return not self.chosen or self.chosen in self.options


def choices(agenda: Agenda, wanted: Wanted) -> list[Choice]:
    """Those that tell sessions of this program apart, and those asked for anyway."""
    lines = [line for line in agenda.lines if not line.item.is_break]
    kinds = {line.item.kind for line in lines}
    levels = {line.item.level for line in lines}
    found = [
        Choice("event", "Event", {slug_of(line): line.event for line in lines if line.event}, wanted.event),
        Choice("track", "Track", {slug: track.name for slug, track in agenda.track_by_slug.items()}, wanted.track),
        Choice("room", "Room", agenda.room_by_slug, wanted.room),
        Choice("kind", "Kind", {kind: words for kind, words in KINDS.items() if kind in kinds}, wanted.kind),
        Choice("level", "Level", {level: words for level, words in LEVELS.items() if level in levels}, wanted.level),
    ]
    return [choice for choice in found if len(choice.options) > 1 or choice.chosen]


def faults(wanted: Wanted, offered: list[Choice]) -> list[str]:
    """Why nothing can be found, in words."""
    found = [
        f"There is no {choice.label.lower()} “{choice.chosen[:40]}” in this program."
        for choice in offered
        if not choice.is_known
    ]
    return found + ([f"Search for {LONGEST} characters at most."] if len(wanted.q) > LONGEST else [])


def matching(agenda: Agenda, wanted: Wanted) -> list[Group]:
    room = agenda.room_by_slug.get(wanted.room, "")
    return agenda.only(line for line in agenda.lines if is_wanted(line, wanted, room))


def is_wanted(line: Line, wanted: Wanted, room: str) -> bool:
    return (
        (not wanted.track or (line.track is not None and line.track.slug == wanted.track))
        and (not room or line.room == room)
        and (not wanted.kind or line.item.kind == wanted.kind)
        and (not wanted.level or line.item.level == wanted.level)
        and (not wanted.event or slug_of(line) == wanted.event)
        and (not wanted.q or holds(wanted.q, *texts_of_line(line)))
    )


def texts_of_line(line: Line) -> list[str]:
    track = line.track.name if line.track else ""
    return texts_of(line.item, [person for person, _ in line.people], line.room, track, line.event)


def texts_of(item: Item, people: Iterable[Person], *places: str) -> list[str]:
    """Where words are looked for, on pages and by API. `places` is what the item has only by reference: room, track."""
    named = [f"{person.name} {person.affiliation}" for person in people]
    return [item.title, item.subtitle, item.abstract, *named, *places]


def holds(words: str, *texts: str) -> bool:
    """Whether each of the words stands in one of the texts."""
    text = folded("\n".join(texts))
    return all(word in text for word in folded(words).split())


def slug_of(line: Line) -> str:
    """The guest's own address, which names it here as well."""
    return line.base.strip("/") if line.event else ""
