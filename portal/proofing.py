"""The mail of the next release on the release page: read as some of its people will, and tried on oneself."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from portal.desk import organized
from portal.mail import MailError
from portal.models import Event, Role
from portal.releasing import release_page
from portal.trial import FRAME_CSP
from registration import proofs
from sessions_app.forms import ReleaseForm
from sessions_app.publishing import preview


@require_POST
def mails(request: HttpRequest, pk: int) -> HttpResponse:
    """The page once more, with all that was typed, and the mail as some of its people would read it."""
    event = organized(request, pk, Role.PROGRAM)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return release_page(request, event, form, status=400)
    try:
        found = letters(event, form.cleaned_data["stage"], form.cleaned_data["note"])
    except MailError as error:
        messages.error(request, str(error))
        return release_page(request, event, form, status=409)
    return release_page(request, event, form, letters=found, is_read=True)


def letters(event: Event, stage: str, note: str) -> list[dict[str, Any]]:
    """The mails of a few people, with the addresses of their HTML."""
    bulletin = proofs.bulletin_of(event, stage, note)
    query = urlencode({"stage": stage, "note": note})
    return [
        {
            "who": proofs.kind_of(reader),
            "letter": proofs.letter_for(event, bulletin, reader),
            "frame": f"{reverse('admin:event-release-mail', args=[event.pk, number])}?{query}",
        }
        for number, reader in enumerate(proofs.readers(event, stage, preview(event).changes))
    ]


@require_safe
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def mail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The HTML part as one of these people would get it, for the frame on the page."""
    event = organized(request, pk, Role.PROGRAM)
    form = ReleaseForm({"after": 0} | request.GET.dict())
    if not form.is_valid():
        raise Http404("There is no such release.")
    stage, note = form.cleaned_data["stage"], form.cleaned_data["note"]
    readers = proofs.readers(event, stage, preview(event).changes)
    if number >= len(readers):
        raise Http404("Nobody is there.")
    return HttpResponse(proofs.letter_for(event, proofs.bulletin_of(event, stage, note), readers[number]).html)


@require_POST
def test_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """To whoever asks, as the first of its readers would get it."""
    event = organized(request, pk, Role.PROGRAM)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return release_page(request, event, form, status=400)
    address = getattr(request.user, "email", "")
    if address:
        proofs.send(event, form.cleaned_data["stage"], form.cleaned_data["note"], address)
        messages.success(request, f"A test is on its way to {address}.")
    else:
        messages.error(request, "Your account has no mail address. Add one under Users first.")
    return release_page(request, event, form)
