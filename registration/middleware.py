"""Tells who is behind a personal link, so that the program's views need not know registrations."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from portal.middleware import Handler
from registration.access import viewer_of


class ViewerMiddleware:
    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.handler(request)

    def process_view(
        self, request: Any, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """After portal.middleware.EventMiddleware, which sets the event."""
        token = kwargs.get("token")
        if isinstance(token, str) and hasattr(request, "event"):
            request.viewer = viewer_of(request, token)
        return None
