"""The organizers' page of a mailing: how it goes, who got it when, who couldn't be reached, and what to do about it."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from portal import mailings
from portal.audit import note
from portal.desk import organized, page
from portal.mail import send_again
from portal.models import Event, Mail, Mailing, Role
from portal.organizing import within
from portal.text import cell_text
from registration.mending import mend
from registration.tables import Line
from sessions_app.wording import zone_words

State, Held = Mail.State, Mailing.State
MOST = 100  # of the lost on the page
DEEDS = {"pause": mailings.pause, "resume": mailings.resume, "cancel": mailings.cancel}
DONE = {"pause": "Paused.", "resume": "It goes on.", "cancel": "Cancelled. What was sent stays sent."}
HEADER = ["address", "state", "tries", "since", "sent at", "what the mail server said"]


def mailing_of(request: HttpRequest, pk: int, mailing: int) -> Mailing:
    event = organized(request, pk, Role.REGISTRATIONS)
    found = get_object_or_404(Mailing, pk=mailing, event=event)
    found.event = event
    return found


@require_safe
def mailing(request: HttpRequest, pk: int, mailing: int) -> HttpResponse:
    found = mailing_of(request, pk, mailing)
    return mailing_page(request, found)


def mailing_page(request: HttpRequest, found: Mailing, *, status: int = 200, **more: Any) -> HttpResponse:
    lost = found.mails.lost().order_by("-changed_at", "pk")
    context = page(request, found.event, found.title) | {
        "mailing": found,
        "figures": figures(found),
        "lost": lost[:MOST],
        "lost_count": lost.count(),
        "zone": zone_words(found.event.zone),
        "latest": found.mails.filter(state=State.SENT).order_by("-sent_at")[:10],
    }
    return within(found.event.zone, lambda: render(request, "admin/event_mailing.html", context | more, status=status))


@require_safe
@never_cache
def progress(request: HttpRequest, pk: int, mailing: int) -> JsonResponse:
    """The figures of the page, for progress.js."""
    return JsonResponse(figures(mailing_of(request, pk, mailing)))


def figures(found: Mailing, now: datetime | None = None) -> dict[str, Any]:
    counts = mailings.progress(found)
    waiting = counts[State.WAITING] + counts[State.SENDING]
    unwritten = 0 if found.is_filled else max(0, found.expected - sum(counts.values()))
    rate = mailings.rate(found, now or timezone.now())
    return {
        "state": found.state,
        "says": says(found, waiting + unwritten),
        "sent": counts[State.SENT],
        "waiting": waiting + unwritten,
        "held": counts[State.HELD],
        "failed": counts[State.FAILED] + counts[State.BOUNCED],
        "complained": counts[State.COMPLAINED],
        "withdrawn": counts[State.WITHDRAWN],
        "total": sum(counts.values()) + unwritten - counts[State.WITHDRAWN],
        "rate": round(rate, 1) or float(f"{rate:.1g}"),
        "trouble": "" if rate or not waiting or found.state != Held.RUNNING else trouble(found),
        "left": in_time((waiting + unwritten) / rate) if rate and waiting + unwritten else "",
        "is_moving": found.state == Held.RUNNING and bool(waiting + unwritten),
    }


def says(found: Mailing, waiting: int) -> str:
    if found.state == Held.RUNNING:
        return "On its way" if waiting else "Done"
    return {Held.PAUSED: "Paused", Held.STOPPED: "Stopped by itself", Held.CANCELLED: "Cancelled"}[Held(found.state)]


def trouble(found: Mailing) -> str:
    """Why nothing is sent, by what is known of the mail that was tried last."""
    last = found.mails.filter(state=State.WAITING).exclude(answer="").order_by("-changed_at").first()
    if not last:
        return ""
    minutes = round(mailings.lately().total_seconds() / 60)
    lately = "minute" if minutes == 1 else f"{minutes} minutes"
    said = f"{last.answer.rstrip('.')}."
    return f"Nothing was sent in the last {lately}. {said} What waits is tried again by itself; nothing is lost."


def in_time(seconds: float) -> str:
    return f"about {round(seconds / 60)} min" if seconds > 90 else f"about {max(1, round(seconds))} s"


@require_POST
def deed(request: HttpRequest, pk: int, mailing: int, name: str) -> HttpResponse:
    """Pause, resume, or cancel."""
    found = mailing_of(request, pk, mailing)
    if name not in DEEDS:
        raise Http404("There is nothing like that to do.")
    if is_over(request, found):
        return redirect(found)
    if name == "resume" and not found.event.is_public:
        messages.warning(request, "The event isn't public. Make it public first, then let the mails go on.")
        return redirect(found)
    DEEDS[name](found)
    note(request, [found.event, found], DONE[name])
    messages.success(request, DONE[name])
    return redirect(found)


def is_over(request: HttpRequest, found: Mailing) -> bool:
    """A mail of a cancelled mailing would be withdrawn before it is sent."""
    if found.state != Held.CANCELLED:
        return False
    messages.warning(request, "It was cancelled; nothing more can be done with it.")
    return True


@require_POST
def resend(request: HttpRequest, pk: int, mailing: int) -> HttpResponse:
    """To all who couldn't be reached."""
    found = mailing_of(request, pk, mailing)
    if is_over(request, found):
        return redirect(found)
    count = send_again(found.mails.all())
    note(request, [found], f"Sent again to {count}.")
    said = f"On its way again to {count}." if count else "Nobody is left who couldn't be reached."
    messages.success(request, said)
    return redirect(found)


@require_POST
def mend_address(request: HttpRequest, pk: int, mailing: int, mail: int) -> HttpResponse:
    """Correct an address that couldn't be reached, and send to the new one."""
    found = mailing_of(request, pk, mailing)
    if is_over(request, found):
        return redirect(found)
    fault = correct(request, get_object_or_404(found.mails.lost(), pk=mail))
    return mailing_page(request, found, status=400, **fault) if fault else redirect(found)


def correct(request: HttpRequest, row: Mail) -> dict[str, Any]:
    """Mend a mail's address as it was typed. What its page has to show where that can't be, else nothing."""
    typed = request.POST.get("address", "")
    try:
        mend(row, typed)
    except ValidationError as error:
        return {"faulty": row.pk, "fault": " ".join(error.messages), "typed": typed}
    note(request, [row], "Corrected the address and sent again.")
    messages.success(request, "The address is corrected, and the mail is on its way to it.")
    return {}


@require_safe
def log(request: HttpRequest, pk: int, mailing: int) -> StreamingHttpResponse:
    """Who got it when, and who could not, as CSV."""
    found = mailing_of(request, pk, mailing)
    note(request, [found.event, found], f"Downloaded the log of the mailing “{found}” as CSV.")
    headers = {"Content-Disposition": f'attachment; filename="mailing-{found.pk}.csv"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(log_lines(found), content_type="text/csv; charset=utf-8", headers=headers)


def log_lines(found: Mailing) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow(HEADER)
    for row in found.mails.order_by("pk").iterator(chunk_size=1000):
        since, sent = (local(moment, found.event) for moment in (row.changed_at, row.sent_at))
        yield writer.writerow([cell_text(row.address), row.state, row.tries, since, sent, cell_text(row.answer)])


def local(moment: datetime | None, event: Event) -> str:
    return moment.astimezone(event.zone).isoformat(timespec="seconds") if moment else ""
