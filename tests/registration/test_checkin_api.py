"""Check-in by API, as desks and devices use it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.invariants import problems
from portal.models import Event, Role
from registration import booking, tickets
from registration.models import CheckIn, IdempotencyKey, Registration
from tests.factories import (
    NOON,
    make_event,
    make_organizer,
    make_program,
    make_registration,
    make_release,
    make_ticket_type,
)
from tests.registration.doors import KEY, address, make_device, scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_device(event)
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    return make_registration(event, name="Ada", affiliation="Analytical Engines")


def standing() -> list[tuple[str, str]]:
    return list(CheckIn.objects.standing().values_list("registration__name", "desk"))


def test_a_ticket_lets_its_holder_in(event: Event, ada: Registration) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = scan(event, ada)

    assert answer.status_code == 201
    assert answer.json() == {
        "result": "in",
        "id": CheckIn.objects.get().pk,
        "at": "2026-01-15T12:00:00+00:00",
        "by": "Desk B",
        "session": None,
        "day": "2026-01-15",
        "person": {
            "id": str(ada.uuid),
            "name": "Ada",
            "affiliation": "Analytical Engines",
            "ticket_type": "Attendee",
            "state": "confirmed",
            "holds_seat": True,
        },
    }
    assert answer["Cache-Control"] == "no-store"


def test_the_second_desk_is_told_when_and_where_the_person_came_in(event: Event, ada: Registration) -> None:
    make_device(event, "Desk C", "key of C")
    with time_machine.travel(NOON, tick=False):
        scan(event, ada)
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        answer = scan(event, ada, key="key of C")

    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("result", "at", "by")} == {
        "result": "already",
        "at": "2026-01-15T12:00:00+00:00",
        "by": "Desk B",
    }
    assert standing() == [("Ada", "Desk B")]


def test_a_scan_sent_again_gets_the_first_answer_even_if_it_was_undone(event: Event, ada: Registration) -> None:
    first = scan(event, ada, nonce="n1")
    Client().delete(address(event, f"{first.json()['id']}/"), headers={"Authorization": "Bearer the key of desk B"})

    again = scan(event, ada, nonce="n1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert standing() == []


def test_a_refusal_sent_again_is_the_same_refusal(event: Event) -> None:
    first = scan(event, "1-ABC", nonce="n1")

    again = scan(event, "1-ABC", nonce="n1")

    assert first.status_code == again.status_code == 404
    assert first.json() == again.json()
    assert again["Content-Type"] == "application/problem+json"


def test_a_key_is_good_for_one_scan(event: Event, ada: Registration) -> None:
    scan(event, ada, nonce="n1")

    answer = scan(event, make_registration(event), nonce="n1")

    assert answer.status_code == 422
    assert standing() == [("Ada", "Desk B")]


def test_the_same_key_at_another_event_is_another_key(event: Event, ada: Registration) -> None:
    elsewhere = make_event()
    make_device(elsewhere, "Desk X", "key of X")
    scan(event, ada, nonce="n1")

    answer = scan(elsewhere, make_registration(elsewhere), key="key of X", nonce="n1")

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "code", ["", "x", "1", "-1-AAAA", "9" * 18 + "-" + "A" * 24, "१-" + "A" * 24, "\x00", "😀" * 40]
)
def test_an_unknown_code_is_said_to_be_unknown(event: Event, code: str) -> None:
    answer = scan(event, code)

    assert answer.status_code in (400, 404)
    assert standing() == []


def test_no_letter_of_a_ticket_can_be_changed(event: Event, ada: Registration) -> None:
    code = tickets.code_of(ada)

    statuses = {
        scan(event, code[:n] + ("A" if code[n] != "A" else "B") + code[n + 1 :]).status_code for n in range(len(code))
    }

    assert statuses == {404}


def test_a_ticket_dies_with_its_address_and_is_of_its_event_alone(event: Event, ada: Registration) -> None:
    code = tickets.code_of(ada)
    elsewhere = make_event()
    make_device(elsewhere, "X", "key of X")
    abroad = scan(elsewhere, code, key="key of X").status_code
    ada.email = "somebody.else@example.org"
    ada.save()

    assert (abroad, scan(event, code).status_code) == (404, 404)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("waitlisted", "Ada is on the waitlist and holds no seat."),
        ("cancelled", "Ada has cancelled."),
        ("declined", "Ada was declined."),
        ("awaiting_approval", "Ada still waits to be approved."),
    ],
)
def test_without_a_seat_nobody_is_let_in(event: Event, state: str, reason: str) -> None:
    person = make_registration(event, name="Ada", state=state, place=1 if state == "waitlisted" else None)

    answer = scan(event, person)

    assert (answer.status_code, answer.json()["detail"]) == (409, reason)


def test_who_has_shown_interest_only_holds_no_ticket(event: Event) -> None:
    interest = make_ticket_type(event, None, name="Interest", mode="interest")
    person = make_registration(event, name="Ada", ticket_type=interest)
    held = make_registration(event, name="Grace", ticket_type=interest, state="pending")

    answers = [scan(event, one) for one in (person, held)]

    said = [(one.status_code, one.json()["detail"]) for one in answers]
    assert said == [(409, f"{name} has shown interest only and holds no ticket.") for name in ("Ada", "Grace")]
    assert answers[0].json()["person"]["holds_seat"] is False
    listed = Client().get(address(event), headers={"Authorization": f"Bearer {KEY}"}).json()
    assert (listed["count"], listed["total"]) == (0, 0)
    assert (standing(), event.registrations.get(pk=held.pk).state) == ([], "pending")


def test_being_here_confirms_a_held_seat(event: Event) -> None:
    person = make_registration(event, state="pending", hold_until=timezone.now() + timedelta(hours=1))

    answer = scan(event, person)

    person.refresh_from_db()
    assert (answer.status_code, person.state) == (201, "confirmed")


def test_a_held_seat_that_ends_while_it_is_scanned_is_told_and_stays_so_under_its_key(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_registration(event, state="pending", hold_until=timezone.now() + timedelta(hours=1))
    confirm = booking.confirm

    def ended_first(registration: Registration) -> Registration:
        event.registrations.update(hold_until=NOON)
        booking.expire()
        return confirm(registration)

    event.ticket_types.update(closes_at=NOON)
    monkeypatch.setattr(booking, "confirm", ended_first)
    answers = [scan(event, person, nonce="n1") for _ in range(2)]

    said = answers[0].json()
    assert [one.status_code for one in answers] == [409, 409]
    assert (said["detail"], said["person"]["state"]) == (
        "Registration closed on January 15, 2026 at 07:00 EST.",
        "cancelled",
    )
    assert answers[1].json() == said
    assert standing() == []
    assert problems() == []


def test_a_session_is_attended_beside_the_door(event: Event, ada: Registration) -> None:
    first, *_ = make_program(event)
    make_release(event)

    answers = [scan(event, ada, session=str(first.uuid)).status_code for _ in range(2)]
    door = scan(event, ada).status_code
    nowhere = scan(event, ada, session=str(uuid4())).status_code

    assert (answers, door, nowhere) == ([201, 200], 201, 404)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("2026-01-15T11:30:00Z", datetime(2026, 1, 15, 11, 30, tzinfo=UTC)),
        ("2026-01-15T12:30:00Z", NOON),
        ("2025-01-15T12:30:00Z", NOON),
    ],
)
def test_the_clock_of_a_device_is_believed_within_reason(
    event: Event, ada: Registration, told: str, kept: datetime
) -> None:
    with time_machine.travel(NOON, tick=False):
        scan(event, ada, at=told)

    assert CheckIn.objects.get().at == kept


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"code": "1-A", "person": str(uuid4())},
        {"person": "no uuid"},
        {"code": ["a"]},
        {"code": "1-A", "session": "x"},
        {"code": "1-A", "at": "yesterday"},
        [],
        "text",
    ],
)
def test_a_malformed_scan_is_refused_at_its_field(event: Event, sent: object) -> None:
    headers = {"Authorization": "Bearer the key of desk B"}
    answer = Client().post(address(event), sent, content_type="application/json", headers=headers)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_news_tell_what_was_done_and_undone_since(event: Event, ada: Registration) -> None:
    headers = {"Authorization": "Bearer the key of desk B"}
    with time_machine.travel(NOON, tick=False):
        made = scan(event, ada).json()
    with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
        since = Client().get(address(event), headers=headers).json()["moment"]
        Client().delete(address(event, f"{made['id']}/"), headers=headers)
        news = Client().get(address(event), {"since": since}, headers=headers).json()

    assert (news["count"], news["total"]) == (0, 1)
    assert [(one["person"], one["is_undone"]) for one in news["check_ins"]] == [(str(ada.uuid), True)]


def test_a_moment_that_is_none_is_refused(event: Event) -> None:
    answer = Client().get(address(event), {"since": "x"}, headers={"Authorization": "Bearer the key of desk B"})

    assert answer.status_code == 400


def test_the_list_of_a_device_knows_tickets_without_containing_them(
    event: Event, ada: Registration, django_assert_num_queries
) -> None:
    scan(event, ada)
    headers = {"Authorization": "Bearer the key of desk B"}

    with django_assert_num_queries(7):
        listed = Client().get(address(event, "people/"), headers=headers)

    assert [one["code"] for one in listed.json()["people"]] == [tickets.digest_of(tickets.code_of(ada))]
    assert tickets.code_of(ada) not in listed.content.decode()
    assert ada.email not in listed.content.decode()


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer wrong", "Basic eDp5", "Bearer \x80"])
def test_without_a_right_nothing_is_told(event: Event, ada: Registration, authorization: str) -> None:
    headers = {"Authorization": authorization}

    statuses = [
        Client().get(address(event), headers=headers).status_code,
        Client().get(address(event, "people/"), headers=headers).status_code,
        Client().post(address(event), {"code": "1"}, content_type="application/json", headers=headers).status_code,
        Client().delete(address(event, "1/"), headers=headers).status_code,
    ]

    assert statuses == [401] * 4


def test_a_device_of_another_event_opens_nothing(event: Event, ada: Registration) -> None:
    make_device(make_event(), "X", "key of X")

    assert scan(event, ada, key="key of X").status_code == 401


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ALL, 201), (Role.REGISTRATIONS, 201), (Role.CHECK_IN, 201), (Role.PROGRAM, 404), (Role.MATERIALS, 404)],
)
def test_a_login_lets_in_what_its_role_may(event: Event, ada: Registration, role: Role, status: int) -> None:
    client = Client()
    client.force_login(make_organizer(event, role=role))

    answer = client.post(address(event), {"person": str(ada.uuid)}, content_type="application/json")

    assert answer.status_code == status


def test_a_login_needs_the_token_against_forged_posts(event: Event, ada: Registration) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_organizer(event))

    answer = client.post(address(event), {"person": str(ada.uuid)}, content_type="application/json")

    assert answer.status_code == 403
    assert standing() == []


def test_a_desk_that_outlived_its_login_is_given_the_token_of_the_next(event: Event, ada: Registration) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_organizer(event))
    body = {"data": {"person": str(ada.uuid)}, "content_type": "application/json"}

    refused = client.post(address(event), **body, headers={"X-CSRFToken": "of the page, of an earlier login"})
    answer = client.post(address(event), **body, headers={"X-CSRFToken": refused["X-CSRFToken"]})

    assert (refused.status_code, answer.status_code) == (403, 201)
    assert "X-CSRFToken" not in Client().get(address(event))


def test_a_scan_costs_few_statements(event: Event, ada: Registration, django_assert_num_queries) -> None:
    with django_assert_num_queries(8):
        scan(event, ada, nonce="n1")

    assert IdempotencyKey.objects.count() == 1


def test_a_scan_that_is_sent_again_is_looked_up(event: Event, ada: Registration, django_assert_num_queries) -> None:
    first = scan(event, ada, nonce="n1")

    with django_assert_num_queries(3):  # the device, its event, and what was answered
        again = scan(event, ada, nonce="n1")

    assert (again.status_code, again.json()) == (first.status_code, first.json())
