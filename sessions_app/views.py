"""The pages of a program, each a pure function of a release and of the event's version."""

from django.http import HttpRequest, HttpResponse

from portal.models import Event


def schedule(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse()


def session(request: HttpRequest, event: Event, slug: str) -> HttpResponse:
    return HttpResponse()


def speakers(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse()


def releases(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse()


def release(request: HttpRequest, event: Event, number: int) -> HttpResponse:
    return HttpResponse()


def materials(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse()
