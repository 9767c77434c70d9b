"""Devices that take check-ins, in the organizers' admin."""

import secrets
from hashlib import sha256
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from registration.models import Device


@admin.register(Device)
class DeviceAdmin(EventRowsAdmin):
    """A device's key is shown once, when it is added; only a print of it is kept."""

    right = Role.REGISTRATIONS
    list_display = ["name", "event", "created_at"]
    list_filter = [OF_EVENT]
    fields = ["event", "name"]

    def save_model(self, request: HttpRequest, obj: Device, form: Any, change: bool) -> None:
        if not change:
            key = secrets.token_urlsafe(24)
            obj.key_hash = sha256(key.encode()).hexdigest()
            messages.warning(request, f"The key of “{obj.name}”, shown this once: {key}")
        super().save_model(request, obj, form, change)
