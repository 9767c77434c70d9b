import json

import pytest
from django.http import Http404
from rest_framework.exceptions import APIException, NotFound, Throttled, ValidationError

from portal.problems import CONTENT_TYPE, body, handle, problem


def test_a_refusal_says_what_is_wrong() -> None:
    response = handle(NotFound("There is no such room."), {})

    assert response is not None
    assert (response.status_code, response.content_type) == (404, CONTENT_TYPE)
    assert response.data == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such room.",
    }


def test_djangos_own_refusals_are_told_alike() -> None:
    response = handle(Http404("There is no such event."), {})

    assert response is not None
    assert (response.status_code, response.data["status"]) == (404, 404)


def test_fields_at_fault_are_named() -> None:
    response = handle(ValidationError({"email": ["Enter a valid mail address."]}), {})

    assert response is not None
    assert response.data == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "Some fields need another value.",
        "fields": {"email": ["Enter a valid mail address."]},
    }


def test_names_that_were_sent_are_told_without_what_no_text_can_have() -> None:
    response = handle(ValidationError({"answers": {"\ud800diet": ["No “\udfff\0”."]}}), {})

    assert response is not None
    assert response.data["fields"] == {"answers.diet": ["No “”."]}


def test_headers_are_kept() -> None:
    response = handle(Throttled(wait=7), {})

    assert response is not None
    assert (response.status_code, response["Retry-After"]) == (429, "7")


def test_a_bug_is_not_made_a_refusal() -> None:
    assert handle(ZeroDivisionError(), {}) is None


@pytest.mark.parametrize("data", [None, {}, []])
def test_without_a_reason_there_is_only_the_title(data: object) -> None:
    assert body(500, data) == {"type": "about:blank", "title": "Internal Server Error", "status": 500}


def test_a_problem_outside_the_api_is_told_alike() -> None:
    response = problem(404, "No calendar yet.")

    assert (response.status_code, response["Content-Type"]) == (404, CONTENT_TYPE)
    assert json.loads(response.content) == body(404, {"detail": "No calendar yet."})


def test_a_detail_beside_other_fields_is_a_field() -> None:
    response = handle(APIException({"detail": ["wrong"], "name": ["missing"]}), {})

    assert response is not None
    assert response.data["fields"] == {"detail": ["wrong"], "name": ["missing"]}
