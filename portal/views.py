"""The portal's own pages."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def event(request: HttpRequest, event: object) -> HttpResponse:
    return HttpResponse()


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponse(status=403)


bad_request = forbidden = not_found = csrf_failure


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=500)
