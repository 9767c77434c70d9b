"""Registrations in the organizers' admin: the list of who comes."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from registration import booking
from registration.admin.deeds import Deeds
from registration.models import Registration
from registration.tables import csv_lines


@admin.register(Registration)
class RegistrationAdmin(Deeds, EventRowsAdmin):
    """Seats change hands by booking's verbs only, so rows are neither added nor deleted here."""

    right = Role.REGISTRATIONS
    fields = [
        "name",
        "affiliation",
        "email",
        "event",
        "ticket_type",
        "state",
        "place",
        "hold_until",
        "verified_at",
        "said",
    ]
    readonly_fields = ["email", "event", "ticket_type", "state", "place", "hold_until", "verified_at", "said"]
    list_display = ["name", "email", "affiliation", "event", "ticket_type", "state", "place", "created_at"]
    list_filter = ["state", OF_EVENT, ("ticket_type", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "email", "affiliation"]
    search_help_text = "Name, e-mail or affiliation"
    actions = [*Deeds.deeds, "cancel", "export"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        return super().get_queryset(request).select_related("ticket_type")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Registration, form: Any, change: bool) -> None:
        obj.save(update_fields=[*form.changed_data, "updated_at"])

    @admin.action(description="Cancel; free seats go to the waitlist", permissions=["change"])
    def cancel(self, request: HttpRequest, registrations: QuerySet[Registration]) -> None:
        held = list(registrations.exclude(state=Registration.State.CANCELLED))
        for registration in held:
            booking.cancel(registration)
        messages.success(request, f"{len(held)} cancelled. Each of them gets a mail.")

    @admin.action(description="Download as CSV", permissions=["view"])
    def export(self, request: HttpRequest, registrations: QuerySet[Registration]) -> StreamingHttpResponse:
        rows = registrations.select_related("event", "ticket_type").iterator(chunk_size=500)
        headers = {"Content-Disposition": 'attachment; filename="registrations.csv"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8", headers=headers)
