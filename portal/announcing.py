"""The organizers' page of an announcement: read as real people will, tried on oneself, sent or put on its time."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from portal.audit import note
from portal.desk import organized, page
from portal.mail import Letter, MailError, queue
from portal.mailings import Person
from portal.models import Mail, Mailing, Role
from portal.organizing import within
from portal.trial import FRAME_CSP
from registration import announcements, circulars
from registration.announcements import AnnouncementError
from registration.models import Announcement

State, Moment = Announcement.State, Announcement.Moment


def announcement_of(request: HttpRequest, pk: int, announcement: int) -> Announcement:
    event = organized(request, pk, Role.REGISTRATIONS)
    found = get_object_or_404(Announcement.objects.select_related("mailing"), pk=announcement, event=event)
    found.event = event
    return found


@require_safe
def announcement(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    found = announcement_of(request, pk, announcement)
    due = announcements.due_at(found)
    context = page(request, found.event, found.subject) | {
        "announcement": found,
        "shown": announcements.digest(found),
        "audience": announcements.audience_in_words(found),
        "people": announcements.count(found),
        "due": due,
        "why_not_due": "" if due else announcements.why_not_due(found),
        "is_timed": found.moment != Moment.SENT,
        "previews": letters(found),
    }
    return within(found.event.zone, lambda: render(request, "admin/event_announcement.html", context))


def letters(found: Announcement) -> list[tuple[str, Letter]]:
    """What a few real people would get, each after the address."""
    made = [(address, letter_for(found, (address, ids))) for address, ids in announcements.sample(found)]
    return [(address, letter) for address, letter in made if letter]


def letter_for(found: Announcement, reader: Person) -> Letter | None:
    """The letter this person would get, without the links that are theirs alone; None for who has just gone."""
    address, ids = reader
    mailing = Mailing(event=found.event, context={"announcement": found.pk})
    row = Mail(pk=0, event=found.event, mailing=mailing, kind="announcement", address=address, is_urgent=False)
    row.context = ids | {"announcement": found.pk, "is_preview": True}
    try:
        return circulars.announcement(row)
    except MailError:
        return None


@require_safe
@xframe_options_sameorigin
@csp_override(FRAME_CSP)
def announcement_html(request: HttpRequest, pk: int, announcement: int, number: int) -> HttpResponse:
    """The HTML part as one of the people of the preview gets it, for the frame on the page."""
    found = announcement_of(request, pk, announcement)
    made = letters(found)
    if number >= len(made):
        return HttpResponse(status=404)
    return HttpResponse(made[number][1].html)


@require_POST
def test_mail(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    """To whoever asks, as the first of its readers would get it."""
    found = announcement_of(request, pk, announcement)
    address = getattr(request.user, "email", "")
    if not address:
        messages.error(request, "Your account has no mail address. Add one under Users first.")
        return redirect("admin:event-announcement", pk, announcement)
    readers = announcements.sample(found, 1)
    context = (readers[0][1] if readers else {}) | {"announcement": found.pk, "is_preview": True}
    occasion = f"test-{found.pk}-{timezone.now():%Y%m%d%H%M%S}"
    queue("announcement", event=found.event, address=address, occasion=occasion, context=context)
    messages.success(request, f"A test is on its way to {address}.")
    return redirect("admin:event-announcement", pk, announcement)


@require_POST
def send(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    found = announcement_of(request, pk, announcement)
    try:
        mailing = announcements.send(found, shown=request.POST.get("shown", ""))
    except AnnouncementError as error:
        messages.error(request, str(error))
        return redirect("admin:event-announcement", pk, announcement)
    note(request, [found.event, found], f"Sent the announcement “{found.subject}”.")
    return redirect(mailing)


@require_POST
def schedule(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    """Puts it on its time, or takes it off, as the button said: pressed twice that is done once."""
    found = announcement_of(request, pk, announcement)
    other = State.DRAFT if found.state == State.SCHEDULED else State.SCHEDULED
    wanted = request.POST.get("wanted", other)
    try:
        if wanted == found.state:
            pass  # pressed twice
        elif wanted == State.SCHEDULED:
            announcements.schedule(found, shown=request.POST.get("shown", ""))
        else:
            announcements.unschedule(found)
    except AnnouncementError as error:
        messages.error(request, str(error))
    else:
        said = "It is sent at its time." if found.state == State.SCHEDULED else "It is a draft again."
        note(request, [found], said)
        messages.success(request, said)
    return redirect("admin:event-announcement", pk, announcement)
