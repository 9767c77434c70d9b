"""What can be done to a registration. With labs, line and transfers the only place that takes or frees seats.

Every verb is one transaction below the lock of registration.ledger and is safe to repeat.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from portal.models import Event
from portal.rows import together
from portal.text import clean_line
from registration import answers as answered
from registration import consents, labs, ledger
from registration.answers import Answers
from registration.guests import Guests
from registration.ledger import DOUBLE_CLICK, KnownError, count, free_seats, has_free_seat, lock, locked, notify, settle
from registration.ledger import BookingError as BookingError
from registration.line import promote
from registration.models import Admission, Answer, Registration, TicketType, Transfer
from registration.opening import check_open

State = Registration.State
LONGEST = 200  # characters of a name or an affiliation
NOBODY = 0  # is no id


def register(event: Event, *, ticket_type: TicketType | None = None, **said: Any) -> Registration:
    """Hold a seat until its address is confirmed, or give the next place on the waitlist; see `book`."""
    with transaction.atomic(), together():
        return book(chosen(event, ticket_type), **said)


def chosen(event: Event, ticket_type: TicketType | None) -> TicketType:
    """The locked ticket type to register for: this one of the event, or the first that needs no access code."""
    wanted = ticket_type or event.ticket_types.filter(access_code="").first()
    if wanted is None or wanted.event_id != event.pk:
        raise BookingError(ledger.NO_REGISTRATION)
    wanted.event = event
    return locked(wanted)


def book(
    ticket_type: TicketType,
    *,
    name: str,
    email: str,
    affiliation: str = "",
    language: str = "",
    answers: Answers | None = None,
    lab_seats: Collection[int] = (),
    uuid: UUID | None = None,
    source: str = consents.PAGE,
    client: str = "",
    guests: Guests | None = None,
    is_proven: bool = False,
) -> Registration:
    """Register somebody for a locked ticket type.

    An address that is registered already keeps what it has and is mailed its link. `answers` have been checked by
    registration.questions; `lab_seats` are ids of labs; `uuid` becomes that of a new registration; `source` is where
    the person said it, for the log of consents, and `client` the print of where it came from; `guests` know others who
    come in the same transaction; an address that `is_proven` needn't be confirmed.
    """
    person = {"name": clean_line(name)[:LONGEST], "email": email, "affiliation": clean_line(affiliation)[:LONGEST]}
    is_proven = is_proven or ticket_type.event.admission.confirms_at_once
    proof = {"verified_at": timezone.now() if is_proven else None}
    details = person | {"language": language, "client": client} | proof | ({"uuid": uuid} if uuid else {})
    answers = answers or {}
    check_open(ticket_type, source)
    guests = guests or Guests(ticket_type.event)
    registration = guests.find(email)
    registration.event = ticket_type.event
    if registration.state != State.CANCELLED:
        rehearse(guests.newcomer(email), ticket_type, details, answers, lab_seats)
        remind(registration)
        return registration
    admit(registration, ticket_type, details, answers, lab_seats)
    consents.note(registration, source, answers)
    return registration


def admit(
    registration: Registration,
    ticket_type: TicketType,
    details: dict[str, Any],
    answers: Answers,
    lab_seats: Collection[int],
) -> None:
    """Let somebody in anew with what they said."""
    for field, value in details.items():
        setattr(registration, field, value)
    registration.ticket_type = ticket_type
    enter(registration)
    settle_in(registration, answers, lab_seats)


def settle_in(registration: Registration, answers: Answers, lab_seats: Collection[int]) -> list[Answer]:
    """What somebody said with a new round. Gives the answers that were added."""
    labs.begin(registration, lab_seats)
    answered.take_choices(answered.given(answers))
    if registration.round > 1:
        registration.answers.all().delete()
    return answered.add(registration, answers) if answers else []


def rehearse(
    nobody: Registration,
    ticket_type: TicketType,
    details: dict[str, Any],
    answers: Answers,
    lab_seats: Collection[int],
) -> None:
    """Let in somebody of an address that is there, which adds and counts nobody, and take back what they said: so
    neither the time it takes nor a refusal tells that it is known."""
    nobody.event, nobody.is_known = ticket_type.event, True
    with suppress(KnownError):
        admit(nobody, ticket_type, details, answers, lab_seats)
    count(ticket_type, 0)
    if not answers and not lab_seats:
        return
    nobody.pk = NOBODY
    before = transaction.savepoint_create()
    made = settle_in(nobody, answers, lab_seats)
    transaction.savepoint_rollback(before)
    for answer in made:
        answered.discard_file(answer)


def outlook(ticket_type: TicketType) -> tuple[str, int | None]:
    """The state a new person would get of this locked ticket type, and the position in line for it."""
    if ticket_type.needs_approval:
        return State.AWAITING_APPROVAL.value, None
    if is_full(ticket_type):
        return State.WAITLISTED.value, ticket_type.waiting + 1
    return (State.CONFIRMED if ticket_type.event.admission.confirms_at_once else State.PENDING).value, None


@transaction.atomic
def confirm(registration: Registration) -> Registration:
    """The link was opened, so the address is proven: the held or offered seat is taken.

    On the waitlist it keeps its place. Where the hold has run out and the seat was freed, it books anew.
    """
    registration = lock(registration)
    if registration.state == State.CANCELLED:
        return confirm_late(registration)
    if registration.state == State.PENDING:
        registration.verified_at = timezone.now()
        settle(registration, State.CONFIRMED)
        notify(registration, "confirmed")
    elif registration.verified_at is None:
        registration.verified_at = timezone.now()
        registration.save()
    return registration


def confirm_late(registration: Registration) -> Registration:
    if registration.hold_until is None:
        raise BookingError("This registration was cancelled. Register again if you want to come after all.")
    check_open(registration.ticket_type)
    registration.verified_at = timezone.now()
    seat_or_place(registration)
    answered.take_choices(answered.stored([registration]))
    labs.seat_waiting([registration])
    return registration


@transaction.atomic
def cancel(registration: Registration) -> Registration:
    """Give up the seat or the place; a freed seat goes to the first in line."""
    registration = lock(registration)
    if not registration.has_ended:
        end([registration], State.CANCELLED)
        notify(registration, "cancelled")
        promote(registration.event)
    return registration


@transaction.atomic
def approve(registration: Registration) -> Registration:
    """An organizer lets this person in: a seat, or a place on the waitlist. Also after having declined."""
    registration = lock(registration)
    if registration.state == State.DECLINED:
        answered.take_choices(answered.stored([registration]))
    if registration.state in (State.AWAITING_APPROVAL, State.DECLINED):
        seat_or_place(registration)
        labs.seat_waiting([registration])
    return registration


@transaction.atomic
def decline(registration: Registration) -> Registration:
    """An organizer doesn't let this person in."""
    registration = lock(registration)
    if not registration.has_ended:
        end([registration], State.DECLINED)
        notify(registration, "declined")
        promote(registration.event)
    return registration


@transaction.atomic
def edit(
    registration: Registration,
    *,
    name: str,
    affiliation: str,
    ticket_type: TicketType,
    answers: Answers,
    language: str | None = None,
    source: str = consents.PAGE,
) -> Registration:
    """Change what the person said, and with it perhaps the ticket: all of it or, if that is refused, nothing."""
    registration = lock(registration)
    if registration.has_ended:
        raise BookingError("This registration has ended. Register again if you want to come after all.")
    registration.name, registration.affiliation = clean_line(name)[:LONGEST], clean_line(affiliation)[:LONGEST]
    registration.language = registration.language if language is None else language
    registration.save()
    if ticket_type.pk != registration.ticket_type_id:
        change_ticket(registration, ticket_type, source)
    answered.free_choices(answered.stored([registration]))
    answered.take_choices(answered.given(answers))
    answered.replace(registration, answers)
    consents.renew(registration, source, answers)
    return registration


def exchange(
    registration: Registration, *, ticket_type: TicketType, source: str, name: str = "", affiliation: str = ""
) -> Registration:
    """Another ticket, with everything else as it is but for what is given."""
    given = registration.answers.select_related("question")
    answers = {one.question: None if one.file else one.value for one in given}
    named = {"name": name or registration.name, "affiliation": affiliation or registration.affiliation}
    return edit(registration, **named, ticket_type=ticket_type, answers=answers, source=source)


def change_ticket(registration: Registration, wanted: TicketType, source: str) -> None:
    """A seat is changed for a seat only; who waits, waits anew, behind the others."""
    event, old = registration.event, registration.ticket_type
    new = next((one for one in ledger.renewed(event) if one.pk == wanted.pk), None)
    if new is None:
        raise BookingError(ledger.GONE, "ticket_type")
    check_open(new, source)
    keeps_seat = registration.holds_seat
    if keeps_seat and (new.needs_approval or (new.has_seats and not has_place_for_another(new))):
        why = "is given by the organizers only" if new.needs_approval else "has no free seat"
        raise BookingError(f"“{new}” {why}. You still have your “{old}”; cancel it to register anew.", "ticket_type")
    if keeps_seat:
        count(old, -1)
    ledger.leave_line(registration)
    registration.ticket_type = new
    if keeps_seat and new.has_seats:
        count(new, 1)
        registration.save()
    else:
        labs.free([] if new.has_seats else [registration])
        enter(registration)
        labs.seat_waiting([registration])
    promote(event)


def has_place_for_another(ticket_type: TicketType) -> bool:
    """For somebody who brings their seat of the event along."""
    return free_seats(ticket_type) != 0 and not ticket_type.waiting


@transaction.atomic
def offer_free_seats(ticket_type: TicketType) -> int:
    """Give the free seats of the event to those who wait, in the order of their places. Returns how many."""
    ledger.opened(ticket_type.event)
    return promote(ticket_type.event)


def expire(now: datetime | None = None) -> int:
    """Free the seats whose hold has run out, in labs too, and offer what is free to those who wait. Returns how many
    holds ended."""
    now = now or timezone.now()
    overdue = Q(registrations__state=State.PENDING, registrations__hold_until__lt=now)
    is_free = Q(capacity=None) | Q(taken__lt=F("capacity"))
    has_room = Q(event__admission__capacity=None) | Q(event__admission__taken__lt=F("event__admission__capacity"))
    stuck = is_free & has_room & Q(registrations__state=State.WAITLISTED)
    found = TicketType.objects.filter(overdue | stuck)
    concerned = Q(pk__in=found.order_by().values("event")) | Q(pk__in=labs.overdue(now).order_by().values("lab__event"))
    events = Event.objects.filter(concerned).order_by("pk")
    return sum(expire_of(event, now) for event in events)


@transaction.atomic
def expire_of(event: Event, now: datetime) -> int:
    """`hold_until` stays: it tells a hold that ran out from a registration that was cancelled."""
    ledger.opened(event)
    rows = event.registrations.filter(state=State.PENDING, hold_until__lt=now).select_for_update().order_by("pk")
    overdue = list(rows)
    end(overdue, State.CANCELLED, keeps_moment=True)
    for registration in overdue:
        if registration.verified_at:
            notify(registration, "lapsed")
    promote(event)
    return len(overdue) + labs.expire(event, now)


@transaction.atomic
def set_capacity(ticket_type: TicketType, capacity: int | None) -> TicketType:
    """Change how many seats there are; None is without limit. New seats go to those who wait."""
    ticket_type = locked(ticket_type)
    limit(ticket_type, capacity)
    ticket_type.refresh_from_db(fields=["taken"])
    return ticket_type


@transaction.atomic
def set_event_capacity(event: Event, capacity: int | None) -> Admission:
    """Change how many seats there are of all ticket types together."""
    admission = ledger.opened(event)
    limit(admission, capacity)
    return admission


def limit(counted: TicketType | Admission, capacity: int | None) -> None:
    if capacity is not None and capacity < counted.taken:
        raise BookingError(ledger.too_few(capacity, counted.taken), "capacity")
    counted.capacity = capacity
    type(counted).objects.filter(pk=counted.pk).update(capacity=capacity)
    promote(counted.event)


def enter(registration: Registration) -> None:
    """Start a new round as the ticket type has it: an organizer decides first, or a seat, or a place in line."""
    if registration.ticket_type.needs_approval:
        registration.round += 1
        settle(registration, State.AWAITING_APPROVAL)
        notify(registration, "awaiting")
    else:
        seat_or_place(registration)


def seat_or_place(registration: Registration) -> None:
    """Start a new round: a seat if one is free and nobody waits for it, else the next place in line."""
    ticket_type = registration.ticket_type
    registration.round += 1
    if is_full(ticket_type):
        ledger.join_line(registration)
        notify(registration, "waitlisted")
        return
    if registration.verified_at:
        settle(registration, State.CONFIRMED)
    else:
        settle(registration, State.PENDING, hold_until=ledger.hold_until())
    count(ticket_type, 1)
    notify(registration, "confirmed" if registration.verified_at else "confirm")


def is_full(ticket_type: TicketType) -> bool:
    """Whether who comes now has to wait: there is no seat, or somebody waits for it."""
    return bool(ticket_type.waiting) or (ticket_type.has_seats and not has_free_seat(ticket_type))


def end(registrations: Sequence[Registration], state: str, *, keeps_moment: bool = False) -> None:
    """Take back all that these hold, below the lock. Whom a seat goes to now is `promote`'s question."""
    if not registrations:
        return
    event = registrations[0].event
    for ticket_type in ledger.renewed(event):
        held = [one for one in registrations if one.ticket_type_id == ticket_type.pk and one.state in labs.HOLDING]
        if held:
            count(ticket_type, -len(held))
    answered.free_choices(answered.stored(registrations))
    Transfer.objects.filter(registration__in=registrations).withdraw()
    for registration in registrations:
        settle(registration, state, hold_until=registration.hold_until if keeps_moment else None)
    (labs.suspend if keeps_moment else labs.free)(registrations)


def remind(registration: Registration) -> None:
    """Mail the link again, once an hour at most. A form that was sent twice is no second wish. Its mail is written all
    the same and withdrawn when it is due, so that nobody learns from the time whether an address was known."""
    now = timezone.now()
    is_twice = now - registration.updated_at <= DOUBLE_CLICK
    notify(registration, "again", f"{now:%Y%m%d%H}{'-twice' * is_twice}", twice=is_twice)
