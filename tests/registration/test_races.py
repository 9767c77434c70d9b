"""Many at once, at all that is counted beside the seats of one ticket. Each race also runs with its guard off, to show
that the test would see it lost."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest
from django.db import IntegrityError, OperationalError, connections, transaction
from django.test import Client
from django.urls import reverse

from portal.invariants import problems
from portal.models import Event
from portal.rows import value
from registration import booking, labs, ledger, line, repeats, turns
from registration.models import Admission, Answer, Choice, IdempotencyKey, Lab, LabSeat, Registration, TicketType
from registration.notices import release_program
from tests.factories import make_event, make_lab, make_organizer, make_question, make_release, make_ticket_type
from tests.registration.races import at_once, unlock, without_guard
from tests.services import wait_until

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SEATS, PEOPLE = 50, 150
FEW, SOME = 5, 30
ADDRESS = "/api/v1/events/{}/registrations/"


def posting(event: Event, number: int, key: str = "", **more: object) -> Callable[[], tuple[int, bytes]]:
    body = json.dumps({"name": f"Person {number}", "email": f"person{number}@example.org"} | more)
    headers = {"Idempotency-Key": key} if key else {}

    def act() -> tuple[int, bytes]:
        address = ADDRESS.format(event.slug)
        response = Client(raise_request_exception=False).post(
            address, body, content_type="application/json", headers=headers
        )
        return response.status_code, response.content

    return act


def registering(event: Event, number: int, **values: object) -> Callable[[], Registration]:
    return lambda: booking.register(event, name=f"P{number}", email=f"person{number}@example.org", **values)


class TestTheRush:
    """Each sends its request one to four times with one key."""

    def rush(self, people: int, processes: int = 0) -> tuple[Event, list[int], list[tuple[int, bytes]]]:
        """Also whose try each was, and what each was answered."""
        event = make_event()
        make_ticket_type(event, SEATS)
        random = Random(1)
        tries = [number for number in range(people) for _ in range(random.randint(1, 4))]
        random.shuffle(tries)
        answers: list[tuple[int, bytes]] = []
        for start in range(0, len(tries), 40):
            some = [posting(event, number, f"key-{number}") for number in tries[start : start + 40]]
            answers += at_once(*some, processes=processes)  # type: ignore[arg-type]
        return event, tries, answers

    @pytest.mark.parametrize("processes", [0, 2])
    def test_of_many_exactly_as_many_get_a_seat_as_there_are_each_with_one_answer(self, processes: int) -> None:
        event, tries, answers = self.rush(PEOPLE, processes)

        by_person = {number: {answers[place] for place, one in enumerate(tries) if one == number} for number in tries}
        said = [json.loads(next(iter(found))[1]) for found in by_person.values()]
        assert {len(found) for found in by_person.values()} == {1}
        assert {status for status, _ in answers} == {201}
        assert Counter(one["state"] for one in said) == {"pending": SEATS, "waitlisted": PEOPLE - SEATS}
        assert sorted(one["position"] for one in said if one["position"]) == list(range(1, PEOPLE - SEATS + 1))
        assert event.registrations.count() == event.mails.count() == PEOPLE
        assert problems() == []

    def test_without_the_guard_the_same_rush_oversells(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with without_guard(monkeypatch, TicketType, "never_oversold"):
            event, *_ = self.rush(SEATS + SOME)
            holding = event.registrations.filter(state="pending").count()
            event.registrations.all().delete()

            assert holding > SEATS


class TestTheSameKey:
    def test_fifty_at_once_have_one_effect_and_one_answer(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)

        answers = at_once(*(posting(event, 1, "one") for _ in range(50)))

        assert len(set(answers)) == 1
        assert (event.registrations.count(), event.mails.count(), IdempotencyKey.objects.count()) == (1, 1, 1)

    def test_none_is_refused_what_the_first_of_them_has_taken(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)
        make_question(event, "Tour", kind="choice", choices=("Harbor",))
        Choice.objects.update(limit=1)

        answers = at_once(*(posting(event, 1, "one", answers={"tour": "Harbor"}) for _ in range(10)))

        assert (len(set(answers)), answers[0][0]) == (1, 201)  # type: ignore[index]
        assert Answer.objects.count() == 1

    def test_without_remembering_the_same_requests_get_several_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)
        monkeypatch.setattr(repeats, "earlier", lambda attempt: None)
        monkeypatch.setattr(turns, "stored", lambda attempt, act: transaction.atomic(act)())

        answers = at_once(*(posting(event, 1, "one") for _ in range(10)))

        assert len(set(answers)) == 10

    def test_of_two_bodies_one_has_its_effect_and_the_other_is_refused(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)

        answers = at_once(*(posting(event, n % 2, "one") for n in range(20)))

        assert Counter(status for status, _ in answers) == {201: 10, 422: 10}  # type: ignore[misc]
        assert event.registrations.count() == 1


class TestTheEventsSeats:
    def rush(self) -> Event:
        event = make_event()
        tickets = [make_ticket_type(event, SOME, name=name) for name in ("On site", "Student")]
        booking.set_event_capacity(event, FEW)
        at_once(*(registering(event, n, ticket_type=tickets[n % 2]) for n in range(SOME)))
        return event

    def test_they_are_never_more_than_there_are_whatever_the_ticket(self) -> None:
        event = self.rush()

        holding = event.registrations.filter(state="pending").count()
        assert (holding, Admission.objects.get().taken) == (FEW, FEW)
        assert problems() == []

    def test_without_the_guard_the_same_rush_oversells(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with without_guard(monkeypatch, Admission, "event_never_oversold"):
            rushes = (self.rush() for _ in range(3))  # of one nearly all may be refused, as they wait for each other

            assert any(event.registrations.filter(state="pending").count() > FEW for event in rushes)


class TestLabs:
    def rush(self) -> Lab:
        event = make_event()
        make_ticket_type(event, None)
        make_release(event)
        lab = make_lab(event, event.sessions.earliest("pk"), FEW)
        people = [registering(event, n)() for n in range(SOME)]
        at_once(*((lambda one=one: labs.choose(one, [lab.pk])) for one in people))
        return lab

    def test_a_lab_is_never_oversold_and_its_line_has_no_gap(self) -> None:
        lab = self.rush()

        assert lab.seats.filter(state="seat").count() == FEW
        waiting = lab.seats.filter(state="waitlisted").order_by("place")
        assert list(waiting.values_list("place", flat=True)) == list(range(1, SOME - FEW + 1))
        assert problems() == []

    def test_seats_given_back_at_once_go_to_those_longest_in_line(self) -> None:
        lab = self.rush()
        seated = [seat.registration for seat in lab.seats.filter(state="seat").select_related("registration")]
        first = list(lab.seats.filter(state="waitlisted").order_by("place").values_list("pk", flat=True)[:FEW])

        at_once(*((lambda one=one: labs.choose(one, [])) for one in seated))

        assert set(lab.seats.filter(state="seat").values_list("pk", flat=True)) == set(first)
        assert problems() == []

    def test_without_the_guard_the_same_rush_oversells(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with without_guard(monkeypatch, Lab, "lab_never_oversold"):
            lab = self.rush()

            assert LabSeat.objects.filter(lab=lab, state="seat").count() > FEW


class TestChoices:
    def rush(self) -> Event:
        event = make_event()
        make_ticket_type(event, None)
        shirt = make_question(event, kind="choice", choices=("M",))
        Choice.objects.update(limit=FEW)
        at_once(*(registering(event, n, answers={shirt: "M"}) for n in range(SOME)))
        return event

    def test_a_limit_is_exact(self) -> None:
        event = self.rush()

        assert (Choice.objects.get().taken, event.registrations.count(), Answer.objects.count()) == (FEW, FEW, FEW)
        assert problems() == []

    def test_without_the_guard_the_same_rush_goes_beyond_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Choice, "why_not", "")
        with without_guard(monkeypatch, Choice, "choice_never_over_its_limit"):
            self.rush()
            chosen = Answer.objects.count()
            Answer.objects.all().delete()

            assert chosen > FEW


def loses_count(rush: Callable[[], object]) -> bool:
    try:
        rush()
    except (IntegrityError, OperationalError):  # a constraint said no, or two waited for each other
        return True
    return problems() != []


class TestOffers:
    def rush(self) -> Event:
        """Everybody takes the seat offered to them while the scheduler takes it back."""
        event = make_event()
        make_ticket_type(event, FEW, offer_hours=1)
        people = [booking.confirm(registering(event, n)()) for n in range(2 * FEW)]
        at_once(*((lambda one=one: booking.cancel(one)) for one in people[:FEW]))
        event.registrations.filter(state="pending").update(hold_until="2020-01-01T00:00Z")
        at_once(*((lambda one=one: booking.confirm(one)) for one in people[FEW:]), *([booking.expire] * 5))
        return event

    def test_each_seat_is_taken_once(self) -> None:
        event = self.rush()

        held = event.registrations.filter(state__in=["pending", "confirmed"]).count()
        assert held == event.ticket_types.get().taken <= FEW
        assert problems() == []

    def test_without_the_lock_the_same_rush_loses_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        unlock(monkeypatch)

        assert any(loses_count(self.rush) for _ in range(10))


class TestLabOffers:
    def rush(self, *others: Callable[[Lab], object]) -> Lab:
        """Everybody takes the lab seat offered to them while the scheduler takes it back, who is next in line is moved,
        and others do something to the lab."""
        event = make_event()
        make_ticket_type(event, None, offer_hours=1)
        make_release(event)
        lab = make_lab(event, event.sessions.earliest("pk"), FEW)
        people = [booking.confirm(registering(event, n)()) for n in range(4 * FEW)]
        for one in people:
            labs.choose(one, [lab.pk])
        at_once(*((lambda one=one: labs.choose(one, [])) for one in people[:FEW]))
        offers = list(LabSeat.objects.offered())
        LabSeat.objects.offered().update(hold_until="2020-01-01T00:00Z")
        at_once(
            *((lambda one=one: labs.accept(one)) for one in offers),
            *([booking.expire] * 5),
            *((lambda one=one: line.move(one, 1)) for one in LabSeat.objects.waiting()),
            *((lambda act=act: act(lab)) for act in others),
        )
        lab.refresh_from_db()
        return lab

    def test_each_seat_is_held_once_and_no_place_is_lost(self) -> None:
        lab = self.rush(*(partial(labs.set_capacity, capacity=size) for size in (FEW + 2, FEW)))

        assert lab.seats.filter(state__in=LabSeat.HELD).count() == lab.taken == lab.capacity
        assert problems() == []

    def test_nobody_keeps_a_seat_in_a_lab_that_is_cancelled_meanwhile(self) -> None:
        def cancel(lab: Lab) -> None:
            lab.event.sessions.filter(uuid=lab.session).update(status="cancelled")
            release_program(lab.event, "tentative", is_mailed=False)

        lab = self.rush(cancel)

        assert (lab.taken, {seat.state for seat in lab.seats.all()}) == (0, {"lost"})
        assert problems() == []

    def test_without_the_lock_the_same_rush_loses_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        unlock(monkeypatch)

        assert any(loses_count(self.rush) for _ in range(10))


class TestTheFormOfATicket:
    """Whoever registers has the lock on all counting first, and then asks for the ticket types."""

    WAITS = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"

    def test_it_writes_when_its_turn_has_come(self) -> None:
        event = make_event()
        ticket_type = make_ticket_type(event, SEATS)
        browser = Client()
        browser.force_login(make_organizer(event))
        address = reverse("admin:registration_tickettype_change", args=[ticket_type.pk])
        form = {"name": "Late", "capacity": "", "position": 0, "mode": "seats", "opens_at": "", "closes_at": ""}

        with ThreadPoolExecutor(1) as crowd:
            with transaction.atomic():
                ledger.opened(event)
                saved = crowd.submit(lambda: (browser.post(address, form).status_code, connections.close_all()))
                assert wait_until(lambda: bool(value(self.WAITS)))
                ledger.renewed(event)
            assert saved.result()[0] == 302

        ticket_type.refresh_from_db()
        assert (ticket_type.name, ticket_type.capacity) == ("Late", None)
