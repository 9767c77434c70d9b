"""Addresses that want to be told of releases, and those that no longer do."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from portal import mail
from portal.models import Category, Event, Mail, Suppression
from portal.text import address_key
from registration import preferences
from registration.models import Follower

SILENCE = timedelta(hours=24)


@transaction.atomic
def follow(event: Event, email: str) -> None:
    """Tell this address of later releases. One mail says so, with a link that stops it; once a day at most.

    Who had unsubscribed is asked by this mail, and comes back by its link alone: anybody can type an address.
    """
    key, now = address_key(email), timezone.now()
    Follower.objects.bulk_create([Follower(event=event, email=email, email_key=key)], ignore_conflicts=True)
    follower = Follower.objects.get(event=event, email_key=key)
    refusal = preferences.refusal(event, email)
    since = max(now - SILENCE, refusal.created_at) if refusal else now - SILENCE
    told = event.mails.filter(kind="follow", address=follower.email, created_at__gt=since)
    if not told.exists():
        occasion = f"follower-{follower.pk}-{now:%Y%m%d}"
        context = {"follower": follower.pk}
        mail.queue("follow", event=event, address=follower.email, occasion=occasion, context=context)
    else:
        mail.wake()  # for nothing, so that the time doesn't tell who follows already


@transaction.atomic
def come_back(letter: Mail) -> None:
    """Tell the address the letter went to of releases again. What else it refused stays refused."""
    event, address = letter.event, letter.address
    wanted = preferences.wanted(event, address) | {Category.PROGRAM.value}
    preferences.choose(event, address, wanted)
    new = Follower(event=event, email=address, email_key=address_key(address))
    Follower.objects.bulk_create([new], ignore_conflicts=True)


@transaction.atomic
def unsubscribe(letter: Mail) -> None:
    """No more mass mail of this event to the address the letter went to. Safe to repeat."""
    key = address_key(letter.address)
    reason = Suppression.Reason.UNSUBSCRIBED
    Suppression.objects.get_or_create(event=letter.event, address_key=key, category="", defaults={"reason": reason})
    Follower.objects.filter(event=letter.event, email_key=key).delete()
