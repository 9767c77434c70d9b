"""What of a draft the public may see, session by session. Pure."""

from dataclasses import replace

from sessions_app.program import Block, Item, Program
from sessions_app.timetable import Slot, lay_out

WHEN = ("id", "uuid", "kind", "duration", "block", "offset", "start", "end", "is_pinned", "sequence")
PLACE = (*WHEN, "room", "status", "visibility")
TITLE = (*PLACE, "slug", "title", "track", "level", "language")
TITLE_TO_COME = "To be announced"


def conceal(program: Program) -> Program:
    """The program as it is released: of each session what its visibility lets through, and of people, rooms, tracks
    and blocks those that are still named. Clock times stay as they are."""
    items = tuple(shown(item) for block in program.blocks for item in without_hidden(program, block))
    people = {one.person for item in items for one in item.speakers}
    rooms, tracks, blocks = ({getattr(item, name) for item in items} for name in ("room", "track", "block"))
    return replace(
        program,
        items=items,
        blocks=tuple(block for block in program.blocks if block.uuid in blocks),
        rooms=tuple(room for room in program.rooms if room.uuid in rooms),
        tracks=tuple(track for track in program.tracks if track.slug in tracks),
        people=tuple(person for person in program.people if person.slug in people),
    )


def shown(item: Item) -> Item:
    """Fields are let through by name, so that new ones are kept back until somebody thinks of them here."""
    match item.visibility:
        case "full":
            return item
        case "title_only":
            return Item(**{name: getattr(item, name) for name in TITLE})
        case _:
            slug = f"tba-{item.uuid.replace('-', '')[:12]}"
            kept = {name: getattr(item, name) for name in PLACE}
            return Item(**kept, title=TITLE_TO_COME, slug=slug, language="")


def without_hidden(program: Program, block: Block) -> list[Item]:
    """Where a hidden session leaves a gap, the one after it keeps its clock time by being pinned to it; in a block
    without clock times the gap closes."""
    every = program.items_of(block)
    items = [item for item in every if item.visibility != "hidden"]
    if len(items) == len(every):
        return items
    ends = [block.start, *(item.end for item in items)]
    pins = [item.start if item.is_pinned or item.start != end else None for item, end in zip(items, ends, strict=False)]
    placed = lay_out((Slot(item.duration, pin) for item, pin in zip(items, pins, strict=True)), block.start)
    return [
        replace(item, offset=place.offset, start=place.start, end=place.end, is_pinned=pin is not None)
        for item, place, pin in zip(items, placed, pins, strict=True)
    ]
