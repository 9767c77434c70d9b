"""Changes, times and places in words for people: on pages, in mails, in the admin."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from portal.templatetags.words import length

LABELS = {
    "added": "Added",
    "removed": "Removed",
    "cancelled": "Cancelled",
    "restored": "Back on the program",
    "retitled": "Retitled",
    "moved": "Moved",
    "timed": "Time set",
    "room": "Room",
    "length": "Length",
    "speaker_added": "New speaker",
    "speaker_removed": "No longer speaks",
    "speakers": "Speakers",
    "subtitle": "Subtitle",
    "abstract": "New abstract",
    "prerequisites": "New prerequisites",
    "links": "New links",
    "kind": "Kind",
    "track": "Track",
    "level": "Level",
    "language": "Language",
}
GONE = {"abstract": "No abstract", "prerequisites": "No prerequisites", "links": "No links"}
OPEN = "to be announced"
NONE = "none"


@dataclass(frozen=True)
class Described:
    """A change in words. `before` and `after` are empty where the label and the title say it all; somebody new
    has no `before`, and who has gone no `after`."""

    label: str
    title: str
    before: str = ""
    after: str = ""

    @property
    def step(self) -> str:
        """ "Room 1 → Room 2"."""
        return " → ".join(part for part in (self.before, self.after) if part)

    @property
    def line(self) -> str:
        """ "Room: Room 1 → Room 2", for a place that names the session already."""
        return f"{self.label}: {self.step}" if self.step else self.label

    @property
    def sentence(self) -> str:
        """ "Keynote: Room 1 → Room 2"; for a new title only "Old → New"."""
        step = self.step
        return step if step and self.after == self.title else ": ".join(part for part in (self.title, step) if part)


def describe(change: dict[str, Any], zone: tzinfo) -> Described:
    """`change` is a row of a release's changes (sessions_app.diff.Change.to_json())."""
    kind, title = change["kind"], change["title"]
    before, after = change["before"], change["after"]
    label = GONE[kind] if kind in GONE and not after else LABELS.get(kind, kind)
    match kind:
        case "moved" | "timed":
            return Described(label, title, moment(before, zone), moment(after, zone, known=before))
        case "length":
            return Described(label, title, length(before), length(after))
        case "room" | "retitled":
            return Described(label, title, before or OPEN, after or OPEN)
        case "speaker_added" | "speaker_removed":
            return Described(label, title, before or "", after or "")
        case "speakers":
            return Described(label, title, ", ".join(before), ", ".join(after))
        case "subtitle" | "kind" | "track" | "level" | "language":
            return Described(label, title, before or NONE, after or NONE)
    return Described(label, title)


def moment(value: str, zone: tzinfo, known: str = "") -> str:
    """An ISO time as "Sunday, March 22, 09:15"; only the clock where `known` is of the same day; offsets stay."""
    if value.startswith("+"):
        return value
    local = datetime.fromisoformat(value).astimezone(zone)
    is_same_day = (
        known and not known.startswith("+") and datetime.fromisoformat(known).astimezone(zone).date() == local.date()
    )
    return f"{local:%H:%M}" if is_same_day else f"{local:%A, %B} {local.day}, {local:%H:%M}"


def zone_words(zone: ZoneInfo, at: datetime | None = None) -> str:
    """ "New York time", and for a moment "New York time (EDT, UTC−4)"."""
    city = (zone.key or "UTC").split("/")[-1].replace("_", " ")
    name = f"{city} time" if city != "UTC" else "UTC"
    if at is None or city == "UTC":
        return name
    local = at.astimezone(zone)
    short = local.tzname() or ""
    return f"{name} ({short}, {utc_offset(local)})" if short.isalpha() else f"{name} ({utc_offset(local)})"


def utc_offset(local: datetime) -> str:
    """ "UTC−4", "UTC+5:30"."""
    minutes = round((local.utcoffset() or local - local).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
