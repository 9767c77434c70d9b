"""The pages of a program, each a pure function of a release and of the event's version."""

from itertools import groupby

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from portal.access import EventRequest
from portal.caching import only_read, public_family_page, public_page, until
from portal.models import Event
from portal.text import folded
from sessions_app import releases as published
from sessions_app.agenda import agenda
from sessions_app.filters import LONGEST, Wanted, matching
from sessions_app.grid import in_list
from sessions_app.history import TOLD, chapters, differences, entry_of, history
from sessions_app.lines import Bill
from sessions_app.materials import listed, opens_next
from sessions_app.merging import Shown, shown_if_any, shown_of
from sessions_app.traces import former, news_of, removal_of, room_now


@public_family_page
def session(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    shown = shown_if_any(event)
    line = shown.agenda.line_by_slug.get(slug) if shown else None
    if shown is None or line is None:
        return moved_or_gone(request, event, shown, slug)
    program, now = shown.agenda, timezone.now()
    materials = [one for one in listed(event, request.viewer, now) if one.item and one.item.slug == slug]
    before, after = program.around(line)
    is_over = line.end is not None and line.end <= now
    context = {
        "line": line,
        "group": program.group_of(line),
        "before": before,
        "after": after,
        "room_slug": program.slug_by_room.get(line.room, ""),
        "parallel": program.parallel_to(line),
        "materials": materials,
        "is_over": is_over,
        "news": news_of(event, line.item.uuid),
    }
    page = render(request, "sessions_app/session.html", shown.context | context)
    return until(page, opens_next(event, now), None if is_over else line.end)


def moved_or_gone(request: EventRequest, event: Event, shown: Shown | None, slug: str) -> HttpResponse:
    """Sessions keep their identity when their address changes; those that are gone had a title and a last release."""
    uuid = former(event, "sessions", slug)
    line = shown.agenda.line_by_uuid.get(uuid) if shown else None
    if line:
        return redirect(line.address)  # not for ever: it may come back here
    removal = removal_of(event, uuid) if uuid else None
    return render(request, "sessions_app/gone.html", {"event": event, "removal": removal}, status=404)


@public_family_page
def speakers(request: EventRequest, event: Event) -> HttpResponse:
    """Everybody, or those whose name or affiliation the query asks for."""
    shown = shown_if_any(event)
    asked = request.GET.get("q", "").strip()[:LONGEST]
    bills = shown.agenda.bills if shown else []
    found = [bill for bill in bills if bill.is_told(folded(asked).split())]
    context = {
        "asked": asked,
        "total": len(bills),
        "found": found,
        "initials": {letter: list(same) for letter, same in groupby(found, key=lambda bill: bill.initial)},
    }
    return render(request, "sessions_app/speakers.html", (shown.context if shown else {"event": event}) | context)


@public_family_page
def speaker(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    shown = shown_of(event)
    own = [bill for bill in shown.agenda.bills if bill.is_own]
    bill = next((one for one in own if one.person.slug == slug), None)
    if bill is None:
        return elsewhere(event, own, slug)
    return render(request, "sessions_app/speaker.html", shown.context | {"bill": bill})


def elsewhere(event: Event, bills: list[Bill], slug: str) -> HttpResponse:
    uuid = former(event, "speakers", slug)
    found = next((bill for bill in bills if bill.person.uuid == uuid), None)
    if found is None:
        raise Http404("There is nobody of this name in the program.")
    return redirect(found.address)


@public_family_page
def track(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    shown = shown_of(event)
    if slug not in shown.agenda.track_by_slug:
        raise Http404("There is no such track in the program.")
    return selection(request, shown, "Track", shown.agenda.track_by_slug[slug].name, Wanted(track=slug))


@public_family_page
def room(request: EventRequest, event: Event, slug: str) -> HttpResponse:
    shown = shown_of(event)
    if slug not in shown.agenda.room_by_slug:
        if now := room_now(shown, slug):
            return redirect("sessions_app:room", event.slug, now)
        raise Http404("There is no such room in the program.")
    return selection(request, shown, "Room", shown.agenda.room_by_slug[slug], Wanted(room=slug))


def selection(request: EventRequest, shown: Shown, kind: str, name: str, wanted: Wanted) -> HttpResponse:
    context = {"kind": kind, "name": name, "sheets": [in_list(group) for group in matching(shown.agenda, wanted)]}
    return render(request, "sessions_app/selection.html", shown.context | context)


@public_page
def releases(request: EventRequest, event: Event) -> HttpResponse:
    entries = history(event, slugs=published.slugs(published.latest(event)))
    context = {"event": event, "history": entries[:TOLD], "older": entries[TOLD:], "entries": entries}
    return render(request, "sessions_app/releases.html", context)


@public_page
def release(request: EventRequest, event: Event, number: int) -> HttpResponse:
    shown, newest = published.numbered(event, number), published.latest(event)
    slugs = published.slugs(newest)
    entry = entry_of(event, number, slugs)
    context = {
        "event": event,
        "release": shown,
        "agenda": agenda(published.addressed(shown.program, slugs), event.get_absolute_url()),
        "entry": entry,
        "chapters": chapters(entry.marks),
        "newest": newest,
    }
    page = render(request, "sessions_app/release.html", context)
    return page if newest and number == newest.number else unlisted(page)


@public_page
def comparison(request: EventRequest, event: Event, before: int, after: int) -> HttpResponse:
    old, new = published.numbered(event, before), published.numbered(event, after)
    marks = differences(event, old, new, published.slugs(published.latest(event)))
    context = {
        "event": event,
        "old": old,
        "new": new,
        "count": len(marks),
        "chapters": chapters(marks),
        "entries": history(event, told=0),
    }
    return unlisted(render(request, "sessions_app/comparison.html", context))


@only_read
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


def unlisted(page: HttpResponse) -> HttpResponse:
    """Search engines are to show the program as it is now."""
    page["X-Robots-Tag"] = "noindex"
    return page
