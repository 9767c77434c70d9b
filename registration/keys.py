"""The secrets behind a person's addresses, made anew when one got out."""

from django.db import transaction
from django.db.models import F

from registration import ledger
from registration.models import Registration, new_key


@transaction.atomic
def renew(registration: Registration) -> Registration:
    """A new link; the old ones, tickets included, stop working. The new one is mailed too."""
    registration = ledger.lock(registration)
    registration.key = new_key()
    registration.round += 1
    registration.save()
    ledger.notify(registration, "link", "new")
    return registration


def renew_calendar(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(calendar_number=F("calendar_number") + 1)
