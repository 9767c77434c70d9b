"""The one shape of a program between all formats: importers make it, releases store it, exports read it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

BREAKS = {"break"}
DAY_BEGINS = timedelta(hours=4)  # what runs past midnight belongs to the evening before


@dataclass(frozen=True)
class Facts:
    """What a page says about an event besides its program, and how the portal treats it; live on the event, not part
    of a release."""

    title: str
    subtitle: str = ""
    host: str = ""
    kind: str = "tutorial"
    timezone: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    venue: str = ""
    organizers: str = ""
    overview: str = ""
    audience: str = ""
    prerequisites: str = ""
    additional: str = ""
    final_program_due: date | None = None
    contact_email: str = ""
    hue: str = ""
    told_of_releases: str = ""
    has_material_digest: bool = False
    purpose: str = ""
    retention_days: int | None = None


@dataclass(frozen=True)
class Backstage:
    """What organizers know besides: addresses of people by their slug, rooms of blocks by their uuid."""

    emails: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Track:
    slug: str
    name: str
    hue: str = "prussian"


@dataclass(frozen=True)
class Room:
    uuid: str
    name: str
    capacity: int | None = None


@dataclass(frozen=True)
class Person:
    uuid: str
    slug: str
    name: str
    affiliation: str = ""
    biography: str = ""
    url: str = ""


@dataclass(frozen=True)
class Block:
    uuid: str
    title: str = ""
    start: datetime | None = None


@dataclass(frozen=True)
class Appearance:
    """A person in a session: `person` is the slug, `role` empty for a plain speaker."""

    person: str
    role: str = ""


@dataclass(frozen=True)
class Link:
    """Something on the web that belongs to a session; without a title it goes by its address."""

    url: str
    title: str = ""


@dataclass(frozen=True)
class Item:
    """A session as released. Minutes for `duration` and `offset` (from its block's start); times in UTC.
    `visibility` is full, title_only, tba or hidden; sessions_app.visibility makes the rest fit it."""

    uuid: str
    slug: str
    title: str
    kind: str
    duration: int
    block: str
    id: int = 0
    offset: int = 0
    start: datetime | None = None
    end: datetime | None = None
    is_pinned: bool = False
    abstract: str = ""
    level: str = ""
    language: str = "en"
    track: str = ""
    room: str = ""
    status: str = "planned"
    sequence: int = 0
    speakers: tuple[Appearance, ...] = ()
    subtitle: str = ""
    visibility: str = "full"
    prerequisites: str = ""
    links: tuple[Link, ...] = ()

    @property
    def is_break(self) -> bool:
        return self.kind in BREAKS

    @property
    def is_full(self) -> bool:
        """Whether nothing about it is kept back."""
        return self.visibility == "full"


@dataclass(frozen=True)
class Program:
    """`Item.block` and `Item.room` name a Block's and a Room's uuid, `Item.track` a Track's slug."""

    timezone: str
    items: tuple[Item, ...] = ()
    blocks: tuple[Block, ...] = ()
    rooms: tuple[Room, ...] = ()
    tracks: tuple[Track, ...] = ()
    people: tuple[Person, ...] = ()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def person_by_slug(self) -> dict[str, Person]:
        return {person.slug: person for person in self.people}

    @cached_property
    def room_by_uuid(self) -> dict[str, Room]:
        return {room.uuid: room for room in self.rooms}

    @cached_property
    def track_by_slug(self) -> dict[str, Track]:
        return {track.slug: track for track in self.tracks}

    @cached_property
    def item_by_slug(self) -> dict[str, Item]:
        return {item.slug: item for item in self.items}

    @cached_property
    def days(self) -> list[tuple[date, list[Item]]]:
        """The timed sessions by local day, in order of their start."""
        timed = sorted((item for item in self.items if item.start), key=lambda item: (item.start, item.id))
        return [(day, list(items)) for day, items in groupby(timed, key=self.local_day)]

    def local_day(self, item: Item) -> date:
        assert item.start
        return item.start.astimezone(self.zone).date()

    def people_of(self, item: Item) -> list[Person]:
        return [self.person_by_slug[appearance.person] for appearance in item.speakers]

    def room_name(self, item: Item) -> str:
        return self.room_by_uuid[item.room].name if item.room else ""

    def track_name(self, item: Item) -> str:
        return self.track_by_slug[item.track].name if item.track else ""

    @cached_property
    def items_by_block(self) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {block.uuid: [] for block in self.blocks}
        for item in self.items:
            found[item.block].append(item)
        return found

    def items_of(self, block: Block) -> list[Item]:
        return self.items_by_block[block.uuid]

    def items_by(self, person: Person) -> list[Item]:
        return [item for item in self.items if any(one.person == person.slug for one in item.speakers)]

    def minutes(self, items: Iterable[Item] | None = None) -> int:
        return sum(item.duration for item in (self.items if items is None else items))

    def to_json(self) -> dict[str, Any]:
        return cast(dict[str, Any], plain(self))

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            timezone=data["timezone"],
            items=tuple(item_from_json(row) for row in data["items"]),
            blocks=tuple(Block(**row | {"start": moment(row["start"])}) for row in data["blocks"]),
            rooms=tuple(Room(**row) for row in data["rooms"]),
            tracks=tuple(Track(**row) for row in data["tracks"]),
            people=tuple(Person(**row) for row in data["people"]),
        )


def item_from_json(row: dict[str, Any]) -> Item:
    times = {name: moment(row[name]) for name in ("start", "end")}
    parts = {
        "speakers": tuple(Appearance(**one) for one in row["speakers"]),
        "links": tuple(Link(**one) for one in row.get("links", ())),  # releases of earlier versions know none
    }
    return Item(**row | times | parts)


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day a moment is part of for those who are there, by the clock on the wall."""
    return (moment.astimezone(zone).replace(tzinfo=None) - DAY_BEGINS).date()


def plain(value: Any) -> Any:
    """A dataclass as what JSON can hold: times as ISO 8601 in UTC, tuples as lists."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case dict():
            return {key: plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case datetime():
            return value.astimezone(UTC).isoformat()
        case _:
            return value


def is_said(value: Any) -> bool:
    """Whether a file has to say it; zero is a number as any other."""
    return value is not None and value is not False and value not in ("", [], ())


def digest(data: dict[str, Any]) -> str:
    """SHA-256 of a stored document, the same on every machine."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
