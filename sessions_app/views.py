"""The pages of a program, each a pure function of a release and of the event's version."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.access import EventRequest
from portal.caching import public_page, until
from portal.models import Event
from sessions_app import releases as published
from sessions_app.agenda import agenda
from sessions_app.history import TOLD, chapters, differences, entry_of, history
from sessions_app.materials import listed, opens_next


@public_page
def schedule(request: EventRequest, event: Event) -> HttpResponse:
    release = published.latest(event)
    program = agenda(release.program) if release else None
    return render(request, "sessions_app/schedule.html", {"event": event, "release": release, "agenda": program})


@public_page
def session(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    release = published.latest(event)
    program = agenda(release.program) if release else None
    line = program.line_by_slug.get(slug) if program else None
    if program is None or line is None:
        raise Http404("There is no such session in the program.")
    now = timezone.now()
    materials = [one for one in listed(event, request.viewer, now) if one.item and one.item.slug == slug]
    before, after = program.around(line)
    context: dict[str, object] = {
        "event": event,
        "release": release,
        "agenda": program,
        "line": line,
        "before": before,
        "after": after,
        "materials": materials,
    }
    return until(render(request, "sessions_app/session.html", context), opens_next(event, now))


@public_page
def speakers(request: EventRequest, event: Event) -> HttpResponse:
    release = published.latest(event)
    bills = agenda(release.program).bills if release else []
    return render(request, "sessions_app/speakers.html", {"event": event, "release": release, "bills": bills})


@public_page
def releases(request: EventRequest, event: Event) -> HttpResponse:
    entries = history(event)
    context = {"event": event, "history": entries[:TOLD], "older": entries[TOLD:], "entries": entries}
    return render(request, "sessions_app/releases.html", context)


@public_page
def release(request: EventRequest, event: Event, number: int) -> HttpResponse:
    shown = published.numbered(event, number)
    entry = entry_of(event, number)
    context = {
        "event": event,
        "release": shown,
        "agenda": agenda(shown.program),
        "entry": entry,
        "chapters": chapters(entry.marks),
        "newest": event.releases.brief()[0].number,
    }
    return render(request, "sessions_app/release.html", context)


@public_page
def comparison(request: EventRequest, event: Event, before: int, after: int) -> HttpResponse:
    old, new = published.numbered(event, before), published.numbered(event, after)
    marks = differences(event, old, new)
    context = {
        "event": event,
        "old": old,
        "new": new,
        "count": len(marks),
        "chapters": chapters(marks),
        "entries": history(event, told=0),
    }
    return render(request, "sessions_app/comparison.html", context)


@require_safe
def compare(request: EventRequest, event: Event) -> HttpResponse:
    """The form that chooses two releases leads here, and from here to the page that is kept."""
    chosen = [request.GET.get(name, "") for name in ("from", "to")]
    if not all(one.isascii() and one.isdecimal() and len(one) < 6 for one in chosen):
        raise Http404("Choose two releases to compare.")
    return redirect("sessions_app:comparison", event.slug, *map(int, chosen))


@public_page
def materials(request: EventRequest, event: Event) -> HttpResponse:
    now = timezone.now()
    context = {"event": event, "materials": listed(event, request.viewer, now)}
    return until(render(request, "sessions_app/materials.html", context), opens_next(event, now))
