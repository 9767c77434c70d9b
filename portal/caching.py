"""Answers that are the same for everybody: pure functions of a version, which is their ETag.

The mark tells the front (portal.front) of what version an answer is, and it never leaves the server.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import cache, partial, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from portal.models import Event

MARK = "X-Lectern-Version"
ALL_EVENTS = "all"
NO_EVENT = "none"
SOURCES = ("portal", "sessions_app", "registration", "templates")
SUFFIXES = {".py", ".html", ".css", ".js", ".svg"}

type View = Callable[..., HttpResponse]


def public_page(view: View) -> View:
    """A page of one event. The view may say by `until` how long its answer holds."""
    return require_safe(of_event(view))


def public_overview(view: View) -> View:
    """A page that tells of all public events."""
    return require_safe(of_all_events(view))


def of_event(view: View) -> View:
    """As public_page, for views that refuse other methods themselves."""

    @wraps(view)
    def versioned(request: HttpRequest, *, event: Event, **kwargs: object) -> HttpResponse:
        return answer(request, f"{event.pk}:{event.version}", partial(view, request, event=event, **kwargs))

    return versioned


def of_all_events(view: View) -> View:
    @wraps(view)
    def versioned(request: HttpRequest, **kwargs: object) -> HttpResponse:
        return answer(request, f"{ALL_EVENTS}:{summary(versions())}", partial(view, request, **kwargs))

    return versioned


def of_no_event(view: View) -> View:
    """Of the program code alone, such as the API's description."""

    @wraps(view)
    def versioned(request: HttpRequest, **kwargs: object) -> HttpResponse:
        return answer(request, f"{NO_EVENT}:", partial(view, request, **kwargs))

    return versioned


def until(response: HttpResponse, *moments: datetime | None) -> HttpResponse:
    """The response, good until the earliest of these moments, such as the opening of a material."""
    known = [moment for moment in moments if moment]
    response.holds_until = min(known, default=None)  # type: ignore[attr-defined]
    return response


def versions() -> dict[int, int]:
    """The version of every public event, by its id."""
    return dict(Event.objects.public().order_by("pk").values_list("pk", "version"))


def summary(versions: dict[int, int]) -> str:
    return digest(*(f"{event}:{version}" for event, version in sorted(versions.items())))


def answer(request: HttpRequest, version: str, render: Callable[[], HttpResponse]) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return render()
    known = known_tags(request.headers.get("If-None-Match", ""))
    tag = f'"{digest(version, request.path, edition())}"'
    if tag in known and not settings.DEBUG:
        return with_tag(HttpResponseNotModified(), tag)
    response = rendered(render())
    if response.status_code != 200:
        return response
    moment: datetime | None = getattr(response, "holds_until", None)
    if moment or settings.DEBUG:
        tag = f'"{digest(version, response.content.hex())}"'
    if known & {tag, "*"}:
        return with_tag(HttpResponseNotModified(), tag)
    response[MARK] = f"{version};{moment.timestamp()}" if moment else version
    return with_tag(response, tag)


def rendered(response: HttpResponse) -> HttpResponse:
    render = getattr(response, "render", None)
    return render() if render else response


def with_tag(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = "public, no-cache"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def known_tags(if_none_match: str) -> set[str]:
    """The strong forms of the ETags a client sends: it may have the answer in another encoding."""
    return {tag.removeprefix("W/") for tag in parse_etags(if_none_match)} if if_none_match else set()


@cache
def edition() -> str:
    """What our own code and texts say besides the data: no page of an older installation passes for current."""
    files = sorted(
        path for source in SOURCES for path in (settings.BASE_DIR / source).rglob("*") if path.suffix in SUFFIXES
    )
    return digest(settings.SITE_URL, *(hashlib.sha256(path.read_bytes()).hexdigest() for path in files))


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
