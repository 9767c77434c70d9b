"""The organizers' page of people whom a mail they wait for couldn't reach, to correct their address and send again."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from portal.desk import organized, page
from portal.models import Event, Role
from portal.organizing import within
from portal.postroom import MOST, correct
from registration.mending import unreached
from sessions_app.wording import zone_words


@require_safe
def people(request: HttpRequest, pk: int) -> HttpResponse:
    return people_page(request, organized(request, pk, Role.REGISTRATIONS))


def people_page(request: HttpRequest, event: Event, *, status: int = 200, **more: Any) -> HttpResponse:
    lost = list(unreached(event)[: MOST + 1])
    context = page(request, event, "Not reached") | {"lost": lost[:MOST], "are_more": len(lost) > MOST} | more
    context["zone"] = zone_words(event.zone)
    return within(event.zone, lambda: render(request, "admin/event_unreached.html", context, status=status))


@require_POST
def mend_address(request: HttpRequest, pk: int, mail: int) -> HttpResponse:
    event = organized(request, pk, Role.REGISTRATIONS)
    fault = correct(request, get_object_or_404(unreached(event), pk=mail))
    return people_page(request, event, status=400, **fault) if fault else redirect("admin:event-unreached", event.pk)
