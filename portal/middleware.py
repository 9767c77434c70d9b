"""What every request passes: an id for the logs, the event of its address, and what other sites may read."""

import codecs
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from portal.access import NO_EVENT, NOBODY, event_of_link, event_read, is_told
from portal.logs import current

FEEDS = re.compile(
    r"/[^/]+/(schedule\.(ics|json|xml|csv)|merged\.ics|sessionize\.json|releases\.atom|sessions/[^/]+\.ics)"
)  # those of everybody, not the calendar of a single person
LINKED = {"token", "code"}  # in addresses that only who was given one knows

type Handler = Callable[[HttpRequest], HttpResponse]


def request_id(handler: Handler) -> Handler:
    def middleware(request: HttpRequest) -> HttpResponse:
        token = current.set(uuid.uuid4().hex[:12])
        try:
            return handler(request)
        finally:
            current.reset(token)

    return middleware


def open_to_other_sites(handler: Handler) -> Handler:
    """CORS: scripts of any site may read the API and the feeds, and register people. None of this knows a cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_open = request.path.startswith("/api/") or bool(FEEDS.fullmatch(request.path))
        if is_open and request.method == "OPTIONS":
            response = HttpResponse(status=204)
            takes_posts = request.path.endswith("/registrations/")
            methods = "POST, OPTIONS" if takes_posts else "GET, HEAD, OPTIONS"
            response["Allow"] = response["Access-Control-Allow-Methods"] = methods
            response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key, If-Modified-Since, If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
        else:
            response = handler(request)
        if is_open:
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        return response

    return middleware


def readable(handler: Handler) -> Handler:
    """Refuses what no browser sends: a form in another charset than the page's, for which any codec of Python's would
    be taken, and an address with the one character that PostgreSQL can't look for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            raise BadRequest("Forms are read as UTF-8.")
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("There is a NUL in the address.")
        return handler(request)

    return middleware


class EventMiddleware:
    """Turns the slug of an address below /<event>/ or /api/v1/events/<event>/ into the event itself.

    Class-based views that find it on their own say so by `finds_event`.
    """

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.handler(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        request.viewer = NOBODY  # type: ignore[attr-defined]
        finds_event = getattr(getattr(view, "cls", None), "finds_event", False)
        if isinstance(kwargs.get("event"), str) and not finds_event:
            find = event_of_link if LINKED & kwargs.keys() else event_read
            kwargs["event"] = request.event = find(kwargs["event"])  # type: ignore[attr-defined]
        return None


def discreet(handler: Handler) -> Handler:
    """Innermost, so that its 404 gets the headers of any other."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = handler(request)
        event = getattr(request, "event", None)
        if event and not is_told(event, response.status_code):
            del request.event  # type: ignore[attr-defined]
            raise Http404(NO_EVENT)
        return response

    return middleware
