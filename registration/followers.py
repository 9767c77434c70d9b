"""Addresses that want to be told of releases, and those that no longer do."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from portal import mail
from portal.models import Event, Mail, Suppression
from portal.text import address_key
from registration.models import Follower

SILENCE = timedelta(hours=24)


@transaction.atomic
def follow(event: Event, email: str) -> None:
    """Tell this address of later releases. One mail says so, with a link that stops it; once a day at most.

    Who had unsubscribed comes back by this; an address that bounced doesn't.
    """
    key, now = address_key(email), timezone.now()
    Follower.objects.bulk_create([Follower(event=event, email=email, email_key=key)], ignore_conflicts=True)
    event.suppressions.filter(address_key=key, reason=Suppression.Reason.UNSUBSCRIBED).delete()
    follower = Follower.objects.get(event=event, email_key=key)
    told = event.mails.filter(kind="follow", address=follower.email, created_at__gt=now - SILENCE)
    if not told.exists():
        occasion = f"follower-{follower.pk}-{now:%Y%m%d}"
        context = {"follower": follower.pk}
        mail.queue("follow", event=event, address=follower.email, occasion=occasion, context=context)
    else:
        mail.wake()  # for nothing, so that the time doesn't tell who follows already


@transaction.atomic
def unsubscribe(letter: Mail) -> None:
    """No more mass mail of this event to the address the letter went to. Safe to repeat."""
    key = address_key(letter.address)
    reason = Suppression.Reason.UNSUBSCRIBED
    Suppression.objects.get_or_create(event=letter.event, address_key=key, category="", defaults={"reason": reason})
    Follower.objects.filter(event=letter.event, email_key=key).delete()
