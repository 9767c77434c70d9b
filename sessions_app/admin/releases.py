"""What was made public, for reading."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from sessions_app import wording
from sessions_app.access import in_words
from sessions_app.models import Release


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
