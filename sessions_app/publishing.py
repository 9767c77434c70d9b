"""From draft to release: what is missing, what would change, and the one step that makes it public."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.models import Event
from sessions_app.agenda import room_slugs, rooms_in_use
from sessions_app.diff import Change, Tally, compare, rescheduled, tally
from sessions_app.drafts import program_of
from sessions_app.lines import Source
from sessions_app.models import Release, Session
from sessions_app.program import Item, Program, digest, item_from_json, plain
from sessions_app.releases import print_of
from sessions_app.visibility import conceal

OTHERWISE = "The program has changed since this preview, and nothing was released. Here is what would be released now."


class ProgramError(Exception):
    """Why something can't be done with the program; its message is shown to the user."""


@dataclass(frozen=True)
class Preview:
    """What releasing the draft now would do. `last` is the newest release, `old` its program; `program` is what of
    the `draft` would be public."""

    last: Release | None
    old: Program
    program: Program
    changes: list[Change]
    draft: Program

    @property
    def latest(self) -> int:
        """The number of the newest release, 0 before the first."""
        return self.last.number if self.last else 0

    @property
    def tally(self) -> Tally:
        return tally(self.changes)

    @cached_property
    def revised(self) -> Program:
        """The program with the calendar revisions it would be released with."""
        return with_sequences(self.old, self.program, withdrawn_by(self.last))


def preview(event: Event) -> Preview:
    """Saves nothing."""
    draft = whole_draft(event)
    program = conceal(draft)
    last = event.releases.first()
    old = Program.from_json(last.data) if last else Program(event.timezone)
    return Preview(last, old, program, compare(old, program), draft)


def whole_draft(event: Event) -> Program:
    """The draft, read once more if somebody has edited it between one query and the next."""
    for _ in range(3):
        draft = program_of(event)
        if is_whole(draft):
            return draft
    raise ProgramError("The draft is being edited just now. Try again in a moment.")


def is_whole(program: Program) -> bool:
    """Whether all that its sessions name is there."""
    people = {one.person for item in program.items for one in item.speakers}
    rooms, tracks = ({getattr(item, name) for item in program.items} - {""} for name in ("room", "track"))
    return (
        people <= program.person_by_slug.keys()
        and rooms <= program.room_by_uuid.keys()
        and tracks <= program.track_by_slug.keys()
    )


def publish(
    event: Event,
    stage: str,
    *,
    note: str = "",
    after: int | None = None,
    shown: str | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> Release:
    """Freeze the draft as the next release, in one transaction under a lock on the event.

    `after` is the number of the release the caller has seen as the latest, `shown` the digest of what it was shown as
    the next; if another has come since, or it would be different, nothing is released. Raises ProgramError.
    """
    with transaction.atomic():
        Event.objects.select_for_update(no_key=True).get(pk=event.pk)
        seen = preview(event)
        if after is not None and after != seen.latest:
            raise ProgramError(f"Release {seen.latest} was made in the meantime. Look at the changes again.")
        if not seen.program.items:
            raise ProgramError("The program has no sessions to show. Add at least one, then release it.")
        release = draw_up(event, seen, stage, note=note, by=by, now=now)
        if shown is not None and shown != release.digest:
            raise ProgramError(OTHERWISE)
        keep_sequences(seen.program, seen.revised)
        release.save()
        return release


def draw_up(
    event: Event, seen: Preview, stage: str, *, note: str = "", by: Any = None, now: datetime | None = None
) -> Release:
    """The release that the draft would become. Saves nothing."""
    data = seen.revised.to_json()
    return Release(
        event=event,
        number=seen.latest + 1,
        stage=stage,
        note=note,
        published_at=now or timezone.now(),
        published_by=by,
        digest=digest({"program": data, "stage": stage, "number": seen.latest + 1}),
        data=data,
        changes=[one.to_json() for one in seen.changes],
        change_count=len(seen.changes),
        withdrawn=[plain(item) for item in withdrawn(seen.old, seen.program, withdrawn_by(seen.last))],
        earlier_starts=earlier_starts(seen),
        earlier_addresses=earlier_addresses(seen),
        event_print=print_of(event),
    )


def with_sequences(old: Program, program: Program, told: dict[str, Item]) -> Program:
    """Raise the calendar revision of each session that calendars have to move; that of one which was `told` as
    withdrawn and is back with a clock time goes beyond it. None falls, though a row was deleted and imported anew, or
    saved as it was read before a release."""
    moved, released = rescheduled(old, program), {item.uuid: item.sequence for item in old.items}

    def revision(item: Item) -> int:
        is_back = item.start and item.uuid in told
        least = max(item.sequence, released.get(item.uuid, 0))
        return max(least + (item.uuid in moved), told[item.uuid].sequence + 1 if is_back else 0)

    return replace(program, items=tuple(replace(item, sequence=revision(item)) for item in program.items))


def keep_sequences(old: Program, revised: Program) -> None:
    """Write into the rows which calendar revisions have risen."""
    risen = sorted(
        (new.sequence, new.uuid)
        for before, new in zip(old.items, revised.items, strict=True)
        if before.sequence != new.sequence
    )
    for sequence, group in groupby(risen, key=itemgetter(0)):
        Session.objects.filter(uuid__in=[uuid for _, uuid in group]).update(sequence=sequence)


def earlier_starts(seen: Preview) -> dict[str, str]:
    """The clock time each session had before it was last moved from one to another, as ISO 8601 by uuid."""
    here = {item.uuid for item in seen.program.items}
    moves = {one.session: str(one.before) for one in seen.changes if one.kind == "moved"}
    starts = {uuid: start for uuid, start in moves.items() if not start.startswith("+")}
    known = (seen.last.earlier_starts if seen.last else {}) | starts
    return {uuid: start for uuid, start in known.items() if uuid in here}


def earlier_addresses(seen: Preview) -> dict[str, dict[str, str]]:
    """Where sessions, speakers and rooms of earlier releases stood, so that old links find them: uuids by slug."""
    known = seen.last.earlier_addresses if seen.last else {}
    before, now = addresses(seen.old), addresses(seen.program)
    return {
        kind: {slug: uuid for slug, uuid in (known.get(kind, {}) | before[kind]).items() if slug not in here}
        for kind, here in now.items()
    }


def addresses(program: Program) -> dict[str, dict[str, str]]:
    rooms = {room.name: room.uuid for room in program.rooms}
    slugs = room_slugs(rooms_in_use([Source(program, "")]))
    return {
        "sessions": {item.slug: item.uuid for item in program.items},
        "speakers": {person.slug: person.uuid for person in program.people},
        "rooms": {slug: rooms[name] for slug, name in slugs.items()},
    }


def withdrawn_by(release: Release | None) -> dict[str, Item]:
    """The sessions a release tells calendars to have been withdrawn, by uuid."""
    return {row["uuid"]: item_from_json(row) for row in release.withdrawn} if release else {}


def withdrawn(old: Program, new: Program, told: dict[str, Item]) -> list[Item]:
    """Those told before and those that had a clock time in the release before, unless they have one in the new one."""
    here = {item.uuid for item in new.items if item.start}
    gone = told | {item.uuid: as_withdrawn(item) for item in old.items if item.start}
    return [item for uuid, item in gone.items() if uuid not in here]


def as_withdrawn(item: Item) -> Item:
    """What a calendar keeps of a session: cancelled, and nothing that names rooms, people or texts."""
    kept = ("uuid", "id", "slug", "title", "kind", "duration", "block", "offset", "start", "end")
    return Item(**{name: getattr(item, name) for name in kept}, status="cancelled", sequence=item.sequence + 1)
