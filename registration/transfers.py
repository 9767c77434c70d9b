"""A registration passed on to another person, who takes it by a link of their own."""

from django.db import transaction
from django.utils import timezone

from portal import mail
from portal.audit import unlog
from portal.text import address_key, clean_line
from registration import answers as answered
from registration import consents, ledger, links
from registration.answers import Answers
from registration.booking import LONGEST
from registration.certificates import is_over
from registration.ledger import BookingError
from registration.models import Registration, Transfer, new_key

State = Registration.State
ENDED = "This registration has ended, so it can't be passed on."
CHECKED_IN = "Somebody has been checked in with this registration, so it can't be passed on any more."
OVER = "The event is over, so this registration can't be passed on any more."


@transaction.atomic
def begin(registration: Registration, *, name: str, email: str) -> Transfer:
    """Mail the other person a link; until they take it nothing changes. A second one replaces the first.

    Says nothing about who is registered: that is told to the other person alone.
    """
    registration = movable(registration)
    if address_key(email) == registration.email_key:
        raise BookingError("This is your own address. Give that of the other person.", "email")
    Transfer.objects.filter(registration=registration).withdraw()
    found = Transfer.objects.create(registration=registration, name=clean_line(name)[:LONGEST], email=email)
    context = {"registration": registration.pk, "transfer": found.pk}
    mail.queue("transfer", event=registration.event, address=email, occasion=f"transfer-{found.pk}", context=context)
    return found


@transaction.atomic
def call_off(registration: Registration) -> None:
    """It isn't passed on after all; the link that was mailed works no more."""
    ledger.lock(registration)
    Transfer.objects.filter(registration=registration).withdraw()


def why_kept(registration: Registration) -> str:
    """Why it can't be passed on; empty where it can."""
    if registration.has_ended:
        return ENDED
    if registration.check_ins.standing().exists():
        return CHECKED_IN
    return OVER if is_over(registration.event, timezone.now()) else ""


def movable(registration: Registration) -> Registration:
    """The locked registration. Raises BookingError where it can't be passed on."""
    registration = ledger.lock(registration)
    if reason := why_kept(registration):
        raise BookingError(reason)
    return registration


@transaction.atomic
def take(
    transfer: Transfer, *, name: str, affiliation: str = "", language: str = "", answers: Answers | None = None
) -> Registration:
    """The other person has said who they are: seat, ticket and lab seats are theirs, those on offer too."""
    registration, answers = offered(transfer), answers or {}
    ledger.notify(registration, "passed_on", f"transfer-{transfer.pk}")
    forget_earlier(registration)
    answered.take_choices(answered.given(answers))
    answered.replace(registration, answers)
    registration.lab_seats.accept()
    registration.name, registration.email, registration.affiliation = name, transfer.email, affiliation
    registration.language, registration.verified_at = language, timezone.now()
    registration.round += 1
    transfer.delete()
    if registration.state == State.PENDING:
        ledger.settle(registration, State.CONFIRMED)
    else:
        registration.save()
    consents.note(registration, consents.PAGE, answers)
    ledger.notify(registration, "again" if registration.state != State.CONFIRMED else "confirmed")
    return registration


def offered(transfer: Transfer) -> Registration:
    """The locked registration. One of the other person's own that was cancelled makes room for it. Raises
    BookingError."""
    registration = movable(transfer.registration)
    if not Transfer.objects.filter(pk=transfer.pk).exists():
        raise BookingError(links.NOT_OFFERED)
    own = Registration.objects.filter(event=registration.event, email_key=address_key(transfer.email))
    if own.exclude(state=State.CANCELLED).exists():
        raise BookingError("You have a registration already. Cancel it first if you want to take this one.")
    unlog(own)
    own.delete()
    return registration


def forget_earlier(registration: Registration) -> None:
    """Old links die; the stars and the calendar of the one before are gone, what they chose and consented to is free
    and withdrawn, and so is what organizers noted and logged of them."""
    answered.free_choices(answered.stored([registration]))
    registration.stars.all().delete()
    unlog(Registration.objects.filter(pk=registration.pk))
    registration.key, registration.note, registration.client = new_key(), "", ""
    registration.calendar_number += 1
    registration.badge_printed_at = None
    consents.withdraw(consents.standing_of(registration).values())
