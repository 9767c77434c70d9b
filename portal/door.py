"""The check-in desk in the admin: a page for a phone, which goes on without a network."""

import json
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.audit import note
from portal.desk import organized, page
from portal.models import Event, Role
from registration import badges, checkin
from registration.booking import BookingError
from registration.checkin import CheckInError, Desk
from registration.door_forms import BadgesForm, WalkInForm
from registration.models import CheckIn, Registration
from registration.papers import pdf

MODULES = ["camera", "days", "desk", "drawer", "line", "people", "queue", "screen", "undo", "words"]
ASSETS = [
    "portal/css/lectern.css",
    "portal/img/icons.svg",
    "portal/img/favicon.svg",
    "portal/js/door.js",
    *(f"portal/js/door/{name}.js" for name in MODULES),
    "portal/vendor/qr/decode.js",
    "portal/vendor/qr/index.js",
]
INVALID = 422


@require_safe
def door(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk, Role.CHECK_IN)
    response = render(request, "admin/event_door.html", {"event": event})
    response.headers["Cache-Control"] = "no-store"  # the worker below keeps it on purpose
    return response


@require_safe
def worker(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the page and what it is made of on the device. A new version of any of it makes a new worker."""
    event = organized(request, pk, Role.CHECK_IN)
    kept = [reverse("admin:event-door", args=[event.pk]), *(static(name) for name in ASSETS)]
    name = sha256(json.dumps(kept).encode()).hexdigest()[:12]
    context = {"name": json.dumps(f"door-{event.pk}-{name}"), "kept": json.dumps(kept)}
    return render(request, "admin/door_worker.js", context, content_type="text/javascript")


@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Registers somebody who stands at the door, and lets them in."""
    event = organized(request, pk, Role.CHECK_IN)
    form = WalkInForm(event, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            outcome = checkin.walk_in(event, desk_of(request), **form.cleaned_data)
        except (BookingError, CheckInError) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, said(outcome))
            return redirect("admin:event-walk-in", event.pk)
    context = page(request, event, "Register at the door") | {"form": form}
    return render(request, "admin/event_walk_in.html", context, status=INVALID if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def print_badges(request: HttpRequest, pk: int) -> HttpResponse:
    """A POST gives the sheets and remembers whose were printed."""
    event = organized(request, pk, Role.REGISTRATIONS)
    form = BadgesForm(event, request.POST if request.method == "POST" else None)
    if form.is_valid():
        people = wanted(event, form.cleaned_data)
        content = badges.paper(people, badges.SIZES[form.cleaned_data["size"]], has_code=form.cleaned_data["has_code"])
        event.registrations.filter(pk__in=[one.pk for one in people]).update(badge_printed_at=timezone.now())
        note(request, [event], f"Printed {len(people)} badges.")
        return pdf(content, f"{event.slug}-badges.pdf")
    confirmed = list(ticket_holders(event))
    context = page(request, event, "Badges") | {
        "form": form,
        "confirmed": len(confirmed),
        "unprinted": sum(one.badge_printed_at is None for one in confirmed),
        "incomplete": badges.incomplete(confirmed).items(),
    }
    return render(request, "admin/event_badges.html", context, status=INVALID if form.is_bound else 200)


def ticket_holders(event: Event) -> QuerySet[Registration]:
    return event.registrations.with_ticket().select_related("ticket_type").order_by("name", "pk")


def wanted(event: Event, choice: dict[str, Any]) -> list[Registration]:
    people = ticket_holders(event)
    if choice["ticket_type"]:
        people = people.filter(ticket_type=choice["ticket_type"])
    if choice["who"] == "new":
        people = people.filter(badge_printed_at=None)
    if choice["who"] == "in":
        people = people.filter(pk__in=CheckIn.objects.at_the_door().filter(event=event).values("registration"))
    found = list(people[: badges.MOST])
    for one in found:
        one.event = event
    return found


def desk_of(request: HttpRequest) -> Desk:
    user: Any = request.user
    return Desk(user.get_short_name() or user.get_username(), user)


def said(outcome: checkin.Outcome) -> str:
    name = outcome.check_in.registration.name
    return f"{name} is registered and in." if outcome.is_first else f"{name} was in already."
