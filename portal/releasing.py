"""The page from which organizers release: what would change, who is told, now or at a set time."""

from typing import Any

from django.contrib import messages
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.audit import note
from portal.desk import organized, page
from portal.models import Event, Role
from portal.organizing import may_organize, within
from registration import notices, timer
from registration.missing import conflicts_of, to_mend
from registration.reminders import days_left
from sessions_app.access import in_words
from sessions_app.forms import ReleaseForm, TimedReleaseForm
from sessions_app.history import chapters, mark
from sessions_app.models import Release, TimedRelease
from sessions_app.publishing import Preview, ProgramError, draw_up, preview

LINES = 30  # of changes on the page
GROUPS = {"registration": "Registered", "follower": "Followers", "speaker": "Speakers"}


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what a release would do; a POST does it, once, and only what was shown."""
    event = organized(request, pk, Role.PROGRAM)
    if request.method != "POST":
        return release_page(request, event, ReleaseForm(initial=wishes(request, event)))
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return release_page(request, event, form, status=400)
    try:
        made, count = notices.release_program(event, **form.cleaned_data, by=request.user)
    except ProgramError as error:
        messages.error(request, str(error))
        return release_page(request, event, ReleaseForm(initial=form.cleaned_data), status=409)
    said = f"Released {made.number} as {made.stage}, {count} mails."
    note(request, [event, made], said)
    mails = "1 mail is on its way." if count == 1 else f"{count} mails are on their way."
    home = reverse("admin:event-home", args=[event.pk])
    what = f"is public, as {made.stage}. {mails}"
    if not event.is_public:
        what = f"is made, as {made.stage}. It is seen once the event is public."
    messages.success(request, f"Release {made.number} {what}")
    mailing = notices.mailing_of(made) if count and may_organize(request, event, Role.REGISTRATIONS) else None
    return redirect(mailing or home)


@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """All that the next release would change."""
    event = organized(request, pk, Role.PROGRAM)
    seen = preview(event)
    marks = [mark(event, one.to_json()) for one in seen.changes]
    title = f"What release {seen.latest + 1} changes"
    context = page(request, event, title) | {"chapters": chapters(marks), "count": len(marks)}
    return render(request, "admin/event_release_changes.html", context)


@require_POST
def set_time(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan the release for a moment, or plan it anew."""
    event = organized(request, pk, Role.PROGRAM)
    return within(event.zone, lambda: plan(request, event))


def plan(request: HttpRequest, event: Event) -> HttpResponse:
    form = TimedReleaseForm(request.POST)
    if not form.is_valid():
        return release_page(request, event, form, status=400)
    data = form.cleaned_data
    try:
        timed = timer.set_time(
            event, data["at"], data["stage"], note=data["note"], is_mailed=data["is_mailed"], by=request.user
        )
    except ProgramError as error:
        form.add_error("at", str(error))
        return release_page(request, event, form, status=400)
    moment = in_words(timed.at, event.zone)
    note(request, [event], f"Set a {timed.stage} release for {moment}.")
    messages.success(request, f"The program will be released as {timed.stage} on {moment}.")
    return redirect("admin:event-release", event.pk)


@require_POST
def call_off(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk, Role.PROGRAM)
    if timer.call_off(event):
        note(request, [event], "Called off the timed release.")
        messages.success(request, "The timed release is called off.")
    else:
        messages.warning(request, "No release is waiting for its time.")
    return redirect("admin:event-release", event.pk)


def wishes(request: HttpRequest, event: Event) -> dict[str, Any]:
    """The stage and the mails asked for by the page's own links; at first those of the release that waits for its
    time, or of the latest."""
    waiting = event.timed_releases.waiting().first()
    model = waiting or event.releases.brief().first()
    stage, mail = request.GET.get("stage", ""), request.GET.get("mail", "")
    is_mailed = waiting.is_mailed if waiting else True
    return {
        "stage": stage if stage in Release.Stage.values else (model.stage if model else Release.Stage.TENTATIVE),
        "is_mailed": mail != "0" if mail else is_mailed,
        "note": waiting.note if waiting else "",
        "at": waiting.at if waiting else None,
    }


def release_page(
    request: HttpRequest, event: Event, form: ReleaseForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    wished = form.initial or {"stage": form.data.get("stage"), "is_mailed": bool(form.data.get("is_mailed"))}
    stage = wished["stage"] if wished["stage"] in Release.Stage.values else Release.Stage.TENTATIVE
    seen = preview(event)
    people = groups(event, stage, seen)
    context = (
        page(request, event, f"Release {seen.latest + 1}")
        | shown(event, seen, stage)
        | {
            "form": form,
            "at": moment_of(form),
            "stage": stage,
            "is_mailed": wished["is_mailed"],
            "groups": people,
            "people": sum(people.values()),
            "timed": timed_of(event),
        }
    )
    return within(event.zone, lambda: render(request, "admin/event_release.html", context | more, status=status))


def moment_of(form: ReleaseForm) -> BoundField:
    """The field for a set time: as it was typed, or as it is planned."""
    is_timed = isinstance(form, TimedReleaseForm)
    return (form if is_timed else TimedReleaseForm(initial=form.initial or dict(form.data.items())))["at"]


def shown(event: Event, seen: Preview, stage: str) -> dict[str, Any]:
    """What the release would be, and what is missing in it."""
    conflicts = conflicts_of(event, seen.draft, stage)
    return {
        "preview": seen,
        "shown": draw_up(event, seen, stage).digest,
        "number": seen.latest + 1,
        "latest": seen.last,
        "marks": [mark(event, one.to_json()) for one in seen.changes[:LINES]],
        "more_changes": max(0, len(seen.changes) - LINES),
        "conflicts": to_mend(event, conflicts),
        "conflict_count": len(conflicts),
        "due_in": days_left(event),
    }


def timed_of(event: Event) -> TimedRelease | None:
    """The release that waits for its time, or the last one if it failed and none was made since."""
    last = event.timed_releases.first()
    if last is None or last.state == TimedRelease.State.WAITING:
        return last
    is_made_good = event.releases.filter(published_at__gt=last.at).exists()
    return last if last.state == TimedRelease.State.FAILED and not is_made_good else None


def groups(event: Event, stage: str, seen: Preview) -> dict[str, int]:
    """How many would be mailed, by what they are first of all."""
    found = notices.count(event, stage, seen)
    return {label: found[name] for name, label in GROUPS.items()}
