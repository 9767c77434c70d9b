"""Answers that are the same for everybody: pure functions of a version, which is their ETag.

The mark tells the front (portal.front) of what version an answer is, and it never leaves the server.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date, parse_etags
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from portal.models import Event

MARK = "X-Lectern-Version"
ALL_EVENTS = "all"
NO_EVENT = "none"
SOURCES = ("portal", "sessions_app", "registration", "templates")
SUFFIXES = {".py", ".html", ".css", ".js", ".svg"}
AT_THE_EDGE = "max-age=1, stale-if-error=86400"  # RFC 9213: shared caches ask once a second for all their clients

type View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Version:
    """What an answer is a function of: `name` says of which rows, `state` in what version, `since` when."""

    name: str
    state: str = ""
    since: datetime | None = None


def public_page(view: View) -> View:
    """A page of one event. The view may say by `until` how long its answer holds."""
    return only_read(of_event(view))


def public_family_page(view: View) -> View:
    """A page of an event and of the public events it is the host of."""
    return only_read(of_family(view))


def public_overview(view: View) -> View:
    """A page that tells of all public events."""
    return only_read(of_all_events(view))


def only_read[V: Callable[..., HttpResponseBase]](view: V) -> V:
    """Other methods get 405, and aren't asked for a form's token first."""
    return csrf_exempt(require_safe(view))


def of_event(view: View) -> View:
    """As public_page, for views that refuse other methods themselves."""

    @wraps(view)
    def versioned(request: HttpRequest, *, event: Event, **kwargs: object) -> HttpResponse:
        version = Version(str(event.pk), str(event.version), event.changed_at)
        return answer(request, version, partial(view, request, event=event, **kwargs))

    return versioned


def of_family(view: View) -> View:
    @wraps(view)
    def versioned(request: HttpRequest, *, event: Event, **kwargs: object) -> HttpResponse:
        return answer(request, family(event), partial(view, request, event=event, **kwargs))

    return versioned


def of_all_events(view: View) -> View:
    @wraps(view)
    def versioned(request: HttpRequest, **kwargs: object) -> HttpResponse:
        versions = Event.objects.public().values_list("pk", "version")
        return answer(request, Version(ALL_EVENTS, summary(versions)), partial(view, request, **kwargs))

    return versioned


def of_no_event(view: View) -> View:
    """Of the program code alone, such as the API's description."""

    @wraps(view)
    def versioned(request: HttpRequest, **kwargs: object) -> HttpResponse:
        return answer(request, Version(NO_EVENT), partial(view, request, **kwargs))

    return versioned


def until(response: HttpResponse, *moments: datetime | None) -> HttpResponse:
    """The response, good until the earliest of these moments, such as the opening of a material."""
    known = [moment for moment in moments if moment]
    response.holds_until = min(known, default=None)  # type: ignore[attr-defined]
    return response


def states() -> dict[str, str]:
    """The current state of all that answers are of, by the name of their version."""
    found = {NO_EVENT: ""}
    families: dict[int, list[tuple[int, int]]] = {}
    rows = list(Event.objects.public().order_by().values_list("pk", "version", "host"))
    for event, version, host in rows:
        found[str(event)] = str(version)
        for member in {event, host or event}:
            families.setdefault(member, []).append((event, version))
    found |= {family_name(event): summary(members) for event, members in families.items()}
    return found | {ALL_EVENTS: summary((event, version) for event, version, _ in rows)}


def family(event: Event) -> Version:
    members = list(
        Event.objects.public().filter(Q(pk=event.pk) | Q(host=event.pk)).values_list("pk", "version", "changed_at")
    )
    since = max((changed_at for _, _, changed_at in members), default=None)
    return Version(family_name(event.pk), summary((pk, version) for pk, version, _ in members), since)


def family_name(event: int) -> str:
    return f"family-{event}"


def summary(versions: Iterable[tuple[int, int]]) -> str:
    return digest(*(f"{event}:{version}" for event, version in sorted(versions)))


def answer(request: HttpRequest, version: Version, render: Callable[[], HttpResponse]) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return render()
    tag = f'"{digest(version.name, version.state, request.get_full_path(), edition())}"'
    is_query = bool(request.META.get("QUERY_STRING"))
    modified = None if is_query else modified_at(version)
    if holds(request.META, {tag}, date_of(modified)) and not settings.DEBUG:
        return with_tag(unchanged(version), tag, modified, is_query=is_query)
    response = rendered(render())
    if response.status_code != 200:
        return response
    moment: datetime | None = getattr(response, "holds_until", None)
    if moment or settings.DEBUG:
        tag, modified = f'"{digest(version.name, version.state, response.content.hex())}"', None
    if holds(request.META, {tag, "*"}, date_of(modified)):
        return with_tag(unchanged(version), tag, modified, is_query=is_query)
    response[MARK] = mark(version, moment, modified)
    return with_tag(response, tag, modified, is_query=is_query)


def unchanged(version: Version) -> HttpResponse:
    return HttpResponseNotModified(headers={MARK: mark(version, None, None)})


def modified_at(version: Version) -> float | None:
    """When the answer became what it is, by its rows or by our own code, as a Unix time in whole seconds."""
    return float(max(int(version.since.timestamp()), edition_at())) if version.since else None


def date_of(modified: float | None) -> str:
    """For Last-Modified. In a rush of changes the later ones get seconds still to come; until then they have none."""
    return http_date(modified) if modified and modified <= time.time() else ""


def holds(environ: dict[str, Any], tags: Set[str], modified: str) -> bool:
    """Whether the client has this answer. Its date has to be the one we gave, since its own clock says nothing about
    what it has (as nginx does it)."""
    if sent := environ.get("HTTP_IF_NONE_MATCH"):
        return sent in tags or bool(known_tags(sent) & tags)
    return bool(modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == modified


def mark(version: Version, moment: datetime | None, modified: float | None) -> str:
    """name:state;until;modified"""
    return f"{version.name}:{version.state};{moment.timestamp() if moment else ''};{modified or ''}"


def rendered(response: HttpResponse) -> HttpResponse:
    render = getattr(response, "render", None)
    return render() if render else response


def with_tag(response: HttpResponse, tag: str, modified: float | None, *, is_query: bool) -> HttpResponse:
    """An answer to a query is known by its tag alone: there are caches that take another order for the same query, in
    which the last of two values may be the other one."""
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache"
    if not is_query:
        response["CDN-Cache-Control"] = AT_THE_EDGE
    if date := date_of(modified):
        response["Last-Modified"] = date
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def known_tags(if_none_match: str) -> set[str]:
    """The strong forms of the ETags a client sends: it may have the answer in another encoding."""
    return {tag.removeprefix("W/") for tag in parse_etags(if_none_match)} if if_none_match else set()


@cache
def edition() -> str:
    """What our own code and texts say besides the data: no page of an older installation passes for current."""
    return digest(settings.SITE_URL, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources()))


@cache
def edition_at() -> int:
    """When our own code and texts were put here, as a Unix time."""
    return max((int(path.stat().st_mtime) for path in sources()), default=0)


def sources() -> list[Path]:
    return sorted(
        path for source in SOURCES for path in (settings.BASE_DIR / source).rglob("*") if path.suffix in SUFFIXES
    )


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
