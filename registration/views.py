"""The pages that attendees and followers come to. They know no cookie; a link from a mail says who somebody is."""

from functools import partial
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from portal.access import EventRequest
from portal.caching import only_read
from portal.models import Event
from registration import booking, doors, followers, keys, limits, links, repeats, seating, transfers
from registration.access import own_mail, registration_to_confirm, transfer_to_take
from registration.alike import print_of
from registration.booking import BookingError
from registration.forms import FollowForm, LinkForm, RegisterForm, TakeForm
from registration.guests import Guests
from registration.models import Admission, Registration, TicketType
from registration.reception import Reception
from registration.turns import Wish, turn

INVALID = 422


@doors.form
def register(request: EventRequest, event: Event) -> HttpResponse:
    limits.on_code(request, request.POST.get("access_code", ""))
    reception = Reception(event)
    is_sent = request.method == "POST"
    form = RegisterForm(reception, request.POST, request.FILES) if is_sent else RegisterForm(reception)
    if "show" in request.POST:
        form.forget_errors(except_of="access_code")
    elif form.is_valid():
        limits.on_registering(request, form.cleaned_data["email"])
        try:
            client = print_of(request, event)
            act = partial(enter, **form.details, client=client)
            attempt = repeats.form_of(event, request.POST, client)
            turn.take(Wish(attempt, form.details["email"], act, goes_alone=bool(request.FILES)))
            return redirect("registration:registered", event.slug)
        except BookingError as error:
            form.refuse(error)
    if form.has_error("access_code", "wrong"):
        limits.on_wrong_code(request)
    context = {"event": event, "form": form, "reception": reception}
    return render(request, "registration/register.html", context, status=INVALID if form.errors else 200)


def enter(reception: Reception, guests: Guests, *, ticket_type: TicketType | None, **said: Any) -> repeats.Answer:
    booking.book(reception.locked(ticket_type), **said, guests=guests)
    return 302, {}


@only_read
def registered(request: EventRequest, event: Event) -> HttpResponse:
    admission = Admission.objects.filter(event=event).first()
    return render(request, "registration/registered.html", {"event": event, "admission": admission})


@doors.form
def follow(request: EventRequest, event: Event) -> HttpResponse:
    form = FollowForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        limits.on_asking(request, form.cleaned_data["email"])
        followers.follow(event, form.cleaned_data["email"])
        return redirect("registration:following", event.slug)
    context = {"event": event, "form": form}
    return render(request, "registration/follow.html", context, status=INVALID if form.is_bound else 200)


@only_read
def following(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "registration/following.html", {"event": event})


@doors.form
def link(request: EventRequest, event: Event) -> HttpResponse:
    """Mails the link to a registration, and answers alike whether there is one."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        limits.on_asking(request, form.cleaned_data["email"])
        keys.mail_link(event, form.cleaned_data["email"])
        return redirect("registration:linked", event.slug)
    context = {"event": event, "form": form}
    return render(request, "registration/link.html", context, status=INVALID if form.is_bound else 200)


@only_read
def linked(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "registration/linked.html", {"event": event})


@only_read
def seats(request: EventRequest, event: Event) -> HttpResponse:
    """How many seats are left, for seats.js; the public pages don't show what changes by the minute."""
    return JsonResponse(seating.figures(event, timezone.now()), headers={"Cache-Control": "no-store"})


@doors.form
def confirm(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = registration_to_confirm(event, token)
    error = ""
    if request.method == "POST":
        try:
            return redirect(links.manage_path(booking.confirm(registration)))
        except BookingError as refusal:
            error = str(refusal)
    elif registration.verified_at and registration.state != Registration.State.CANCELLED:
        return redirect(links.manage_path(registration))
    held_until = seating.held_until(registration)
    context = {"event": event, "registration": registration, "held_until": held_until, "error": error}
    return render(request, "registration/confirm.html", context, status=INVALID if error else 200)


@doors.form
def transfer(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """For the person a registration is passed on to."""
    found = transfer_to_take(event, token)
    sent = [request.POST, request.FILES] if request.method == "POST" else []
    form = TakeForm(found, Reception(event), *sent)
    if form.is_valid():
        try:
            return redirect(links.manage_path(transfers.take(found, **form.details)))
        except BookingError as error:
            form.refuse(error)
    context = {"event": event, "transfer": found, "form": form, "why_kept": transfers.why_kept(found.registration)}
    return render(request, "registration/transfer.html", context, status=INVALID if form.errors else 200)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """By GET a page with a button. A POST acts at once, from wherever: mail programs send it (RFC 8058)."""
    letter = own_mail(event, token)
    is_done = request.method == "POST"
    if is_done:
        followers.unsubscribe(letter)
    context = {"event": event, "letter": letter, "is_done": is_done, "token": token}
    return render(request, "registration/unsubscribe.html", context)
