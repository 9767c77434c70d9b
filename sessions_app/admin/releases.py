"""What was made public, for reading."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin, OnlyRead, may_organize
from sessions_app import wording
from sessions_app.access import in_words
from sessions_app.models import Release


@admin.register(Release)
class ReleaseAdmin(OnlyRead, EventRowsAdmin):
    """For reading: releases are only ever added, on the release page."""

    right = Role.PROGRAM
    list_display = ["number", "event", "stage", "published", "published_by", "note", "change_count"]
    list_filter = [OF_EVENT, "stage"]
    fields = ["event", "number", "stage", "published", "published_by", "note", "digest", "changes_in_words"]
    ordering = ["-published_at"]

    def get_fields(self, request: HttpRequest, obj: Release | None = None) -> Any:
        """Who got its mail is for those only who may see registrations."""
        return [*self.fields, "mails"] if may_organize(request, obj, Role.REGISTRATIONS) else self.fields

    @admin.display(description="mail")
    def mails(self, release: Release) -> str:
        found = release.event.mailings.filter(kind="release", occasion=f"release-{release.number}").first()
        return format_html('<a href="{}">Who got it when</a>', found.get_absolute_url()) if found else "None."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        return super().get_queryset(request).select_related("event", "published_by").defer("data", "withdrawn")

    @admin.display(description="published", ordering="published_at")
    def published(self, release: Release) -> str:
        return in_words(release.published_at, release.event.zone)

    @admin.display(description="changes")
    def changes_in_words(self, release: Release) -> str:
        described = [wording.describe(one, release.event.zone) for one in release.changes]
        return "\n".join(f"{one.label}: {one.sentence}" for one in described) or "None."
