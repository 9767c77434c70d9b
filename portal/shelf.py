"""Finished answers in memory: each in the encodings clients take, made once, and the headers that go with them."""

import gzip
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any

import brotli
from django.utils.http import http_date

from portal import caching

type Environ = dict[str, Any]
type Headers = list[tuple[str, str]]
type StartResponse = Callable[..., Any]
type Key = tuple[str, ...]

SMALLEST_WORTH_ZIPPING = 500
ZIPPED = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/vnd.c3voc.schedule+xml",
    "application/vnd.oai.openapi+json",
)
# The levels from which on a tenth more time no longer takes a hundredth off schedules; each about 20 ms a megabyte.
ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=6),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
PLAIN = ""
OF_THE_BODY = {"content-type", "content-length", "content-encoding", "content-disposition", "last-modified"}
OUR_OWN = {"content-length", "etag", "last-modified"}


@dataclass(frozen=True)
class Form:
    """An answer in one encoding."""

    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Stored:
    """An answer in its finished forms. `until` and `modified` are Unix times."""

    version: str
    until: float
    modified: float | None
    tags: frozenset[str]
    media_type: str
    forms: dict[str, Form]
    unchanged: Headers
    dated: Headers

    @property
    def size(self) -> int:
        return sum(len(form.body) for form in self.forms.values()) + 2000


def store(mark: str, headers: Headers, body: bytes, codings: Iterable[str]) -> Stored:
    version, until, modified = mark.split(";")
    found = {name.lower(): value for name, value in headers}
    tag, media_type = found.get("etag", ""), found.get("content-type", "").partition(";")[0]
    bare = [(name, value) for name, value in headers if name.lower() not in OUR_OWN]
    forms = {PLAIN: Form([*bare, ("ETag", tag), ("Content-Length", str(len(body)))], body)}
    if media_type.startswith(ZIPPED) and len(body) >= SMALLEST_WORTH_ZIPPING:
        forms |= {coding: zipped(coding, bare, tag, body) for coding in codings if coding}
    return Stored(
        version=version,
        until=float(until or "inf"),
        modified=float(modified) if modified else None,
        tags=frozenset((tag, "*")),
        media_type=media_type,
        forms=forms,
        unchanged=[(name, value) for name, value in headers if name.lower() not in OF_THE_BODY],
        dated=[("Last-Modified", http_date(float(modified)))] if modified else [],
    )


def version_of(mark: str) -> str:
    return mark.partition(";")[0]


def zipped(coding: str, bare: Headers, tag: str, body: bytes) -> Form:
    small = ENCODERS[coding](body)
    own = [("ETag", f"W/{tag}"), ("Content-Encoding", coding), ("Content-Length", str(len(small)))]
    return Form([*bare, *own], small)


def replay(entry: Stored, environ: Environ, start_response: StartResponse, *, is_kept: bool) -> Iterable[bytes]:
    """A proxy of ours may give what is kept to others until this second ends."""
    now = time.time()
    dated = entry.dated if entry.modified and entry.modified <= now else []
    passing = [*dated, ("X-Accel-Expires", f"@{int(now)}")] if is_kept else dated
    if caching.holds(environ, entry.tags, dated[0][1] if dated else ""):
        start_response("304 Not Modified", entry.unchanged + passing)
        return []
    form = entry.forms.get(coding_of(environ.get("HTTP_ACCEPT_ENCODING", ""))) or entry.forms[PLAIN]
    start_response("200 OK", form.headers + passing)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]


@lru_cache(maxsize=256)
def coding_of(accept_encoding: str) -> str:
    """What a client likes best of our encodings and none at all, the first among equals; a quality of zero refuses."""
    qualities: dict[str, float] = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        qualities[coding.strip()] = quality_of(parameter)
    liked = {form: qualities.get(form or "identity", qualities.get("*", 0.0)) for form in (*ENCODERS, PLAIN)}
    return max((form for form in liked if liked[form] > 0), key=liked.__getitem__, default=PLAIN)


def quality_of(parameter: str) -> float:
    try:
        return float(parameter.partition("=")[2])
    except ValueError:
        return 1.0


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

    def drop(self, key: Key | None) -> None:
        with self.lock:
            self._drop(key)

    def _drop(self, key: Key | None) -> None:
        entry = self.entries.pop(key, None) if key else None
        self.size -= entry.size if entry else 0
