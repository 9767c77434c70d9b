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
    "restored",
    "retitled",
    "moved",
    "timed",
    "room",
    "length",
    "speaker_added",
    "speaker_removed",
    "speakers",
    "subtitle",
    "abstract",
    "prerequisites",
    "links",
    "kind",
    "track",
    "level",
    "language",
)


DETAILS = {"track", "level", "language"}  # that go without saying while a session is announced, or taken back
TBA, CANCELLED = "tba", "cancelled"
APPOINTMENT = ("status", "moved", "room", "length")  # what a calendar shows of a session


@dataclass(frozen=True)
class Change:
    """One difference of one session. `before` and `after` are plain values for people and programs to read:
    ISO times or offsets for "moved" and "timed", minutes for "length", a name for a room, track or speaker,
    and for "speakers" the names of those who stayed, in their order and with their roles."""

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
    """Of a session that is cancelled only that is told: nobody needs to know where it would have been."""
    if before is None:
        yield change(after, "added", None, after.title)
        return
    if after.status == CANCELLED:
        if before.status != CANCELLED:
            yield change(after, "cancelled", before.status, CANCELLED)
        return
    is_announced = TBA not in (before.visibility, after.visibility)
    for kind, value in ASPECTS.items():
        earlier, later = value(old, before), value(new, after)
        if earlier != later and (is_announced or kind not in DETAILS):
            yield change(after, actual_kind(kind, earlier, later), earlier, later)
    yield from of_people(old, new, before, after)


def rescheduled(old: Program, new: Program) -> set[str]:
    """The uuids of those sessions of both that calendars have to change, cancelled ones too."""
    before = {item.uuid: item for item in old.items}
    stayed = ((before[item.uuid], item) for item in new.items if item.uuid in before)
    aspects = [ASPECTS[kind] for kind in APPOINTMENT]
    return {now.uuid for was, now in stayed if any(value(old, was) != value(new, now) for value in aspects)}


def of_people(old: Program, new: Program, before: Item, after: Item) -> Iterator[Change]:
    """Who came and who went, told by the people's own uuids; then what changed among those who stayed."""
    earlier, later = credited(old, before), credited(new, after)
    yield from (change(after, "speaker_added", None, name) for uuid, name in later.items() if uuid not in earlier)
    yield from (change(after, "speaker_removed", name, None) for uuid, name in earlier.items() if uuid not in later)
    stayed = [name for uuid, name in earlier.items() if uuid in later]
    now = [name for uuid, name in later.items() if uuid in earlier]
    if stayed != now:
        yield change(after, "speakers", stayed, now)


def credited(program: Program, item: Item) -> dict[str, str]:
    """Each person's uuid with the name and the role, as in "Ada Lovelace (moderator)"."""
    people = zip(program.people_of(item), item.speakers, strict=True)
    return {person.uuid: f"{person.name} ({one.role})" if one.role else person.name for person, one in people}


def actual_kind(kind: str, earlier: Value, later: Value) -> str:
    if kind == "status":
        return "restored"
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
    "subtitle": lambda program, item: item.subtitle or None,
    "abstract": lambda program, item: item.abstract,
    "prerequisites": lambda program, item: item.prerequisites,
    "links": lambda program, item: [link.url for link in item.links],
    "kind": lambda program, item: item.kind,
    "track": lambda program, item: program.track_name(item) or None,
    "level": lambda program, item: item.level or None,
    "language": lambda program, item: item.language or None,
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

    return Tally(sessions("added", "restored"), sessions("moved", "timed", "room"), sessions("removed", "cancelled"))
