"""Steps of tests of booking."""

from portal.models import Event
from registration import booking
from registration.models import Registration, TicketType
from tests.factories import make_ticket_type


def book(event: Event, who: str = "ada", **values: str) -> Registration:
    return booking.register(event, **{"name": who.title(), "email": f"{who}@example.org"} | values)


def taken(ticket_type: TicketType) -> int:
    return TicketType.objects.get(pk=ticket_type.pk).taken


def states(event: Event) -> dict[str, str]:
    return {one.name: one.state for one in event.registrations.order_by("pk")}


def mails(event: Event) -> list[tuple[str, str]]:
    return list(event.mails.order_by("pk").values_list("kind", "address"))


def make_full(event: Event, *waiting: str) -> tuple[TicketType, Registration]:
    """One seat, held by Ada, and a waitlist."""
    ticket_type = make_ticket_type(event, 1)
    ada = book(event)
    for name in waiting:
        book(event, name)
    event.mails.all().delete()
    return ticket_type, ada
