"""The rows of a program on its event's own page."""

from datetime import tzinfo
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from portal.models import Event, Role
from portal.organizing import Organized
from portal.templatetags import words
from sessions_app.drafts import program_of
from sessions_app.forms import PlacedForm, RowsFormSet, SessionForm, TrackForm
from sessions_app.models import Block, Room, Session, Track
from sessions_app.program import Item


class RowsInline(Organized, admin.TabularInline):
    """Rows of an event, on the event's own page."""

    right = Role.PROGRAM
    form = PlacedForm
    formset = RowsFormSet
    extra = 0


class BlockInline(RowsInline):
    model = Block
    fields = ["position", "title", "start", "room"]

    def get_extra(self, request: HttpRequest, obj: Event | None = None, **kwargs: Any) -> int:
        """A row to begin with."""
        return 0 if obj is None or obj.blocks.exists() else 1


class RoomInline(RowsInline):
    model = Room
    fields = ["position", "name", "capacity"]


class TrackInline(RowsInline):
    model = Track
    form = TrackForm
    fields = ["position", "name", "hue", "sample"]
    readonly_fields = ["sample"]

    @admin.display(description="looks like")
    def sample(self, track: Track) -> str:
        return format_html('<span class="sample" data-hue="{}">{}</span>', track.hue, track.name)


class SessionInline(RowsInline):
    """The program in order. `when` is where the draft's clock puts a session."""

    MOST = 100

    model = Session
    form = SessionForm
    fields = ["position", "title", "kind", "duration", "when", "names", "block", "start"]
    readonly_fields = ["when"]
    show_change_link = True
    items: dict[str, Item]
    zone: tzinfo

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).select_related("block").prefetch_related("appearances__speaker")

    def get_formset(self, request: HttpRequest, obj: Event | None = None, **kwargs: Any) -> Any:
        self.items = {item.uuid: item for item in program_of(obj).items} if obj else {}
        self.zone = obj.zone if obj else Event().zone
        return super().get_formset(request, obj, **kwargs)

    def get_extra(self, request: HttpRequest, obj: Event | None = None, **kwargs: Any) -> int:
        """Some rows to begin with."""
        return 0 if self.items else 3

    def get_fields(self, request: HttpRequest, obj: Event | None = None) -> Any:
        """A choice of blocks where there is one."""
        has_choice = obj is not None and obj.blocks.count() > 1
        return [name for name in super().get_fields(request, obj) if has_choice or name != "block"]

    @admin.display(description="when")
    def when(self, session: Session) -> str:
        item = self.items.get(str(session.uuid))
        if item is None:
            return ""
        if item.start is None or item.end is None:
            return words.offset(item.offset)
        start, end = item.start.astimezone(self.zone), item.end.astimezone(self.zone)
        return f"{start:%a %H:%M}–{end:%H:%M}"
