"""Files and links of an event and its sessions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.models import Role
from portal.organizing import OF_EVENT, EventRowsAdmin
from portal.templatetags import words
from sessions_app.access import in_words
from sessions_app.forms import MaterialForm
from sessions_app.materials import address_of
from sessions_app.models import Material


@admin.register(Material)
class MaterialAdmin(EventRowsAdmin):
    right = Role.MATERIALS
    form = MaterialForm
    list_display = ["title", "event", "session", "what", "audience", "opens"]
    list_filter = [OF_EVENT, "audience", "opening"]
    search_fields = ["title", "filename", "url"]
    readonly_fields = ["what", "sha256"]
    fieldsets = [
        (None, {"fields": ["event", "session", "title", "what", "file", "url", "sha256"]}),
        ("Who and when", {"fields": ["audience", "opening", "opens_at", "position"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        return super().get_queryset(request).select_related("event", "session")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "file":
            field.widget = forms.FileInput()
        return field

    @admin.display(description="opens", ordering="opens_at")
    def opens(self, material: Material) -> str:
        if material.opens_at is None:
            return material.get_opening_display()
        return in_words(material.opens_at, material.event.zone)

    @admin.display(description="now stored")
    def what(self, material: Material) -> str | SafeString:
        if material.url:
            return material.url
        if not material.filename:
            return "–"
        address = address_of(material.event, material)
        return format_html('<a href="{}">{}</a>, {}', address, material.filename, words.size(material.size or 0))
