"""How things stand with the seats, to be shown. Only registration.booking decides on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from registration.booking import why_closed as reason
from registration.ledger import free_seats, waitlist
from registration.models import Registration, TicketType
from sessions_app.access import in_words


class Figures(TypedDict):
    """Of all ticket types together. `capacity` and `left` are null where one of them has no limit."""

    open: bool
    capacity: int | None
    left: int | None
    waiting: int


def figures(ticket_types: Sequence[TicketType], now: datetime) -> Figures:
    is_limited = bool(ticket_types) and all(one.capacity is not None for one in ticket_types)
    waiting = Registration.objects.filter(ticket_type__in=ticket_types, state=Registration.State.WAITLISTED)
    return {
        "open": bool(ticket_types) and not why_closed(ticket_types, now),
        "capacity": sum(one.capacity or 0 for one in ticket_types) if is_limited else None,
        "left": sum(free_seats(one) or 0 for one in ticket_types) if is_limited else None,
        "waiting": waiting.count(),
    }


def why_closed(ticket_types: Sequence[TicketType], now: datetime) -> str:
    """Why nobody can register now; empty where at least one ticket type is open."""
    reasons = [reason(one, now) for one in ticket_types]
    if not reasons:
        return "This event takes no registrations."
    return reasons[0] if all(reasons) else ""


def ahead_of(registration: Registration) -> int:
    """How many stand before this person on the waitlist."""
    if registration.place is None:
        return 0
    return waitlist(registration.ticket_type).filter(place__lt=registration.place).count()


def held_until(registration: Registration) -> str:
    """When the hold ends or ended, in the event's zone; empty where there is none."""
    moment = registration.hold_until
    return in_words(moment, registration.event.zone) if moment else ""
