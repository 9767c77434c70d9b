"""The schedule in its forms: whole, one day, what was searched for, what is on now, what somebody chose."""

from dataclasses import replace
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal.access import EventRequest
from portal.caching import public_family_page, until
from portal.models import Event
from sessions_app.clock import day_to_show, next_turn, on_next, on_now
from sessions_app.filters import Wanted, choices, faults, matching
from sessions_app.grid import Sheet, in_list, lay_out
from sessions_app.merging import Shown, shown_if_any, shown_of
from sessions_app.plan import PlanError, chosen, clashes
from sessions_app.traces import room_now

ANYTHING = Wanted()


@public_family_page
def schedule(request: EventRequest, event: Event) -> HttpResponse:
    """What the query asks for; else the whole program, or of a long one the day to show first.

    Answers to a query are never kept by the front.
    """
    shown = shown_if_any(event)
    if shown is None:
        return render(request, "sessions_app/schedule.html", {"event": event})
    agenda = shown.agenda
    if wanted := Wanted.of(request.GET):
        return search(request, shown, wanted)
    if not agenda.is_split:
        return page(request, shown, [lay_out(group, agenda) for group in agenda.groups])
    day, turn = day_to_show(agenda.days, timezone.now(), event.zone)
    return until(page(request, shown, [lay_out(agenda.days[day], agenda)], day=day), turn)


def search(request: EventRequest, shown: Shown, wanted: Wanted) -> HttpResponse:
    if wanted.room and wanted.room not in shown.agenda.room_by_slug:
        wanted = replace(wanted, room=room_now(shown, wanted.room) or wanted.room)
    problems = faults(wanted, choices(shown.agenda, wanted))
    sheets = [] if problems else [in_list(group) for group in matching(shown.agenda, wanted)]
    found = {"is_search": True, "problems": problems, "found": sum(sheet.group.sessions for sheet in sheets)}
    response = page(request, shown, sheets, wanted, **found)
    response.status_code = 400 if problems else 200
    return response


@public_family_page
def schedule_all(request: EventRequest, event: Event) -> HttpResponse:
    shown = shown_of(event)
    sheets = [lay_out(group, shown.agenda) for group in shown.agenda.groups]
    return page(request, shown, sheets, is_whole=True)


@public_family_page
def schedule_day(request: EventRequest, event: Event, day: date) -> HttpResponse:
    shown = shown_of(event)
    if day not in shown.agenda.days:
        raise Http404("There is no program on that day.")
    return page(request, shown, [lay_out(shown.agenda.days[day], shown.agenda)], day=day)


@public_family_page
def now(request: EventRequest, event: Event) -> HttpResponse:
    shown = shown_of(event)
    moment = timezone.now().astimezone(event.zone)
    lines = shown.agenda.lines
    coming = shown.agenda.only(on_next(lines, moment))
    context = {"running": on_now(lines, moment), "sheet": in_list(coming[0]) if coming else None, "moment": moment}
    response = render(request, "sessions_app/now.html", shown.context | context)
    return until(response, next_turn(lines, moment))


@public_family_page
def mine(request: EventRequest, event: Event) -> HttpResponse:
    """The sessions a link names; without any the place where a script puts those starred in this browser."""
    shown = shown_of(event)
    asked = request.GET.get("s", "")
    try:
        lines = chosen(shown.agenda, asked) if asked else []
    except PlanError as error:
        return render(request, "sessions_app/mine.html", shown.context | {"problem": str(error)}, status=400)
    overlaps = clashes(lines)
    sheets = [in_list(group, overlaps) for group in shown.agenda.only(lines)]
    return render(request, "sessions_app/mine.html", shown.context | {"asked": asked, "sheets": sheets})


def page(
    request: EventRequest, shown: Shown, sheets: list[Sheet], wanted: Wanted = ANYTHING, **more: object
) -> HttpResponse:
    context = {"sheets": sheets, "wanted": wanted, "choices": choices(shown.agenda, wanted)}
    return render(request, "sessions_app/schedule.html", shown.context | context | more)
