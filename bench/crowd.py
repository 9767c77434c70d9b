"""Registrations that came before."""

from django.db import transaction

from portal.models import Event
from registration.ledger import count, locked
from registration.models import Admission, Registration, TicketType


def fill(slug: str, number: int) -> None:
    """Bring the confirmed registrations of the event to this number, without a limit."""
    with transaction.atomic():
        ticket_type = the_first(slug)
        verified_at = ticket_type.event.created_at
        new = [before(ticket_type, n, state="confirmed", verified_at=verified_at) for n in missing(ticket_type, number)]
        TicketType.objects.filter(pk=ticket_type.pk).update(capacity=None)
        Registration.objects.bulk_create(new, batch_size=2000)
        count(ticket_type, len(new))


def line_up(slug: str, number: int) -> None:
    """Bring the registrations to this number by people who wait, as there are no more seats than are taken."""
    with transaction.atomic():
        ticket_type = the_first(slug)
        new = [before(ticket_type, n, state="waitlisted", place=n + 1) for n in missing(ticket_type, number)]
        counts = {"capacity": ticket_type.taken, "waiting": ticket_type.waiting + len(new)}
        TicketType.objects.filter(pk=ticket_type.pk).update(**counts)
        Admission.objects.filter(event=ticket_type.event).update(queue=number)
        Registration.objects.bulk_create(new, batch_size=2000)


def the_first(slug: str) -> TicketType:
    return locked(Event.objects.get(slug=slug).ticket_types.all()[0])


def missing(ticket_type: TicketType, number: int) -> range:
    return range(ticket_type.event.registrations.count(), number)


def before(ticket_type: TicketType, n: int, **values: object) -> Registration:
    email = f"before{n}@example.org"
    values |= {"event": ticket_type.event, "ticket_type": ticket_type, "name": "Before"}
    return Registration(**values, email=email, email_key=email)
