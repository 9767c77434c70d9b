"""The rooms of a file by the names the event has for them. Pure."""

from collections.abc import Collection
from dataclasses import replace

from portal.models import Event
from portal.text import clean_line
from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import Reading
from sessions_app.models import Room
from sessions_app.program import Room as RoomShape

LONGEST = 100  # characters of a room's name
OPEN = "To be announced"


def in_own_rooms(reading: Reading, event: Event, rooms: Collection[Room]) -> Reading:
    """Formats that need a place for everything have the venue or the title of the event where a session has no room,
    and calendars have the venue behind each room."""
    venue, program = clean_line(event.venue), reading.program
    own = {name_key(room.name) for room in rooms}
    uuids = {str(room.uuid) for room in rooms}
    nowhere = {name_key(name[:LONGEST]) for name in (venue, clean_line(event.title), OPEN)} - own
    with_venue = {name_key(f"{clean_line(room.name)}, {venue}"[:LONGEST]): room.name for room in rooms}
    found: dict[str, RoomShape] = {}  # by the key of their name
    meant = {"": ""}  # of the file's rooms, by their uuid
    for room in program.rooms:
        key, name = name_key(room.name), room.name
        if room.uuid not in uuids and key not in own:
            name = "" if key in nowhere else with_venue.get(key) or without(venue, room.name)
        meant[room.uuid] = found.setdefault(name_key(name), replace(room, name=name)).uuid if name else ""
    items = tuple(replace(item, room=meant[item.room]) for item in program.items)
    return replace(reading, program=replace(program, rooms=tuple(found.values()), items=items))


def without(venue: str, name: str) -> str:
    return name.removesuffix(f", {venue}") if venue else name
