from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from time_machine import travel

from portal.mail import MailError
from portal.models import Mail
from registration import booking, letters
from registration.booking import BookingError
from registration.models import TicketType
from tests.factories import make_event, make_ticket_type
from tests.registration.desk import book, mails, make_full, states, taken

pytestmark = pytest.mark.django_db


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


def test_a_form_sent_twice_at_once_is_one_registration_and_its_second_mail_is_withdrawn_when_due() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)

    with travel(datetime(2026, 1, 1, 12, tzinfo=UTC), tick=False):
        first = book(event)
    with travel(datetime(2026, 1, 1, 12, 1, tzinfo=UTC), tick=False):
        second = book(event)

    assert first == second
    assert taken(ticket_type) == 1
    assert mails(event) == [("confirm", "ada@example.org"), ("again", "ada@example.org")]
    with pytest.raises(MailError, match=r"^The same form came twice"):
        letters.again(event.mails.get(kind="again"))


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


def test_a_ticket_behind_an_access_code_is_not_given_to_who_names_none() -> None:
    event = make_event()
    make_ticket_type(event, access_code="Sesame")

    with pytest.raises(BookingError, match=r"^This event takes no registrations\.$"):
        book(event)


def test_the_ticket_type_of_another_event_is_refused() -> None:
    event = make_event()
    other = make_ticket_type(make_event())

    with pytest.raises(BookingError, match=r"^This event takes no registrations\.$"):
        booking.register(event, name="Ada", email="ada@example.org", ticket_type=other)


def test_a_ticket_that_was_deleted_meanwhile_is_refused() -> None:
    event = make_event()
    ticket_type = make_ticket_type(event, 10)
    TicketType.objects.filter(pk=ticket_type.pk).delete()

    with pytest.raises(BookingError, match="isn't to be had any more"):
        book(event, ticket_type=ticket_type)


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
