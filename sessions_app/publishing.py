"""From draft to release: what is missing, what would change, and the one step that makes it public."""

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.models import Event
from sessions_app.diff import Change, Tally, compare, tally
from sessions_app.drafts import program_of
from sessions_app.models import Release, Session
from sessions_app.program import Item, Program, digest
from sessions_app.visibility import conceal

MOVES = {"moved", "timed", "room", "cancelled", "restored", "length"}


class ProgramError(Exception):
    """Why something can't be done with the program; its message is shown to the user."""


@dataclass(frozen=True)
class Preview:
    """What releasing the draft now would do. `latest` is the number of the newest release, 0 before the first."""

    latest: int
    program: Program
    changes: list[Change]
    problems: list[str]

    @property
    def tally(self) -> Tally:
        return tally(self.changes)


def preview(event: Event, stage: str) -> Preview:
    """Saves nothing. Problems warn; only a program without sessions is refused, by publish."""
    draft = program_of(event)
    program = conceal(draft)
    last = event.releases.first()
    old = Program.from_json(last.data) if last else Program(event.timezone)
    return Preview(last.number if last else 0, program, compare(old, program), problems(draft, stage))


def problems(program: Program, stage: str) -> list[str]:
    """What an organizer would want to know before releasing, in words."""
    if not program.items:
        return ["The program has no sessions."]
    found = [f"“{item.title}” has no speaker." for item in program.items if not item.is_break and not item.speakers]
    if stage == Release.Stage.FINAL:
        found += [f"“{item.title}” has no clock time." for item in program.items if not item.start]
        found += [
            f"“{item.title}” has no abstract." for item in program.items if not item.is_break and not item.abstract
        ]
    return found + overlaps(program)


def overlaps(program: Program) -> list[str]:
    found = []
    for block in program.blocks:
        items = program.items_of(block)
        for before, after in pairwise(items):
            over = before.offset + before.duration - after.offset
            if over > 0:
                found.append(f"“{before.title}” runs {over} minutes into “{after.title}”.")
    return found


def publish(
    event: Event,
    stage: str,
    *,
    note: str = "",
    after: int | None = None,
    by: Any = None,
    now: datetime | None = None,
) -> Release:
    """Freeze the draft as the next release, in one transaction under a lock on the event.

    `after` is the number of the release the caller has seen as the latest; if another has come since, nothing is
    released. Raises ProgramError.
    """
    with transaction.atomic():
        Event.objects.select_for_update().get(pk=event.pk)
        seen = preview(event, stage)
        if after is not None and after != seen.latest:
            raise ProgramError(f"Release {seen.latest} was made in the meantime. Look at the changes again.")
        if not seen.program.items:
            raise ProgramError("The program has no sessions to show. Add at least one, then release it.")
        program = with_sequences(seen.program, seen.changes if seen.latest else [])
        data = program.to_json()
        return Release.objects.create(
            event=event,
            number=seen.latest + 1,
            stage=stage,
            note=note,
            published_at=now or timezone.now(),
            published_by=by,
            digest=digest({"program": data, "stage": stage, "number": seen.latest + 1}),
            data=data,
            changes=[one.to_json() for one in seen.changes],
        )


def with_sequences(program: Program, changes: list[Change]) -> Program:
    """Raise the calendar revision of each session that calendars have to move, in the rows and in the program."""
    moved = {one.session for one in changes if one.kind in MOVES}
    for item in program.items:
        if item.uuid in moved:
            Session.objects.filter(uuid=item.uuid).update(sequence=item.sequence + 1)

    def revised(item: Item) -> Item:
        return replace(item, sequence=item.sequence + 1) if item.uuid in moved else item

    return replace(program, items=tuple(revised(item) for item in program.items))
