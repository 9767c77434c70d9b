import logging

from portal.links import sign
from portal.logs import Line


def line(message: str, *arguments: object) -> str:
    record = logging.LogRecord("django.request", logging.ERROR, "x.py", 1, message, arguments, None)
    return Line("%(levelname)s %(message)s").format(record)


def test_a_personal_link_never_gets_into_the_log() -> None:
    token = sign("manage", "12-0af3")

    said = line("%s: %s", "Internal Server Error", f"/tutorial/my/{token}/materials/1/")

    assert said == "ERROR Internal Server Error: /tutorial/my/[link]/materials/1/"


def test_other_addresses_stay() -> None:
    said = line("Not Found: /~ada/some~thing/x")

    assert said == "ERROR Not Found: /~ada/some~thing/x"
