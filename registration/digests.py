"""The digest of materials: slides are up, told once a day at most to those who may open them."""

from datetime import datetime, timedelta

from django.utils import timezone

from portal import mailings
from portal.access import Viewer
from portal.mailings import Step
from portal.models import Category, Event, Mailing
from registration import audiences
from sessions_app.materials import listed

CALM = timedelta(hours=1)  # somebody who puts up slides mostly puts up more of them
GAP = timedelta(hours=20)
ATTENDEE = Viewer(is_registered=True)


def send_due(now: datetime | None = None) -> None:
    """Write to the registered of each public event that wants it about what has opened since the last time. Safe to
    repeat."""
    now = now or timezone.now()
    for event in Event.objects.public().filter(has_material_digest=True):
        told = event.mailings.filter(kind="materials")
        if told.filter(created_at__gt=now - GAP).exists():
            continue
        known = {uuid for context in told.values_list("context", flat=True) for uuid in context["materials"]}
        new = [uuid for uuid in opened(event, now) if uuid not in known]
        if new:
            tell(event, new, now)


def opened(event: Event, now: datetime) -> list[str]:
    """What the registered may open, and has been there for a while."""
    found = [one.material for one in listed(event, ATTENDEE, now) if not one.lock]
    return [str(one.uuid) for one in found if one.created_at < now - CALM]


def tell(event: Event, materials: list[str], now: datetime) -> Mailing:
    return mailings.open_mailing(
        "materials",
        event=event,
        occasion=f"materials-{now:%Y%m%d}",
        title=f"Slides are up: {len(materials)}",
        category=Category.MATERIALS,
        context={"materials": materials},
        expected=audiences.registered(event).count(),
    )


def step(mailing: Mailing, size: int) -> Step:
    people, cursor = audiences.step({"registration": audiences.registered(mailing.event)}, mailing.cursor, size)
    return Step(list(people), cursor)
