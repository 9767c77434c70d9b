"""The organizers' own pages in the admin: an event's home, and what is in each other's way in its draft."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.access import event_write
from portal.models import Event, Mail, Role
from portal.organizing import may_organize, of_event
from registration import notices
from registration.missing import conflicts_of, missing, row_of, total
from registration.models import Registration
from registration.reminders import days_left
from sessions_app import conflicts
from sessions_app.drafts import program_of
from sessions_app.publishing import preview

LINES = 60  # of mails by their cause
MOST = 200  # of a kind on the page of conflicts


@dataclass(frozen=True)
class Post:
    """How the mails of one kind are doing, or those of a mailing, which has a page."""

    title: str
    mailing: int | None
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


@require_safe
def home(request: HttpRequest, pk: int) -> HttpResponse:
    """How things stand; a member for the door alone is shown nothing of that, but the way there."""
    event = organized(request, pk)
    if not any(may_organize(request, event, right) for right in (Role.MATERIALS, Role.REGISTRATIONS)):
        return render(request, "admin/event_at_the_door.html", page(request, event, event.title))
    seen = preview(event)
    context = page(request, event, event.title) | {
        "release": event.releases.brief().first(),
        "due_in": days_left(event),
        "missing": missing(event, seen.draft),
        "timed": event.timed_releases.waiting().first(),
        "preview": seen,
        "total": len(seen.changes),
        "people": notices.count(event, "final", seen).total(),
        "registrations": registrations(event),
        "tickets": event.ticket_types.all(),
        "followers": event.followers.count(),
        "posts": posts(event),
        "material_count": event.materials.count(),
    }
    return render(request, "admin/event_home.html", context)


@require_safe
def conflict_list(request: HttpRequest, pk: int) -> HttpResponse:
    """All conflicts of the draft, by kind, with the rows that mend them."""
    event = organized(request, pk, Role.PROGRAM)
    found = conflicts_of(event, program_of(event))
    kinds = [
        (kind, conflicts.LABELS[kind], total(alike), [(one.text, row_of(event, one)) for one in alike[:MOST]])
        for kind, alike in conflicts.by_kind(found).items()
    ]
    context = page(request, event, "Conflicts") | {"kinds": kinds, "total": total(found), "most": MOST}
    return render(request, "admin/event_conflicts.html", context)


def registrations(event: Event) -> list[tuple[str, int]]:
    """Each state with its number of registrations, the states nobody is in as well."""
    counts = dict(event.registrations.order_by().values_list("state").annotate(Count("pk")))
    return [(label, counts.get(state, 0)) for state, label in Registration.State.choices]


def posts(event: Event) -> list[Post]:
    """The mails by kind, mass mail by its mailing; the latest first."""
    state = Mail.State
    rows = (
        event.mails.order_by()
        .values("mailing", title=Coalesce("mailing__title", "kind"))
        .annotate(
            latest=Max("pk"),
            waiting=Count("pk", filter=Q(state__in=[state.WAITING, state.SENDING])),
            sent=Count("pk", filter=Q(state=state.SENT)),
            failed=Count("pk", filter=Q(state=state.FAILED)),
        )
        .order_by("-latest")[:LINES]
    )
    return [Post(row["title"], row["mailing"], row["waiting"], row["sent"], row["failed"]) for row in rows]
