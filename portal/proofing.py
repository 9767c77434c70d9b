"""The mail of the next release on the release page: read as some of its people will, and tried on oneself."""

from secrets import token_urlsafe
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

MOST_KEPT = 30

type Frame = tuple[int, str, int]  # an event, the look at its release, the number of the mail

kept: dict[Frame, str] = {}


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
    look = token_urlsafe(8)
    query = urlencode({"stage": stage, "note": note, "look": look})
    found = proofs.letters(event, stage, note)
    keep({(event.pk, look, number): letter.html for number, (_, letter) in enumerate(found)})
    return [
        {
            "who": who,
            "letter": letter,
            "frame": f"{reverse('admin:event-release-mail', args=[event.pk, number])}?{query}",
        }
        for number, (who, letter) in enumerate(found)
    ]


def keep(mails: dict[Frame, str]) -> None:
    """In the memory of this process, until their frames ask; where another process is asked it makes them anew."""
    kept.update(mails)
    for frame in list(kept)[:-MOST_KEPT]:
        kept.pop(frame, None)


@require_safe
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def mail(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The HTML part as one of these people would get it, for the frame on the page."""
    event = organized(request, pk, Role.PROGRAM)
    form = ReleaseForm({"after": 0} | request.GET.dict())
    if not form.is_valid():
        raise Http404("There is no such release.")
    html = kept.pop((event.pk, request.GET.get("look", ""), number), None)
    return HttpResponse(html or html_for(event, form.cleaned_data["stage"], form.cleaned_data["note"], number))


def html_for(event: Event, stage: str, note: str, number: int) -> str:
    try:
        return proofs.letters(event, stage, note)[number][1].html
    except (MailError, IndexError) as error:
        raise Http404("There is no such mail.") from error


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
