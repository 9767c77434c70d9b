"""What a web process says again to a request that comes twice, and to which it doesn't."""

from collections.abc import Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest

from portal import echo
from portal.echo import Echo
from portal.shelf import Environ, StartResponse
from tests.portal.fronts import Answer, ask

ADDRESS = "/api/v1/events/tutorial/registrations/"
KEY = "HTTP_IDEMPOTENCY_KEY"


class Counting:
    """Answers with the number of the request, and with what it was sent."""

    def __init__(self, status: int = 201) -> None:
        self.status, self.count = HTTPStatus(status), 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.count += 1
        body = environ["wsgi.input"].read()
        start_response(f"{self.status.value} {self.status.phrase}", [("X-Number", str(self.count))])
        return [body, b" ", str(self.count).encode()]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def post(application: Any, body: bytes = b"{}", path: str = ADDRESS, method: str = "POST", **environ: Any) -> Answer:
    asked = {KEY: "one", "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))} | environ
    return ask(application, path, method, **{name: value for name, value in asked.items() if value is not None})


@pytest.fixture
def django() -> Counting:
    return Counting()


def test_the_same_request_gets_the_same_answer_without_another_look(django: Counting) -> None:
    echo = Echo(django)

    first, again = post(echo, b'{"a": 1}'), post(echo, b'{"a": 1}')

    assert (first.status, first.headers, first.body) == (201, {"X-Number": "1"}, b'{"a": 1} 1')
    assert again == first
    assert django.count == 1


@pytest.mark.parametrize(
    "other",
    [
        {"body": b'{"a": 2}'},
        {KEY: "two"},
        {"path": ADDRESS.replace("tutorial", "other")},
        {"QUERY_STRING": "a=1"},
        {"HTTP_HOST": "other.example"},
        {"HTTP_ACCEPT": "text/html"},
        {"CONTENT_TYPE": "text/plain"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"wsgi.url_scheme": "https"},
        {"SCRIPT_NAME": "/below"},
    ],
)
def test_a_request_that_differs_is_another_one(django: Counting, other: dict[str, Any]) -> None:
    echo = Echo(django)

    post(echo)
    answers = [post(echo, **other), post(echo)]

    assert [one.headers["X-Number"] for one in answers] == ["2", "1"]


@pytest.mark.parametrize(
    "other",
    [
        {KEY: None},
        {"method": "PUT"},
        {"HTTP_AUTHORIZATION": "Bearer key"},
        {"HTTP_COOKIE": "sessionid=1"},
        {"body": b"x" * (echo.LARGEST + 1)},
        {"CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-2"},
        {"CONTENT_LENGTH": "many"},
        {"CONTENT_LENGTH": "1" * 5000},
    ],
)
def test_what_may_be_answered_otherwise_the_next_time_is_asked_anew(django: Counting, other: dict[str, Any]) -> None:
    echo = Echo(django)

    answers = [post(echo, **other) for _ in range(2)]

    assert [one.headers["X-Number"] for one in answers] == ["1", "2"]


@pytest.mark.parametrize("status", [200, 302, 400, 409, 422, 429, 500])
def test_only_what_was_made_is_said_again(status: int) -> None:
    application = Echo(Counting(status))

    answers = [post(application) for _ in range(2)]

    assert [(one.status, one.headers["X-Number"]) for one in answers] == [(status, "1"), (status, "2")]


def test_a_moment_later_it_is_forgotten(django: Counting) -> None:
    echo = Echo(django, clock := Clock())

    numbers = []
    for seconds in (0, 9.9, 0.2):
        clock.now += seconds
        numbers.append(post(echo).headers["X-Number"])

    assert numbers == ["1", "1", "2"]


def test_it_keeps_the_latest_of_many_and_nothing_old(django: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.echo.MOST", 3)
    echo = Echo(django, clock := Clock())

    for key in "abcd":
        post(echo, **{KEY: key})
    numbers = [post(echo, **{KEY: key}).headers["X-Number"] for key in "dcba"]
    clock.now += 11
    post(echo, **{KEY: "e"})

    assert numbers == ["4", "3", "2", "5"]
    assert len(echo.kept) == 1


def test_the_application_is_told_that_the_request_is_over() -> None:
    closed: list[bool] = []

    class Chunks(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        start_response("201 Created", [])
        return Chunks([b"made"])

    assert post(Echo(application)).body == b"made"
    assert closed == [True]
