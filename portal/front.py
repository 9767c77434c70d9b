"""Stands before Django and replays the public answers it has made, as long as the version they are of is current.

One process has one front. docs/decisions/004-serving.md says why this isn't a middleware.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from threading import Event, Lock

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
LARGE, LARGEST = MEGABYTE // 8, 8 * MEGABYTE
TRIES = 3  # to make an answer while its rows change
CONDITIONS = {"HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE"}
PATIENCE = 10  # seconds to wait for an answer that somebody else has made
HEADWAY = 1.0  # seconds that a large answer waits while another one is made

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


class Turns:
    """Of those who come for the same answer at once, one is first; the others wait until it has been made, but not
    for ever. Large answers are made one after the other: side by side none would be ready sooner, and each needs the
    memory of a whole program."""

    def __init__(self) -> None:
        self.making: dict[Key, Event] = {}
        self.lock, self.place = Lock(), Lock()

    @contextmanager
    def of(self, key: Key, *, is_large: bool = False) -> Iterator[bool]:
        """Whether one is first; if not, after the wait."""
        with self.lock:
            made = self.making.get(key)
            if made is None:
                mine = self.making[key] = Event()
        if made:
            made.wait(PATIENCE)
            yield False
            return
        try:
            with self.alone() if is_large else nullcontext():
                yield True
        finally:
            with self.lock:
                del self.making[key]
            mine.set()

    @contextmanager
    def alone(self) -> Iterator[None]:
        has_place = self.place.acquire(timeout=HEADWAY)
        try:
            yield
        finally:
            if has_place:
                self.place.release()


class Front:
    """A WSGI application around another one."""

    def __init__(
        self,
        application: Application,
        *,
        limit: int = 64 * MEGABYTE,
        pause: float = 0.5,
        trust: float = 600,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limit` in bytes, `pause` and `trust` in seconds of `clock`."""
        self.application = application
        self.shelf = Shelf(limit)
        self.versions = Versions(pause, trust, clock)
        self.turns = Turns()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        if not key:
            return self.ask(environ, start_response, None)
        if entry := self.current(key):
            return self.give(entry, environ, start_response)
        old = self.shelf.get(key)
        with self.turns.of(key, is_large=old is not None and old.size > LARGE) as is_first:
            if is_first:
                return self.ask(environ, start_response, key)
        if entry := self.current(key):
            return self.give(entry, environ, start_response)
        return self.ask(environ, start_response, key)

    def current(self, key: Key) -> Stored | None:
        entry = self.shelf.get(key)
        return entry if entry and self.versions.is_current(entry) else None

    def give(self, entry: Stored, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not accepts(environ, entry.media_type):
            return self.ask(environ, start_response, None)
        return replay(entry, environ, start_response, is_kept=True)

    def ask(self, environ: Environ, start_response: StartResponse, key: Key | None) -> Iterable[bytes]:
        """Let the application answer; keep what it marks as the same for everybody."""
        answer = self.answer(environ, key)
        if key and answer.may_be_kept:
            entry = store(answer.mark, answer.headers, answer.body, ENCODERS)
            self.shelf.put(key, entry)
            return replay(entry, environ, start_response, is_kept=True)
        self.shelf.drop(key)
        if answer.mark:
            coding = coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))
            entry = store(answer.mark, answer.headers, answer.body, [coding])
            return replay(entry, environ, start_response, is_kept=False)
        start_response(answer.status, answer.headers)
        return answer.chunks

    def answer(self, environ: Environ, key: Key | None) -> "Answer":
        """An answer is made from several queries. If its version is still the one it began with, no change has come
        between them; else it is made again."""
        for _ in range(TRIES):
            answer = Answer(self.application, environ)
            if key and answer.is_unchanged:  # the client has it, and from now on we have
                answer.close()
                answer = Answer(self.application, unconditional(environ))
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
        mark = next((value for name, value in self.headers if name == caching.MARK), "")
        self.is_unchanged = bool(mark) and self.status.startswith("304 ")
        self.mark = "" if self.is_unchanged else mark
        self.headers = [(name, value) for name, value in self.headers if name != caching.MARK]

    def start(self, status: str, headers: Headers, exc_info: object = None) -> None:
        self.status, self.headers = status, headers

    @cached_property
    def body(self) -> bytes:
        try:
            return b"".join(self.chunks)
        finally:
            self.close()

    def close(self) -> None:
        """As WSGI has it: by this the application knows that the request is over."""
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
    host, port = environ.get("HTTP_HOST", ""), environ["SERVER_PORT"]
    return scheme_of(environ), host, port, environ.get("SCRIPT_NAME", ""), environ["PATH_INFO"]


def unconditional(environ: Environ) -> Environ:
    return {name: value for name, value in environ.items() if name not in CONDITIONS}


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
