import logging

import pytest
from django.core.exceptions import TooManyFieldsSent
from django.db import IntegrityError

from portal.links import sign
from portal.logs import Line, RequestFilter


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("django.request", logging.ERROR, "x.py", 1, message, arguments, None)
    return Line("%(levelname)s %(message)s").format(record)


def test_a_personal_link_never_gets_into_the_log() -> None:
    token = sign("manage", "12-0af3")

    said = line("%s: %s", "Internal Server Error", f"/tutorial/my/{token}/materials/1/")

    assert said == "ERROR Internal Server Error: /tutorial/my/[link]/materials/1/"


def test_a_bad_request_takes_one_line() -> None:
    try:
        raise TooManyFieldsSent("Too many fields.")
    except TooManyFieldsSent as error:
        cause = (TooManyFieldsSent, error, error.__traceback__)
    name = "django.security.TooManyFieldsSent"
    record = logging.LogRecord(name, logging.ERROR, "x.py", 1, "Too many fields.", (), cause)

    RequestFilter().filter(record)

    assert Line("%(message)s").format(record) == "Too many fields."


def test_other_addresses_stay() -> None:
    said = line("Not Found: /~ada/some~thing/x")

    assert said == "ERROR Not Found: /~ada/some~thing/x"


@pytest.mark.parametrize("address", ["ada@example.org", "Ada.L+x@mail.example.co", "ådå@exämple.org"])
def test_a_mail_address_never_does(address: str) -> None:
    said = line("%s <%s>, %s=%s", "550 unknown", address, "address", address)

    assert said == "ERROR 550 unknown <[address]>, [address]"


@pytest.mark.parametrize("name", ["celery@web.example.org", "redis://:**@127.0.0.1:6379/0"])
def test_the_names_of_servers_stay(name: str) -> None:
    assert line(f"{name} is ready.") == f"ERROR {name} is ready."


def test_rows_that_a_database_shows_with_its_errors_never_do() -> None:
    shown = "breaks a constraint\nDETAIL:  Failing row contains (7, Ada\nLovelace, secret)."
    try:
        raise IntegrityError(shown)
    except IntegrityError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "Oh", (), (IntegrityError, error, None))

    assert Line("%(message)s").format(record).splitlines()[1:] == [
        "django.db.utils.IntegrityError: breaks a constraint",
        "DETAIL: [row]",
    ]
