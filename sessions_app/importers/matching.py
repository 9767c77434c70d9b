"""Which rows an imported program means: by title or name, and by order where several have the same."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from sessions_app.importers.page.people import name_key
from sessions_app.models import Block, Session, Speaker
from sessions_app.program import Item, Person, Program


def paired[New, Row](
    new: Iterable[tuple[Hashable, New]], rows: Iterable[tuple[Hashable, Row]]
) -> list[tuple[New, Row | None]]:
    """Each new thing with the row of the same key; the n-th of several with the n-th."""
    waiting: dict[Hashable, list[Row]] = defaultdict(list)
    for key, row in rows:
        waiting[key].append(row)
    return [(one, waiting[key].pop(0) if waiting[key] else None) for key, one in new]


def sessions_by_item(program: Program, sessions: Sequence[Session]) -> dict[str, Session]:
    pairs = paired(
        ((name_key(item.title), item) for item in program.items),
        ((name_key(session.title), session) for session in sessions),
    )
    return {item.uuid: session for item, session in pairs if session}


def blocks_by_shape(program: Program, blocks: Sequence[Block], sessions: dict[str, Session]) -> dict[str, Block]:
    """By title; a block that has got another title by where its sessions are."""
    pairs = paired(
        ((name_key(shape.title), shape) for shape in program.blocks),
        ((name_key(block.title), block) for block in blocks),
    )
    found = {shape.uuid: block for shape, block in pairs if block}
    for shape, block in pairs:
        taken = {one.pk for one in found.values()}
        homes = [sessions[item.uuid].block for item in items_of(program, shape.uuid) if item.uuid in sessions]
        home = next((one for one in homes if one.pk not in taken), None)
        if block is None and home:
            found[shape.uuid] = home
    return found


def items_of(program: Program, block: str) -> list[Item]:
    return [item for item in program.items if item.block == block]


def speakers_by_person(program: Program, speakers: Sequence[Speaker]) -> dict[str, Speaker]:
    """By name; of several with the same name the one with the same affiliation, else the first that is left."""
    left = list(speakers)
    found: dict[str, Speaker] = {}
    for is_exact in (True, False):
        for person in program.people:
            speaker = next((one for one in left if person.slug not in found and is_same(one, person, is_exact)), None)
            if speaker:
                found[person.slug] = speaker
                left.remove(speaker)
    return found


def is_same(speaker: Speaker, person: Person, is_exact: bool) -> bool:
    is_namesake = name_key(speaker.name) == name_key(person.name)
    return is_namesake and (not is_exact or name_key(speaker.affiliation) == name_key(person.affiliation))


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
