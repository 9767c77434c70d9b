"""Stands before Django and replays the public answers it has made, as long as the version they are of is current.

One process has one front. docs/decisions/004-serving.md says why this isn't a middleware.
"""

import logging
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from threading import Lock

from django.conf import settings
from django.db import Error, close_old_connections, connection

from portal import caching
from portal.shelf import (
    ENCODERS,
    Environ,
    Headers,
    Key,
    Shelf,
    StartResponse,
    Stored,
    coding_of,
    replay,
    store,
    version_of,
)

type Application = Callable[[Environ, StartResponse], Iterable[bytes]]

MEGABYTE = 1 << 20
LARGEST = 8 * MEGABYTE
TRIES = 3  # to make an answer while its rows change

logger = logging.getLogger(__name__)


class Versions:
    """What versions are current, read again at most every `pause` seconds and by one thread at a time.

    While the database doesn't answer, the last reading counts for `trust` seconds.
    """

    def __init__(self, pause: float, trust: float, clock: Callable[[], float]) -> None:
        self.pause, self.trust, self.clock = pause, trust, clock
        self.states: dict[str, str] = {}
        self.read_at = self.tried_at = float("-inf")
        self.is_readable = True
        self.lock = Lock()

    def is_current(self, entry: Stored) -> bool:
        self.refresh()
        is_trusted = self.clock() - self.read_at < self.trust
        return is_trusted and time.time() < entry.until and self.hold(entry.version)

    def hold(self, version: str) -> bool:
        name, _, state = version.partition(":")
        return self.states.get(name) == state

    def refresh(self) -> None:
        if self.clock() - self.tried_at < self.pause or not self.lock.acquire(blocking=False):
            return
        try:
            self._read()
        finally:
            self.lock.release()

    def read(self) -> None:
        with self.lock:
            self._read()

    def _read(self) -> None:
        began = self.clock()
        try:
            close_old_connections()
            self.states = caching.states()
        except Error:
            if self.is_readable:
                logger.exception("The events' versions can't be read; answers already made are served for now.")
            self.is_readable = False
            connection.close()
        else:
            self.read_at, self.is_readable = began, True
        finally:
            self.tried_at = self.clock()


class Front:
    """A WSGI application around another one."""

    def __init__(
        self,
        application: Application,
        *,
        limit: int = 64 * MEGABYTE,
        pause: float = 1,
        trust: float = 600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit` in bytes, `pause` and `trust` in seconds of `clock`."""
        self.application = application
        self.shelf = Shelf(limit)
        self.versions = Versions(pause, trust, clock)
        self.turns = [Lock() for _ in range(64)]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        entry = self.shelf.get(key) if key else None
        if not key or not entry:
            return self.ask(environ, start_response, key)
        if not self.versions.is_current(entry):
            return self.renew(environ, start_response, key)
        return self.give(entry, environ, start_response)

    def renew(self, environ: Environ, start_response: StartResponse, key: Key) -> Iterable[bytes]:
        """Of all who meet an old answer at once, one has the new one made; the others wait for it."""
        with self.turns[hash(key) % len(self.turns)]:
            entry = self.shelf.get(key)
            if not entry or not self.versions.is_current(entry):
                return self.ask(environ, start_response, key)
        return self.give(entry, environ, start_response)

    def give(self, entry: Stored, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not accepts(environ, entry.media_type):
            return self.ask(environ, start_response, None)
        return replay(entry, environ, start_response)

    def ask(self, environ: Environ, start_response: StartResponse, key: Key | None) -> Iterable[bytes]:
        """Let the application answer; keep what it marks as the same for everybody."""
        answer = self.answer(environ, key)
        if key and answer.may_be_kept:
            entry = store(answer.mark, answer.headers, answer.body, ENCODERS)
            self.shelf.put(key, entry)
            return replay(entry, environ, start_response)
        self.shelf.drop(key)
        if answer.mark:
            coding = coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))
            return replay(store(answer.mark, answer.headers, answer.body, [coding]), environ, start_response)
        start_response(answer.status, answer.headers)
        return answer.chunks

    def answer(self, environ: Environ, key: Key | None) -> "Answer":
        """An answer is made from several queries. If its version is still the one it began with, no change has come
        between them; else it is made again."""
        for _ in range(TRIES):
            answer = Answer(self.application, environ)
            if not key or not answer.may_be_kept:
                break
            self.versions.read()
            if self.versions.hold(version_of(answer.mark)):
                break
        return answer


class Answer:
    """What the application says. The mark is no longer among the headers."""

    status = "500 Internal Server Error"

    def __init__(self, application: Application, environ: Environ) -> None:
        self.headers: Headers = []
        self.chunks = application(environ, self.start)
        self.mark = next((value for name, value in self.headers if name == caching.MARK), "")
        self.headers = [(name, value) for name, value in self.headers if name != caching.MARK]

    def start(self, status: str, headers: Headers, exc_info: object = None) -> None:
        self.status, self.headers = status, headers

    @cached_property
    def body(self) -> bytes:
        try:
            return b"".join(self.chunks)
        finally:
            close = getattr(self.chunks, "close", None)
            if close:
                close()

    @property
    def may_be_kept(self) -> bool:
        said = {name.lower(): value.lower() for name, value in self.headers}
        is_personal = (
            "set-cookie" in said or "cookie" in said.get("vary", "") or "no-store" in said.get("cache-control", "")
        )
        is_complete = self.status.startswith("200 ") and "etag" in said
        return bool(self.mark) and is_complete and not is_personal and len(self.body) <= LARGEST


def key_of(environ: Environ) -> Key | None:
    """What an answer may depend on besides its version; None where it may depend on more."""
    is_plain = environ["REQUEST_METHOD"] in ("GET", "HEAD") and not environ.get("QUERY_STRING")
    if not is_plain or "HTTP_AUTHORIZATION" in environ:
        return None
    names = ("HTTP_HOST", "SERVER_PORT", "SCRIPT_NAME", "PATH_INFO")
    return scheme_of(environ), *(str(environ.get(name, "")) for name in names)


def scheme_of(environ: Environ) -> str:
    """As the proxy says, where one is trusted; else the connection's own."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if name in environ:
            return "https" if environ[name].split(",")[0].strip() == value else "http"
    return str(environ["wsgi.url_scheme"])


def accepts(environ: Environ, media_type: str) -> bool:
    """Whether the client plainly takes this type. Finer readings of Accept are left to the application."""
    accept = environ.get("HTTP_ACCEPT", "")
    return not accept or "*/*" in accept or media_type in accept
