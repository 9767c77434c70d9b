"""The organizers' own pages in the admin: an event's home, and its release."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models
from django.db.models import Case, Count, F, Max, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.access import event_write
from portal.models import Event, Mail, Role
from portal.organizing import may_organize, of_event
from registration import notices
from registration.models import Registration
from sessions_app import conflicts
from sessions_app.conflicts import Conflict
from sessions_app.drafts import program_of
from sessions_app.forms import ReleaseForm
from sessions_app.history import mark
from sessions_app.models import Release
from sessions_app.program import Program
from sessions_app.publishing import ProgramError, preview

TEXTS = ("organizers", "overview", "audience", "prerequisites", "additional")
LINES = 60  # of changes on a page
FEW = 12  # conflicts that are told one by one among other things
MOST = 200  # of a kind on the page of conflicts

GROUPS = {"registration": "Registered", "follower": "Followers", "speaker": "Speakers"}


@dataclass(frozen=True)
class Missing:
    """Something to do before the program can be called final, and where."""

    text: str
    address: str


@dataclass(frozen=True)
class Post:
    """How the mails of one occasion are doing."""

    occasion: str
    waiting: int
    sent: int
    failed: int


def organized(request: HttpRequest, pk: int, right: Role | None = None) -> Event:
    slug = Event.objects.filter(pk=pk).values_list("slug", flat=True).first()
    return event_write(request.user, slug or "", right)


def page(request: HttpRequest, event: Event, title: str) -> dict[str, Any]:
    """What the template of an admin page of an event needs."""
    rights = {f"may_{right.name.lower()}": may_organize(request, event, right) for right in Role}
    return admin.site.each_context(request) | of_event(request, event) | rights | {"title": title}


def note(request: HttpRequest, rows: Iterable[models.Model], message: str) -> None:
    """Put an action into the admin's log."""
    LogEntry.objects.log_actions(cast(int, request.user.pk), list(rows), CHANGE, change_message=message)


@require_safe
def home(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk)
    seen = preview(event)
    context = page(request, event, event.title) | {
        "release": event.releases.brief().first(),
        "due_in": days_left(event.final_program_due),
        "missing": empty_facts(event, seen.draft) + to_mend(event, conflicts_of(event, seen.draft)),
        "preview": seen,
        "total": len(seen.changes),
        "people": notices.count(event).total(),
        "registrations": registrations(event),
        "tickets": event.ticket_types.all(),
        "followers": event.followers.count(),
        "posts": posts(event),
        "material_count": event.materials.count(),
    }
    return render(request, "admin/event_home.html", context)


def days_left(due: date | None) -> int | None:
    return (due - timezone.now().date()).days if due else None


def empty_facts(event: Event, draft: Program) -> list[Missing]:
    form = reverse("admin:portal_event_change", args=[event.pk])
    empty = [
        Missing(f"“{event._meta.get_field(name).verbose_name.capitalize()}” is empty.", f"{form}#id_{name}")  # type: ignore[union-attr]
        for name in TEXTS
        if not getattr(event, name).strip()
    ]
    dates = [] if event.starts_on else [Missing("The first day isn't set.", f"{form}#id_starts_on")]
    sessions = [] if draft.items else [Missing("The program has no sessions.", f"{form}#sessions-group")]
    return dates + empty + sessions


def conflicts_of(event: Event, draft: Program, stage: str = Release.Stage.FINAL) -> list[Conflict]:
    seats = {str(uuid): capacity for uuid, capacity in event.labs.values_list("session", "capacity")}
    return conflicts.find(draft, is_final=stage == Release.Stage.FINAL, seats=seats)


def to_mend(event: Event, found: list[Conflict]) -> list[Missing]:
    """Each with its session; where they are many, by kind with the page that lists them."""
    if len(found) <= FEW:
        return [Missing(one.text, row_of(one)) for one in found]
    page = reverse("admin:event-conflicts", args=[event.pk])
    kinds = conflicts.by_kind(found).items()
    return [Missing(f"{conflicts.LABELS[kind]}: {len(alike)}", f"{page}#{kind}") for kind, alike in kinds]


def row_of(conflict: Conflict) -> str:
    return reverse("admin:sessions_app_session_change", args=[conflict.session])


@require_safe
def conflict_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All conflicts of the draft, by kind, with the rows that mend them."""
    event = organized(request, pk)
    found = conflicts_of(event, program_of(event))
    kinds = [
        (kind, conflicts.LABELS[kind], len(alike), [(one.text, row_of(one)) for one in alike[:MOST]])
        for kind, alike in conflicts.by_kind(found).items()
    ]
    context = page(request, event, "Conflicts") | {"kinds": kinds, "total": len(found), "most": MOST}
    return render(request, "admin/event_conflicts.html", context)


def registrations(event: Event) -> list[tuple[str, int]]:
    """Each state with its number of registrations, the states nobody is in as well."""
    counts = dict(event.registrations.order_by().values_list("state").annotate(Count("pk")))
    return [(label, counts.get(state, 0)) for state, label in Registration.State.choices]


def posts(event: Event) -> list[Post]:
    """The mails by kind, mass mail by its occasion; the latest first."""
    state = Mail.State
    what = Case(When(is_urgent=True, then=F("kind")), default=F("occasion"))
    rows = (
        event.mails.order_by()
        .values(what=what)
        .annotate(
            latest=Max("pk"),
            waiting=Count("pk", filter=Q(state__in=[state.WAITING, state.SENDING])),
            sent=Count("pk", filter=Q(state=state.SENT)),
            failed=Count("pk", filter=Q(state=state.FAILED)),
        )
        .order_by("-latest")[:LINES]
    )
    return [Post(row["what"], row["waiting"], row["sent"], row["failed"]) for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what a release would do; a POST does it, once for each release that was looked at."""
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
    messages.success(request, f"Release {made.number} is public, as {made.stage}. {mails}")
    return redirect("admin:event-home", event.pk)


def wishes(request: HttpRequest, event: Event) -> dict[str, Any]:
    """The stage and the mails asked for by the page's own links; at first what the latest release had."""
    last = event.releases.brief().first()
    stage = request.GET.get("stage", "")
    return {
        "stage": stage if stage in Release.Stage.values else (last.stage if last else Release.Stage.TENTATIVE),
        "is_mailed": request.GET.get("mail") != "0",
    }


def release_page(request: HttpRequest, event: Event, form: ReleaseForm, *, status: int = 200) -> HttpResponse:
    wished = form.initial or {"stage": form.data.get("stage"), "is_mailed": bool(form.data.get("is_mailed"))}
    stage = wished["stage"] if wished["stage"] in Release.Stage.values else Release.Stage.TENTATIVE
    seen = preview(event)
    found = conflicts_of(event, seen.draft, stage)
    people = groups(event, stage)
    context = page(request, event, f"Release {seen.latest + 1}") | {
        "form": form,
        "stage": stage,
        "is_mailed": wished["is_mailed"],
        "number": seen.latest + 1,
        "latest": event.releases.brief().first(),
        "preview": seen,
        "marks": [mark(event, one.to_json()) for one in seen.changes[:LINES]],
        "more_changes": max(0, len(seen.changes) - LINES),
        "conflicts": to_mend(event, found),
        "conflict_count": len(found),
        "groups": people,
        "people": sum(people.values()),
        "due_in": days_left(event.final_program_due),
    }
    return render(request, "admin/event_release.html", context, status=status)


def groups(event: Event, stage: str) -> dict[str, int]:
    """How many would be mailed, by what they are first of all."""
    found = notices.count(event, stage)
    return {label: found[name] for name, label in GROUPS.items()}
