"""Reads an event from Lectern's own YAML, written by export_event or by hand; docs/formats.md describes it."""

from dataclasses import fields, replace
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from portal.text import clean_line, slug
from portal.zones import zone_names
from sessions_app.importers import outline
from sessions_app.importers.entries import MOST, MOST_PEOPLE, MOST_PLACES, limit
from sessions_app.importers.members import Members, Read
from sessions_app.importers.outline import Part
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import ImportFailed, Known, Place, Reading, Remark, Report
from sessions_app.importers.sections import names_of, sections
from sessions_app.importers.times import Unreadable, minutes_in
from sessions_app.program import Appearance, Block, Facts, Item, Link, Person, Program, Room, Track
from sessions_app.timetable import Placed, Slot, lay_out

LIMIT = outline.LIMIT
VERSION = "1"
TOP = ("lectern", "event", "tracks", "rooms", "speakers", "blocks")
BLOCK = ("uuid", "title", "room", "start", "sessions")
TALK = (
    "id",
    "uuid",
    "slug",
    "title",
    "subtitle",
    "kind",
    "duration",
    "pinned",
    "abstract",
    "level",
    "language",
    "track",
)
SESSION = (*TALK, "room", "status", "visibility", "sequence", "speakers", "prerequisites", "links")
FACTS = {field.name: field.type for field in fields(Facts)}
MOST_ID = 1_000_000_000
MOST_DAYS = 3650
OTHER = "This is not an event of Lectern: it begins with “lectern: 1”."


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    top = outline.parse(data)
    if top["lectern"].text != VERSION:
        raise ImportFailed(Remark(top.line, "", OTHER))
    return File(top, known).read()


class File(Members):
    def __init__(self, top: Part, known: Known) -> None:
        super().__init__()
        self.top, self.known = top, known
        self.lines: dict[str, Place] = {}
        self.emails: dict[str, str] = {}
        self.tracks: dict[str, Track] = {}  # by slug, as the people; rooms by name_key
        self.named_tracks: dict[str, str] = {}
        self.rooms: dict[str, Room] = {}
        self.people: dict[str, Person] = {}
        self.names: dict[str, str] = {}
        self.items: list[Item] = []
        self.block_rooms: dict[str, str] = {}

    def read(self) -> Reading:
        kinds = sections()
        self.check_members(self.top, (*TOP, *kinds))
        facts = self.facts(self.top["event"])
        self.zone = ZoneInfo(facts.timezone or self.known.event_timezone or "UTC")
        for part in self.elements(self.top["tracks"]):
            self.take_track(part)
        for part in self.elements(self.top["rooms"]):
            self.take_room(part)
        for part in self.elements(self.top["speakers"], MOST_PEOPLE):
            self.take_person(part)
        blocks = tuple(
            self.block(part, number) for number, part in enumerate(self.elements(self.top["blocks"]), start=1)
        )
        names = names_of(self.items)
        found = {name: kind.read(self.top[name], self, names) for name, kind in kinds.items() if self.top[name]}
        if self.errors:
            raise ImportFailed(*sorted(self.errors, key=lambda remark: remark.number))
        program = Program(
            self.zone.key,
            tuple(self.items),
            blocks,
            tuple(self.rooms.values()),
            tuple(self.tracks.values()),
            tuple(self.people.values()),
        )
        return Reading(
            facts,
            program,
            Report(unplaced=tuple(self.unplaced)),
            self.lines,
            emails=self.emails,
            is_exact=True,
            block_rooms=self.block_rooms,
            is_hidden=not self.is_public,
            sections=found,
        )

    def facts(self, part: Part) -> Facts:
        if part:
            self.check_mapping(part, (*FACTS, "public"))
        self.is_public = not part["public"] or self.flag(part["public"])
        values: dict[str, Any] = {"title": "", "kind": ""}
        for name in FACTS:
            values |= self.fact(name, part[name]) if part[name] else {}
        if values.get("timezone", "UTC") not in zone_names():
            self.fail(part["timezone"], "Not a time zone. Use a name such as America/New_York.")
            values["timezone"] = ""
        values["timezone"] = self.known.timezone or values.get("timezone", "")
        return Facts(**values)

    def fact(self, name: str, part: Part) -> dict[str, Any]:
        self.lines[name] = part.line
        reads: dict[Any, Read] = {str: self.text, bool: self.flag, int | None: partial(self.number, most=MOST_DAYS)}
        value = reads.get(FACTS[name], self.day)(part)
        return {} if value is None else {name: value}

    def take_track(self, part: Part) -> None:
        self.check_members(part, ("slug", "name", "hue"))
        name = self.text(part["name"])
        self.add_track(name, part["slug"].text, part["hue"].text, part)

    def add_track(self, name: str, said: str, hue: str, part: Part) -> str:
        made = said if said not in self.tracks else ""
        limit(len(self.tracks), MOST_PLACES, "tracks", part.line)
        made = made or slug(name, taken=self.tracks, fallback="track")
        self.tracks[made] = Track(made, name, hue)
        self.named_tracks.setdefault(name_key(name), made)
        self.lines[made] = part.line
        if not name:
            self.fail(part, "A track without a name.")
        return made

    def track(self, part: Part) -> str:
        """By slug or by name; made where it isn't listed."""
        if not part or part.text in self.tracks:
            return part.text
        return self.named_tracks.get(name_key(part.text)) or self.add_track(part.text, "", "", part)

    def take_room(self, part: Part) -> None:
        self.check_members(part, ("uuid", "name", "capacity"))
        uuid = self.uuid(part["uuid"], f"room {len(self.rooms) + 1}")
        capacity = self.number(part["capacity"], 1_000_000) or None
        name = self.text(part["name"])
        if not name or name in self.rooms:
            self.fail(part, "A room without a name." if not name else "Another room has this name.", name)
        self.rooms[name] = Room(uuid, name, capacity)
        self.lines[uuid] = part.line

    def room(self, part: Part) -> str:
        if not part:
            return ""
        if part.text not in self.rooms:
            limit(len(self.rooms), MOST_PLACES, "rooms", part.line)
            uuid = f"room {len(self.rooms) + 1}"
            self.rooms[part.text] = Room(uuid, part.text)
            self.lines[uuid] = part.line
        return self.rooms[part.text].uuid

    def take_person(self, part: Part) -> None:
        self.check_members(part, ("uuid", "slug", "name", "affiliation", "biography", "url", "email"))
        name = self.text(part["name"])
        made = self.add_person(name, part)
        texts = {one: self.text(part[one]) for one in ("affiliation", "biography", "url")}
        self.people[made] = Person(self.uuid(part["uuid"], ""), made, name, **texts)
        self.emails |= {made: part["email"].text} if part["email"] else {}

    def add_person(self, name: str, part: Part) -> str:
        """Their slug: the one given, or one made of the name."""
        said = part["slug"].text
        if not clean_line(name) or said in self.people:
            self.fail(part, "Another speaker has this slug." if said else "A speaker without a name.", said)
        limit(len(self.people), MOST_PEOPLE, "people", part.line)
        made = said or slug(name, taken=self.people, fallback="speaker")
        self.people[made] = Person("", made, name)
        self.names.setdefault(name_key(name), made)
        self.lines[f"person {made}"] = part.line
        return made

    def block(self, part: Part, number: int) -> Block:
        self.check_mapping(part, BLOCK)
        uuid = self.uuid(part["uuid"], f"block {number}")
        self.lines[uuid] = part.line
        self.block_rooms |= {uuid: self.room(part["room"])} if part["room"] else {}
        block = Block(uuid, self.text(part["title"]), self.moment(part["start"]))
        rows = self.elements(part["sessions"])
        slots = [self.slot(row) for row in rows]
        for row, slot, placed in zip(rows, slots, lay_out(slots, block.start), strict=True):
            self.items.append(replace(self.item(row, slot, placed), block=uuid))
        if len(self.items) > MOST:
            raise ImportFailed(Remark(part.line, "", f"More than {MOST} sessions: that is beyond any program."))
        return block

    def slot(self, part: Part) -> Slot:
        self.check_members(part, SESSION)
        try:
            minutes = minutes_in(part["duration"].text)
        except Unreadable as error:
            self.fail(part["duration"], str(error), part["title"].text)
            minutes = 1
        return Slot(minutes, self.moment(part["pinned"]))

    def item(self, part: Part, slot: Slot, placed: Placed) -> Item:
        uuid = self.uuid(part["uuid"], f"session {len(self.items) + 1}")
        self.lines[uuid] = part.line
        if not part["title"].text.strip():
            self.fail(part, "A session without a title.")
        return Item(
            uuid=uuid,
            slug=self.text(part["slug"]),
            title=self.text(part["title"]),
            kind=self.text(part["kind"]),
            duration=slot.duration,
            block="",
            offset=placed.offset,
            start=placed.start,
            end=placed.end,
            is_pinned=slot.pin is not None,
            id=self.number(part["id"], MOST_ID),
            abstract=self.text(part["abstract"]),
            level=self.text(part["level"]),
            language=self.text(part["language"]),
            status=self.text(part["status"]),
            track=self.track(part["track"]),
            room=self.room(part["room"]),
            sequence=self.number(part["sequence"], 1_000_000),
            speakers=tuple(self.appearance(one) for one in self.elements(part["speakers"])),
            subtitle=self.text(part["subtitle"]),
            visibility=self.text(part["visibility"]) or "full",
            prerequisites=self.text(part["prerequisites"]),
            links=tuple(self.link(one) for one in self.elements(part["links"])),
        )

    def link(self, part: Part) -> Link:
        """An address, or a mapping with a title."""
        self.check_members(part, ("url", "title"))
        return Link(self.text(part["url"] if part.is_mapping else part), self.text(part["title"]))

    def appearance(self, part: Part) -> Appearance:
        """A slug or a name, with a role or not; who isn't listed is made."""
        self.check_members(part, ("speaker", "role"))
        named = part["speaker"] if part.is_mapping else part
        said = self.text(named)
        person = said if said in self.people else self.names.get(name_key(said))
        return Appearance(person or self.add_person(said, Part(named.line)), self.text(part["role"])[:50])
