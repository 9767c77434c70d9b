"""Who appears in the program."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from sessions_app.forms import AddressedForm
from sessions_app.models import Speaker
from sessions_app.redaction import redact, still_named


@admin.register(Speaker)
class SpeakerAdmin(EventRowsAdmin):
    right = Role.PROGRAM
    form = AddressedForm
    list_display = ["name", "affiliation", "email", "event", "session_count"]
    list_filter = [OF_EVENT]
    search_fields = ["name", "affiliation", "email"]
    fields = ["event", "name", "affiliation", "biography", "url", "email", "slug"]
    actions = ["redact"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Speaker]:
        rows: QuerySet[Speaker] = super().get_queryset(request).annotate(session_count=Count("appearances"))
        return rows

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, speaker: Any) -> int:
        count: int = speaker.session_count
        return count

    @admin.action(description="Take out of all releases…", permissions=["change"])
    def redact(self, request: HttpRequest, queryset: QuerySet[Speaker]) -> HttpResponse | None:
        """Shows first what this does; done once that page's button is pressed."""
        speakers = list(queryset.select_related("event"))
        if "is_confirmed" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": "Take out of all releases",
                "speakers": [(one, still_named(one)) for one in speakers],
                "checkbox": ACTION_CHECKBOX_NAME,
            }
            return render(request, "admin/redact.html", context)
        for speaker in speakers:
            count = redact(speaker)
            speaker.refresh_from_db()
            self.log_change(request, speaker, f"Taken out of {count} releases.")
        self.message_user(request, f"Taken out of all releases and the draft: {len(speakers)}.", messages.SUCCESS)
        return None
