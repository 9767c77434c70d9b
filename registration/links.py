"""The addresses in our mails. Each token is signed for one purpose, and opening one changes nothing.

A token of a registration names its row and carries a print of its key and address: it dies when either changes.
A confirming link is good for a week, longer than the seat it confirms is held: whoever comes late is told so and
may still book what is free. The link that manages a registration and the one that unsubscribes don't age.
"""

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from django.urls import reverse

from portal.links import LinkError, absolute, sign, unsign
from portal.models import Event, Mail
from registration.models import Registration, Transfer

CONFIRM, MANAGE, UNSUBSCRIBE = "registration.confirm", "registration.manage", "registration.unsubscribe"
TRANSFER, CALENDAR = "registration.transfer", "registration.calendar"
MAX_AGE = {CONFIRM: timedelta(days=7), TRANSFER: timedelta(days=7)}
PLACE = "TOKEN"  # of the token; in no slug
NOT_OFFERED = (
    "This registration has been taken, or is no longer offered to you. If you have just taken it yourself, a mail with "
    "your link is on its way."
)
GONE = "This link belongs to something that is no longer there."


def path(view: str, slug: str, token: str) -> str:
    return path_to(view, slug).replace(PLACE, token)


@lru_cache(maxsize=1024)
def path_to(view: str, slug: str) -> str:
    """Put together once for the links of thousands of mails."""
    return reverse(view, args=[slug, PLACE])


def confirm_url(registration: Registration) -> str:
    return absolute(confirm_path(registration))


def manage_url(registration: Registration) -> str:
    return absolute(manage_path(registration))


def unsubscribe_url(mail: Mail) -> str:
    token = sign(UNSUBSCRIBE, str(mail.pk))
    return absolute(path("registration:unsubscribe", mail.event.slug, token))


def mails_url(mail: Mail) -> str:
    """Where its reader chooses which mails to get; the same right as to unsubscribe."""
    token = sign(UNSUBSCRIBE, str(mail.pk))
    return absolute(path("registration:mails", mail.event.slug, token))


def tell_me_url(mail: Mail) -> str:
    """Where its reader asks to be told of releases again; the same right too."""
    token = sign(UNSUBSCRIBE, str(mail.pk))
    return absolute(path("registration:tell_me", mail.event.slug, token))


def confirm_path(registration: Registration) -> str:
    return path("registration:confirm", registration.event.slug, token_of(registration, CONFIRM))


def manage_path(registration: Registration) -> str:
    return path("registration:manage", registration.event.slug, token_of(registration, MANAGE))


def lab_offer_path(registration: Registration, lab: int) -> str:
    """Where a seat offered in a lab is taken or declined; the same right as to manage the registration."""
    return reverse("registration:lab_offer", args=[registration.event.slug, token_of(registration, MANAGE), lab])


def transfer_path(transfer: Transfer) -> str:
    token = sign(TRANSFER, f"{transfer.pk}-{transfer.key}")
    return path("registration:transfer", transfer.registration.event.slug, token)


def calendar_path(registration: Registration) -> str:
    """The address of the personal calendar; its number is raised to end it."""
    token = sign(CALENDAR, f"{registration.pk}-{registration.calendar_number}")
    return path("registration:calendar", registration.event.slug, token)


def token_of(registration: Registration, purpose: str) -> str:
    return sign(purpose, f"{registration.pk}-{print_of(registration)}")


def print_of(registration: Registration) -> str:
    return sha256(f"{registration.key} {registration.email_key}".encode()).hexdigest()[:20]


def registration_of(token: str, purpose: str, event: Event) -> Registration:
    """The registration this token was made for. Raises LinkError."""
    pk, _, mark = unsign(purpose, token, MAX_AGE.get(purpose)).partition("-")
    found = Registration.objects.select_related("ticket_type").filter(pk=pk, event=event).first()
    if found is None or print_of(found) != mark:
        raise LinkError(GONE)
    found.event = event
    return found


def transfer_of(token: str, event: Event) -> Transfer:
    """The transfer this token was made for. Raises LinkError."""
    pk, _, key = unsign(TRANSFER, token, MAX_AGE[TRANSFER]).partition("-")
    rows = Transfer.objects.select_related("registration__ticket_type")
    found = rows.filter(pk=pk, key=key, registration__event=event).first()
    if found is None:
        raise LinkError(NOT_OFFERED)
    found.registration.event = event
    return found


def calendar_of(token: str, event: Event) -> Registration:
    """The registration whose calendar this is. Raises LinkError."""
    pk, _, number = unsign(CALENDAR, token).partition("-")
    found = event.registrations.filter(pk=pk, calendar_number=number).select_related("ticket_type").first()
    if found is None:
        raise LinkError(GONE)
    return found


def mail_of(token: str, event: Event) -> Mail:
    """The mail whose reader wants no more of them. Raises LinkError."""
    found = Mail.objects.filter(pk=unsign(UNSUBSCRIBE, token), event=event).first()
    if found is None:
        raise LinkError(GONE)
    return found
