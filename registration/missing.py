"""What an event lacks before its program can be called final, each with the page that mends it."""

from dataclasses import dataclass

from django.urls import reverse

from portal.models import Event
from sessions_app import conflicts
from sessions_app.conflicts import Conflict
from sessions_app.models import Release
from sessions_app.program import Program

TEXTS = ("organizers", "overview", "audience", "prerequisites", "additional")
FEW = 12  # conflicts that are told one by one among other things


@dataclass(frozen=True)
class Missing:
    """Something to do before the program can be called final, and where."""

    text: str
    address: str


def missing(event: Event, draft: Program) -> list[Missing]:
    return empty_facts(event, draft) + to_mend(event, conflicts_of(event, draft))


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
        return [Missing(one.text, row_of(event, one)) for one in found]
    page = reverse("admin:event-conflicts", args=[event.pk])
    kinds = conflicts.by_kind(found).items()
    return [Missing(f"{conflicts.LABELS[kind]}: {total(alike)}", f"{page}#{kind}") for kind, alike in kinds]


def total(found: list[Conflict]) -> int:
    return sum(one.count for one in found)


def row_of(event: Event, conflict: Conflict) -> str:
    """The session; the blocks where nothing has a clock time, and the list where all sessions lack the same."""
    if conflict.session:
        return reverse("admin:sessions_app_session_change", args=[conflict.session])
    if conflict.kind == "no_time":
        return reverse("admin:portal_event_change", args=[event.pk]) + "#blocks-group"
    lack = conflict.kind.removeprefix("no_")
    return reverse("admin:sessions_app_session_changelist") + f"?event__id__exact={event.pk}&missing={lack}"
