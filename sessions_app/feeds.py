"""The latest release as files for calendars and other programs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.caching import public_family_page, public_page, until
from portal.models import Event
from portal.problems import problem
from portal.templatetags.words import day
from sessions_app import releases
from sessions_app.exports import FORMATS, NAME_MATERIALS, atom, exported, ical
from sessions_app.history import history
from sessions_app.materials import opens_next
from sessions_app.program import Item
from sessions_app.releases import Published
from sessions_app.traces import former


@public_page
def program(request: HttpRequest, event: Event, name: str) -> HttpResponse:
    """The program in one of FORMATS."""
    published, now = releases.latest(event), timezone.now()
    body = exported(event, published, name)
    if not body:
        return problem(404, refusal(event, published))
    response = calendar(body) if name == "ical" else HttpResponse(body, content_type=FORMATS[name][1])
    return until(response, opens_next(event, now)) if name in NAME_MATERIALS else response


@public_page
def session(request: HttpRequest, event: Event, slug: str) -> HttpResponse:
    """One session as a calendar; one that was withdrawn as cancelled, for those who have it in theirs."""
    published = releases.latest(event)
    items = [*published.program.items, *published.withdrawn] if published else []
    items.sort(key=lambda item: item.start is None)
    item = next((item for item in items if item.slug == slug), None)
    if published is None or item is None:
        return moved_or_gone(event, items, slug)
    body = ical.session(event, published, item)
    return calendar(body) if body else problem(404, f"This session has no clock time yet.{promise(event)}")


def moved_or_gone(event: Event, items: list[Item], slug: str) -> HttpResponse:
    uuid = former(event, "sessions", slug)
    item = next((item for item in items if item.uuid == uuid), None)
    if item:
        return redirect("sessions_app:session_ics", event.slug, item.slug)
    return problem(404, "There is no such session in the program.")


@public_family_page
def merged(request: HttpRequest, event: Event) -> HttpResponse:
    """The sessions of a host event and of its guests as one calendar."""
    body = ical.merged(event, releases.family(event))
    return calendar(body) if body else problem(404, f"Nothing here has clock times yet.{promise(event)}")


@public_page
def releases_atom(request: HttpRequest, event: Event) -> HttpResponse:
    return HttpResponse(atom.releases(event, history(event)), content_type=atom.MEDIA_TYPE)


def calendar(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type=ical.media_type(body))


def refusal(event: Event, published: Published | None) -> str:
    """Why there is no such file yet, and when there may be one."""
    state = "has no clock times yet" if published else "isn't out yet"
    return f"The program of this event {state}.{promise(event)}"


def promise(event: Event) -> str:
    return f" The final program is promised for {day(event.final_program_due)}." if event.final_program_due else ""
