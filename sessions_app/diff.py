"""What changed between two programs, matched by the sessions' uuids. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sessions_app.program import Item, Program

Value = str | int | list[str] | None

KINDS = (
    "added",
    "removed",
    "cancelled",
    "reinstated",
    "moved",
    "timed",
    "room",
    "retitled",
    "speakers",
    "length",
    "abstract",
)


@dataclass(frozen=True)
class Change:
    """One difference of one session. `before` and `after` are plain values for people and programs to read:
    ISO times or offsets for "moved" and "timed", minutes for "length", names for "speakers" and "room"."""

    kind: str
    session: str
    slug: str
    title: str
    before: Value = None
    after: Value = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def compare(old: Program, new: Program) -> list[Change]:
    """All changes: removed ones first, then those of the new program in its order."""
    before = {item.uuid: item for item in old.items}
    after = {item.uuid for item in new.items}
    gone = [change(item, "removed", item.title, None) for item in old.items if item.uuid not in after]
    return gone + [one for item in new.items for one in of_item(old, new, before.get(item.uuid), item)]


def of_item(old: Program, new: Program, before: Item | None, after: Item) -> Iterator[Change]:
    if before is None:
        yield change(after, "added", None, after.title)
        return
    for kind, value in ASPECTS.items():
        earlier, later = value(old, before), value(new, after)
        if earlier != later:
            yield change(after, actual_kind(kind, earlier, later), earlier, later)


def actual_kind(kind: str, earlier: Value, later: Value) -> str:
    if kind == "status":
        return "cancelled" if later == "cancelled" else "reinstated"
    is_first_time = kind == "moved" and str(earlier).startswith("+") and not str(later).startswith("+")
    return "timed" if is_first_time else kind


def change(item: Item, kind: str, before: Value, after: Value) -> Change:
    return Change(kind, item.uuid, item.slug, item.title, before, after)


def start_of(program: Program, item: Item) -> str:
    """The local clock time as ISO 8601; while there is none, the offset as in "+0:45"."""
    if item.start:
        return item.start.astimezone(program.zone).isoformat()
    return f"+{item.offset // 60}:{item.offset % 60:02}"


ASPECTS: dict[str, Callable[[Program, Item], Value]] = {
    "status": lambda program, item: item.status,
    "retitled": lambda program, item: item.title,
    "moved": start_of,
    "room": lambda program, item: program.room_name(item) or None,
    "length": lambda program, item: item.duration,
    "speakers": lambda program, item: [person.name for person in program.people_of(item)],
    "abstract": lambda program, item: item.abstract,
}


@dataclass(frozen=True)
class Tally:
    """How many sessions were added, moved (any change of when or where) and removed."""

    added: int
    moved: int
    removed: int


def tally(changes: list[Change]) -> Tally:
    def sessions(*kinds: str) -> int:
        return len({change.session for change in changes if change.kind in kinds})

    return Tally(sessions("added", "reinstated"), sessions("moved", "timed", "room"), sessions("removed", "cancelled"))
