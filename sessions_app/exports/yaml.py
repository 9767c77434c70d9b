"""The whole event as YAML: its texts, and its draft with all identities. docs/formats.md describes it.

Read back into an empty database and released, it makes the same release again.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import yaml

from portal.models import Event
from sessions_app.program import Appearance, Backstage, Block, Facts, Item, Program, is_said

MEDIA_TYPE = "application/yaml"
BREAKS_LINES = set("\r\x85\u2028\u2029")  # which YAML would turn into a plain end of line
DERIVED = {"block", "offset", "start", "end", "is_pinned"}


class Dumper(yaml.SafeDumper):
    """Texts of several lines as they are read."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"' if set(text) & BREAKS_LINES else style)


Dumper.add_representer(str, represent_text)


def document(event: Event, program: Program, backstage: Backstage, sections: Mapping[str, Any]) -> bytes:
    """`sections`: what the event has beside its program (importers.sections), each by its name."""
    found = {
        "lectern": 1,
        "event": facts(event),
        "tracks": [filled(vars(track)) for track in program.tracks],
        "rooms": [filled(vars(room)) for room in program.rooms],
        "speakers": [
            filled(vars(person) | {"email": backstage.emails.get(person.slug, "")}) for person in program.people
        ],
        "blocks": [block(program, one, backstage.rooms.get(one.uuid, "")) for one in program.blocks],
    } | {name: section for name, section in sections.items() if section}
    return yaml.dump(found, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110, encoding="utf-8")


def facts(event: Event) -> dict[str, Any]:
    names = [one.name for one in fields(Facts) if one.name != "host"]
    own = {name: getattr(event, name) for name in names}
    hidden = {} if event.is_public else {"public": "no"}
    return said(own | {"host": event.host.title if event.host else ""} | hidden)


def block(program: Program, one: Block, room: str) -> dict[str, Any]:
    start = local(program, one.start)
    items = [session(program, item) for item in program.items_of(one)]
    return filled({"uuid": one.uuid, "title": one.title, "room": room, "start": start, "sessions": items})


def session(program: Program, item: Item) -> dict[str, Any]:
    """All that a session has but what follows from its place."""
    values = {one.name: getattr(item, one.name) for one in fields(Item) if one.name not in DERIVED}
    pinned = local(program, item.start) if item.is_pinned else None
    speakers = [appearance(one) for one in item.speakers]
    values |= {"visibility": "" if item.is_full else item.visibility}
    links = [filled(vars(link)) for link in item.links]
    return filled(values | {"room": program.room_name(item), "pinned": pinned, "speakers": speakers, "links": links})


def appearance(one: Appearance) -> str | dict[str, str]:
    return {"speaker": one.person, "role": one.role} if one.role else one.person


def local(program: Program, moment: datetime | None) -> datetime | None:
    return moment.astimezone(program.zone) if moment else None


def said(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if is_said(value)}


def filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], 0)}
