"""When a ticket can be had."""

from datetime import datetime

from django.utils import timezone

from registration import consents
from registration.ledger import BookingError
from registration.models import TicketType
from sessions_app.access import in_words


def why_closed(ticket_type: TicketType, now: datetime) -> str:
    """Why nobody can register now, with the date in the event's zone; empty when it is open."""
    zone = ticket_type.event.zone
    if ticket_type.mode == TicketType.Mode.HOST:
        return "For this ticket you register at the host conference."
    if ticket_type.opens_at and now < ticket_type.opens_at:
        return f"Registration opens on {in_words(ticket_type.opens_at, zone)}."
    if ticket_type.closes_at and now >= ticket_type.closes_at:
        return f"Registration closed on {in_words(ticket_type.closes_at, zone)}."
    return ""


def check_open(ticket_type: TicketType, source: str = consents.PAGE) -> None:
    """Organizers give their own tickets at any time: those who stand at the door come after all has closed."""
    is_given = source in consents.OF_ORGANIZERS and ticket_type.mode != TicketType.Mode.HOST
    if not is_given and (reason := why_closed(ticket_type, timezone.now())):
        raise BookingError(reason)
