"""The only place that takes or frees seats.

Every verb is one transaction that locks the ticket type first and the registration second; on SQLite each
transaction is the only writer from its start. `TicketType.taken` counts the seats held or confirmed, and a database
constraint keeps it within the capacity even if a lock were forgotten.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from portal import mail
from portal.models import Event
from portal.text import address_key, clean_line
from registration.models import Admission, Registration, TicketType
from sessions_app.access import in_words

State = Registration.State
HOLD = timedelta(hours=24)
DOUBLE_CLICK = timedelta(minutes=1)
LONGEST = 200  # characters of a name or an affiliation


class BookingError(Exception):
    """Why a seat can't be taken or freed; the message is shown to the user."""


def register(
    event: Event, *, name: str, email: str, affiliation: str = "", ticket_type: TicketType | None = None
) -> Registration:
    """Hold a seat until its address is confirmed, or give the next place on the waitlist.

    An address that is registered already keeps what it has and is mailed its link.
    """
    person = {"name": clean_line(name)[:LONGEST], "email": email, "affiliation": clean_line(affiliation)[:LONGEST]}
    wanted = ticket_type or event.ticket_types.first()
    if wanted is None or wanted.event_id != event.pk:
        raise BookingError("This event takes no registrations.")
    try:
        return book(wanted, person)
    except IntegrityError:  # the same address at the same moment, under the lock of another ticket type
        return book(wanted, person)


@transaction.atomic
def book(ticket_type: TicketType, person: dict[str, str]) -> Registration:
    ticket_type = locked(ticket_type)
    check_open(ticket_type)
    known = Registration.objects.order_by().filter(event=ticket_type.event_id, email_key=address_key(person["email"]))
    old = known.select_for_update().first() if known.exists() else None
    registration = old or Registration(round=0, state=State.CANCELLED)
    registration.event = ticket_type.event
    if registration.state != State.CANCELLED:
        remind(registration)
        return registration
    for field, value in person.items():
        setattr(registration, field, value)
    registration.ticket_type = ticket_type
    registration.verified_at = None
    return seat_or_place(registration)


@transaction.atomic
def confirm(registration: Registration) -> Registration:
    """The link was opened, so the address is proven: the held seat is taken. Safe to repeat.

    On the waitlist it keeps its place. Where the hold has run out and the seat was freed, it books anew.
    """
    registration = lock(registration)
    if registration.state == State.CANCELLED:
        return confirm_late(registration)
    if registration.state == State.CONFIRMED or (registration.state == State.WAITLISTED and registration.verified_at):
        return registration
    registration.verified_at = timezone.now()
    if registration.state == State.PENDING:
        settle(registration, State.CONFIRMED)
        notify(registration, "confirmed")
    else:
        registration.save()
    return registration


def confirm_late(registration: Registration) -> Registration:
    if registration.hold_until is None:
        raise BookingError("This registration was cancelled. Register again if you want to come after all.")
    check_open(registration.ticket_type)
    registration.verified_at = timezone.now()
    return seat_or_place(registration)


@transaction.atomic
def cancel(registration: Registration) -> Registration:
    """Give up the seat or the place; a freed seat goes to the first in line. Safe to repeat."""
    registration = lock(registration)
    if registration.state == State.CANCELLED:
        return registration
    had_seat = registration.holds_seat
    settle(registration, State.CANCELLED)
    notify(registration, "cancelled")
    if had_seat:
        count(registration.ticket_type, -1)
        promote(registration.ticket_type)
    return registration


@transaction.atomic
def offer_free_seats(ticket_type: TicketType) -> int:
    """Give the free seats to those who wait, in the order of their places. Returns how many."""
    return promote(locked(ticket_type))


def expire() -> int:
    """Free the seats whose hold has run out and offer what is free to those who wait. Returns how many holds ended."""
    now = timezone.now()
    overdue = Q(registrations__state=State.PENDING, registrations__hold_until__lt=now)
    is_free = Q(capacity__isnull=True) | Q(taken__lt=F("capacity"))
    stuck = is_free & Q(registrations__state=State.WAITLISTED)
    return sum(expire_of(one, now) for one in TicketType.objects.filter(overdue | stuck).order_by("pk").distinct())


@transaction.atomic
def expire_of(ticket_type: TicketType, now: datetime) -> int:
    """`hold_until` stays: it tells a hold that ran out from a registration that was cancelled."""
    ticket_type = locked(ticket_type)
    overdue = Registration.objects.filter(ticket_type=ticket_type, state=State.PENDING, hold_until__lt=now)
    freed = overdue.update(state=State.CANCELLED, updated_at=now)
    count(ticket_type, -freed)
    promote(ticket_type)
    return freed


@transaction.atomic
def set_capacity(ticket_type: TicketType, capacity: int | None) -> TicketType:
    """Change how many seats there are; None is without limit. New seats go to those who wait."""
    Event.objects.filter(pk=ticket_type.event_id).renew()
    ticket_type = locked(ticket_type)
    if capacity is not None and capacity < ticket_type.taken:
        raise BookingError(too_few(capacity, ticket_type.taken))
    ticket_type.capacity = capacity
    TicketType.objects.filter(pk=ticket_type.pk).update(capacity=capacity)
    promote(ticket_type)
    return ticket_type


def too_few(capacity: int, taken: int) -> str:
    seats = "1 seat is" if taken == 1 else f"{taken} seats are"
    return f"{seats} taken or held, so the capacity can't be {capacity}."


def why_closed(ticket_type: TicketType, now: datetime) -> str:
    """Why nobody can register now, with the date in the event's zone; empty when it is open."""
    zone = ticket_type.event.zone
    if ticket_type.opens_at and now < ticket_type.opens_at:
        return f"Registration opens on {in_words(ticket_type.opens_at, zone)}."
    if ticket_type.closes_at and now >= ticket_type.closes_at:
        return f"Registration closed on {in_words(ticket_type.closes_at, zone)}."
    return ""


def check_open(ticket_type: TicketType) -> None:
    if reason := why_closed(ticket_type, timezone.now()):
        raise BookingError(reason)


def locked(ticket_type: TicketType) -> TicketType:
    """The row as it is now, ours until the transaction ends; the event's admission is locked before it."""
    Admission.objects.select_for_update().get(event=ticket_type.event_id)
    row = TicketType.objects.select_for_update().get(pk=ticket_type.pk)
    row.event = ticket_type.event
    return row


def lock(registration: Registration) -> Registration:
    ticket_type = locked(registration.ticket_type)
    registration = Registration.objects.select_for_update().get(pk=registration.pk)
    if registration.ticket_type_id != ticket_type.pk:
        raise BookingError("This registration was changed at the same moment. Please try again.")
    registration.ticket_type, registration.event = ticket_type, ticket_type.event
    return registration


def seat_or_place(registration: Registration) -> Registration:
    """Start a new round: a seat if one is free and nobody waits for it, else the next place in line."""
    ticket_type = registration.ticket_type
    registration.round += 1
    if free_seats(ticket_type) == 0 or (ticket_type.queue and waitlist(ticket_type).exists()):
        ticket_type.queue += 1
        TicketType.objects.filter(pk=ticket_type.pk).update(queue=F("queue") + 1)
        settle(registration, State.WAITLISTED, place=ticket_type.queue)
        notify(registration, "waitlisted")
    else:
        count(ticket_type, 1)
        take_seat(registration, mailing="confirmed" if registration.verified_at else "confirm")
    return registration


def promote(ticket_type: TicketType) -> int:
    waiting = list(waitlist(ticket_type).select_for_update().order_by("place")[: free_seats(ticket_type)])
    count(ticket_type, len(waiting))
    for registration in waiting:
        registration.ticket_type, registration.event = ticket_type, ticket_type.event
        registration.round += 1
        take_seat(registration, mailing="promoted")
    return len(waiting)


def take_seat(registration: Registration, *, mailing: str) -> None:
    """Confirmed where the address is proven, else held until it is."""
    if registration.verified_at:
        settle(registration, State.CONFIRMED)
    else:
        settle(registration, State.PENDING, hold_until=timezone.now() + HOLD)
    notify(registration, mailing)


def settle(
    registration: Registration, state: str, *, place: int | None = None, hold_until: datetime | None = None
) -> None:
    registration.state, registration.place, registration.hold_until = state, place, hold_until
    registration.save()


def count(ticket_type: TicketType, change: int) -> None:
    """Book seats as taken or free, without renewing the event's pages: these don't show the number."""
    if change:
        ticket_type.taken += change
        TicketType.objects.filter(pk=ticket_type.pk).update(taken=F("taken") + change)
        Admission.objects.filter(event=ticket_type.event_id).update(taken=F("taken") + change)


def free_seats(ticket_type: TicketType) -> int | None:
    """How many can be given out; None is without limit."""
    return None if ticket_type.capacity is None else max(ticket_type.capacity - ticket_type.taken, 0)


def waitlist(ticket_type: TicketType) -> QuerySet[Registration]:
    return Registration.objects.filter(ticket_type=ticket_type, state=State.WAITLISTED)


def remind(registration: Registration) -> None:
    """Mail the link again, once an hour at most. A form that was sent twice is no second wish, but takes as long as
    one, so that nobody learns from the time whether an address was known."""
    now = timezone.now()
    if now - registration.updated_at > DOUBLE_CLICK:
        notify(registration, "again", f"{now:%Y%m%d%H}")
    else:
        mail.wake()


def notify(registration: Registration, kind: str, moment: str = "") -> None:
    """Write the mail; one of each kind a round, and a moment."""
    parts = ["registration", str(registration.pk), str(registration.round), moment]
    mail.queue(
        kind,
        event=registration.event,
        address=registration.email,
        occasion="-".join(part for part in parts if part),
        context={"registration": registration.pk},
    )
