"""Letting people in. Only here check-ins are written.

Nobody is let in without a lock on the registration, so that its seat isn't lost meanwhile. Of many devices that scan a
ticket at the same moment one lets the person in and the others are told which: two constraints see to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.models import Event, Mail
from portal.rows import add
from portal.text import address_key, clean_line
from registration import booking, consents
from registration.models import CheckIn, Registration
from sessions_app.program import day_of

State = Registration.State
LONGEST = 60  # characters of a desk's name
NEEDED = ["event", "uuid", "key", "email_key", "name", "affiliation", "state", "ticket_type__name", "ticket_type__mode"]
OLDEST = timedelta(days=14)  # a device may have been offline so long
REFUSALS = {
    State.CONFIRMED: "has shown interest only and holds no ticket",
    State.WAITLISTED: "is on the waitlist and holds no seat",
    State.CANCELLED: "has cancelled",
    State.DECLINED: "was declined",
    State.AWAITING_APPROVAL: "still waits to be approved",
}


class CheckInError(Exception):
    """Why somebody can't be let in; the message is shown at the desk."""


@dataclass(frozen=True)
class Desk:
    """Who lets people in: a member at the check-in page, which may have a label of its own, or a device."""

    name: str
    user: Any = None
    label: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, clean_line(self.label)) if part)[:LONGEST]


@dataclass(frozen=True)
class Outcome:
    """`is_first` is false where the person was in already; then `check_in` is the one of that time."""

    check_in: CheckIn
    is_first: bool


@transaction.atomic
def check_in(
    registration: Registration, desk: Desk, *, session: UUID | None = None, at: datetime | None = None
) -> Outcome:
    """Let the person in, at the door or into a session. A seat that is held is confirmed by its holder being here."""
    if registration.state == State.PENDING:
        try:
            booking.confirm(registration)
        except booking.BookingError as error:
            registration.refresh_from_db(fields=["state"])
            raise CheckInError(str(error)) from error
    confirmed = expected(registration.event).filter(pk=registration.pk).first()
    if confirmed is None:
        registration.refresh_from_db(fields=["state"])
        raise CheckInError(f"{registration.name} {REFUSALS.get(State(registration.state), 'holds no seat')}.")
    return admit(confirmed, desk, session=session, at=at)


def expected(event: Event) -> QuerySet[Registration]:
    """Those who have only to be let in, locked until the caller's transaction ends."""
    with_ticket = event.registrations.with_ticket().order_by().select_related("ticket_type")
    needed = with_ticket.only(*NEEDED)  # each column costs, many times a second
    return needed.select_for_update(of=("self",))


def admit(
    registration: Registration, desk: Desk, *, session: UUID | None = None, at: datetime | None = None
) -> Outcome:
    """Let in somebody who is expected, and locked as such. Most come in once: it is written first, then looked up.

    The door lets in once a day.
    """
    event, moment = registration.event, plausible(at)
    day = None if session else day_of(moment, event.zone)
    place = {"registration": registration, "session": session, "day": day}
    made = CheckIn(event=event, **place, at=moment, desk=str(desk), by=desk.user)
    if add(made, anew=False):
        return Outcome(made, True)
    earlier = CheckIn.objects.standing().filter(**place).first()
    if earlier is None:  # undone just now
        return admit(registration, desk, session=session, at=moment)
    return Outcome(earlier, False)


@transaction.atomic
def undo(event: Event, pk: int) -> CheckIn:
    """Take a check-in back. Safe to repeat."""
    found = CheckIn.objects.select_for_update().filter(event=event, pk=pk).first()
    if found is None:
        raise CheckInError("There is no such check-in.")
    if found.undone_at is None:
        found.undone_at = timezone.now()
        found.save(update_fields=["undone_at"])
    return found


def plausible(at: datetime | None) -> datetime:
    """The moment a device tells, unless it can't be."""
    now = timezone.now()
    return at if at and now - OLDEST < at <= now else now


@transaction.atomic
def walk_in(event: Event, desk: Desk, **person: Any) -> Outcome:
    """Register somebody who stands at the door, and let them in. Nothing is kept where no seat is free."""
    known = event.registrations.filter(email_key=address_key(person["email"])).select_related("ticket_type").first()
    if known and not known.has_ended and not known.holds_seat:
        said = {name: value for name, value in person.items() if name != "email"}
        registration = booking.exchange(known, source=consents.DOOR, **said)
    else:
        registration = booking.register(event, source=consents.DOOR, **person)
    if registration.state == State.AWAITING_APPROVAL:
        registration = booking.approve(registration)
    if registration.state == State.WAITLISTED:
        raise CheckInError("No seat is free, so nobody was registered.")
    # Who stands here needn't prove an address first.
    event.mails.filter(kind="confirm", address=registration.email, state=Mail.State.WAITING).delete()
    return check_in(registration, desk)
