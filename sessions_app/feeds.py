"""The latest release as files for calendars and other programs."""

from django.http import HttpRequest, HttpResponse

from portal.caching import public_page
from portal.models import Event
from portal.problems import problem
from portal.templatetags.words import day
from sessions_app import releases
from sessions_app.exports import FORMATS, atom
from sessions_app.history import history
from sessions_app.releases import Published


@public_page
def program(request: HttpRequest, event: Event, name: str) -> HttpResponse:
    """The program in one of FORMATS."""
    export, media_type = FORMATS[name]
    published = releases.latest(event)
    body = export(event, published) if published else None
    return HttpResponse(body, content_type=media_type) if body else problem(404, refusal(event, published))


@public_page
def releases_atom(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse(atom.releases(event, history(event)), content_type=atom.MEDIA_TYPE)


def refusal(event: Event, published: Published | None) -> str:
    """Why there is no such file yet, and when there may be one."""
    state = "has no clock times yet" if published else "isn't out yet"
    due = f" The final program is due on {day(event.final_program_due)}." if event.final_program_due else ""
    return f"The program of this event {state}.{due}"
