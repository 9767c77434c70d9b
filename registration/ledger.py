"""The counted seats, and the one lock before all counting. Only booking, line, labs, transfers and answers write here.

Whoever takes or frees anything first locks the event's admission, then ticket types by their id, then labs, then
registrations. So all of it happens one after the other, and what a transaction read under the lock stays true until
its end. On SQLite each transaction is the only writer from its start. The database's constraints would say no as well
if a lock were forgotten.
"""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from portal import mail
from portal.models import Event
from portal.rows import increase, row, rows
from registration.models import Admission, Registration, TicketType

State = Registration.State
HOLD = timedelta(hours=24)
DOUBLE_CLICK = timedelta(minutes=1)
NO_REGISTRATION = "This event takes no registrations."
GONE = "This ticket isn't to be had any more."


class BookingError(Exception):
    """Why a seat can't be taken or freed; the message is shown to the user, at `field` where it is one's fault."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class KnownError(Exception):
    """This address has a registration for the event."""


def hold(event: Event) -> bool:
    """Lock the event's admission, which comes with the first ticket type. Whether there is one."""
    found = rows(Admission, "event_id = %s", event.pk, locked=True)
    if found:
        event.admission = found[0]
    return bool(found)


def opened(event: Event) -> Admission:
    """The event's admission as it is now, ours until the transaction ends."""
    if not hold(event):
        raise BookingError(NO_REGISTRATION)
    return event.admission


def locked(ticket_type: TicketType) -> TicketType:
    """The row as it is now, with its event's admission; both ours until the transaction ends."""
    opened(ticket_type.event)
    for one in renewed(ticket_type.event):
        if one.pk == ticket_type.pk:
            return one
    raise BookingError(GONE)


def renewed(event: Event) -> list[TicketType]:
    """The event's ticket types as they are now. The admission has to be locked before."""
    found = rows(TicketType, "event_id = %s ORDER BY id", event.pk, locked=True)
    for one in found:
        one.event = event
    return found


def lock(registration: Registration) -> Registration:
    """The registration as it is now, ours, with its ticket type, which may be another now, and its event's
    admission."""
    event = registration.ticket_type.event
    opened(event)
    ticket_types = {one.pk: one for one in renewed(event)}
    registration = row(Registration, "id = %s", registration.pk, locked=True)
    registration.ticket_type, registration.event = ticket_types[registration.ticket_type_id], event
    return registration


def settle(
    registration: Registration, state: str, *, place: int | None = None, hold_until: datetime | None = None
) -> None:
    """Who is new comes with this. Raises KnownError where the address is there already."""
    leave_line(registration)
    registration.state, registration.place, registration.hold_until = state, place, hold_until
    if not registration._state.adding:
        registration.save()
    elif not registration.add():
        raise KnownError


def count(ticket_type: TicketType, seats: int) -> None:
    """Book seats as taken or free, without renewing the event's pages: these don't show the number."""
    if ticket_type.has_seats:
        increase(ticket_type, "taken", seats)
        increase(ticket_type.event.admission, "taken", seats)


def free_seats(counted: TicketType | Admission) -> int | None:
    """How many seats this row alone leaves; None is without limit."""
    return None if counted.capacity is None else max(counted.capacity - counted.taken, 0)


def least(*limits: int | None) -> int | None:
    return min((one for one in limits if one is not None), default=None)


def seats_left(ticket_type: TicketType) -> int | None:
    """How many can be given out, by the ticket type's and the event's capacity; None is without limit."""
    return least(free_seats(ticket_type), free_seats(ticket_type.event.admission))


def has_free_seat(ticket_type: TicketType) -> bool:
    return seats_left(ticket_type) != 0


def too_few(capacity: int, taken: int) -> str:
    seats = "1 seat is" if taken == 1 else f"{taken} seats are"
    return f"{seats} taken or held, so the capacity can't be {capacity}."


def waitlist(ticket_type: TicketType) -> QuerySet[Registration]:
    return Registration.objects.filter(ticket_type=ticket_type, state=State.WAITLISTED)


def join_line(registration: Registration) -> None:
    """The next place, behind everybody who waits at the event, whatever their ticket."""
    ticket_type, admission = registration.ticket_type, registration.ticket_type.event.admission
    settle(registration, State.WAITLISTED, place=admission.queue + 1)
    increase(admission, "queue", 1)
    increase(ticket_type, "waiting", 1)


def leave_line(registration: Registration) -> None:
    """Count somebody as waiting no more, before their state or ticket becomes another."""
    if registration.state == State.WAITLISTED:
        registration.state = State.CANCELLED
        increase(registration.ticket_type, "waiting", -1)


def hold_until(hours: int | None = None) -> datetime:
    return timezone.now() + (HOLD if hours is None else timedelta(hours=hours))


def notify(registration: Registration, kind: str, moment: str = "", **context: int) -> None:
    """Write the mail; one of each kind a round, and a moment."""
    if not registration.email:
        return
    parts = ["registration", str(registration.pk), str(registration.round), moment]
    mail.queue(
        kind,
        event=registration.event,
        address=registration.email,
        occasion="-".join(part for part in parts if part),
        context={"registration": registration.pk} | context,
    )
