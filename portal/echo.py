"""Stands before Django and says again what it answered a moment ago to the very same request with the same key.

Who got no answer in time sends the request once more, and does so when the server has most to do. A process remembers
its own answers for some seconds; all other repeats are found in the database, see registration.repeats. So are all
where a proxy gives each request a header of its own, as then none is like another.
"""

import time
from collections.abc import Callable, Iterable
from hashlib import sha256
from io import BytesIO
from threading import Lock

from portal.front import Answer, Application
from portal.shelf import Environ, Headers, StartResponse

KEY = "HTTP_IDEMPOTENCY_KEY"
PERSONAL = {"HTTP_AUTHORIZATION", "HTTP_COOKIE"}  # such a right may have ended since
PARTS = {"wsgi.url_scheme", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE"}
LARGEST = 64 * 1024  # bytes of a body
MOST = 2000  # answers
AGE = 10.0  # seconds

type Said = tuple[str, Headers, bytes]  # status, headers, body


class Echo:
    """A WSGI application around another one."""

    def __init__(self, application: Application, clock: Callable[[], float] = time.monotonic) -> None:
        self.application, self.clock = application, clock
        self.kept: dict[bytes, tuple[float, Said]] = {}  # the oldest first
        self.lock = Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        length = length_of(environ)
        if length is None:
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = BytesIO(body)
        mark = mark_of(environ, body)
        status, headers, said = self.find(mark) or self.ask(environ, mark)
        start_response(status, headers)
        return [said]

    def find(self, mark: bytes) -> Said | None:
        found = self.kept.get(mark)
        return found[1] if found and not self.is_old(found[0]) else None

    def ask(self, environ: Environ, mark: bytes) -> Said:
        answer = Answer(self.application, environ)
        said = answer.status, answer.headers, answer.body
        if answer.status.startswith("201 "):
            self.keep(mark, said)
        return said

    def keep(self, mark: bytes, said: Said) -> None:
        with self.lock:
            self.kept.pop(mark, None)  # so that it comes last
            self.kept[mark] = self.clock(), said
            while len(self.kept) > MOST or (self.kept and self.is_old(next(iter(self.kept.values()))[0])):
                del self.kept[next(iter(self.kept))]

    def is_old(self, moment: float) -> bool:
        return self.clock() - moment >= AGE


def length_of(environ: Environ) -> int | None:
    """Of the body, where the request may be one that comes again."""
    if environ["REQUEST_METHOD"] != "POST" or KEY not in environ or any(map(environ.get, PERSONAL)):
        return None
    length = environ.get("CONTENT_LENGTH", "")
    is_short = length.isdecimal() and len(length) <= len(str(LARGEST)) and int(length) <= LARGEST
    return int(length) if is_short else None


def mark_of(environ: Environ, body: bytes) -> bytes:
    """What tells a request from all others: everything in it that the answer may depend on."""
    said = sorted((name, value) for name, value in environ.items() if name in PARTS or name.startswith("HTTP_"))
    return sha256(repr(said).encode() + body).digest()
