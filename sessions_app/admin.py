"""The program in the organizers' admin."""

from datetime import tzinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.models import Event, Role
from portal.organizing import EventRowsAdmin, Organized
from portal.templatetags import words
from sessions_app import wording
from sessions_app.access import in_words
from sessions_app.drafts import program_of
from sessions_app.forms import MaterialForm, PlacedForm, RowsFormSet, SessionForm
from sessions_app.materials import address_of
from sessions_app.models import Block, Material, Release, Room, Session, Speaker, Track
from sessions_app.program import Item

OF_EVENT = ("event", admin.RelatedOnlyFieldListFilter)


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
    fields = ["position", "name", "hue"]


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


@admin.register(Session)
class SessionAdmin(EventRowsAdmin):
    right = Role.PROGRAM
    form = SessionForm
    list_display = ["title", "event", "kind", "duration", "speakers_named", "block", "status"]
    list_filter = [OF_EVENT, "kind", "status"]
    search_fields = ["title", "speakers__name"]
    fieldsets = [
        (None, {"fields": ["event", "title", "subtitle", "kind", "duration", "names", "abstract"]}),
        ("When and where", {"fields": ["block", "position", "start", "room", "track"]}),
        ("What the public sees", {"fields": ["visibility", "status"]}),
        ("More", {"fields": ["prerequisites", "links", "level", "language", "slug"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        rows = super().get_queryset(request)
        return rows.select_related("event", "block").prefetch_related("appearances__speaker")

    @admin.display(description="speakers")
    def speakers_named(self, session: Session) -> str:
        return ", ".join(one.speaker.name for one in session.appearances.all())


@admin.register(Speaker)
class SpeakerAdmin(EventRowsAdmin):
    right = Role.PROGRAM
    list_display = ["name", "affiliation", "email", "event", "session_count"]
    list_filter = [OF_EVENT]
    search_fields = ["name", "affiliation", "email"]
    fields = ["event", "name", "affiliation", "biography", "url", "email", "slug"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Speaker]:
        rows: QuerySet[Speaker] = super().get_queryset(request).annotate(session_count=Count("appearances"))
        return rows

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, speaker: Any) -> int:
        count: int = speaker.session_count
        return count


@admin.register(Material)
class MaterialAdmin(EventRowsAdmin):
    right = Role.MATERIALS
    form = MaterialForm
    list_display = ["title", "event", "session", "what", "audience", "opening", "opens_at"]
    list_filter = [OF_EVENT, "audience", "opening"]
    search_fields = ["title", "filename", "url"]
    readonly_fields = ["what", "sha256"]
    fieldsets = [
        (None, {"fields": ["event", "session", "title", "what", "file", "url", "sha256"]}),
        ("Who and when", {"fields": ["audience", "opening", "opens_at", "position"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        return super().get_queryset(request).select_related("event", "session")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "file":
            field.widget = forms.FileInput()
        return field

    @admin.display(description="now stored")
    def what(self, material: Material) -> str | SafeString:
        if material.url:
            return material.url
        if not material.file:
            return "–"
        address = address_of(material.event, material)
        return format_html('<a href="{}">{}</a>, {}', address, material.filename, words.size(material.size or 0))


@admin.register(Release)
class ReleaseAdmin(EventRowsAdmin):
    """For reading: releases are only ever added, on the release page."""

    right = Role.PROGRAM
    list_display = ["number", "event", "stage", "published", "published_by", "note", "change_count"]
    list_filter = [OF_EVENT, "stage"]
    fields = ["event", "number", "stage", "published", "published_by", "note", "digest", "changes_in_words"]
    ordering = ["-published_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        return super().get_queryset(request).select_related("event", "published_by").defer("data", "withdrawn")

    @admin.display(description="published", ordering="published_at")
    def published(self, release: Release) -> str:
        return in_words(release.published_at, release.event.zone)

    @admin.display(description="changes")
    def changes_in_words(self, release: Release) -> str:
        described = [wording.describe(one, release.event.zone) for one in release.changes]
        return "\n".join(f"{one.label}: {one.sentence}" for one in described) or "None."
