"""Ticket types in the organizers' admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowForm, EventRowsAdmin
from registration import booking, ledger
from registration.models import TicketType


class TicketTypeForm(EventRowForm):
    """Holds the row's lock from the check of the capacity until it is saved."""

    class Meta:
        model = TicketType
        fields = ["event", "name", "capacity", "opens_at", "closes_at", "position"]

    def clean_capacity(self) -> int | None:
        capacity: int | None = self.cleaned_data["capacity"]
        if self.instance.pk:
            taken = ledger.locked(self.instance).taken
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
