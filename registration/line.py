"""The line of those who wait for a seat: who is next, what they are given, and who is moved in it."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet

from portal.models import Event
from registration import labs, ledger
from registration.ledger import BookingError, count, has_free_seat, notify, settle, waitlist
from registration.models import LabSeat, Registration, TicketType

State = Registration.State


def promote(event: Event) -> int:
    """Give what is free to those who wait, by their places. Below the lock on the event's admission."""
    ticket_types = [one for one in ledger.renewed(event) if one.waiting and has_free_seat(one)]
    promoted: list[Registration] = []
    for registration in in_line(ticket_types):
        if has_free_seat(registration.ticket_type):
            count(registration.ticket_type, 1)
            give(registration)
            promoted.append(registration)
    if promoted:
        labs.seat_waiting(promoted)
    return len(promoted)


def in_line(ticket_types: Sequence[TicketType]) -> list[Registration]:
    """Of each ticket type as many as there are seats for, all of them by their places."""
    found = []
    for ticket_type in ticket_types:
        line = waitlist(ticket_type).select_for_update().order_by("place", "pk")
        for registration in line[: ledger.seats_left(ticket_type)]:
            registration.ticket_type, registration.event = ticket_type, ticket_type.event
            found.append(registration)
    return sorted(found, key=lambda one: (one.place, one.pk))


def give(registration: Registration) -> None:
    """A seat for somebody who waited: theirs at once, or to be accepted or confirmed in time."""
    registration.round += 1
    hours = registration.ticket_type.offer_hours
    if registration.verified_at and not hours:
        settle(registration, State.CONFIRMED)
    else:
        settle(registration, State.PENDING, hold_until=ledger.hold_until(hours))
    notify(registration, "promoted")


@transaction.atomic
def move(waiting: Registration | LabSeat, position: int) -> None:
    """Make somebody the nth in the line for their ticket, or for a lab; those between move by one. Who is given a place
    anew keeps to the places that were given out."""
    ledger.opened(waiting.event)
    line: list[Registration | LabSeat] = list(line_of(waiting).order_by("place", "pk"))
    if waiting not in line:
        raise BookingError("Only who is on the waitlist can be moved in it.")
    places = [one.place for one in line]
    line.insert(max(position, 1) - 1, line.pop(line.index(waiting)))
    for one, place in zip(line, places, strict=False):
        if one.place != place:
            type(one)._default_manager.filter(pk=one.pk).update(place=place)


def line_of(waiting: Registration | LabSeat) -> QuerySet[Registration] | QuerySet[LabSeat]:
    """All who stand in it, as each of them is told."""
    return waiting.lab.seats.waiting() if isinstance(waiting, LabSeat) else waitlist(waiting.ticket_type)
