"""How things stand with the seats, to be shown. Only registration.booking decides on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypedDict

from portal.models import Event
from portal.templatetags.words import clock, day
from registration import labs
from registration.ledger import free_seats, least, seats_left
from registration.line import line_of
from registration.models import Lab, LabSeat, Registration, TicketType
from registration.opening import why_closed as reason
from sessions_app.access import in_words
from sessions_app.program import Item

FEW = 10  # one in so many seats, or fewer, are few


class Figures(TypedDict):
    """Of all seats that everybody can have. `capacity` and `left` are null where they have no limit."""

    open: bool
    capacity: int | None
    left: int | None
    waiting: int


def figures(event: Event, now: datetime) -> Figures:
    ticket_types = [one for one in event.ticket_types.filter(access_code="") if one.mode != TicketType.Mode.HOST]
    seats = [one for one in ticket_types if one.has_seats]
    capacity, left = of_all([one.capacity for one in seats]), of_all([free_seats(one) for one in seats])
    if seats and event.admission.capacity is not None:
        limits = event.admission.capacity, free_seats(event.admission)
        capacity, left = (least(one, limit) for one, limit in zip((capacity, left), limits, strict=True))
    is_open = bool(ticket_types) and not why_closed(ticket_types, now)
    return {"open": is_open, "capacity": capacity, "left": left, "waiting": sum(one.waiting for one in seats)}


class LabFigures(TypedDict):
    """Of one lab. Seats are left beside people who wait only where these hold no seat at the event."""

    session: str  # its uuid
    slug: str
    title: str
    state: str
    capacity: int
    left: int
    waiting: int


def lab_figures(event: Event) -> list[LabFigures]:
    found = labs.released(event)
    waiting = labs.waiting(event) if found else {}
    return [figures_of(lab, item, waiting.get(lab.pk, 0)) for lab, item in found]


def figures_of(lab: Lab, item: Item, waiting: int) -> LabFigures:
    left = lab.capacity - lab.taken
    return {
        "session": item.uuid,
        "slug": item.slug,
        "title": item.title,
        "state": ("few" if left * FEW <= lab.capacity else "open") if left else "full",
        "capacity": lab.capacity,
        "left": left,
        "waiting": waiting,
    }


def of_all(numbers: Sequence[int | None]) -> int | None:
    """Their sum; None, without limit, where one of them is None or there is none."""
    known = [one for one in numbers if one is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def why_closed(ticket_types: Sequence[TicketType], now: datetime) -> str:
    """Why nobody can register now; empty where at least one ticket type is open."""
    reasons = [reason(one, now) for one in ticket_types]
    if not reasons:
        return "This event takes no registrations."
    return reasons[0] if all(reasons) else ""


def told(ticket_types: Sequence[TicketType]) -> Sequence[TicketType]:
    """Those that the page of their event is about: the ones for everybody. Where there are none it is open to who was
    given an access code, which isn't a secret."""
    return [one for one in ticket_types if not one.access_code] or ticket_types


def turns_next(ticket_types: Sequence[TicketType], now: datetime) -> datetime | None:
    """When the next of them opens or closes."""
    moments = [moment for one in ticket_types for moment in (one.opens_at, one.closes_at)]
    return min((moment for moment in moments if moment and moment > now), default=None)


def ahead_of(waiting: Registration | LabSeat) -> int:
    """How many stand before this person in the line for their ticket, or for a lab."""
    return line_of(waiting).filter(place__lt=waiting.place).count() if waiting.place else 0


def held_until(held: Registration | LabSeat) -> str:
    """When the hold ends or ended, in the event's zone; empty where there is none."""
    return in_words(held.hold_until, held.event.zone) if held.hold_until else ""


def seats_in_words(ticket_type: TicketType) -> str:
    left = seats_left(ticket_type) if ticket_type.has_seats else None
    if left is None:
        return "No limit" if not ticket_type.has_seats else ""
    return left_in_words(0 if ticket_type.waiting else left, ticket_type.capacity, ticket_type.waiting)


def lab_in_words(lab: Lab, waiting: int) -> str:
    return left_in_words(lab.capacity - lab.taken, lab.capacity, waiting)


def left_in_words(left: int, capacity: int | None, waiting: int) -> str:
    if left:
        return f"{left} left" if capacity is None else f"{left} of {capacity} left"
    return f"Full: waitlist, {waiting} ahead of you" if waiting else "Full: waitlist"


def lab_seat_in_words(seat: LabSeat) -> str:
    if seat.place:
        return f"place {seat.place} in line"
    return f"offered until {held_until(seat)}" if seat.hold_until else seat.get_state_display().lower()


def when(item: Item, event: Event, others: Sequence[str] = ()) -> str:
    """Also what else takes place then."""
    if item.start is None or item.end is None:
        return ""
    start, end = (moment.astimezone(event.zone) for moment in (item.start, item.end))
    clash = f"; at the same time as {' and '.join(others)}" if others else ""
    return f"{day(start)}, {clock(start)}–{clock(end)}{clash}"


def clashes(items: Collection[Item]) -> dict[str, list[str]]:
    """The titles of the others of them that take place at the same time, by the uuid of each."""
    return {one.uuid: [other.title for other in items if other is not one and overlap(one, other)] for one in items}


def overlap(one: Item, other: Item) -> bool:
    if not (one.start and one.end and other.start and other.end):
        return False
    return one.start < other.end and other.start < one.end
