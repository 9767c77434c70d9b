"""The materials of an event as YAML has them: links whole, files by their name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Max

from portal.models import Event, Role
from sessions_app.importers.frame import free_uuids
from sessions_app.importers.live import LiveRows
from sessions_app.importers.members import Members
from sessions_app.importers.outline import Part
from sessions_app.importers.rows import said
from sessions_app.importers.sections import session_named
from sessions_app.models import Material, Session
from sessions_app.program import Item, is_said

TEXTS = ("title", "url", "audience", "opening", "file")
NEITHER = "A material is a link or a file: give its url, or the name of a file that is here already."


@dataclass(frozen=True)
class Materials:
    rows: list[tuple[Part, dict[str, Any]]]
    right = Role.MATERIALS

    @classmethod
    def read(cls, part: Part, members: Members, items: Sequence[Item]) -> Self:
        known = dict.fromkeys(TEXTS, members.text) | {
            "opens_at": members.moment,
            "uuid": lambda one: members.uuid(one, ""),
            "session": lambda one: session_named(one, members, items),
        }
        return cls([(one, members.values(one, known)) for one in part])

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
        left = list(event.materials.all())
        free = free_uuids(Material, [values.get("uuid", "") for _, values in self.rows])
        position = event.materials.aggregate(last=Max("position"))["last"]
        for number, (part, values) in enumerate(self.rows, start=0 if position is None else position + 1):
            uuid, file = values.get("uuid", ""), values.get("file", "")
            place = {"session": sessions[values["session"]]} if "session" in values else {}
            row = known(left, uuid, values.get("title", ""), place.get("session"))
            if row is None:
                row = Material(event=event, position=number, **said(uuid=free.get(uuid)))
            else:
                left.remove(row)
            put(live, row, to_set(values) | place, file, part)
        return live.done()


def known(rows: list[Material], uuid: str, title: str, session: Session | None) -> Material | None:
    """The one of this uuid, or else of this title in its session."""
    same = [row for row in rows if str(row.uuid) == uuid]
    alike = [row for row in rows if row.title == title and row.session_id == (session and session.pk)]
    return next(iter([*same, *alike]), None)


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
