"""Registering and checking in by API, with whatever the description allows and with what it doesn't."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from portal.invariants import problems
from registration import tickets
from registration.models import Registration
from tests.factories import NOON, make_event, make_question, make_registration, make_ticket_type
from tests.portal.test_api_fuzz import CHECKS, DESCRIPTION
from tests.registration.doors import KEY, make_device
from tests.registration.reading import ADA

ROOT = "/api/v1/events/{event}/"
OPERATIONS = [
    (f"{ROOT}registrations/", "POST"),
    (f"{ROOT}check-ins/", "POST"),
    (f"{ROOT}check-ins/", "GET"),
    (f"{ROOT}check-ins/people/", "GET"),
    (f"{ROOT}check-ins/{{number}}/", "DELETE"),
]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
AWKWARD = [
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"१-AAAA"',
    '"' + "9" * 400 + '"',
    '"' + "a" * 100_000 + '"',
    "1" + "0" * 400,
    "NaN",
    "-Infinity",
    "null",
    "true",
    "[]",
    '{"__class__": 1}',
    "[" * 2000 + "]" * 2000,
]


@pytest.fixture
def ada(db: None) -> Registration:
    event = make_event(slug="tutorial")
    make_ticket_type(event, None, name="On site")
    make_question(event, "Diet", kind="many", choices=("Fish", "Nuts"))
    make_question(event, "Years", kind="number")
    make_device(event)
    return make_registration(event, "ada@example.org", name="Ada", verified_at=NOON)


@pytest.mark.django_db(transaction=True)  # these requests close connections between them
@pytest.mark.parametrize("mode", MODES, ids=["allowed", "wrong"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_each_answer_is_one_of_those_described(ada: Registration, path: str, method: str, mode: GenerationMode) -> None:
    operation = DESCRIPTION[path][method]
    if mode is GenerationMode.NEGATIVE and method == "GET" and "people" in path:
        pytest.skip("There is nothing to get wrong.")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {KEY}"}
        case.call_and_validate(checks=CHECKS)
        case.path_parameters = dict(case.path_parameters or {}) | {"event": "tutorial"}
        case.call_and_validate(checks=CHECKS)

    ask()
    assert problems() == []


@pytest.mark.parametrize("value", AWKWARD, ids=lambda value: value[:12])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("check-ins/", '{{"code": {0}}}'),
        ("check-ins/", '{{"person": {0}}}'),
        ("check-ins/", '{{"code": "1-A", "session": {0}, "at": {0}, "desk": {0}}}'),
        ("check-ins/", "{0}"),
        ("registrations/", '{{"name": {0}, "email": {0}}}'),
        ("registrations/", '{{"name": "A", "email": "a@x.org", "email": "b@x.org", "ticket_type": {0}}}'),
        ("registrations/", '{{"name": "A", "email": "a@x.org", "answers": {{"diet": {0}, "years": {0}}}}}'),
        ("registrations/", '{{"name": "A", "email": "a@x.org", "answers": {{{0}: 1}}}}'),
        ("registrations/", '{{"name": "A", "email": "a@x.org", "lab_seats": {0}, "access_code": {0}}}'),
        ("registrations/", "{0}"),
    ],
)
def test_what_no_description_thinks_of_is_answered_as_a_problem(
    ada: Registration, client: Client, path: str, body: str, value: str
) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k" * 20}

    answer = client.post(f"/api/v1/events/tutorial/{path}", body.format(value), "application/json", headers=headers)

    assert answer.status_code in {201, 400, 404, 409, 422}
    assert answer.status_code == 201 or answer["Content-Type"] == "application/problem+json"
    assert problems() == []


@pytest.mark.parametrize("key", ["k" * 300, "\xff\xe9", "\x7f", "a b", "'; --", "0"])
def test_any_key_is_a_key_or_a_problem(ada: Registration, client: Client, key: str) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "Idempotency-Key": key}

    answers = [
        client.post(f"/api/v1/events/tutorial/{path}", sent, "application/json", headers=headers)
        for path, sent in (("check-ins/", {"code": tickets.code_of(ada)}), ("registrations/", ADA))
    ]

    assert {one.status_code for one in answers} <= {201, 400}


@pytest.mark.parametrize(
    "said", ["Bearer", "Bearer ", "Bearer \x7f", "Bearer \xff\xe9", "Basic AAAA", "bearer " + "a" * 9000]
)
def test_an_authorization_that_is_none_is_refused(ada: Registration, client: Client, said: str) -> None:
    answer = client.get("/api/v1/events/tutorial/check-ins/", headers={"Authorization": said})

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
