"""Tells who is behind a personal link, so that the program's views need not know registrations."""

from django.http import HttpRequest, HttpResponse

from portal.middleware import Handler


class ViewerMiddleware:
    def __init__(self, handler: Handler) -> None:
        self.handler = handler

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.handler(request)
