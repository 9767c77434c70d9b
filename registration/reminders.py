"""Organizers are reminded of the day they promised the final program for."""

from datetime import datetime, timedelta

from django.utils import timezone

from portal.mail import queue
from portal.mailings import organizers
from portal.models import Event, Role
from sessions_app.models import Release

DAYS = (7, 1)  # before the day it is due
HOUR = 7  # of the event's own day: nobody is woken at midnight


def remind(now: datetime | None = None) -> None:
    """Write to the organizers of each event whose final program is due in 7 days or in one and isn't out. Safe to
    repeat: the occasion names the day, so that each is told once, and again only if the day is moved."""
    now = now or timezone.now()
    around = [now.date() + timedelta(days=day) for day in (0, max(DAYS) + 1)]
    for event in Event.objects.filter(final_program_due__range=around):
        days = days_left(event, now)
        if days in DAYS and now.astimezone(event.zone).hour >= HOUR and not is_final(event):
            occasion = f"due-{event.final_program_due}-{days}"
            for address in organizers(event, Role.PROGRAM):
                queue("due", event=event, address=address, occasion=occasion)


def days_left(event: Event, now: datetime | None = None) -> int | None:
    """Until the day the final program is due, by the event's own calendar; negative when it is overdue."""
    due = event.final_program_due
    return (due - (now or timezone.now()).astimezone(event.zone).date()).days if due else None


def is_final(event: Event) -> bool:
    return event.releases.filter(stage=Release.Stage.FINAL).exists()
