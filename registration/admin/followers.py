"""Followers in the organizers' admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal.audit import NotedWithoutNames
from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from registration.models import Follower


@admin.register(Follower)
class FollowerAdmin(NotedWithoutNames, EventRowsAdmin):
    right = Role.REGISTRATIONS
    list_display = ["email", "event", "created_at"]
    list_filter = [OF_EVENT]
    search_fields = ["email"]
    readonly_fields = ["email", "created_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
