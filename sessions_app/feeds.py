"""The latest release as files for calendars and other programs."""

from django.http import Http404, HttpRequest, HttpResponse

from portal.models import Event


def schedule_ics(request: HttpRequest, event: Event) -> HttpResponse:
    raise Http404("There is no calendar yet.")


def schedule_json(request: HttpRequest, event: Event) -> HttpResponse:
    raise Http404("There is no schedule yet.")
