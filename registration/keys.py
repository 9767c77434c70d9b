"""The secrets behind a person's addresses, made anew when one got out."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal import mail
from portal.models import Event
from registration import ledger
from registration.models import Registration, new_key


@transaction.atomic
def renew(registration: Registration) -> Registration:
    """A new link; the old ones, tickets and the calendar's included, stop working. What takes their place is mailed."""
    registration = ledger.lock(registration)
    registration.key = new_key()
    registration.calendar_number += 1
    registration.round += 1
    registration.save()
    send(registration, "new")
    return registration


@transaction.atomic
def mail_link(event: Event, email: str) -> None:
    """Mail the link to the registration of this address, once an hour at most. Whether there is one shows when the
    mail is written: until then the same is done for all."""
    mail.queue("link", event=event, address=email, occasion=f"link-{timezone.now():%Y%m%d%H}")


def send_again(registration: Registration) -> None:
    """Once an hour at most."""
    send(registration, f"{timezone.now():%Y%m%d%H}")


def send(registration: Registration, moment: str) -> None:
    """The mail with the ticket to who holds one, to others that with their link."""
    ledger.notify(registration, "confirmed" if registration.has_ticket else "link", moment)


def renew_calendar(registration: Registration) -> None:
    Registration.objects.filter(pk=registration.pk).update(calendar_number=F("calendar_number") + 1)
