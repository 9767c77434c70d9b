"""The portal's own pages: all events, one event, and what is said when something is wrong."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from portal import listing
from portal.access import EventRequest
from portal.caching import public_family_page, public_overview, until
from portal.models import Event
from portal.problems import problem
from registration import seating
from sessions_app.history import history
from sessions_app.materials import listed, opens_next
from sessions_app.merging import shown_if_any
from sessions_app.models import Release


@public_overview
def home(request: HttpRequest) -> HttpResponse:
    newest = Release.objects.filter(event=OuterRef("pk")).order_by("-number")
    events = Event.objects.public().annotate(stage=Subquery(newest.values("stage")[:1]))
    today = timezone.now().date()
    upcoming, past = listing.upcoming_and_past(events, today)
    midnight = datetime.combine(today + timedelta(days=1), time.min, UTC)
    return until(render(request, "portal/home.html", {"upcoming": upcoming, "past": past}), midnight)


@public_family_page
def event(request: EventRequest, event: Event) -> HttpResponse:
    now, tickets = timezone.now(), seating.told(list(event.ticket_types.all()))
    shown = shown_if_any(event)
    end = (shown.agenda.end if shown else None) or event.midnight_after
    is_over = end is not None and end <= now
    context = {
        "event": event,
        "history": history(event, told=1),
        "materials": listed(event, request.viewer, now),
        "tickets": tickets,
        "closed": seating.why_closed(tickets, now),
        "is_over": is_over,
        "guests": event.guests.public(),
    }
    context |= shown.context if shown else {}
    page = render(request, "portal/event.html", context)
    return until(page, opens_next(event, now), seating.turns_next(tickets, now), None if is_over else end)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 400, "That request can't be read", "Go back and try it once more.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return refuse(request, 403, "That isn't open to you", "If you came by a link of a mail, open it again from there.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return refuse(
        request,
        403,
        "The form was open for too long",
        "Nothing was saved. Go back, load the page again and send the form once more.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    said = exception.args[0] if isinstance(exception, Http404) and exception.args else ""
    detail = said if isinstance(said, str) and said else "There is nothing at this address."
    return refuse(request, 404, "Not found", detail, event=getattr(request, "event", None))


def server_error(request: HttpRequest) -> HttpResponse:
    return refuse(
        request,
        500,
        "Something broke on our side",
        "It was noted in the log. Nothing you entered is to blame; try again in a minute.",
    )


def refuse(request: HttpRequest, status: int, title: str, detail: str, *, event: Event | None = None) -> HttpResponse:
    """An error in the look of the site, or of the event it is below; without the request, so that nothing of it is
    read again."""
    if request.path.startswith("/api/"):
        return problem(status, detail)
    page = render_to_string("portal/error.html", {"title": title, "detail": detail, "status": status, "event": event})
    return HttpResponse(page, status=status)
