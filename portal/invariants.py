"""What must always hold. Each check looks at all rows and says in words what doesn't."""

from collections.abc import Callable, Iterator
from itertools import groupby

from django.db.models import Count, F, Max, Q

from portal.models import Mail
from registration.models import Registration, TicketType
from sessions_app.models import Material, Release
from sessions_app.program import digest

type Check = Callable[[], Iterator[str]]
State = Registration.State


def problems() -> list[str]:
    return [problem for check in CHECKS for problem in check()]


def seats() -> Iterator[str]:
    """The counter is what was counted, and within the capacity."""
    holding = Q(registrations__state__in=[State.PENDING, State.CONFIRMED])
    for row in TicketType.objects.select_related("event").annotate(held=Count("registrations", filter=holding)):
        name = f"{row.event.slug}, {row.name}"
        if row.taken != row.held:
            yield f"{name}: {row.taken} seats are counted as taken, but {row.held} registrations hold one."
        if row.capacity is not None and row.taken > row.capacity:
            yield f"{name}: {row.taken} of {row.capacity} seats are taken."


def waitlists() -> Iterator[str]:
    """Nobody waits beside a free seat, each place is one person's, and none is beyond the last that was given out."""
    waiting = Q(registrations__state=State.WAITLISTED)
    rows = TicketType.objects.select_related("event").annotate(
        waiting=Count("registrations", filter=waiting),
        places=Count("registrations__place", filter=waiting, distinct=True),
        last=Max("registrations__place", filter=waiting),
    )
    for row in rows.filter(waiting__gt=0):
        name = f"{row.event.slug}, {row.name}"
        if row.capacity is None or row.taken < row.capacity:
            yield f"{name}: {row.waiting} wait although seats are free."
        if row.places != row.waiting:
            yield f"{name}: {row.waiting} wait on {row.places} places."
        if row.last > row.queue:
            yield f"{name}: place {row.last} was never given out; the last was {row.queue}."


def confirmations() -> Iterator[str]:
    """Only a proven address confirms a seat."""
    for row in Registration.objects.filter(state=State.CONFIRMED, verified_at=None).select_related("event"):
        yield f"{row.event.slug}: registration {row.pk} is confirmed without its address being proven."


def releases() -> Iterator[str]:
    """Numbers from 1 without a gap, and each document is the one that was released."""
    rows = Release.objects.select_related("event").order_by("event", "number")
    for event, group in groupby(rows.iterator(chunk_size=20), key=lambda row: row.event):
        for expected, row in enumerate(group, 1):
            if row.number != expected:
                yield f"{event.slug}: release {row.number} stands where release {expected} should."
            if row.digest != digest({"program": row.data, "stage": row.stage, "number": row.number}):
                yield f"{event.slug}: release {row.number} is not what was released."


def mails() -> Iterator[str]:
    """A mail has a moment of sending exactly if a mail server took it, and one that is being sent has a lease."""
    is_taken = Q(state__in=Mail.TAKEN)
    wrong = (is_taken & Q(sent_at=None)) | (~is_taken & Q(sent_at__isnull=False))
    for row in Mail.objects.filter(wrong | Q(state=Mail.State.SENDING, lease_until=None)):
        yield f"Mail {row.pk} is {row.state}, with sent_at {row.sent_at} and lease_until {row.lease_until}."


def materials() -> Iterator[str]:
    """Each file is in the storage, in full."""
    for row in Material.objects.exclude(file="").select_related("event"):
        if not row.file.storage.exists(str(row.file)):
            yield f"{row.event.slug}: the file of material {row.pk} is missing."
        elif row.file.size != row.size:
            yield f"{row.event.slug}: the file of material {row.pk} has {row.file.size} bytes instead of {row.size}."


def belongings() -> Iterator[str]:
    """Nothing joins rows of two events."""
    for registration in Registration.objects.exclude(event=F("ticket_type__event")):
        yield f"Registration {registration.pk} has a ticket type of another event."
    for material in Material.objects.exclude(session=None).exclude(event=F("session__event")):
        yield f"Material {material.pk} belongs to a session of another event."


CHECKS: list[Check] = [seats, waitlists, confirmations, releases, mails, materials, belongings]
