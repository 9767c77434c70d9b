"""Sessions, one by one, and many at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import Action, ActionLocation
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.models import Event, Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from portal.templatetags.words import length
from sessions_app.admin.deeds import Deed, deeds
from sessions_app.admin.filters import BlockFilter, DayFilter, MissingFilter, RoomFilter, TrackFilter
from sessions_app.admin.review import Reviewed
from sessions_app.drafts import program_of
from sessions_app.forms import SessionPageForm
from sessions_app.models import Session
from sessions_app.review import when


@admin.register(Session)
class SessionAdmin(Reviewed, EventRowsAdmin):
    right = Role.PROGRAM
    form = SessionPageForm
    list_display = ["title", "event", "duration", "kind", "named", "place", "track", "remark"]
    list_filter = [
        OF_EVENT,
        DayFilter,
        MissingFilter,
        "kind",
        "visibility",
        "status",
        TrackFilter,
        RoomFilter,
        BlockFilter,
    ]
    search_fields = ["title", "subtitle", "speakers__name"]
    show_full_result_count = False
    list_max_show_all = 1000
    fieldsets = [
        (None, {"fields": ["event", "title", "subtitle", "kind", "duration", "names", "abstract"]}),
        ("When and where", {"fields": ["block", "position", "start", "room", "track"]}),
        ("What the public sees", {"fields": ["visibility", "status"]}),
        ("More", {"fields": ["prerequisites", "links", "level", "language", "slug"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        rows = super().get_queryset(request)
        return rows.select_related("event", "block__room", "room", "track").prefetch_related("appearances__speaker")

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """With the clock times, instead of the lengths, where one event is listed."""
        columns = list(super().get_list_display(request))
        event: Event | None = getattr(request, "edited", None)
        clock = once(request, "clock", lambda: clock_of(event)) if event else None
        return [clock if clock and one == "duration" else one for one in columns]

    def get_actions(self, request: HttpRequest, action_location: Any = ActionLocation.CHANGE_LIST) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request, action_location=action_location)
        if action_location != ActionLocation.CHANGE_LIST:
            return actions
        return actions | {
            deed.name: Action(
                func=deed,
                name=deed.name,
                description=deed.label,
                plural_description=deed.label,
                locations=[ActionLocation.CHANGE_LIST],
            )
            for deed in deeds_of(request)
        }

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: Any = ActionLocation.CHANGE_LIST,
    ) -> list[Any]:
        """By what they change."""
        choices = super().get_action_choices(request, default_choices, action_location)
        groups: dict[str, list[tuple[str, str]]] = {}
        for deed in deeds_of(request):
            groups.setdefault(deed.group, []).append((deed.name, deed.label))
        grouped = {name for rows in groups.values() for name, _ in rows}
        return [choice for choice in choices if choice[0] not in grouped] + list(groups.items())

    @admin.display(description="speakers")
    def named(self, session: Session) -> str:
        return ", ".join(one.speaker.name for one in session.appearances.all())

    @admin.display(description="made public", empty_value="", ordering="visibility")
    def remark(self, session: Session) -> str:
        """Only what differs from most sessions."""
        is_off, is_full = session.status == Session.Status.CANCELLED, session.visibility == Session.Visibility.FULL
        said = [*(["cancelled"] if is_off else []), *([] if is_full else [session.get_visibility_display()])]
        return ", ".join(said)

    @admin.display(description="room", ordering="room__name")
    def place(self, session: Session) -> str:
        return str(session.room or session.block.room or "")


def deeds_of(request: HttpRequest) -> list[Deed]:
    return once(request, "deeds", lambda: list(deeds(getattr(request, "edited", None))))


def once[Found](request: HttpRequest, name: str, find: Callable[[], Found]) -> Found:
    """The admin asks several times a request; the database is asked the first time."""
    if not hasattr(request, name):
        setattr(request, name, find())
    found: Found = getattr(request, name)
    return found


def clock_of(event: Event) -> Callable[[Session], str]:
    """The column of the times at which the draft has the sessions of the event."""
    program = program_of(event)
    times = {
        item.uuid: when(program, item) if item.start else f"{when(program, item)}, {length(item.duration)}"
        for item in program.items
    }

    @admin.display(description="when")
    def clock(session: Session) -> str:
        return times.get(str(session.uuid), "")

    return clock
