"""Who appears in the program."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from sessions_app.models import Speaker


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
