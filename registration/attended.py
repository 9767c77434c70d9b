"""The sessions people can be checked in to, and how much of the program somebody attended."""

from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from portal.models import Event
from registration.models import CheckIn
from sessions_app.models import Release
from sessions_app.program import Item, Program


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
    """The sessions somebody was checked in to; for the door alone, those of the days they came on."""
    program = sessions_of(event)
    chosen = {str(one.session) for one in check_ins if one.session}
    if chosen:
        return [item for item in program if item.uuid in chosen]
    days = {local_day(one.at, event) for one in check_ins}
    return [item for item in program if item.start is None or local_day(item.start, event) in days]


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


def local_day(moment: datetime, event: Event) -> date:
    return moment.astimezone(event.zone).date()
