"""Registrations that came before."""

from django.db import transaction

from portal.models import Event
from registration.ledger import count, locked
from registration.models import Registration


def fill(slug: str, number: int) -> None:
    """Bring the confirmed registrations of the event to this number, without a limit."""
    event = Event.objects.get(slug=slug)
    with transaction.atomic():
        ticket_type = locked(event.ticket_types.all()[0])
        event.ticket_types.update(capacity=None)
        there = event.registrations.count()
        addresses = [f"before{n}@example.org" for n in range(there, number)]
        values = {"event": event, "ticket_type": ticket_type, "name": "Before", "state": "confirmed"}
        verified = {"verified_at": event.created_at}
        Registration.objects.bulk_create(
            (Registration(**values, **verified, email=one, email_key=one) for one in addresses), batch_size=2000
        )
        count(ticket_type, len(addresses))
