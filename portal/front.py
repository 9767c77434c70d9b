"""Stands before Django and replays the public answers it has made, as long as the version they are of is current.

One process has one front. docs/decisions/004-serving.md says why this isn't a middleware.
"""

import gzip
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.conf import settings
from django.db import Error, close_old_connections, connection

from portal import caching

type Environ = dict[str, Any]
type Headers = list[tuple[str, str]]
type StartResponse = Callable[..., Any]
type Application = Callable[[Environ, StartResponse], Iterable[bytes]]
type Key = tuple[str, ...]

MEGABYTE = 1 << 20
LARGEST = 8 * MEGABYTE
SMALLEST_WORTH_ZIPPING = 500
ZIPPED = (
    "text/",
    "application/json",
    "application/atom+xml",
    "application/vnd.c3voc.schedule+xml",
    "application/vnd.oai.openapi+json",
)
OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-disposition"}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """An answer in its finished forms. `event` and `state` are the version it is of, `until` a Unix time."""

    event: str
    state: str
    until: float
    tag: str
    media_type: str
    plain: Headers
    body: bytes
    zipped: Headers
    zipped_body: bytes
    unchanged: Headers

    @property
    def size(self) -> int:
        return len(self.body) + len(self.zipped_body) + 2000


def store(mark: str, headers: Headers, body: bytes) -> Stored:
    version, _, until = mark.partition(";")
    event, _, state = version.partition(":")
    found = {name.lower(): value for name, value in headers}
    tag, media_type = found.get("etag", ""), found.get("content-type", "").partition(";")[0]
    is_worth_it = media_type.startswith(ZIPPED) and len(body) >= SMALLEST_WORTH_ZIPPING
    zipped_body = gzip.compress(body, 6, mtime=0) if is_worth_it else b""
    bare = [(name, value) for name, value in headers if name.lower() not in ("etag", "content-length")]
    return Stored(
        event=event,
        state=state,
        until=float(until or "inf"),
        tag=tag,
        media_type=media_type,
        plain=[*bare, ("ETag", tag), ("Content-Length", str(len(body)))],
        body=body,
        zipped=[
            *bare,
            ("ETag", f"W/{tag}"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(zipped_body))),
        ],
        zipped_body=zipped_body,
        unchanged=[(name, value) for name, value in headers if name.lower() not in OF_THE_BODY],
    )


@dataclass
class Shelf:
    """The stored answers, the longest unused ones dropped beyond `limit` bytes."""

    limit: int
    size: int = 0
    entries: OrderedDict[Key, Stored] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: Key) -> Stored | None:
        with self.lock:
            entry = self.entries.get(key)
            if entry:
                self.entries.move_to_end(key)
            return entry

    def put(self, key: Key, entry: Stored) -> None:
        with self.lock:
            self._drop(key)
            self.entries[key] = entry
            self.size += entry.size
            while self.size > self.limit:
                self._drop(next(iter(self.entries)))

    def drop(self, key: Key) -> None:
        with self.lock:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        entry = self.entries.pop(key, None)
        self.size -= entry.size if entry else 0


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
        return is_trusted and time.time() < entry.until and self.states.get(entry.event) == entry.state

    def refresh(self) -> None:
        if self.clock() - self.tried_at < self.pause or not self.lock.acquire(blocking=False):
            return
        try:
            self.read()
        finally:
            self.tried_at = self.clock()
            self.lock.release()

    def read(self) -> None:
        began = self.clock()
        try:
            close_old_connections()
            versions = caching.versions()
        except Error:
            if self.is_readable:
                logger.exception("The events' versions can't be read; answers already made are served for now.")
            self.is_readable = False
            connection.close()
            return
        states = {str(event): str(version) for event, version in versions.items()}
        self.states = states | {caching.ALL_EVENTS: caching.summary(versions), caching.NO_EVENT: ""}
        self.read_at, self.is_readable = began, True


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

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = key_of(environ)
        entry = self.shelf.get(key) if key else None
        if not key or not entry:
            return self.ask(environ, start_response, key)
        if not self.versions.is_current(entry):
            self.shelf.drop(key)
            return self.ask(environ, start_response, key)
        if not accepts(environ, entry.media_type):
            return self.ask(environ, start_response, None)
        return replay(entry, environ, start_response)

    def ask(self, environ: Environ, start_response: StartResponse, key: Key | None) -> Iterable[bytes]:
        """Let the application answer; keep what it marks as the same for everybody."""
        answer = Answer()
        chunks = self.application(environ, answer)
        mark = answer.take_mark()
        if not mark:
            start_response(answer.status, answer.headers)
            return chunks
        entry = store(mark, answer.headers, joined(chunks))
        if key and environ["REQUEST_METHOD"] == "GET" and may_keep(answer, entry):
            self.shelf.put(key, entry)
        return replay(entry, environ, start_response)


class Answer:
    """Stands in for start_response."""

    status = "500 Internal Server Error"

    def __init__(self) -> None:
        self.headers: Headers = []

    def __call__(self, status: str, headers: Headers, exc_info: object = None) -> None:
        self.status, self.headers = status, headers

    def take_mark(self) -> str:
        """The mark, which leaves the headers."""
        mark = next((value for name, value in self.headers if name == caching.MARK), "")
        if mark:
            self.headers = [(name, value) for name, value in self.headers if name != caching.MARK]
        return mark


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


def may_keep(answer: Answer, entry: Stored) -> bool:
    said = {name.lower(): value.lower() for name, value in answer.headers}
    is_personal = (
        "set-cookie" in said or "cookie" in said.get("vary", "") or "no-store" in said.get("cache-control", "")
    )
    return answer.status.startswith("200 ") and bool(entry.tag) and not is_personal and entry.size <= LARGEST


def joined(chunks: Iterable[bytes]) -> bytes:
    try:
        return b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()


def accepts(environ: Environ, media_type: str) -> bool:
    """Whether the client plainly takes this type. Finer readings of Accept are left to the application."""
    accept = environ.get("HTTP_ACCEPT", "")
    return not accept or "*/*" in accept or media_type in accept


def takes_gzip(environ: Environ) -> bool:
    for part in environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        coding, _, quality = part.partition(";")
        if coding.strip() in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def replay(entry: Stored, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if caching.known_tags(environ.get("HTTP_IF_NONE_MATCH", "")) & {entry.tag, "*"}:
        start_response("304 Not Modified", entry.unchanged)
        return []
    is_zipped = bool(entry.zipped_body) and takes_gzip(environ)
    start_response("200 OK", entry.zipped if is_zipped else entry.plain)
    if environ["REQUEST_METHOD"] == "HEAD":
        return []
    return [entry.zipped_body if is_zipped else entry.body]
