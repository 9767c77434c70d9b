"""The organizers' admin site, and the base of every admin page of an event's rows."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.models import Event


class OrganizersSite(admin.AdminSite):
    site_header = site_title = "Lectern"
    index_title = "Organize"


class EventRowsAdmin(admin.ModelAdmin):
    """Rows of events: an organizer sees and edits those of their own events, a superuser all."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.filter(event__in=Event.objects.organized_by(request.user))
