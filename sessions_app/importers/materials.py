"""The materials of an event as YAML has them: links whole, files by their name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Max

from portal.models import Event, Role
from sessions_app.importers.frame import free_uuids
from sessions_app.importers.live import LiveRows
from sessions_app.importers.matching import Pairs
from sessions_app.importers.members import Members
from sessions_app.importers.outline import Part
from sessions_app.importers.rows import said
from sessions_app.importers.sections import Names, session_named
from sessions_app.models import Material, Session
from sessions_app.program import is_said

TEXTS = ("title", "url", "audience", "opening", "file")
NEITHER = "A material is a link or a file: give its url, or the name of a file that is here already."


@dataclass(frozen=True)
class Materials:
    rows: list[tuple[Part, dict[str, Any]]]
    right = Role.MATERIALS

    @classmethod
    def read(cls, part: Part, members: Members, names: Names) -> Self:
        known = dict.fromkeys(TEXTS, members.text) | {
            "opens_at": members.moment,
            "uuid": lambda one: members.uuid(one, ""),
            "session": lambda one: session_named(one, members, names),
        }
        return cls([(one, members.values(one, known)) for one in members.elements(part)])

    @classmethod
    def written(cls, event: Event) -> list[dict[str, Any]]:
        return [cls.row(event, one) for one in event.materials.select_related("session")]

    @classmethod
    def row(cls, event: Event, one: Material) -> dict[str, Any]:
        values = {
            "uuid": str(one.uuid),
            "title": one.title,
            "session": str(one.session.uuid) if one.session else "",
            "url": one.url,
            "file": one.filename,
            "audience": one.audience,
            "opening": one.opening,
            "opens_at": one.opens_at and one.opens_at.astimezone(event.zone),
        }
        return {name: value for name, value in values.items() if is_said(value)}

    def hold(self, slug: str) -> None:
        """None: materials hang on their event alone."""

    def load(self, event: Event, sessions: Mapping[str, Session]) -> tuple[list[str], list[str]]:
        live = LiveRows()
        known = self.known(event, sessions)
        free = free_uuids(Material, [values.get("uuid", "") for _, values in self.rows])
        last = event.materials.aggregate(last=Max("position"))["last"]
        for number, (part, values) in enumerate(self.rows):
            row = known.get(str(number))
            if row is None:
                position = number if last is None else last + 1 + number
                row = Material(event=event, position=position, **said(uuid=free.get(values.get("uuid", ""))))
            place = {"session": sessions[values["session"]]} if "session" in values else {}
            put(live, row, to_set(values) | place, values.get("file", ""), part)
        return live.done()

    def known(self, event: Event, sessions: Mapping[str, Session]) -> dict[str, Material]:
        """The rows there are, by the number of theirs here: of the same uuid, else of the same title in its session."""

        def named(_: str, values: dict[str, Any]) -> tuple[str, int | None]:
            return values.get("title", ""), sessions[values["session"]].pk if "session" in values else None

        pairs = Pairs([(str(number), values) for number, (_, values) in enumerate(self.rows)], event.materials.all())
        pairs.by(lambda _, values: values.get("uuid", ""), lambda row: str(row.uuid))
        return pairs.by(named, lambda row: (row.title, row.session_id)).found


def to_set(values: dict[str, Any]) -> dict[str, Any]:
    """A new way of opening ends the time set before."""
    timing = {"opens_at": values.get("opens_at")} if "opening" in values else {}
    return {
        name: values[name] for name in ("title", "url", "audience", "opening", "opens_at") if name in values
    } | timing


def put(live: LiveRows, row: Material, values: dict[str, Any], file: str, part: Part) -> None:
    what = f"material “{values.get('title', '')}”"
    if file and row.filename != file:
        live.kept.append(f"The file of the {what}, {file}, is not in here: upload it.")
    elif file or values.get("url") or row.file or row.url:
        live.put(row, {"title": row.title} | values, part, what)
    else:
        live.fail(part, NEITHER)
