"""The releases of an event and what each changed, as pages list them. Loads no program."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.models import Event
from sessions_app.models import Release
from sessions_app.wording import Described, describe

ICONS = {
    "added": "added",
    "removed": "removed",
    "cancelled": "cross",
    "reinstated": "again",
    "moved": "moved",
    "timed": "clock",
    "room": "place",
    "length": "clock",
}


@dataclass(frozen=True)
class Mark:
    """A change with its sign, and the session to link to unless that is gone."""

    icon: str
    slug: str
    change: Described


@dataclass(frozen=True)
class Entry:
    """A release in a list; its moment is in the event's zone."""

    number: int
    stage: str
    published_at: datetime
    note: str
    marks: list[Mark]

    @property
    def is_final(self) -> bool:
        return self.stage == Release.Stage.FINAL

    @property
    def is_first(self) -> bool:
        return self.number == 1


def history(event: Event) -> list[Entry]:
    """The newest first. The first release has no marks: everything in it is new."""
    return [entry(event, release) for release in event.releases.defer("data")]


def entry(event: Event, release: Release) -> Entry:
    marks = [mark(event, one) for one in release.changes] if release.number > 1 else []
    moment = release.published_at.astimezone(event.zone)
    return Entry(release.number, release.stage, moment, release.note, marks)


def mark(event: Event, change: dict[str, Any]) -> Mark:
    slug = "" if change["kind"] == "removed" else change["slug"]
    return Mark(ICONS.get(change["kind"], "edited"), slug, describe(change, event.zone))
