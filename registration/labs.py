"""Seats in sessions of limited size: chosen, given up, passed on to who waits, and lost with their session.

A lab seat goes to who holds a seat at the event; everybody else waits for both. One that becomes free is given or
offered to the next in line as their ticket has it for seats at the event. All of it happens under the lock on the
event's admission, see registration.ledger.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, F, QuerySet

from portal.models import Event
from registration import ledger
from registration.ledger import BookingError
from registration.models import Lab, LabSeat, Registration, TicketType
from sessions_app import releases
from sessions_app.program import Item, Program

State = LabSeat.State
HOLDING = [Registration.State.PENDING, Registration.State.CONFIRMED]
NOT_OFFERED = "This seat is no longer held for you."


@transaction.atomic
def choose(registration: Registration, wanted: Collection[int]) -> Registration:
    """Make these the labs of a registration, by id: take what is new or offered, give up what isn't wanted any more."""
    registration = ledger.lock(registration)
    if registration.has_ended:
        raise BookingError("This registration has ended, so it has no lab seats.")
    settle(registration, wanted)
    return registration


def begin(registration: Registration, wanted: Collection[int]) -> None:
    """Those of a new round: what was waited for in the one before is given up."""
    if registration.round > 1:
        free([registration])
    if wanted:
        settle(registration, wanted)


def settle(registration: Registration, wanted: Collection[int]) -> None:
    """As `choose`, below the caller's lock."""
    if wanted and not registration.ticket_type.has_seats:
        raise BookingError(f"“{registration.ticket_type}” gives no seat at the event, so none in labs.", "lab_seats")
    held = {seat.lab_id: seat for seat in registration.lab_seats.exclude(state=State.LOST)}
    new = set(wanted) - held.keys()
    if held:
        drop(registration.event, [seat for pk, seat in held.items() if pk not in wanted])
        registration.lab_seats.accept()
    found = locked(registration.event, new)
    if len(found) < len(new):
        raise BookingError("There is no such lab.", "lab_seats")
    for lab in found:
        take(registration, lab)


def take(registration: Registration, lab: Lab) -> None:
    if registration.holds_seat and lab.taken < lab.capacity and not in_line(lab).exists():
        count(lab, 1)
        state, place = State.SEAT, None
    else:
        state, place = State.WAITLISTED, next_place(lab)
    LabSeat.objects.update_or_create(registration=registration, lab=lab, defaults={"state": state, "place": place})


def next_place(lab: Lab) -> int:
    lab.queue += 1
    Lab.objects.filter(pk=lab.pk).update(queue=lab.queue)
    return lab.queue


@transaction.atomic
def accept(offer: LabSeat) -> None:
    """The offered seat is taken. Safe to repeat."""
    ledger.lock(offer.registration)
    held = LabSeat.objects.filter(pk=offer.pk, state__in=LabSeat.HELD)
    if not held.exists():
        raise BookingError(NOT_OFFERED)
    held.accept()


@transaction.atomic
def decline(offer: LabSeat) -> None:
    """The offered seat goes to the next in line. Safe to repeat."""
    ledger.lock(offer.registration)
    drop(offer.event, LabSeat.objects.offered().filter(pk=offer.pk))


def overdue(now: datetime) -> QuerySet[LabSeat]:
    """What was offered and not accepted in time."""
    return LabSeat.objects.offered().filter(hold_until__lt=now)


def expire(event: Event, now: datetime) -> int:
    """What wasn't accepted in time goes to the next in line. Returns how many offers ended. Below the lock."""
    ended = drop(event, overdue(now).filter(lab__event=event).select_related("registration__event"))
    for offer in ended:
        ledger.notify(offer.registration, "lapsed", f"lab-seat-{offer.pk}", lab=offer.lab_id)
    return len(ended)


def free(registrations: Collection[Registration]) -> None:
    """These hold no seat at the event any more, so their lab seats go to others."""
    if registrations:
        seats = LabSeat.objects.filter(registration__in=registrations).exclude(state=State.LOST)
        drop(next(iter(registrations)).event, seats)


def drop(event: Event, seats: Iterable[LabSeat]) -> list[LabSeat]:
    """These seats and places are given up. Gives them."""
    dropped = list(seats)
    LabSeat.objects.filter(pk__in=[seat.pk for seat in dropped]).delete()
    for lab in locked(event, {seat.lab_id for seat in dropped}):
        count(lab, -sum(seat.lab_id == lab.pk and seat.state in LabSeat.HELD for seat in dropped))
        promote(lab)
    return dropped


def suspend(registrations: Collection[Registration]) -> None:
    """Their hold has run out, so their lab seats go to others. Should they come back, they wait for what is free."""
    seats = list(LabSeat.objects.filter(registration__in=registrations, state=State.SEAT))
    for lab in locked(next(iter(registrations)).event, {seat.lab_id for seat in seats}):
        freed = [seat for seat in seats if seat.lab_id == lab.pk]
        for seat in freed:
            seat.state, seat.place = State.WAITLISTED, next_place(lab)
            seat.save()
        count(lab, -len(freed))
        promote(lab)


def seat_waiting(registrations: Collection[Registration]) -> None:
    """These have got a seat at the event: if they wait for a lab that has one left, it is theirs, unasked."""
    waiting = LabSeat.objects.filter(registration__in=registrations, state=State.WAITLISTED)
    if pks := set(waiting.values_list("lab", flat=True)):
        for lab in locked(next(iter(registrations)).event, pks):
            promote(lab, asks=False)


def promote(lab: Lab, *, asks: bool = True) -> None:
    """Give or offer what is free to those who wait, by their places."""
    waiting = in_line(lab).select_related("registration__event", "registration__ticket_type").order_by("place")
    found = list(waiting[: max(lab.capacity - lab.taken, 0)])
    has_hours = any(seat.registration.ticket_type.offer_hours for seat in found)
    start = start_of(lab) if has_hours and asks else None
    for seat in found:
        moment = f"lab-{lab.pk}-{seat.place}"
        give(seat, time_to_accept(seat.registration, start) if asks else None)
        count(lab, 1)
        ledger.notify(seat.registration, "lab_seat", moment, lab=lab.pk)


def start_of(lab: Lab) -> datetime | None:
    return next((item.start for other, item in released(lab.event) if other == lab), None)


def time_to_accept(registration: Registration, start: datetime | None) -> datetime | None:
    """None where a seat is theirs unasked: by their ticket, since their seat at the event is on hold itself and both
    end together, or since the lab would have begun."""
    hours = registration.ticket_type.offer_hours
    if not hours or registration.state != Registration.State.CONFIRMED:
        return None
    until = ledger.hold_until(hours)
    return None if start and start <= until else until


def give(seat: LabSeat, hold_until: datetime | None) -> None:
    """A seat for somebody who waited: theirs at once, or to be accepted in time."""
    seat.state, seat.place = State.OFFERED if hold_until else State.SEAT, None
    seat.hold_until = hold_until
    seat.save()


@transaction.atomic
def set_capacity(lab: Lab, capacity: int) -> Lab:
    """Change how many seats a lab has; new ones go to those who wait."""
    ledger.hold(lab.event)
    [lab] = locked(lab.event, [lab.pk])
    if capacity < lab.taken:
        raise BookingError(ledger.too_few(capacity, lab.taken), "capacity")
    lab.capacity = capacity
    Lab.objects.filter(pk=lab.pk).update(capacity=capacity)
    promote(lab)
    return lab


def hold(event: Event) -> bool:
    """Where there are labs, lock the admission, as has to be done before a release locks the event."""
    return event.labs.exists() and ledger.hold(event)


def follow(event: Event, program: Program) -> int:
    """End the seats of labs that this program has no more, or as cancelled. Returns how many. Their rows stay, so that
    the people can be told."""
    alive = open_items(program)
    gone = [lab for lab in event.labs.all() if str(lab.session) not in alive]
    Lab.objects.filter(pk__in=[lab.pk for lab in gone]).update(taken=0)
    return LabSeat.objects.filter(lab__in=gone).update(state=State.LOST, place=None, hold_until=None)


def open_items(program: Program) -> dict[str, Item]:
    """The sessions that take place, by uuid."""
    return {item.uuid: item for item in program.items if item.status != "cancelled"}


def released(event: Event) -> list[tuple[Lab, Item]]:
    """The labs that can be chosen with their sessions as in the latest release, in order of the program."""
    labs = {str(lab.session): lab for lab in event.labs.all()}
    release = releases.latest(event) if labs else None
    if release is None:
        return []
    return [(labs[uuid], item) for uuid, item in open_items(release.program).items() if uuid in labs]


def waiting(event: Event) -> dict[int, int]:
    """How many wait for a seat, by the ids of the labs."""
    seats = LabSeat.objects.waiting().filter(lab__event=event).order_by()
    return dict(seats.values_list("lab").annotate(Count("pk")))


def titles(events: Collection[int] | QuerySet[Any, Any]) -> dict[int, str]:
    """Of the labs of these events, by their ids; those that can be chosen as they were released."""
    found = list(Lab.objects.filter(event__in=events).select_related("event"))
    known = {lab.pk: item.title for event in {lab.event for lab in found} for lab, item in released(event)}
    return {lab.pk: known.get(lab.pk, str(lab)) for lab in found}


def in_line(lab: Lab) -> QuerySet[LabSeat]:
    """Those waiting whom a seat can be given to."""
    with_seat = {"registration__state__in": HOLDING, "registration__ticket_type__mode": TicketType.Mode.SEATS}
    return LabSeat.objects.filter(lab=lab, state=State.WAITLISTED, **with_seat)


def locked(event: Event, pks: Iterable[int]) -> list[Lab]:
    return list(Lab.objects.select_for_update().filter(event=event, pk__in=pks).order_by("pk")) if pks else []


def count(lab: Lab, change: int) -> None:
    if change:
        lab.taken += change
        Lab.objects.filter(pk=lab.pk).update(taken=F("taken") + change)
