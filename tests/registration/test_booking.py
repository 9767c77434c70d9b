from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import travel

from portal.models import Event, Mail
from registration import booking
from registration.booking import BookingError
from registration.models import Registration, TicketType
from registration.tasks import expire
from tests.factories import make_event, make_ticket_type

pytestmark = pytest.mark.django_db


def book(event: Event, who: str = "ada", **values: str) -> Registration:
    return booking.register(event, **{"name": who.title(), "email": f"{who}@example.org"} | values)


def taken(ticket_type: TicketType) -> int:
    return TicketType.objects.get(pk=ticket_type.pk).taken


def states(event: Event) -> dict[str, str]:
    return {one.name: one.state for one in event.registrations.order_by("pk")}


def mails(event: Event) -> list[tuple[str, str]]:
    return list(event.mails.order_by("pk").values_list("kind", "address"))


def make_full(event: Event, *waiting: str) -> tuple[TicketType, Registration]:
    """One seat, held by Ada, and a waitlist."""
    ticket_type = make_ticket_type(event, 1)
    ada = book(event)
    for name in waiting:
        book(event, name)
    event.mails.all().delete()
    return ticket_type, ada


def test_a_free_seat_is_held_for_a_day_and_a_mail_asks_to_confirm_it() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 10)

    with travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False):
        ada = book(event)

    ada.refresh_from_db()
    assert (ada.state, ada.hold_until, ada.place) == ("pending", datetime(2026, 1, 2, 12, tzinfo=UTC), None)
    assert taken(ticket_type) == 1
    assert mails(event) == [("confirm", "ada@example.org")]
    assert Mail.objects.get().context == {"registration": ada.pk}


def test_without_a_limit_everybody_gets_a_seat() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, None)

    for number in range(3):
        book(event, f"person{number}")

    assert set(states(event).values()) == {"pending"}
    assert taken(ticket_type) == 3


def test_who_comes_when_it_is_full_waits_in_the_order_of_coming() -> None:
    event = make_event()
    make_full(event)

    places = [book(event, name).place for name in ("grace", "alan")]

    assert places == [1, 2]
    assert states(event) == {"Ada": "pending", "Grace": "waitlisted", "Alan": "waitlisted"}
    assert mails(event) == [("waitlisted", "grace@example.org"), ("waitlisted", "alan@example.org")]


def test_nobody_overtakes_the_waitlist_when_a_seat_is_free_for_a_moment() -> None:
    event = make_event()
    ticket_type, _ = make_full(event, "grace")
    TicketType.objects.update(capacity=2)

    alan = book(event, "alan")
    promoted = booking.offer_free_seats(ticket_type)

    assert alan.state == "waitlisted"
    assert promoted == 1
    assert states(event) == {"Ada": "pending", "Grace": "pending", "Alan": "waitlisted"}


def test_names_are_kept_on_one_line_without_control_characters() -> None:
    event = make_event()
    make_ticket_type(event)

    ada = book(event, name=" Ada\r\nBcc: x@example.org\x00 \u202egro ", affiliation="\tACME\n")

    assert (ada.name, ada.affiliation) == ("Ada Bcc: x@example.org gro", "ACME")


def test_the_same_address_again_changes_nothing_and_is_told_so_once_an_hour() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)

    with travel(datetime(2026, 1, 1, 12, 5, tzinfo=UTC), tick=False):
        first = book(event)
    with travel(datetime(2026, 1, 1, 12, 7, tzinfo=UTC), tick=False):
        again = book(event, email="ADA@Example.org", name="Mallory", affiliation="Elsewhere")
        book(event)
    with travel(datetime(2026, 1, 1, 13, 5, tzinfo=UTC), tick=False):
        book(event)

    assert again.pk == first.pk
    assert list(event.registrations.values_list("name", "email", "affiliation")) == [("Ada", "ada@example.org", "")]
    assert taken(ticket_type) == 1
    assert mails(event) == [("confirm", "ada@example.org"), ("again", "ada@example.org"), ("again", "ada@example.org")]


def test_a_form_sent_twice_at_once_is_one_registration_with_one_mail() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)

    with travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False):
        first = book(event)
    with travel(datetime(2026, 1, 1, 12, 1, tzinfo=UTC), tick=False):
        second = book(event)

    assert first == second
    assert taken(ticket_type) == 1
    assert mails(event) == [("confirm", "ada@example.org")]


def test_the_same_address_may_register_at_another_event() -> None:
    events = [make_event(), make_event()]

    for event in events:
        make_ticket_type(event)
        book(event)

    assert [states(event) for event in events] == [{"Ada": "pending"}, {"Ada": "pending"}]


def test_who_cancelled_starts_a_new_round_in_the_same_row() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)
    ada = booking.confirm(book(event))
    booking.cancel(ada)

    again = book(event, affiliation="ACME")

    again.refresh_from_db()
    assert (again.pk, again.round, again.state, again.affiliation) == (ada.pk, 2, "pending", "ACME")
    assert again.verified_at is None
    assert taken(ticket_type) == 1
    assert [kind for kind, _ in mails(event)] == ["confirm", "confirmed", "cancelled", "confirm"]


def test_before_it_opens_registration_is_refused_with_the_time_at_the_event() -> None:
    event = make_event(timezone="America/New_York")
    make_ticket_type(event, opens_at=datetime(2026, 1, 10, 17, tzinfo=UTC))

    with travel(datetime(2026, 1, 10, 16, 59, 59, tzinfo=UTC), tick=False), pytest.raises(BookingError) as refusal:
        book(event)

    assert str(refusal.value) == "Registration opens on January 10, 2026 at 12:00 EST."
    assert states(event) == {}


def test_from_the_moment_it_closes_registration_is_refused() -> None:
    event = make_event(timezone="UTC")
    make_ticket_type(event, closes_at=datetime(2026, 1, 10, 17, tzinfo=UTC))

    with travel(datetime(2026, 1, 10, 17, tzinfo=UTC), tick=False), pytest.raises(BookingError) as refusal:
        book(event)

    assert str(refusal.value) == "Registration closed on January 10, 2026 at 17:00 UTC."


def test_an_event_without_ticket_types_takes_no_registrations() -> None:
    with pytest.raises(BookingError, match=r"^This event takes no registrations\.$"):
        book(make_event())


def test_the_ticket_type_of_another_event_is_refused() -> None:
    event = make_event()
    other = make_ticket_type(make_event())

    with pytest.raises(BookingError, match=r"^This event takes no registrations\.$"):
        booking.register(event, name="Ada", email="ada@example.org", ticket_type=other)


def test_confirming_takes_the_held_seat_and_may_be_repeated() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)
    ada = book(event)

    for _ in range(3):
        ada = booking.confirm(ada)

    ada.refresh_from_db()
    assert (ada.state, ada.hold_until, ada.verified_at is not None) == ("confirmed", None, True)
    assert taken(ticket_type) == 1
    assert [kind for kind, _ in mails(event)] == ["confirm", "confirmed"]


def test_confirming_on_the_waitlist_proves_the_address_and_keeps_the_place() -> None:
    event = make_event()
    make_full(event, "grace")

    grace = booking.confirm(event.registrations.get(name="Grace"))

    assert (grace.state, grace.place, grace.verified_at is not None) == ("waitlisted", 1, True)
    assert mails(event) == []


def test_an_overdue_hold_that_nobody_freed_yet_can_be_confirmed() -> None:
    event = make_event()
    ada = make_full(event)[1]

    with travel(timezone.now() + timedelta(hours=30)):
        ada = booking.confirm(ada)

    assert ada.state == "confirmed"


def test_confirming_too_late_takes_a_seat_if_one_is_free() -> None:
    event = make_event()
    ticket_type, ada = make_full(event)

    with travel(timezone.now() + timedelta(hours=30)):
        booking.expire()
        ada = booking.confirm(ada)

    assert (ada.state, ada.hold_until) == ("confirmed", None)
    assert taken(ticket_type) == 1
    assert mails(event) == [("confirmed", "ada@example.org")]


def test_confirming_too_late_gives_a_place_if_the_seat_has_gone() -> None:
    event = make_event()
    _, ada = make_full(event, "grace")

    with travel(timezone.now() + timedelta(hours=30)):
        booking.expire()
        ada = booking.confirm(ada)

    assert (ada.state, ada.place, ada.verified_at is not None) == ("waitlisted", 2, True)
    assert states(event) == {"Ada": "waitlisted", "Grace": "pending"}
    assert mails(event) == [("promoted", "grace@example.org"), ("waitlisted", "ada@example.org")]


def test_confirming_too_late_is_refused_once_registration_is_closed() -> None:
    event = make_event()
    ticket_type, ada = make_full(event)
    late = timezone.now() + timedelta(hours=30)
    TicketType.objects.update(closes_at=late)

    with travel(late + timedelta(hours=1)):
        booking.expire()
        with pytest.raises(BookingError, match=r"^Registration closed on "):
            booking.confirm(ada)

    assert taken(ticket_type) == 0


def test_what_was_cancelled_cannot_be_confirmed_by_the_old_link() -> None:
    event = make_event()
    ticket_type, ada = make_full(event)
    booking.cancel(ada)

    with pytest.raises(BookingError, match=r"^This registration was cancelled\."):
        booking.confirm(ada)

    assert taken(ticket_type) == 0


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
    ticket_type, _ = make_full(event)
    scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]

    with travel(timezone.now() + timedelta(hours=30)):
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


def test_a_new_capacity_renews_the_events_pages_and_a_taken_seat_does_not() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 5)
    version = Event.objects.get().version

    book(event)
    after_booking = Event.objects.get().version
    booking.set_capacity(ticket_type, 6)

    assert (after_booking - version, Event.objects.get().version - version) == (0, 1)


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

    with CaptureQueriesContext(
        connection,
    ) as queries:
        book(event)

    statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(statements) == 6
