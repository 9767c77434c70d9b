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
    with transaction.atomic():
        Event.objects.select_for_update().get(pk=event.pk)
        timed, _is_new = event.timed_releases.waiting().update_or_create(defaults={"event": event, **values})
        return timed


def call_off(event: Event) -> bool:
    """Whether there was one to call off; one that is being made just now is not."""
    with transaction.atomic():
        Event.objects.select_for_update().get(pk=event.pk)
        return bool(event.timed_releases.waiting().update(state=State.CALLED_OFF))


def due(now: datetime | None = None) -> list[int]:
    """The ids of those whose moment has come."""
    ready = TimedRelease.objects.waiting().filter(at__lte=now or timezone.now())
    return list(ready.order_by("at").values_list("pk", flat=True))


def carry_out(pk: int, now: datetime | None = None) -> None:
    """Make a timed release whose moment has come, or note why it can't be made and tell the organizers. Safe to run
    twice and at the same time: the event's lock lets one in, and the next finds nothing waiting."""
    waiting = TimedRelease.objects.waiting().filter(pk=pk, at__lte=now or timezone.now())
    with transaction.atomic():
        event = Event.objects.select_for_update().filter(pk__in=waiting.values("event")).first()
        timed = waiting.first() if event else None
        if event is None or timed is None:
            return
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
