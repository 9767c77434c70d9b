"""The latest release as files for calendars and other programs."""

from django.http import HttpRequest, HttpResponse

from portal.caching import public_page
from portal.models import Event
from portal.problems import problem
from portal.templatetags.words import day
from sessions_app import releases
from sessions_app.exports import c3voc, ical
from sessions_app.releases import withdrawn


@public_page
def schedule_ics(request: HttpRequest, event: Event) -> HttpResponse:
    published = releases.latest(event)
    body = ical.calendar(event, published, withdrawn=withdrawn(event, published)) if published else None
    return feed(event, body, ical.MEDIA_TYPE)


@public_page
def schedule_json(request: HttpRequest, event: Event) -> HttpResponse:
    published = releases.latest(event)
    body = c3voc.schedule(event, published) if published else None
    return feed(event, body, "application/json")


def feed(event: Event, body: bytes | None, media_type: str) -> HttpResponse:
    if body is None:
        return problem(404, f"The program of this event has no clock times yet. {due(event)}".strip())
    return HttpResponse(body, content_type=media_type)


def due(event: Event) -> str:
    return f"The final program is due on {day(event.final_program_due)}." if event.final_program_due else ""
