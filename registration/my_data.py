"""What a person does with the data we have of them, below their personal link: take it along, or have it forgotten."""

import json

from django.http import HttpResponse
from django.shortcuts import redirect, render

from portal.access import EventRequest
from portal.caching import only_read
from portal.models import Event
from registration import doors, privacy
from registration.access import own_registration


@only_read
def export(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    body = json.dumps(privacy.export(registration.email, event), indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": f'attachment; filename="{event.slug}-my-data.json"'}
    return HttpResponse(body, content_type="application/json", headers=headers)


@doors.form
def erase(request: EventRequest, event: Event, token: str) -> HttpResponse:
    registration = own_registration(event, token)
    if request.method == "POST":
        privacy.erase(registration)
        if event.is_public:
            return redirect("registration:erased", event.slug)
        return render(request, "registration/erased.html", {"event": event})
    return render(request, "registration/erase.html", {"event": event, "registration": registration, "token": token})


@only_read
def erased(request: EventRequest, event: Event) -> HttpResponse:
    return render(request, "registration/erased.html", {"event": event})
