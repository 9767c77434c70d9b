"""Ticket types and the event's admission in the organizers' admin."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from portal.models import Role
from portal.organizing import CHOSEN, OF_EVENT, EventRowForm, EventRowsAdmin
from registration import booking, ledger
from registration.models import Admission, Lab, Registration, TicketType

State = Registration.State


def taken_of(row: TicketType | Admission | Lab) -> int:
    """The seats taken now; it stays so until the transaction ends, when the form is saved."""
    ledger.hold(row.event)
    return type(row).objects.get(pk=row.pk).taken


class CountedForm(EventRowForm):
    """Of a row with counted seats. Holds the lock from the check of the capacity until it is saved."""

    def clean_capacity(self) -> int | None:
        capacity: int | None = self.cleaned_data["capacity"]
        if self.instance.pk and capacity is not None and capacity < (taken := taken_of(self.instance)):
            raise forms.ValidationError(ledger.too_few(capacity, taken))
        return capacity


class CountedAdmin(EventRowsAdmin):
    """Never writes the counts, which may be newer than its form; the capacity has its own verb."""

    right = Role.REGISTRATIONS
    form = CountedForm
    list_filter = [OF_EVENT]

    def set_capacity(self, row: Any, capacity: Any) -> None:
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            return super().save_model(request, obj, form, change)
        ledger.hold(obj.event)
        obj.save(update_fields=[name for name in form.changed_data if name != "capacity"])
        if "capacity" in form.changed_data:
            self.set_capacity(obj, form.cleaned_data["capacity"])
        return None


class TicketTypeForm(CountedForm):
    def clean_mode(self) -> str:
        mode: str = self.cleaned_data["mode"]
        row = self.instance
        if row.pk and mode != row.mode and row.registrations.exists():
            raise forms.ValidationError("People are registered with this ticket, so it stays what it is.")
        return mode


@admin.register(TicketType)
class TicketTypeAdmin(CountedAdmin):
    form = TicketTypeForm
    list_display = ["name", "event", "mode", "capacity", "taken", "in_line", "opens_at", "closes_at"]
    fieldsets = [
        (None, {"fields": ["event", "name", "description", "capacity", "opens_at", "closes_at", "position"]}),
        ("Who gets it, and how", {"fields": ["needs_approval", "access_code", "offer_hours"]}),
        ("Without a seat", {"classes": ["collapse"], "fields": ["mode", "host_url"]}),
    ]

    @admin.display(description="in line", ordering="waiting")
    def in_line(self, row: TicketType) -> str:
        people = reverse("admin:registration_registration_changelist")
        chosen = {CHOSEN: row.event_id, "ticket_type__id__exact": row.pk, "state__exact": State.WAITLISTED.value}
        return format_html('<a href="{}?{}">{}</a>', people, urlencode(chosen), row.waiting)

    def set_capacity(self, row: TicketType, capacity: int | None) -> None:
        booking.set_capacity(row, capacity)


@admin.register(Admission)
class AdmissionAdmin(CountedAdmin):
    """There is one for each event with ticket types."""

    list_display = ["event", "capacity", "taken", "confirms_at_once"]
    fields = ["event", "capacity", "confirms_at_once"]

    def set_capacity(self, row: Admission, capacity: int | None) -> None:
        booking.set_event_capacity(row.event, capacity)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
