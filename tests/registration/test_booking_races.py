"""Many at once. Each race is also run with its guard off, to show that the test would see the overselling."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal.invariants import problems
from portal.models import Event
from registration import booking, turns
from registration.models import Choice, Registration, TicketType
from tests.factories import make_event, make_question, make_ticket_type
from tests.registration.races import at_once, unlock

PEOPLE = 48
SEATS = 10


def registering(event: Event, number: int, ticket_type: TicketType | None = None) -> Callable[[], Registration]:
    email = f"person{number}@example.org"
    return lambda: booking.register(event, name=f"Person {number}", email=email, ticket_type=ticket_type)


def cancelling(registration: Registration) -> Callable[[], Registration]:
    return lambda: booking.cancel(registration)


def confirming(registration: Registration) -> Callable[[], Registration]:
    return lambda: booking.confirm(registration)


def states(event: Event) -> dict[str, int]:
    return dict(Counter(event.registrations.values_list("state", flat=True)))


def places(event: Event) -> list[int | None]:
    return list(event.registrations.filter(state="waitlisted").order_by("place").values_list("place", flat=True))


def holding(event: Event) -> int:
    return event.registrations.filter(state__in=["pending", "confirmed"]).count()


def taken(event: Event) -> int:
    return event.ticket_types.get().taken


def exchange() -> tuple[Event, list[int]]:
    """All seats are given up, each twice at once, while others register. Also the ids of those who waited for them."""
    event = make_event()
    make_ticket_type(event, SEATS)
    first = [registering(event, number)() for number in range(SEATS)]
    waiting = [registering(event, number)().pk for number in range(SEATS, 2 * SEATS)]
    latecomers = range(2 * SEATS, 4 * SEATS)
    at_once(*(cancelling(one) for one in first for _ in range(2)), *(registering(event, one) for one in latecomers))
    return event, waiting


def resize() -> tuple[Event, list[object]]:
    """The capacity is edited twice while people register. Also what came of each."""
    event = make_event()
    ticket_type = make_ticket_type(event, SEATS)
    people = [registering(event, number) for number in range(PEOPLE)]
    edits = [lambda number=number: booking.set_capacity(ticket_type, number) for number in (SEATS - 2, SEATS + 5)]
    return event, at_once(*people[:24], *edits, *people[24:])


@pytest.fixture
def without_guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No lock, and no constraint that would say no as well."""
    constraint = next(one for one in TicketType._meta.constraints if one.name == "never_oversold")
    with connection.schema_editor() as editor:
        editor.remove_constraint(TicketType, constraint)
    unlock(monkeypatch)
    yield
    Registration.objects.all().delete()
    TicketType.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(TicketType, constraint)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestOnPostgres:
    def test_of_many_at_once_as_many_get_a_seat_as_there_are(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)

        at_once(*(registering(event, number) for number in range(PEOPLE)))

        assert states(event) == {"pending": SEATS, "waitlisted": PEOPLE - SEATS}
        assert taken(event) == SEATS
        assert places(event) == list(range(1, PEOPLE - SEATS + 1))
        assert dict(Counter(event.mails.values_list("kind", flat=True))) == {
            "confirm": SEATS,
            "waitlisted": PEOPLE - SEATS,
        }

    def test_without_the_guard_the_same_race_oversells(self, without_guard: None) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)

        at_once(*(registering(event, number) for number in range(PEOPLE)))

        assert holding(event) > SEATS

    def test_without_the_lock_the_constraint_still_says_no(self, monkeypatch: pytest.MonkeyPatch) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)
        unlock(monkeypatch)

        def trying(number: int) -> Callable[[], object]:
            def act() -> object:
                try:
                    return registering(event, number)()
                except IntegrityError:
                    return None

            return act

        at_once(*(trying(number) for number in range(PEOPLE)))

        assert holding(event) == taken(event) == SEATS

    def test_the_same_person_many_times_at_once_is_one_registration_with_one_mail_to_send(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)

        answers = at_once(*(registering(event, 1) for _ in range(PEOPLE)))

        assert len({one.pk for one in answers}) == 1  # type: ignore[attr-defined]
        assert (states(event), taken(event)) == ({"pending": 1}, 1)
        mails = event.mails.order_by("pk").values_list("kind", "context__twice")
        assert list(mails) == [("confirm", None), ("again", True)]

    def test_the_same_person_at_several_tickets_at_once_gets_one_of_them(self) -> None:
        event = make_event()
        tickets = [make_ticket_type(event, SEATS, name=f"Ticket {number}") for number in range(8)]

        at_once(*(registering(event, 1, ticket) for ticket in tickets for _ in range(3)))

        assert states(event) == {"pending": 1}
        assert sorted(event.ticket_types.values_list("taken", flat=True)) == [0] * 7 + [1]

    def test_seats_cancelled_while_others_register_go_to_the_longest_waiting(self) -> None:
        event, waiting = exchange()

        promoted = Registration.objects.filter(pk__in=waiting).values_list("state", flat=True)
        assert set(promoted) == {"pending"}
        assert states(event) == {"cancelled": SEATS, "pending": SEATS, "waitlisted": 2 * SEATS}
        assert taken(event) == SEATS
        assert places(event) == list(range(SEATS + 1, 3 * SEATS + 1))
        assert event.mails.filter(kind="promoted").count() == SEATS
        assert problems() == []

    def test_without_the_guard_seats_are_lost_or_given_out_of_turn(self, without_guard: None) -> None:
        def is_wrong() -> bool:
            event, waiting = exchange()
            held = event.registrations.filter(state="pending")
            return taken(event) != SEATS or set(held.values_list("pk", flat=True)) != set(waiting)

        assert any(is_wrong() for _ in range(10))

    def test_capacity_edits_in_the_middle_never_oversell(self) -> None:
        event, answers = resize()

        after = event.ticket_types.get()
        refused = [one for one in answers if isinstance(one, str)]
        assert after.capacity in {SEATS - 2, SEATS + 5}
        assert holding(event) == after.taken
        assert states(event) == {"pending": after.taken, "waitlisted": PEOPLE - after.taken}
        assert after.taken == after.capacity
        assert all("seats are taken or held, so the capacity can't be 8." in one for one in refused)
        assert problems() == []

    def test_without_the_guard_the_same_edits_oversell(self, without_guard: None) -> None:
        def is_oversold() -> bool:
            event, _ = resize()
            return holding(event) > (event.ticket_types.get().capacity or 0)

        assert any(is_oversold() for _ in range(10))

    def test_confirming_cancelling_and_expiring_at_once_keep_the_count(self) -> None:
        event = make_event()
        make_ticket_type(event, SEATS)
        people = [registering(event, number)() for number in range(2 * SEATS)]
        Registration.objects.filter(state="pending").update(hold_until="2020-01-01T00:00Z")

        at_once(
            *(confirming(one) for one in people[:SEATS]),
            *(cancelling(one) for one in people[: SEATS // 2]),
            *(booking.expire for _ in range(5)),
            *(confirming(one) for one in people[SEATS:]),
        )

        assert holding(event) == taken(event) == SEATS
        assert event.registrations.count() == 2 * SEATS
        assert problems() == []

    def double_click(self) -> list[object]:
        """What ten of the same form at once are answered, of which one takes the last choice."""
        event = make_event()
        make_ticket_type(event, SEATS)
        make_question(event, "Tour", kind="choice", choices=("Harbor",))
        Choice.objects.update(limit=1)
        form = {"name": "Ada", "email": "ada@example.org", "q-tour": "Harbor"}
        answers = at_once(*[lambda: Client().post(f"/{event.slug}/register/", form).status_code] * 10)

        assert (states(event), Choice.objects.get(question__event=event).taken) == ({"pending": 1}, 1)
        return answers

    def test_of_double_clicks_none_is_refused_what_the_first_has_taken(self) -> None:
        assert self.double_click() == [302] * 10

    def test_without_remembering_the_others_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(turns, "stored", lambda attempt, act: transaction.atomic(act)())

        assert sorted(self.double_click()) == [302] + [422] * 9  # type: ignore[type-var]

    def test_of_double_clicks_on_the_form_one_counts(self) -> None:
        event = make_event(slug="tutorial")
        make_ticket_type(event, 1)

        def posting(number: int) -> Callable[[], int]:
            form = {"name": "Ada", "email": f"person{number % 5}@example.org"}
            return lambda: Client().post("/tutorial/register/", form).status_code

        answers = at_once(*(posting(number) for number in range(20)))

        assert answers == [302] * 20
        assert states(event) == {"pending": 1, "waitlisted": 4}
        assert sorted(event.mails.values_list("kind", flat=True)) == ["again"] * 5 + ["confirm"] + ["waitlisted"] * 4


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_in_vain_or_is_oversold_on_the_small_database_either() -> None:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 3)

    def posting(number: int) -> Callable[[], int]:
        form = {"name": "Ada", "email": f"person{number}@example.org"}
        return lambda: Client().post("/tutorial/register/", form).status_code

    answers = at_once(*(posting(number) for number in range(12)))

    assert answers == [302] * 12
    assert states(event) == {"pending": 3, "waitlisted": 9}
    assert places(event) == list(range(1, 10))
    assert taken(event) == 3
