"""Blocks, one by one: for programs that have too many for one form."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from sessions_app.admin.review import Reviewed
from sessions_app.forms import BlockPageForm
from sessions_app.models import Block


@admin.register(Block)
class BlockAdmin(Reviewed, EventRowsAdmin):
    right = Role.PROGRAM
    form = BlockPageForm
    list_display = ["named", "event", "start", "room", "session_count"]
    list_filter = [OF_EVENT]
    search_fields = ["title", "room__name"]
    fields = ["event", "title", "start", "room", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        rows: QuerySet[Block] = super().get_queryset(request).select_related("room")
        return rows.annotate(session_count=Count("sessions"))

    @admin.display(description="block", ordering="position")
    def named(self, block: Block) -> str:
        return str(block)

    @admin.display(description="sessions", ordering="session_count")
    def session_count(self, block: Any) -> int:
        count: int = block.session_count
        return count
