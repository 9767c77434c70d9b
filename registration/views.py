"""The pages of attendees and followers. They know no cookie; a personal link says who somebody is."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import EventRequest
from portal.models import Event
from registration import booking, doors, followers, links, seating
from registration.access import own_mail, own_registration, registration_to_confirm
from registration.forms import FollowForm, RegisterForm
from registration.models import Registration
from sessions_app import downloads, releases
from sessions_app.agenda import agenda
from sessions_app.materials import Listed, listed

INVALID = 422


@doors.form
def register(request: EventRequest, event: Event) -> HttpResponse:
    ticket_types = list(event.ticket_types.all())
    form = RegisterForm(ticket_types, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            booking.register(event, **{"ticket_type": next(iter(ticket_types), None)} | form.cleaned_data)
            return redirect("registration:registered", event.slug)
        except booking.BookingError as error:
            form.add_error(None, str(error))
    context = {"event": event, "form": form, "closed": seating.why_closed(ticket_types, timezone.now())}
    return render(request, "registration/register.html", context, status=INVALID if form.is_bound else 200)


@require_safe
def registered(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "registration/registered.html", {"event": event})


@doors.form
def follow(request: EventRequest, event: Event) -> HttpResponse:
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        followers.follow(event, form.cleaned_data["email"])
        return redirect("registration:following", event.slug)
    context = {"event": event, "form": form}
    return render(request, "registration/follow.html", context, status=INVALID if form.is_bound else 200)


@require_safe
def following(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "registration/following.html", {"event": event})


@require_safe
def seats(request: EventRequest, event: Event) -> HttpResponse:
    """How many seats are left, for seats.js; the pages themselves don't show what changes by the minute."""
    figures = seating.figures(list(event.ticket_types.all()), timezone.now())
    return JsonResponse(figures, headers={"Cache-Control": "no-store"})


@doors.form
def confirm(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = registration_to_confirm(event, token)
    error = ""
    if request.method == "POST":
        try:
            return redirect(links.manage_path(booking.confirm(registration)))
        except booking.BookingError as refusal:
            error = str(refusal)
    elif registration.verified_at and registration.state != Registration.State.CANCELLED:
        return redirect(links.manage_path(registration))
    held_until = seating.held_until(registration)
    context = {"event": event, "registration": registration, "held_until": held_until, "error": error}
    return render(request, "registration/confirm.html", context, status=INVALID if error else 200)


@csrf_exempt
@require_safe
def manage(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    release = releases.latest(event)
    context = {
        "event": event,
        "release": release,
        "agenda": agenda(release.program, event.get_absolute_url()) if release else None,
        "registration": registration,
        "token": token,
        "ahead": seating.ahead_of(registration),
        "confirm": links.confirm_path(registration),
        "held_until": seating.held_until(registration),
        "materials": [replace(one, url=own_url(one, token)) for one in listed(event, request.viewer, timezone.now())],
    }
    return render(request, "registration/manage.html", context)


def own_url(one: Listed, token: str) -> str:
    return reverse("registration:my_material", args=[one.material.event.slug, token, one.material.uuid])


@doors.form
def cancel(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        booking.cancel(registration)
    if request.method == "POST" or registration.state == Registration.State.CANCELLED:
        return redirect("registration:manage", event.slug, token)
    context = {"event": event, "registration": registration, "token": token}
    return render(request, "registration/cancel.html", context)


@csrf_exempt
@require_safe
def my_material(request: EventRequest, event: Event, token: str, uuid: UUID) -> HttpResponseBase:
    own_registration(event, token)
    return downloads.material(request, event=event, uuid=uuid, token=token)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """By GET a page with a button. A POST acts at once, from wherever: mail programs send it (RFC 8058)."""
    letter = own_mail(event, token)
    is_done = request.method == "POST"
    if is_done:
        followers.unsubscribe(letter)
    return render(request, "registration/unsubscribe.html", {"event": event, "letter": letter, "is_done": is_done})
