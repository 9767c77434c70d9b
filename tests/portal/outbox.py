"""Steps of tests of the outbox."""

from django.utils import timezone

from portal.mail import claim_due, deliver, queue
from portal.models import Mail
from tests.factories import make_event


def write(address="ada@example.org", kind="plain", event=None, **options):
    event = event or make_event()
    queue(kind, event=event, address=address, occasion="test", **options)
    return Mail.objects.get(event=event, address=address)


def send(row):
    """One try, as a worker would make it now."""
    Mail.objects.filter(pk=row.pk).update(due_at=timezone.now())
    deliver(claim_due())
    row.refresh_from_db()
    return row
