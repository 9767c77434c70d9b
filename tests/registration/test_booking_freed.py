from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from portal.invariants import problems
from portal.models import Event
from registration import booking
from registration.booking import BookingError
from registration.models import Registration, TicketType
from registration.tasks import expire
from tests.factories import make_event, make_ticket_type
from tests.registration.desk import book, mails, make_full, states, taken

pytestmark = pytest.mark.django_db


def test_a_cancelled_seat_goes_to_the_first_in_line_who_has_a_day_to_confirm_it() -> None:
    event = make_event()
    ticket_type, ada = make_full(event, "grace", "alan")

    with travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        booking.cancel(ada)

    grace = event.registrations.get(name="Grace")
    assert states(event) == {"Ada": "cancelled", "Grace": "pending", "Alan": "waitlisted"}
    assert (grace.place, grace.hold_until) == (None, datetime(2030, 1, 2, tzinfo=UTC))
    assert taken(ticket_type) == 1
    assert mails(event) == [("cancelled", "ada@example.org"), ("promoted", "grace@example.org")]


def test_a_freed_seat_is_at_once_that_of_a_waiting_person_whose_address_is_proven() -> None:
    event = make_event()
    _, ada = make_full(event, "grace")
    booking.confirm(event.registrations.get(name="Grace"))

    booking.cancel(ada)

    assert states(event) == {"Ada": "cancelled", "Grace": "confirmed"}


def test_cancelling_twice_frees_one_seat_and_mails_once() -> None:
    event = make_event()
    ticket_type, ada = make_full(event, "grace", "alan")

    for _ in range(2):
        booking.cancel(ada)

    assert states(event) == {"Ada": "cancelled", "Grace": "pending", "Alan": "waitlisted"}
    assert taken(ticket_type) == 1
    assert [kind for kind, _ in mails(event)] == ["cancelled", "promoted"]


def test_leaving_the_waitlist_frees_no_seat() -> None:
    event = make_event()
    ticket_type, _ = make_full(event, "grace", "alan")

    booking.cancel(event.registrations.get(name="Grace"))

    assert states(event) == {"Ada": "pending", "Grace": "cancelled", "Alan": "waitlisted"}
    assert taken(ticket_type) == 1


def test_who_waits_is_counted_with_the_ticket_until_they_no_longer_do() -> None:
    event = make_event()
    _, ada = make_full(event, "grace", "alan", "edith", "emmy")
    other = make_ticket_type(event, 0, name="Other")
    _, alan, edith, emmy = event.registrations.exclude(pk=ada.pk).order_by("place")

    def waiting() -> list[int]:
        assert not problems()
        return list(event.ticket_types.order_by("pk").values_list("waiting", flat=True))

    assert waiting() == [4, 0]
    booking.exchange(alan, ticket_type=other, source="page")
    assert waiting() == [3, 1]
    booking.decline(edith)
    assert waiting() == [2, 1]
    booking.cancel(ada)
    assert (waiting(), states(event)["Grace"]) == ([1, 1], "pending")
    booking.set_capacity(other, 1)
    assert (waiting(), states(event)["Alan"]) == ([1, 0], "pending")
    booking.cancel(emmy)
    booking.cancel(emmy)
    assert waiting() == [0, 0]


def test_a_hold_that_ran_out_is_freed_and_offered_and_others_stay() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 2)
    with travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False):
        book(event, "ada")
        booking.confirm(book(event, "alan"))
        book(event, "grace")

    with travel(datetime(2026, 1, 2, 12, tzinfo=UTC), tick=False):
        early = booking.expire()
    with travel(datetime(2026, 1, 2, 12, 0, 1, tzinfo=UTC), tick=False):
        late = booking.expire()

    assert (early, late) == (0, 1)
    assert states(event) == {"Ada": "cancelled", "Alan": "confirmed", "Grace": "pending"}
    assert taken(ticket_type) == 2


def test_the_scheduler_frees_what_was_held_too_long() -> None:
    event = make_event()
    with travel(timezone.now() - timedelta(hours=30)):
        ticket_type, _ = make_full(event)
    scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]

    with travel(timezone.now() - timedelta(hours=30)):  # a worker whose clock is off: the database's says when
        expire()

    assert scheduled.count(expire.name) == 1
    assert taken(ticket_type) == 0


def test_expiring_also_gives_out_seats_that_were_left_lying() -> None:
    event = make_event()
    make_full(event, "grace")
    TicketType.objects.update(capacity=2)

    freed = booking.expire()

    assert freed == 0
    assert states(event) == {"Ada": "pending", "Grace": "pending"}


def test_more_capacity_promotes_in_the_order_of_places_until_it_is_full() -> None:
    event = make_event()
    ticket_type, _ = make_full(event, "grace", "alan", "edith")

    after = booking.set_capacity(ticket_type, 3)

    assert (after.capacity, after.taken) == (3, 3)
    assert states(event) == {"Ada": "pending", "Grace": "pending", "Alan": "pending", "Edith": "waitlisted"}


def test_no_limit_promotes_everybody() -> None:
    event = make_event()
    ticket_type, _ = make_full(event, "grace", "alan")

    booking.set_capacity(ticket_type, None)

    assert set(states(event).values()) == {"pending"}


def test_a_capacity_below_the_taken_seats_is_refused_with_their_number() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 5)
    for name in ("ada", "grace"):
        book(event, name)

    with pytest.raises(BookingError) as refusal:
        booking.set_capacity(ticket_type, 1)

    assert str(refusal.value) == "2 seats are taken or held, so the capacity can't be 1."
    assert TicketType.objects.get().capacity == 5


def test_neither_a_taken_seat_nor_a_new_capacity_renews_the_events_pages_which_tell_no_number() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 5)
    version = Event.objects.get().version

    book(event)
    booking.set_capacity(ticket_type, 6)

    assert Event.objects.get().version == version


def test_each_promotion_of_a_person_is_told() -> None:
    event = make_event()
    ticket_type, ada = make_full(event, "grace")
    booking.cancel(ada)
    with travel(timezone.now() + timedelta(hours=30)):
        booking.expire()
        book(event, "alan")
        book(event, "grace")
        booking.cancel(event.registrations.get(name="Alan"))

    assert taken(ticket_type) == 1
    assert [kind for kind, address in mails(event) if address == "grace@example.org"] == [
        "promoted",
        "waitlisted",
        "promoted",
    ]


@pytest.mark.parametrize("others", [1, 3, 1000])
def test_registering_takes_the_same_few_queries_however_many_came_before(others: int) -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, others + 2)
    Registration.objects.bulk_create(
        Registration(event=event, ticket_type=ticket_type, name="x", email=f"{n}@x.org", email_key=f"{n}@x.org")
        for n in range(others)
    )
    TicketType.objects.update(taken=others)

    with CaptureQueriesContext(connection) as queries:
        book(event)

    statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    few = 7 if connection.vendor == "postgresql" else 10
    assert len(statements) == few  # with the text of the consent, which each process writes once


def test_the_seat_of_the_ticket_it_was_moved_to_meanwhile_is_freed(event: Event) -> None:
    ada, other = book(event), make_ticket_type(event, 5, name="On line")
    booking.exchange(Registration.objects.get(pk=ada.pk), ticket_type=other, source="page")

    ended = booking.cancel(ada)

    assert (ended.ticket_type, taken(ada.ticket_type), taken(other)) == (other, 0, 0)
    assert problems() == []
