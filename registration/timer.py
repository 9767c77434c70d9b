"""Releases at a set time: organizers plan them, the scheduler makes them from the draft as it is then."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.mail import queue
from portal.mailings import organizers
from portal.models import Event, Role
from registration.notices import release_program
from sessions_app.models import Release, TimedRelease
from sessions_app.publishing import ProgramError, preview

State = TimedRelease.State


def set_time(
    event: Event, at: datetime, stage: str, *, note: str = "", is_mailed: bool = True, by: Any = None
) -> TimedRelease:
    """Plan a release, in place of the one that is waiting. Raises ProgramError where the moment has passed."""
    if at <= timezone.now():
        raise ProgramError("This time has passed.")
    values = {"at": at, "stage": stage, "note": note, "is_mailed": is_mailed, "set_by": by}
    timed, _ = event.timed_releases.waiting().update_or_create(defaults={"event": event, **values})
    return timed


def call_off(event: Event) -> bool:
    """Whether there was one to call off; one that is being made just now is not."""
    return bool(event.timed_releases.waiting().update(state=State.CALLED_OFF))


def due(now: datetime | None = None) -> list[int]:
    """The ids of those whose moment has come."""
    ready = TimedRelease.objects.waiting().filter(at__lte=now or timezone.now())
    return list(ready.order_by("at").values_list("pk", flat=True))


def carry_out(pk: int, now: datetime | None = None) -> None:
    """Make a timed release whose moment has come, or note why it can't be made and tell the organizers. Safe to run
    twice and at the same time: the lock on the row lets one in, and the next finds it waiting no more."""
    with transaction.atomic():
        ready = TimedRelease.objects.waiting().filter(pk=pk, at__lte=now or timezone.now())
        timed = ready.select_for_update().first()
        if timed is None:
            return
        event = timed.event
        try:
            timed.release, timed.state = released(event, timed), State.DONE
        except ProgramError as error:
            timed.reason, timed.state = str(error), State.FAILED
            for address in organizers(event, Role.PROGRAM):
                queue("unreleased", event=event, address=address, occasion=f"timed-{pk}", context={"timed": pk})
        timed.save()


def released(event: Event, timed: TimedRelease) -> Release:
    seen = preview(event)
    if seen.last and seen.last.stage == timed.stage and not seen.changes:
        raise ProgramError(f"Nothing had changed since release {seen.latest}.")
    release, _ = release_program(event, timed.stage, note=timed.note, is_mailed=timed.is_mailed, by=timed.set_by)
    return release
