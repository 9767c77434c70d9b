"""The JSON of Sessionize's view "All", which themes of web sites and phone apps read.

Times are the event's own, without an offset, and null while open; lengths, which the format lacks, are a category.
Rooms and categories are numbered within the file, sessions keep their id. Cancelled sessions are left out: no reader
would show them as such.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from portal.models import Event
from portal.templatetags.words import length
from sessions_app.lines import KINDS
from sessions_app.program import Item, Person, Program
from sessions_app.releases import Published

MEDIA_TYPE = "application/json"
CATEGORIES: dict[str, Callable[[Program, Item], str]] = {
    "Kind": lambda program, item: KINDS[item.kind],
    "Track": lambda program, item: program.track_name(item),
    "Level": lambda program, item: item.level.capitalize(),
    "Language": lambda program, item: item.language,
    "Length": lambda program, item: length(item.duration),
}
type Choices = dict[tuple[str, str], int]  # the number of each value of a category


def schedule(event: Event, published: Published) -> bytes:
    program = published.program
    items = [item for item in program.items if item.status != "cancelled"]
    choices = number_choices(program, items)
    rooms = {room.uuid: number for number, room in enumerate(program.rooms, start=1)}
    by_person = sessions_by_person(items)
    document = {
        "sessions": [session(program, item, rooms, choices) for item in items],
        "speakers": [speaker(one, by_person[one.slug]) for one in program.people if one.slug in by_person],
        "questions": [],
        "categories": categories(choices),
        "rooms": [{"id": rooms[room.uuid], "name": room.name, "sort": rooms[room.uuid]} for room in program.rooms],
    }
    return json.dumps(document, ensure_ascii=False).encode()


def number_choices(program: Program, items: list[Item]) -> Choices:
    values = [(name, value_of(program, item)) for name, value_of in CATEGORIES.items() for item in items]
    return {choice: number for number, choice in enumerate(dict.fromkeys(one for one in values if one[1]), start=1)}


def sessions_by_person(items: list[Item]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for item in items:
        for appearance in item.speakers:
            found.setdefault(appearance.person, []).append(item.id)
    return found


def session(program: Program, item: Item, rooms: dict[str, int], choices: Choices) -> dict[str, Any]:
    values = [(name, value_of(program, item)) for name, value_of in CATEGORIES.items()]
    return {
        "id": str(item.id),
        "title": item.title,
        "description": item.abstract or None,
        "startsAt": local(program, item.start),
        "endsAt": local(program, item.end),
        "isServiceSession": item.is_break,
        "isPlenumSession": item.is_break and not item.room,
        "speakers": [person.uuid for person in program.people_of(item)],
        "categoryItems": [choices[choice] for choice in values if choice in choices],
        "questionAnswers": [],
        "roomId": rooms.get(item.room),
        "liveUrl": None,
        "recordingUrl": None,
        "status": "Accepted",
        "isInformed": True,
        "isConfirmed": True,
    }


def local(program: Program, moment: datetime | None) -> str | None:
    return moment.astimezone(program.zone).replace(tzinfo=None).isoformat(timespec="seconds") if moment else None


def speaker(person: Person, sessions: list[int]) -> dict[str, Any]:
    """The format wants two names of everybody: the last word counts as the second."""
    first, _, last = person.name.rpartition(" ")
    return {
        "id": person.uuid,
        "firstName": first or last,
        "lastName": last if first else "",
        "fullName": person.name,
        "bio": person.biography or None,
        "tagLine": person.affiliation or None,
        "profilePicture": None,
        "isTopSpeaker": False,
        "links": [{"title": "Web page", "url": person.url, "linkType": "Other"}] if person.url else [],
        "sessions": sessions,
        "categoryItems": [],
        "questionAnswers": [],
    }


def categories(choices: Choices) -> list[dict[str, Any]]:
    found = []
    for number, name in enumerate(CATEGORIES, start=1):
        chosen = [(value, id_) for (category, value), id_ in choices.items() if category == name]
        items = [{"id": id_, "name": value, "sort": sort} for sort, (value, id_) in enumerate(chosen, start=1)]
        found.append({"id": number, "title": name, "items": items, "sort": number, "type": "session"})
    return [category for category in found if category["items"]]
