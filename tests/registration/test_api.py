import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.models import Event
from registration import booking
from registration.models import Admission, Choice, IdempotencyKey, Lab
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_lab_seat,
    make_program,
    make_question,
    make_registration,
    make_release,
    make_session,
    make_ticket_type,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/events/tutorial/registrations/"
ADA = {"name": "Ada", "email": "ada@example.org"}


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 2)
    return event


def post(values: Any, key: str = "", address: str = ADDRESS, **headers: str) -> HttpResponse:
    headers |= {"Idempotency-Key": key} if key else {}
    body = values if isinstance(values, str) else json.dumps(values)
    return Client(enforce_csrf_checks=True).post(address, body, content_type="application/json", headers=headers)


def fields(response: HttpResponse) -> dict[str, list[str]]:
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    return response.json()["fields"]


def test_a_person_is_registered_and_mailed(event: Event) -> None:
    response = post(ADA | {"affiliation": "ACME"})

    ada = event.registrations.get()
    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert response.json() == {"id": str(ada.uuid), "state": "pending", "position": None}
    assert (ada.name, ada.email, ada.affiliation, ada.state) == ("Ada", "ada@example.org", "ACME", "pending")
    assert list(event.mails.values_list("kind", "address")) == [("confirm", "ada@example.org")]


def test_a_ticket_that_needs_a_file_leads_to_the_page(event: Event) -> None:
    student = make_ticket_type(event, None, name="Student")
    card = make_question(event, "Card?", kind="file", is_required=True)
    card.ticket_types.add(student)
    make_question(event, "Photo?", kind="file")

    refused = fields(post(ADA | {"ticket_type": "Student", "answers": {"photo": "a.png"}}))
    answer = post(ADA | {"ticket_type": "Attendee"})

    page = "https://portal.example/tutorial/register/"
    said = [f"This ticket asks for a file, and only the page takes files: {page}"]
    assert refused == {"answers.card": said, "answers.photo": said}
    assert answer.status_code == 201


def test_the_answer_says_how_things_stand(event: Event) -> None:
    for name in ("ada", "bea"):
        booking.register(event, name=name, email=f"{name}@example.org")
    make_ticket_type(event, None, name="Helper", needs_approval=True)

    answers = [
        post({"name": "X", "email": f"{n}@example.org", "ticket_type": ticket}).json()
        for n, ticket in enumerate(("Attendee", "Attendee", "Helper"))
    ]

    assert [(one["state"], one["position"]) for one in answers] == [
        ("waitlisted", 1),
        ("waitlisted", 2),
        ("awaiting_approval", None),
    ]


def test_where_addresses_are_believed_the_answer_is_confirmed(event: Event) -> None:
    Admission.objects.update(confirms_at_once=True)

    assert post(ADA).json()["state"] == event.registrations.get().state == "confirmed"


def test_a_known_address_gets_the_answer_of_a_new_one_and_no_second_registration(event: Event) -> None:
    first, again, other = post(ADA), post(ADA | {"email": "ADA@example.org"}), post(ADA | {"email": "bea@example.org"})

    answers = [one.json() for one in (first, again, other)]
    assert [(one.status_code, sorted(one.headers)) for one in (again, other)] == [(201, sorted(first.headers))] * 2
    assert [one["state"] for one in answers] == ["pending"] * 3
    assert len({one["id"] for one in answers}) == 3
    assert sorted(event.registrations.values_list("email", flat=True)) == ["ada@example.org", "bea@example.org"]


def test_the_id_opens_nothing(event: Event, client: Client) -> None:
    number = post(ADA).json()["id"]

    answers = {client.get(f"/tutorial/{way}/{number}/").status_code for way in ("my", "confirm", "registrations")}

    assert answers | {client.get(f"{ADDRESS}{number}/").status_code} == {404}


def test_answers_and_lab_seats_are_taken_by_their_names(event: Event) -> None:
    make_program(event)
    first, _, second = event.sessions.order_by("pk")
    for session in (first, second):
        make_lab(event, session)
    make_release(event)
    drinks = make_question(event, kind="many", choices=("Tea", "Milk"))
    lunch = make_question(event, kind="yes_no")

    response = post(
        ADA | {"answers": {drinks.key: ["Milk"], lunch.key: False}, "lab_seats": [first.slug, str(second.uuid)]}
    )

    ada = event.registrations.get()
    assert response.status_code == 201
    assert dict(ada.answers.values_list("question", "value")) == {drinks.pk: ["Milk"], lunch.pk: False}
    assert ada.lab_seats.filter(state="seat").count() == 2


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({}, {"name": ["This field is required."], "email": ["This field is required."]}),
        (ADA | {"name": ""}, {"name": ["Write your name."]}),
        (ADA | {"email": "x@"}, {"email": ["The part after @ is missing, as in name@example.org."]}),
        ({"name": ["x"], "email": {}}, {"name": ["Not a valid string."], "email": ["Not a valid string."]}),
        (ADA | {"ticket_type": "Gold"}, {"ticket_type": ["There is no such ticket."]}),
        (ADA | {"ticket_type": True}, {"ticket_type": ["Give the name of a ticket, or its number."]}),
        (ADA | {"answers": []}, {"answers": ['Expected a dictionary of items but got type "list".']}),
        (ADA | {"answers": {"shoe": 1}}, {"answers.shoe": ["There is no such question."]}),
        (ADA | {"answers": {"age": "old"}}, {"answers.age": ["This has to be a number, such as 12 or 2.5."]}),
        (ADA | {"lab_seats": ["x"]}, {"lab_seats": ["There are no lab seats to choose."]}),
    ],
)
def test_what_is_wrong_is_said_by_field(event: Event, values: Any, found: dict[str, list[str]]) -> None:
    make_question(event, key="age", kind="number")

    assert fields(post(values)) == found
    assert not event.registrations.exists()


def test_labs_are_refused_at_their_field_where_the_ticket_gives_no_seat(event: Event) -> None:
    make_release(event)
    make_lab(event, session := event.sessions.earliest("pk"))
    make_ticket_type(event, None, name="Interest", mode="interest")

    response = post(ADA | {"ticket_type": "Interest", "lab_seats": [str(session.uuid)]})

    assert fields(response) == {"lab_seats": ["“Interest” gives no seat at the event, so none in labs."]}
    assert not event.registrations.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "7", "null", '{"name": "\\ud800"}', "[" * 5000, "[" * 500_000])
def test_what_is_no_object_is_refused(event: Event, body: str) -> None:
    response = post(body)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_a_choice_taken_up_is_said_whether_or_not_the_address_is_known(event: Event) -> None:
    shirt = make_question(event, kind="choice", choices=("M",))
    post(ADA)
    Choice.objects.update(limit=0)

    answers = [
        fields(post(ADA | {"email": one, "answers": {shirt.key: "M"}})) for one in ("ada@example.org", "b@x.org")
    ]

    assert answers == [{f"answers.{shirt.key}": ["“M” is no longer free. Choose something else."]}] * 2


@pytest.mark.parametrize(("said", "value"), [(True, True), ("yes", True), (False, False), ("no", False), ("0", False)])
def test_a_consent_is_what_was_said(event: Event, said: object, value: bool) -> None:
    photos = make_question(event, "Photos", kind="consent")

    response = post(ADA | {"answers": {photos.key: said}})

    assert response.status_code == 201
    assert event.registrations.get().consents.filter(subject=photos.key).exists() is value


def test_while_it_is_closed_the_reason_is_given(event: Event) -> None:
    event.ticket_types.update(closes_at="2026-01-10T17:00Z")

    response = post(ADA)

    assert response.status_code == 409
    assert response.json()["detail"] == "Registration closed on January 10, 2026 at 12:00 EST."


def test_a_ticket_behind_an_access_code_is_had_with_it_alone_and_asks_its_questions(event: Event) -> None:
    insiders = event.ticket_types.get()
    event.ticket_types.update(access_code="Sesame")
    size = make_question(event, "Size", is_required=True)
    size.ticket_types.add(insiders)
    code, said = {"access_code": "sesame"}, {"answers": {size.key: "M"}}

    without = [fields(post(ADA | more)) for more in ({}, {"ticket_type": None}, {"access_code": ""})]
    unanswered, count = fields(post(ADA | code)), event.registrations.count()
    answer = post(ADA | code | said)

    assert without == [{"access_code": ["Give the access code you were given."]}] * 3
    assert (list(unanswered), count) == ([f"answers.{size.key}"], 0)
    assert answer.status_code == 201
    assert event.registrations.get().answers.get().value == "M"


class TestIdempotencyKeys:
    def test_the_same_key_gets_the_same_answer_and_has_one_effect(self, event: Event) -> None:
        answers = [post(ADA, key="one") for _ in range(3)]

        assert {(one.status_code, one.content) for one in answers} == {(201, answers[0].content)}
        assert (event.registrations.count(), event.mails.count()) == (1, 1)

    def test_the_first_answer_stays_even_if_things_have_changed_since(self, event: Event) -> None:
        first = post(ADA, key="one")
        booking.cancel(event.registrations.get())

        assert post(ADA, key="one").content == first.content
        assert event.registrations.get().state == "cancelled"

    def test_the_same_key_with_another_body_is_refused(self, event: Event) -> None:
        post(ADA, key="one")

        answers = [post(ADA | change, key="one") for change in ({"name": "Bea"}, {"email": "bea@example.org"})]

        assert [one.status_code for one in answers] == [422, 422]
        assert [one.json()["detail"] for one in answers] == [
            "This Idempotency-Key came with another request before. Use a new one for each."
        ] * 2
        assert list(event.registrations.values_list("name", flat=True)) == ["Ada"]

    def test_keys_of_two_events_know_nothing_of_each_other(self, event: Event) -> None:
        other = make_event(slug="other")
        make_ticket_type(other)

        answers = [post(ADA, "one", ADDRESS.replace("tutorial", one.slug)) for one in (event, other)]

        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json()["id"] != answers[1].json()["id"]
        assert [one.registrations.count() for one in (event, other)] == [1, 1]

    def test_what_was_refused_may_be_mended_under_the_same_key(self, event: Event) -> None:
        post(ADA | {"email": "ada@"}, key="one")

        assert post(ADA, key="one").status_code == 201

    def test_a_key_too_long_is_refused(self, event: Event) -> None:
        assert "Idempotency-Key" in fields(post(ADA, key="k" * 201))
        assert not IdempotencyKey.objects.exists()


def test_scripts_of_other_sites_may_register_and_send_keys(event: Event, client: Client) -> None:
    asked = client.options(ADDRESS)

    assert asked["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert asked["Access-Control-Allow-Headers"] == "Content-Type, Idempotency-Key, If-Modified-Since, If-None-Match"
    assert post(ADA)["Access-Control-Allow-Origin"] == "*"


def test_an_event_without_tickets_says_that_it_takes_nobody(event: Event) -> None:
    make_event(slug="bare")

    response = post(ADA, address="/api/v1/events/bare/registrations/")

    assert (response.status_code, response.json()["detail"]) == (409, "This event takes no registrations.")


def test_fields_that_are_not_asked_for_change_nothing(event: Event) -> None:
    post(ADA | {"state": "confirmed", "id": "7", "uuid": "x", "event": 2, "verified_at": "2026-01-01", "key": "x"})

    ada = event.registrations.get()
    assert (ada.state, ada.verified_at, len(ada.key)) == ("pending", None, 32)


def test_it_takes_as_many_queries_as_it_says(event: Event) -> None:
    with CaptureQueriesContext(connection) as queries:
        post(ADA, key="one")

    asked = [one for one in queries if "SAVEPOINT" not in one["sql"]]
    assert len(asked) == (8 if connection.vendor == "postgresql" else 12)


def test_clients_learn_how_many_lab_seats_are_left(client: Client, django_assert_num_queries: Any) -> None:
    event = make_event(slug="labs")
    block = make_block(event)
    titles = ("Weaving", "Soldering", "Knots", "Lace", "Draft only")
    weaving, soldering, knots, lace, draft = (make_session(block, title, kind="lab") for title in titles)
    event.sessions.filter(pk=draft.pk).update(visibility="hidden")
    for session, taken in ((weaving, 8), (soldering, 9), (knots, 10), (lace, 9), (draft, 0)):
        lab = make_lab(event, session, 10)
        Lab.objects.filter(pk=lab.pk).update(taken=taken)
    for session, state in ((knots, "confirmed"), (lace, "waitlisted")):
        person = make_registration(event, state=state, place=1)
        make_lab_seat(person, event.labs.get(session=session.uuid), is_waitlisted=True)
    make_release(event)

    with django_assert_num_queries(4):
        response = client.get("/api/v1/events/labs/labs/")

    found = response.json()["labs"]
    told = [(one["slug"], one["state"], one["capacity"], one["left"], one["waiting"]) for one in found]
    assert told == [
        ("weaving", "open", 10, 2, 0),
        ("soldering", "few", 10, 1, 0),
        ("knots", "full", 10, 0, 1),
        ("lace", "few", 10, 1, 1),
    ]
    assert found[0]["session"] == str(weaving.uuid)
    assert (response["Cache-Control"], response["Access-Control-Allow-Origin"]) == ("no-store", "*")
