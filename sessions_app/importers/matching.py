"""Which rows an imported program means: by identity, by the source's id, by title or name, and by order."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from sessions_app.importers.page.people import name_key
from sessions_app.importers.report import Reading
from sessions_app.models import Block, Room, Session, Speaker, Track
from sessions_app.program import Item, Person, Program
from sessions_app.visibility import TITLE_TO_COME


class Identified(Protocol):
    uuid: UUID
    source: str


def paired[New, Row](
    new: Iterable[tuple[Hashable, New]], rows: Iterable[tuple[Hashable, Row]]
) -> list[tuple[New, Row | None]]:
    """Each new thing with the row of the same key; the n-th of several with the n-th."""
    waiting: dict[Hashable, list[Row]] = defaultdict(list)
    for key, row in rows:
        waiting[key].append(row)
    return [(one, waiting[key].pop(0) if waiting[key] else None) for key, one in new]


class Pairs[New, Row]:
    """Pairs things with rows by one key after the other; each row is taken once."""

    def __init__(self, new: Iterable[tuple[str, New]], rows: Iterable[Row]) -> None:
        self.new = dict(new)
        self.left = list(rows)
        self.found: dict[str, Row] = {}

    def by(self, key: Callable[[str, New], Hashable], row_key: Callable[[Row], Hashable]) -> "Pairs[New, Row]":
        """Pair what has the same key; an empty key pairs nothing."""
        waiting = [(key(name, one), name) for name, one in self.new.items() if name not in self.found]
        rows = [(row_key(row), row) for row in self.left]
        for name, row in paired((pair for pair in waiting if pair[0]), (pair for pair in rows if pair[0])):
            if row is not None:
                self.found[name] = row
        taken = {id(row) for row in self.found.values()}
        self.left = [row for row in self.left if id(row) not in taken]
        return self


def sessions_by_item(reading: Reading, sessions: Sequence[Session]) -> dict[str, Session]:
    pairs = Pairs([(item.uuid, item) for item in reading.program.items], sessions)
    by_identity(pairs, lambda name, item: name, reading.sources)
    by_own_id(pairs, reading.sources)
    return pairs.by(lambda _, item: name_key(item.title), lambda row: name_key(row.title)).found


def by_own_id(pairs: Pairs[Item, Session], sources: Mapping[str, str]) -> None:
    """By the ids of our own rows, as formats have them that know no others; where most of them name a session of the
    same title, and so aren't another program's."""
    titles = {str(row.pk): name_key(row.title) for row in pairs.left}
    told = {name: name_key(one.title) for name, one in pairs.new.items() if one.title != TITLE_TO_COME}
    same = [name for name, title in told.items() if titles.get(sources.get(name, "")) == title]
    if 2 * len(same) > len(told):
        pairs.by(lambda name, _: sources.get(name, ""), lambda row: "" if row.source else str(row.pk))


def speakers_by_person(reading: Reading, speakers: Sequence[Speaker]) -> dict[str, Speaker]:
    """Of several with the same name the one with the same affiliation, else the first that is left."""
    pairs = Pairs([(person.slug, person) for person in reading.program.people], speakers)
    by_identity(pairs, lambda _, person: person.uuid, reading.sources)
    pairs.by(lambda _, person: namesake_key(person), namesake_key)
    return pairs.by(lambda _, person: name_key(person.name), lambda row: name_key(row.name)).found


def namesake_key(one: Person | Speaker) -> tuple[str, str]:
    return name_key(one.name), name_key(one.affiliation)


def by_identity[New, Row: Identified](
    pairs: Pairs[New, Row], uuid: Callable[[str, New], str], sources: Mapping[str, str]
) -> None:
    """By uuid; or by the id its source gave it, which is the uuid where another event has that already."""
    pairs.by(uuid, lambda row: str(row.uuid))
    pairs.by(lambda name, one: sources.get(name) or uuid(name, one), lambda row: row.source)


def rooms_by_shape(program: Program, rooms: Sequence[Room]) -> dict[str, Room]:
    pairs = Pairs([(room.uuid, room) for room in program.rooms], rooms)
    pairs.by(lambda name, _: name, lambda row: str(row.uuid))
    return pairs.by(lambda _, room: name_key(room.name), lambda row: name_key(row.name)).found


def tracks_by_shape(program: Program, tracks: Sequence[Track]) -> dict[str, Track]:
    pairs = Pairs([(track.slug, track) for track in program.tracks], tracks)
    pairs.by(lambda _, track: name_key(track.name), lambda row: name_key(row.name))
    return pairs.by(lambda name, _: name, lambda row: row.slug).found


def blocks_by_shape(
    program: Program, blocks: Sequence[Block], sessions: Mapping[str, Session], sure: Collection[int] = ()
) -> dict[str, Block]:
    """By title; a block that has got another title by where its sessions are, unless it is known for sure (by pk)."""
    pairs = Pairs([(block.uuid, block) for block in program.blocks], blocks)
    pairs.by(lambda name, _: name, lambda row: str(row.uuid))
    pairs.by(lambda _, block: (name_key(block.title),), lambda row: (name_key(row.title),))
    left = {row.pk: row for row in pairs.left if row.pk not in sure}
    for name in pairs.new:
        homes = [sessions[item.uuid].block_id for item in program.items_by_block[name] if item.uuid in sessions]
        home = next((pk for pk in homes if pk in left), None)
        if name not in pairs.found and home:
            pairs.found[name] = left.pop(home)
    return pairs.found


def merged(old: Sequence[Session], wanted: Sequence[Session]) -> list[Session]:
    """The wanted order; what isn't wanted stays behind the session it stood behind."""
    chosen = {id(session) for session in wanted}
    behind: dict[int, list[Session]] = defaultdict(list)
    anchor = 0
    for session in old:
        if id(session) in chosen:
            anchor = id(session)
        else:
            behind[anchor].append(session)
    return behind[0] + [one for session in wanted for one in (session, *behind[id(session)])]
