"""Steps of tests of the front."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db import OperationalError
from django.test import RequestFactory

from portal.front import Environ, Front, StartResponse

PAGE = "/tutorial/"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Counted:
    """Django, with the requests that reach it counted."""

    def __init__(self) -> None:
        self.django = get_wsgi_application()
        self.count = 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        self.count += 1
        return self.django(environ, start_response)


def ask(front: Front, path: str = PAGE, method: str = "GET", **environ: str) -> Answer:
    said: list[Any] = []
    request = RequestFactory().generic(method, path, **environ)  # type: ignore[arg-type]
    chunks = front(request.environ, lambda status, headers, *rest: said.extend([status, headers]))
    body = b"".join(chunks)
    close = getattr(chunks, "close", None)
    if close:
        close()
    return Answer(int(said[0][:3]), dict(said[1]), body)


def refuse(*args: object) -> None:
    raise OperationalError("the server went away")
