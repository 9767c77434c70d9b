"""Sessions, one by one."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from sessions_app.admin.review import Reviewed
from sessions_app.forms import SessionPageForm
from sessions_app.models import Session


@admin.register(Session)
class SessionAdmin(Reviewed, EventRowsAdmin):
    right = Role.PROGRAM
    form = SessionPageForm
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
