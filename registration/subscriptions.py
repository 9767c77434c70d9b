"""The page on which a person chooses among an event's mails: below the personal link, and behind each mail's own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.access import EventRequest
from portal.models import Category, Event
from registration import doors, followers, preferences
from registration.access import own_mail, own_registration


@doors.form
def my_mails(request: EventRequest, event: Event, token: str) -> HttpResponse:
    return choice(request, event, own_registration(event, token).email, token)


@doors.form
def mails(request: EventRequest, event: Event, token: str) -> HttpResponse:
    return choice(request, event, own_mail(event, token).address)


@doors.form
def tell_me(request: EventRequest, event: Event, token: str) -> HttpResponse:
    """For who had stopped the mails about the program and was asked whether to get them again."""
    letter = own_mail(event, token)
    if request.method == "POST":
        followers.come_back(letter)
        return redirect(reverse("registration:mails", args=[event.slug, token]) + "?saved=1")
    return render(request, "registration/tell_me.html", {"event": event, "letter": letter, "token": token})


def choice(request: HttpRequest, event: Event, address: str, token: str = "") -> HttpResponse:
    if request.method == "POST":
        preferences.choose(event, address, set(request.POST.getlist("category")) & set(Category.values))
        return redirect(f"{request.path}?saved=1")
    context = {
        "event": event,
        "address": address,
        "token": token,
        "choices": Category.choices,
        "wanted": preferences.wanted(event, address),
        "is_unreachable": preferences.is_unreachable(event, address),
        "is_saved": "saved" in request.GET,
    }
    return render(request, "registration/mails.html", context)
