"""The pages of a program, each a pure function of a release and of the event's version."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.access import EventRequest
from portal.models import Event
from sessions_app import releases as published
from sessions_app.agenda import agenda
from sessions_app.history import history
from sessions_app.materials import listed


def schedule(request: EventRequest, event: Event) -> HttpResponse:
    release = published.latest(event)
    program = agenda(release.program) if release else None
    return render(request, "sessions_app/schedule.html", {"event": event, "release": release, "agenda": program})


def session(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    release = published.latest(event)
    program = agenda(release.program) if release else None
    line = program.line_by_slug.get(slug) if program else None
    if program is None or line is None:
        raise Http404("There is no such session in the program.")
    context = {"event": event, "release": release, "agenda": program, "line": line}
    before, after = program.around(line)
    materials = [one for one in listed(event, request.viewer, timezone.now()) if one.item and one.item.slug == slug]
    return render(
        request,
        "sessions_app/session.html",
        context | {"before": before, "after": after, "materials": materials},
    )


def speakers(request: EventRequest, event: Event) -> HttpResponse:
    release = published.latest(event)
    bills = agenda(release.program).bills if release else []
    return render(request, "sessions_app/speakers.html", {"event": event, "release": release, "bills": bills})


def releases(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "sessions_app/releases.html", {"event": event, "history": history(event)})


def release(request: EventRequest, event: Event, number: int) -> HttpResponse:
    shown = published.numbered(event, number)
    entries = {entry.number: entry for entry in history(event)}
    context = {"event": event, "release": shown, "agenda": agenda(shown.program), "entry": entries[number]}
    return render(request, "sessions_app/release.html", context | {"newest": max(entries)})


def materials(request: EventRequest, event: Event) -> HttpResponse:
    found = listed(event, request.viewer, timezone.now())
    return render(request, "sessions_app/materials.html", {"event": event, "materials": found})
