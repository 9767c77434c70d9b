"""The organizers' page of people whom a mail they wait for couldn't reach, to correct their address and send again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.desk import note, organized, page
from portal.models import Event, Role
from portal.organizing import within
from registration.mending import mend, unreached
from sessions_app.wording import zone_words

MOST = 100


@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    return people_page(request, organized(request, pk, Role.REGISTRATIONS))


def people_page(request: HttpRequest, event: Event, *, status: int = 200, **more: Any) -> HttpResponse:
    lost = list(unreached(event)[: MOST + 1])
    context = page(request, event, "Not reached") | {"lost": lost[:MOST], "are_more": len(lost) > MOST} | more
    context["zone"] = zone_words(event.zone)
    return within(event.zone, lambda: render(request, "admin/event_unreached.html", context, status=status))


@require_POST
def correct(request: HttpRequest, pk: int, mail: int) -> HttpResponse:
    event = organized(request, pk, Role.REGISTRATIONS)
    row = get_object_or_404(unreached(event), pk=mail)
    typed = request.POST.get("address", "")
    try:
        mend(row, typed)
    except ValidationError as error:
        return people_page(request, event, status=400, faulty=row.pk, fault=" ".join(error.messages), typed=typed)
    note(request, [row], "Corrected the address and sent again.")
    messages.success(request, "The address is corrected, and the mail is on its way to it.")
    return redirect("admin:event-unreached", event.pk)
