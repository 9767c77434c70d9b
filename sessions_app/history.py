"""The releases of an event and what each changed, as pages list them. Loads no program."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from portal.models import Event
from sessions_app.diff import compare
from sessions_app.models import Release
from sessions_app.releases import Published
from sessions_app.wording import Described, describe

TOLD = 20
LONG = 30  # marks that one can still read in one list
ICONS = {
    "added": "added",
    "removed": "removed",
    "cancelled": "cross",
    "restored": "again",
    "moved": "moved",
    "timed": "clock",
    "room": "place",
    "length": "clock",
}

type Slugs = Mapping[str, str]  # where the sessions of the present program are, by uuid


@dataclass(frozen=True)
class Mark:
    """A change with its sign, and the slug of the session to link to, empty where that is gone."""

    icon: str
    slug: str
    change: Described

    @property
    def is_its_own_title(self) -> bool:
        """Whether the new value is what the session is called."""
        return self.change.after == self.change.title


@dataclass(frozen=True)
class Entry:
    """A release in a list; its moment is in the event's zone. `marks` tell its changes, none where only their number
    is wanted, and none for the first release: everything in it is new."""

    number: int
    stage: str
    published_at: datetime
    note: str
    marks: list[Mark]
    changes: int = 0

    @property
    def is_final(self) -> bool:
        return self.stage == Release.Stage.FINAL

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @cached_property
    def summary(self) -> list[Mark]:
        """The marks with those put together that say the same of several sessions, such as a first clock time."""
        kinds: dict[tuple[str, str], list[Mark]] = {}
        for mark in self.marks:
            kinds.setdefault(likeness(mark), []).append(mark)
        return [together(marks) for marks in kinds.values()]


@dataclass(frozen=True)
class Chapter:
    """The marks of one kind; without a label those of all kinds, where they are few."""

    label: str
    marks: list[Mark]


def history(event: Event, told: int = TOLD, slugs: Slugs | None = None) -> list[Entry]:
    """The newest first. Only of so many of them the changes are told; older ones have their own page."""
    changes = dict(event.releases.values_list("number", "changes")[:told])
    return [entry(event, release, changes.get(release.number, []), slugs) for release in event.releases.brief()]


def entry_of(event: Event, number: int, slugs: Slugs) -> Entry:
    """One release with all its changes."""
    release = event.releases.defer("data", "withdrawn", "earlier_starts", "earlier_addresses").get(number=number)
    return entry(event, release, release.changes, slugs)


def entry(event: Event, release: Release, changes: list[dict[str, Any]], slugs: Slugs | None) -> Entry:
    is_first = release.number == 1
    marks = [] if is_first else [mark(event, one, slugs) for one in changes]
    count = 0 if is_first else release.change_count
    moment = release.published_at.astimezone(event.zone)
    return Entry(release.number, release.stage, moment, release.note, marks, count)


def differences(event: Event, old: Published, new: Published, slugs: Slugs) -> list[Mark]:
    """What changed from any release to any other, an earlier one too."""
    return [mark(event, one.to_json(), slugs) for one in compare(old.program, new.program)]


def chapters(marks: list[Mark]) -> list[Chapter]:
    """Long lists by kind, in the order in which the kinds come up."""
    kinds: dict[str, list[Mark]] = {}
    for one in marks:
        kinds.setdefault(one.change.label if len(marks) > LONG else "", []).append(one)
    return [Chapter(label, found) for label, found in kinds.items()]


def mark(event: Event, change: dict[str, Any], slugs: Slugs | None = None) -> Mark:
    """Of a change that isn't of the newest release, `slugs` say where its session is now."""
    slug = "" if change["kind"] == "removed" else change["slug"]
    if slugs is not None:
        slug = slugs.get(change["session"], "")
    return Mark(ICONS.get(change["kind"], "edited"), slug, describe(change, event.zone))


def likeness(mark: Mark) -> tuple[str, str]:
    """What marks have in common that one line can tell: first clock times, or the same new room."""
    if mark.icon == "clock" and mark.change.before.startswith("+"):
        return mark.change.label, ""
    if mark.icon == "place":
        return mark.change.label, mark.change.after
    return mark.change.label, f"{mark.slug}{mark.change.title}"


def together(marks: list[Mark]) -> Mark:
    if len(marks) == 1:
        return marks[0]
    first = marks[0].change
    is_one_value = len({mark.change.after for mark in marks}) == 1
    return Mark(
        marks[0].icon,
        "",
        Described(first.label, f"{len(marks)} sessions", first.before, first.after)
        if is_one_value
        else Described(first.label, f"{len(marks)} sessions"),
    )
