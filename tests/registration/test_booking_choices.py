"""Approval, the event's own capacity, offers, changes, and choices of which there are only so many."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import travel

from portal.invariants import problems
from portal.models import Event
from registration import booking, line
from registration.booking import BookingError
from registration.models import Admission, Choice, Registration, TicketType
from tests.factories import make_event, make_question, make_ticket_type
from tests.registration.desk import book, mails, make_full, states, taken

pytestmark = pytest.mark.django_db


def edit(registration: Registration, **values: Any) -> Registration:
    said = {"name": registration.name, "affiliation": "", "ticket_type": registration.ticket_type, "answers": {}}
    return booking.edit(registration, **said | values)


def altogether(event: Event) -> int:
    return Admission.objects.get(event=event).taken


class TestApproval:
    def test_nobody_holds_a_seat_before_an_organizer_has_decided(self) -> None:
        event = make_event()
        ticket_type = make_ticket_type(event, 1, needs_approval=True)

        ada = booking.confirm(book(event))

        assert (ada.state, ada.verified_at is not None, taken(ticket_type)) == ("awaiting_approval", True, 0)
        assert mails(event) == [("awaiting", "ada@example.org")]

    def test_who_is_approved_has_a_seat_or_a_place(self) -> None:
        event = make_event()
        ticket_type = make_ticket_type(event, 1, needs_approval=True)
        people = [booking.confirm(book(event, name)) for name in ("ada", "grace")]

        for one in [*people, *people]:
            booking.approve(one)

        assert states(event) == {"Ada": "confirmed", "Grace": "waitlisted"}
        assert taken(ticket_type) == 1
        assert [kind for kind, _ in mails(event)] == ["awaiting", "awaiting", "confirmed", "waitlisted"]

    def test_who_is_approved_before_confirming_still_has_to_confirm(self) -> None:
        event = make_event()
        make_ticket_type(event, 1, needs_approval=True)

        ada = booking.approve(book(event))

        assert (ada.state, mails(event)[-1]) == ("pending", ("confirm", "ada@example.org"))

    def test_who_is_declined_is_told_and_may_be_approved_after_all(self) -> None:
        event = make_event()
        ticket_type = make_ticket_type(event, 1, needs_approval=True)
        ada = booking.confirm(book(event))

        for _ in range(2):
            booking.decline(ada)
        declined = states(event)
        booking.approve(ada)

        assert (declined, states(event)) == ({"Ada": "declined"}, {"Ada": "confirmed"})
        assert [kind for kind, _ in mails(event)] == ["awaiting", "declined", "confirmed"]
        assert taken(ticket_type) == 1

    def test_who_was_declined_does_not_get_in_by_registering_again(self) -> None:
        event = make_event()
        make_ticket_type(event, 1, needs_approval=True)
        booking.decline(book(event))

        book(event)

        assert states(event) == {"Ada": "declined"}

    def test_declining_who_has_a_seat_frees_it(self) -> None:
        event = make_event()
        ticket_type, ada = make_full(event, "grace")

        booking.decline(ada)

        assert states(event) == {"Ada": "declined", "Grace": "pending"}
        assert taken(ticket_type) == 1


class TestTheEventsCapacity:
    def test_it_stands_above_those_of_the_tickets(self) -> None:
        event = make_event()
        on_site, student = make_ticket_type(event, 5), make_ticket_type(event, 5, name="Student")
        booking.set_event_capacity(event, 2)

        for name, ticket_type in {"ada": on_site, "grace": student, "alan": student}.items():
            book(event, name, ticket_type=ticket_type)

        assert states(event) == {"Ada": "pending", "Grace": "pending", "Alan": "waitlisted"}
        assert altogether(event) == 2

    def test_a_seat_freed_of_one_ticket_goes_to_who_waits_longest_for_any(self) -> None:
        event = make_event()
        on_site, student = make_ticket_type(event, 5), make_ticket_type(event, 5, name="Student")
        booking.set_event_capacity(event, 1)
        ada = book(event, ticket_type=on_site)
        book(event, "grace", ticket_type=student)
        book(event, "alan", ticket_type=on_site)

        booking.cancel(ada)

        assert states(event) == {"Ada": "cancelled", "Grace": "pending", "Alan": "waitlisted"}
        assert (taken(on_site), taken(student), altogether(event)) == (0, 1, 1)
        assert problems() == []

    def test_more_of_it_promotes_and_less_than_taken_is_refused(self) -> None:
        event = make_event()
        make_ticket_type(event, 5)
        booking.set_event_capacity(event, 1)
        for name in ("ada", "grace", "alan"):
            book(event, name)

        booking.set_event_capacity(event, 2)
        with pytest.raises(BookingError, match="2 seats are taken or held, so the capacity can't be 1"):
            booking.set_event_capacity(event, 1)

        assert states(event) == {"Ada": "pending", "Grace": "pending", "Alan": "waitlisted"}

    def test_seats_left_lying_are_given_out_within_both_limits(self) -> None:
        event = make_event()
        make_full(event, "grace", "alan")
        TicketType.objects.update(capacity=5)
        Admission.objects.update(capacity=2)

        booking.expire()

        assert states(event) == {"Ada": "pending", "Grace": "pending", "Alan": "waitlisted"}

    def test_interest_takes_no_seat_and_never_waits(self) -> None:
        event = make_event()
        interest = make_ticket_type(event, None, mode="interest")
        booking.set_event_capacity(event, 0)

        ada = booking.confirm(book(event))

        assert (ada.state, taken(interest), altogether(event)) == ("confirmed", 0, 0)
        assert problems() == []

    def test_who_registers_at_the_host_cannot_register_here(self) -> None:
        event = make_event()
        make_ticket_type(event, None, mode="host", host_url="https://example.org/")

        with pytest.raises(BookingError, match=r"^For this ticket you register at the host conference\.$"):
            book(event)

    def test_where_addresses_are_believed_a_free_seat_is_confirmed_at_once(self) -> None:
        event = make_event()
        make_ticket_type(event, 1)
        Admission.objects.update(confirms_at_once=True)

        for name in ("ada", "grace"):
            book(event, name)

        assert states(event) == {"Ada": "confirmed", "Grace": "waitlisted"}
        assert [kind for kind, _ in mails(event)] == ["confirmed", "waitlisted"]


class TestOffers:
    NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def make_offer(self) -> tuple[Event, Registration]:
        """Grace is offered the seat Ada gave up, until six in the evening; Alan is behind her."""
        event = make_event()
        _, ada = make_full(event, "grace", "alan")
        TicketType.objects.update(offer_hours=6)
        grace = booking.confirm(event.registrations.get(name="Grace"))
        booking.confirm(event.registrations.get(name="Alan"))
        with travel(self.NOW, tick=False):
            booking.cancel(ada)
        grace.refresh_from_db()
        return event, grace

    def test_a_freed_seat_is_held_for_the_first_in_line(self) -> None:
        event, grace = self.make_offer()

        assert (grace.state, grace.is_offered, grace.hold_until) == ("pending", True, self.NOW + timedelta(hours=6))
        assert mails(event)[-1] == ("promoted", "grace@example.org")

    def test_it_is_taken_by_the_link(self) -> None:
        event, grace = self.make_offer()

        booking.confirm(grace)

        assert states(event) == {"Ada": "cancelled", "Grace": "confirmed", "Alan": "waitlisted"}

    def test_declined_it_goes_to_the_next(self) -> None:
        event, grace = self.make_offer()

        booking.cancel(grace)

        assert states(event) == {"Ada": "cancelled", "Grace": "cancelled", "Alan": "pending"}

    def test_not_taken_in_time_it_goes_to_the_next_and_both_are_told(self) -> None:
        event, _ = self.make_offer()

        with travel(self.NOW + timedelta(hours=6, seconds=1)):
            booking.expire()

        assert states(event) == {"Ada": "cancelled", "Grace": "cancelled", "Alan": "pending"}
        assert mails(event)[-2:] == [("lapsed", "grace@example.org"), ("promoted", "alan@example.org")]
        assert problems() == []


class TestChangingTheTicket:
    def test_a_seat_is_changed_for_a_free_one(self) -> None:
        event = make_event()
        on_site, student = make_ticket_type(event, 1), make_ticket_type(event, 1, name="Student")
        ada = booking.confirm(book(event, ticket_type=on_site))
        book(event, "grace", ticket_type=on_site)

        ada = edit(ada, ticket_type=student, name="Ada L.", affiliation="ACME")

        assert (ada.state, ada.ticket_type, ada.name, ada.affiliation) == ("confirmed", student, "Ada L.", "ACME")
        assert states(event) == {"Ada L.": "confirmed", "Grace": "pending"}
        assert (taken(on_site), taken(student), altogether(event)) == (1, 1, 2)

    def test_no_seat_is_given_up_for_a_full_ticket_and_nothing_else_is_changed_either(self) -> None:
        event = make_event()
        on_site, student = make_ticket_type(event, 1), make_ticket_type(event, 1, name="Student")
        ada, _ = book(event, ticket_type=on_site), book(event, "grace", ticket_type=student)

        with pytest.raises(BookingError) as refusal:
            edit(ada, ticket_type=student, name="Other")

        assert (refusal.value.field, str(refusal.value)) == (
            "ticket_type",
            "“Student” has no free seat. You still have your “Attendee”; cancel it to register anew.",
        )
        assert states(event) == {"Ada": "pending", "Grace": "pending"}
        assert (taken(on_site), taken(student)) == (1, 1)

    def test_with_all_seats_of_the_event_taken_one_can_still_be_changed(self) -> None:
        event = make_event()
        on_site, student = make_ticket_type(event, 1), make_ticket_type(event, 1, name="Student")
        booking.set_event_capacity(event, 1)

        ada = edit(book(event, ticket_type=on_site), ticket_type=student)

        assert (ada.state, taken(on_site), taken(student), altogether(event)) == ("pending", 0, 1, 1)

    def test_a_seat_given_up_for_interest_goes_to_the_next_in_line(self) -> None:
        event = make_event()
        on_site, ada = make_full(event, "grace")
        interest = make_ticket_type(event, None, name="Interest", mode="interest")

        edit(ada, ticket_type=interest)

        assert states(event) == {"Ada": "pending", "Grace": "pending"}
        assert (taken(on_site), taken(interest), altogether(event)) == (1, 0, 1)
        assert problems() == []

    def test_who_waits_gets_a_free_seat_of_another_ticket(self) -> None:
        event = make_event()
        make_full(event, "grace")
        student = make_ticket_type(event, 1, name="Student")

        grace = edit(event.registrations.get(name="Grace"), ticket_type=student)

        assert (grace.state, grace.place, taken(student)) == ("pending", None, 1)

    def test_what_has_ended_cannot_be_edited(self) -> None:
        ada = booking.cancel(make_full(make_event())[1])

        with pytest.raises(BookingError, match=r"^This registration has ended\."):
            edit(ada)


class TestLimitedChoices:
    def test_a_choice_is_taken_until_its_limit_and_free_again_when_the_registration_ends(self) -> None:
        event = make_event()
        make_ticket_type(event)
        shirt = make_question(event, kind="choice", choices=("M", "L"))
        Choice.objects.filter(text="M").update(limit=1)
        ada = booking.register(event, name="Ada", email="ada@example.org", answers={shirt: "M"})

        with pytest.raises(BookingError) as refusal:
            booking.register(event, name="Grace", email="grace@example.org", answers={shirt: "M"})
        booking.cancel(ada)
        booking.register(event, name="Alan", email="alan@example.org", answers={shirt: "M"})

        assert (refusal.value.field, str(refusal.value)) == (shirt.key, "“M” is no longer free. Choose something else.")
        assert states(event) == {"Ada": "cancelled", "Alan": "pending"}
        assert dict(Choice.objects.values_list("text", "taken")) == {"M": 1, "L": 0}
        assert problems() == []

    def test_editing_frees_the_old_choice_and_takes_the_new_ones(self) -> None:
        event = make_event()
        make_ticket_type(event)
        drinks = make_question(event, kind="many", choices=("Tea", "Milk", "Rum"))
        ada = booking.register(event, name="Ada", email="ada@example.org", answers={drinks: ["Tea", "Milk"]})

        edit(ada, answers={drinks: ["Milk", "Rum"]})

        assert dict(Choice.objects.values_list("text", "taken")) == {"Tea": 0, "Milk": 1, "Rum": 1}
        assert ada.answers.get().value == ["Milk", "Rum"]

    def test_a_hold_that_ran_out_has_to_find_its_choice_still_free(self) -> None:
        event = make_event()
        make_ticket_type(event)
        shirt = make_question(event, kind="choice", choices=("M",))
        Choice.objects.update(limit=1)
        ada = booking.register(event, name="Ada", email="ada@example.org", answers={shirt: "M"})
        with travel(timezone.now() + timedelta(hours=30)):
            booking.expire()
            booking.register(event, name="Grace", email="grace@example.org", answers={shirt: "M"})

            with pytest.raises(BookingError, match="“M” is no longer free"):
                booking.confirm(ada)

        assert states(event) == {"Ada": "cancelled", "Grace": "pending"}


def test_an_organizer_moves_somebody_in_the_line_and_the_places_stay_those_given_out() -> None:
    event = make_event()
    make_full(event, "grace", "alan", "edith")

    line.move(event.registrations.get(name="Edith"), 1)

    waiting = event.registrations.filter(state="waitlisted").order_by("place").values_list("name", "place")
    assert list(waiting) == [("Edith", 1), ("Grace", 2), ("Alan", 3)]
    with pytest.raises(BookingError, match="Only who is on the waitlist"):
        line.move(event.registrations.get(name="Ada"), 1)


def test_who_was_read_before_others_were_moved_gets_a_place_of_their_own() -> None:
    event = make_event()
    make_full(event, "grace", "alan", "edith")

    for one in list(event.registrations.filter(state="waitlisted").order_by("place")):
        line.move(one, 1)

    waiting = event.registrations.filter(state="waitlisted").order_by("place").values_list("name", "place")
    assert list(waiting) == [("Edith", 1), ("Alan", 2), ("Grace", 3)]
