"""Personal links: who is behind one, pages that leave no trace, and help where a link or a form fails."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal.links import ExpiredLink, LinkError
from portal.middleware import Handler
from portal.rates import TooOften
from registration.access import viewer_of

PERSONAL = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


class ViewerMiddleware:
    """Has to come after portal.middleware.EventMiddleware, which sets the event."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.handler(request)
        if request.resolver_match and "token" in request.resolver_match.kwargs:
            for name, value in PERSONAL.items():
                response.headers.setdefault(name, value)
        return response

    def process_view(self, request: Any, view: Any, args: list[Any], kwargs: dict[str, Any]) -> HttpResponseBase | None:
        """So that the program's views know their reader without knowing registrations."""
        if isinstance(kwargs.get("token"), str) and hasattr(request, "event"):
            request.viewer = viewer_of(request, kwargs["token"])
        return None

    def process_exception(self, request: Any, error: Exception) -> HttpResponse | None:
        if isinstance(error, TooOften):
            context = {"event": getattr(request, "event", None), "error": error}
            page = render(request, "registration/too_often.html", context, status=429)
            page["Retry-After"] = str(error.wait)
            return page
        if not isinstance(error, LinkError):
            return None
        context = {"event": getattr(request, "event", None), "error": error}
        status = 410 if isinstance(error, ExpiredLink) else 404
        return render(request, "registration/broken_link.html", context, status=status)
