"""The sessions people can be checked in to, and how much of the program somebody attended."""

from datetime import date
from functools import lru_cache
from uuid import UUID

from portal.models import Event
from registration.models import CheckIn
from sessions_app.models import Release
from sessions_app.program import Item, Program, day_of


def sessions_of(event: Event) -> tuple[Item, ...]:
    """The sessions of the latest release that take place, without breaks."""
    newest = event.releases.order_by("-number").values_list("pk", "digest").first()
    return items(*newest) if newest else ()


@lru_cache(maxsize=8)
def items(release: int, digest: str) -> tuple[Item, ...]:
    """The digest is there to read a document anew that was redacted."""
    program = Program.from_json(Release.objects.get(pk=release).data)
    return tuple(one for one in program.items if one.status == "planned" and not one.is_break)


def session_of(event: Event, uuid: UUID) -> Item | None:
    return next((one for one in sessions_of(event) if one.uuid == str(uuid)), None)


def attended(event: Event, check_ins: list[CheckIn]) -> list[Item]:
    """The sessions of the days somebody came on by the door, and those they were checked in to.

    So a check-in to a session never takes away what the door gives. One without a time is of any day.
    """
    chosen = {str(one.session) for one in check_ins if one.session}
    days = {one.day for one in check_ins if one.day}

    def is_on(item: Item) -> bool:
        return day_of(item.start, event.zone) in days if item.start else bool(days)

    return [item for item in sessions_of(event) if item.uuid in chosen or is_on(item)]


def days_of(event: Event, check_ins: list[CheckIn], sessions: list[Item]) -> list[date]:
    """On which days these sessions were attended or, where they have no times, somebody was checked in."""
    timed = {day_of(item.start, event.zone) for item in sessions if item.start}
    return sorted(timed or {one.day or day_of(one.at, event.zone) for one in check_ins})


def minutes_of(sessions: list[Item]) -> int:
    """How long these take; of those at the same time each minute counts once."""
    untimed = sum(item.duration for item in sessions if item.start is None)
    total, reached = 0.0, None
    for start, end in sorted((item.start, item.end) for item in sessions if item.start and item.end):
        begin = start if reached is None else max(start, reached)
        if end > begin:
            total += (end - begin).total_seconds()
            reached = end
    return untimed + round(total / 60)
