"""My registration: what a person sees and does below their personal link. A GET shows, a POST acts."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import conditional_page

from portal.access import EventRequest
from portal.caching import only_read
from portal.links import absolute
from portal.models import Event
from portal.problems import problem
from registration import attachments, booking, doors, itinerary, keys, labs, limits, links, seating, transfers
from registration.access import own_calendar, own_file, own_registration
from registration.booking import BookingError
from registration.certificates import is_over
from registration.forms import EditForm, LabsForm, TransferForm
from registration.models import LabSeat, Registration, Transfer
from registration.reception import Reception
from sessions_app import downloads, releases
from sessions_app.agenda import agenda
from sessions_app.exports import ical
from sessions_app.feeds import promise
from sessions_app.materials import Listed, listed

INVALID = 422


@only_read
def manage(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    release = releases.latest(event)
    answers = list(registration.answers.select_related("question"))
    context = {
        "event": event,
        "release": release,
        "agenda": agenda(release.program, event.get_absolute_url()) if release else None,
        "registration": registration,
        "token": token,
        "ahead": seating.ahead_of(registration),
        "confirm": links.confirm_path(registration),
        "is_over": is_over(event, timezone.now()),
        "held_until": seating.held_until(registration),
        "answers": answers,
        "answered": [one.question for one in answers],
        "lab_seats": itinerary.lab_seats(registration, release),
        "has_labs": registration.ticket_type.has_seats and bool(labs.released(event)),
        "starred": itinerary.starred(registration, release),
        "calendar": links.calendar_path(registration),
        "subscription": "webcal:" + absolute(links.calendar_path(registration)).partition(":")[2],
        "transfer": Transfer.objects.filter(registration=registration).first(),
        "why_kept": transfers.why_kept(registration),
        "materials": [replace(one, url=own_url(one, token)) for one in listed(event, request.viewer, timezone.now())],
    }
    return render(request, "registration/manage.html", context)


def own_url(one: Listed, token: str) -> str:
    return reverse("registration:my_material", args=[one.material.event.slug, token, one.material.uuid])


@doors.form
def edit(request: EventRequest, event: Event, token: str) -> HttpResponse:
    limits.on_code(request, request.POST.get("access_code", ""))
    registration, reception = own_registration(event, token), Reception(event)
    sent = [request.POST, request.FILES] if request.method == "POST" else []
    form = EditForm(registration, reception, *sent)
    if "show" in request.POST:
        form.forget_errors(except_of="access_code")
    elif form.is_valid():
        try:
            booking.edit(registration, **form.details)
            return redirect("registration:manage", event.slug, token)
        except BookingError as error:
            form.refuse(error)
    if form.has_error("access_code", "wrong"):
        limits.on_wrong_code(request)
    context = {"event": event, "registration": registration, "token": token, "form": form, "reception": reception}
    context["why_kept"] = transfers.why_kept(registration)
    return render(request, "registration/edit.html", context, status=INVALID if form.errors else 200)


@doors.form
def lab_seats(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration, reception = own_registration(event, token), Reception(event)
    held = dict(registration.lab_seats.standing().values_list("lab", "state"))
    form = LabsForm(reception, held, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            labs.choose(registration, form.cleaned_data.get("lab_seats", []))
            return redirect("registration:manage", event.slug, token)
        except BookingError as error:
            form.add_error(error.field, str(error))
    context = {"event": event, "registration": registration, "token": token, "form": form}
    return render(request, "registration/lab_seats.html", context, status=INVALID if form.errors else 200)


@doors.form
def lab_offer(request: EventRequest, event: Event, token: str, number: int) -> HttpResponse:
    """A seat that is offered in a lab, to take or to decline."""
    registration = own_registration(event, token)
    found = itinerary.lab_seats(registration, releases.latest(event))
    lab = next((one for one in found if one.seat.lab_id == number), None)
    is_sent = request.method == "POST"
    if lab and is_sent:
        try:
            (labs.decline if "decline" in request.POST else labs.accept)(lab.seat)
            return redirect("registration:manage", event.slug, token)
        except BookingError:
            lab = None
    if lab and lab.seat.state == LabSeat.State.SEAT:
        return redirect("registration:manage", event.slug, token)
    context = {"event": event, "registration": registration, "token": token, "lab": lab}
    return render(request, "registration/lab_offer.html", context, status=INVALID if is_sent else 200)


@doors.form
def stars(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """Takes what is starred in the browser into the registration, or one star out of it."""
    registration = own_registration(event, token)
    if request.method == "POST":
        itinerary.star(registration, request.POST.get("add", ""))
        itinerary.unstar(registration, request.POST.get("remove", ""))
    return redirect(reverse("registration:manage", args=[event.slug, token]) + "#starred")


@doors.form
def pass_on(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if "call_off" in request.POST:
        transfers.call_off(registration)
        return redirect("registration:manage", event.slug, token)
    form = TransferForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            limits.on_asking(request, form.cleaned_data["email"])
            transfers.begin(registration, **form.cleaned_data)
            return redirect("registration:manage", event.slug, token)
        except BookingError as error:
            form.add_error(error.field, str(error))
    context = {"event": event, "registration": registration, "token": token, "form": form}
    context["why_kept"] = transfers.why_kept(registration)
    return render(request, "registration/pass_on.html", context, status=INVALID if form.errors else 200)


@doors.form
def cancel(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        booking.cancel(registration)
    if request.method == "POST" or registration.has_ended:
        return redirect("registration:manage", event.slug, token)
    context = {"event": event, "registration": registration, "token": token}
    return render(request, "registration/cancel.html", context)


@doors.form
def resend(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        keys.send_again(registration)
        return redirect(f"{request.path}?mailed=1")
    what = "ticket" if registration.has_ticket else "link"
    if "mailed" in request.GET:
        context = {"event": event, "token": token, "on_its_way": f"Your {what} is on the way to {registration.email}."}
        return render(request, "registration/linked.html", context)
    why = f"We mail {mailed(registration)} to {registration.email}, once an hour at most."
    return ask(request, registration, token, f"Mail me my {what}", why)


@doors.form
def new_link(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        return redirect(links.manage_path(keys.renew(registration)))
    why = "This page gets another address, and all links and tickets we mailed you before stop working."
    return ask(request, registration, token, "Make a new link", f"{why} We mail {mailed(registration)} anew.")


def mailed(registration: Registration) -> str:
    return "your ticket as PDF, and the link to this page," if registration.has_ticket else "the link to this page"


@doors.form
def new_calendar(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        keys.renew_calendar(registration)
        return redirect("registration:manage", event.slug, token)
    why = "Your calendar gets another address. Programs that subscribed to the old one have to be given the new one."
    return ask(request, registration, token, "Make a new calendar address", why)


def ask(request: EventRequest, registration: Registration, token: str, deed: str, why: str) -> HttpResponse:
    context = {"event": registration.event, "registration": registration, "token": token, "deed": deed, "why": why}
    return render(request, "registration/ask.html", context)


@only_read
@conditional_page
def calendar(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """Only its owner may keep a copy, and asks by the tag of it whether there is news."""
    registration = own_calendar(event, token)
    body = itinerary.calendar(registration, releases.latest(event))
    if body is None:
        return problem(404, f"Nothing in your calendar has a day or a time yet.{promise(event)}")
    return HttpResponse(body, content_type=ical.media_type(body), headers={"Cache-Control": "private, no-cache"})


@only_read
def my_material(request: EventRequest, event: Event, token: str, uuid: UUID) -> HttpResponseBase:
    own_registration(event, token)
    return downloads.material(request, event=event, uuid=uuid, token=token)


@only_read
def my_file(request: EventRequest, event: Event, token: str, number: int) -> HttpResponseBase:
    return attachments.download(own_file(own_registration(event, token), number))
