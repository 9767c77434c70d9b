"""Ticket types, registrations and followers in the organizers' admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from portal.models import Role
from portal.organizing import EventRowForm, EventRowsAdmin
from registration import booking
from registration.models import Follower, Registration, TicketType
from registration.tables import csv_lines
from sessions_app.admin import OF_EVENT


class TicketTypeForm(EventRowForm):
    """Holds the row's lock from the check of the capacity until it is saved."""

    class Meta:
        model = TicketType
        fields = ["event", "name", "capacity", "opens_at", "closes_at", "position"]

    def clean_capacity(self) -> int | None:
        capacity: int | None = self.cleaned_data["capacity"]
        if self.instance.pk:
            taken = booking.locked(self.instance).taken
            if capacity is not None and capacity < taken:
                raise forms.ValidationError(booking.too_few(capacity, taken))
        return capacity


@admin.register(TicketType)
class TicketTypeAdmin(EventRowsAdmin):
    right = Role.REGISTRATIONS
    form = TicketTypeForm
    list_display = ["name", "event", "capacity", "taken", "opens_at", "closes_at"]
    list_filter = [OF_EVENT]

    def save_model(self, request: HttpRequest, obj: TicketType, form: Any, change: bool) -> None:
        """Never writes the counts, which may be newer than this form; the capacity has its own verb."""
        if not change:
            return super().save_model(request, obj, form, change)
        obj.save(update_fields=[name for name in form.changed_data if name != "capacity"])
        if "capacity" in form.changed_data:
            booking.set_capacity(obj, form.cleaned_data["capacity"])
        return None


@admin.register(Registration)
class RegistrationAdmin(EventRowsAdmin):
    """Seats change hands by booking's verbs only, so rows are neither added nor deleted here."""

    right = Role.REGISTRATIONS
    fields = ["name", "affiliation", "email", "event", "ticket_type", "state", "place", "hold_until", "verified_at"]
    readonly_fields = ["email", "event", "ticket_type", "state", "place", "hold_until", "verified_at"]
    list_display = ["name", "email", "affiliation", "event", "ticket_type", "state", "place", "created_at"]
    list_filter = ["state", OF_EVENT, ("ticket_type", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name", "email", "affiliation"]
    search_help_text = "Name, e-mail or affiliation"
    actions = ["cancel", "export"]

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


@admin.register(Follower)
class FollowerAdmin(EventRowsAdmin):
    right = Role.REGISTRATIONS
    list_display = ["email", "event", "created_at"]
    list_filter = [OF_EVENT]
    search_fields = ["email"]
    readonly_fields = ["email", "created_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
