"""Announcements in the organizers' admin: written here, read and sent from a page of their own."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminTextareaWidget
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from portal.models import Event, Role
from portal.organizing import OF_EVENT, EventRowForm, EventRowsAdmin
from registration import announcements
from registration.models import Announcement, Registration
from registration.placeholders import MEANINGS
from sessions_app import releases

NONE = [("", "none")]
ANY = [("", "any")]
USUAL = [("", "confirmed or waitlisted")]
HINT = "Markdown. In braces, what differs from reader to reader: " + ", ".join(
    f"{{{name}}} {meaning}" for name, meaning in MEANINGS.items()
)


class AnnouncementForm(EventRowForm):
    """Sessions are chosen from the latest release: readers know no others."""

    edited: ClassVar[Event | None] = None  # whose announcement it is, as far as that is known
    language = forms.ChoiceField(required=False, help_text=Announcement._meta.get_field("language").help_text)
    session = forms.TypedChoiceField(required=False, coerce=UUID, empty_value=None)

    class Meta:
        model = Announcement
        fields = [
            "event",
            "subject",
            "text",
            "audience",
            "ticket_type",
            "registration_state",
            "language",
            "session",
            "tie",
            "presence",
            "moment",
            "at",
            "offset",
        ]
        help_texts = {"text": HINT, "audience": "Speakers are those of the latest release."}
        widgets = {"text": AdminTextareaWidget(attrs={"rows": 16})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "session": session_choices(self.edited),
            "language": [*ANY, *languages_of(self.edited).items()],
            "registration_state": [*USUAL, *Registration.State.choices],
            "tie": [*ANY, *Announcement.Tie.choices],
            "presence": [*ANY, *Announcement.Presence.choices],
        }
        for name in choices.keys() & self.fields.keys():  # what was sent is shown with few of them
            self.fields[name].choices = choices[name]  # type: ignore[attr-defined]
        if "ticket_type" in self.fields:
            self.fields["ticket_type"].empty_label = "any"  # type: ignore[attr-defined]


def languages_of(event: Event | None) -> dict[str, str]:
    return event.languages_to_choose if event else {}


def session_choices(event: Event | None) -> list[tuple[str, str]]:
    published = releases.latest(event) if event else None
    items = published.program.items if published else ()
    return NONE + [(one.uuid, one.title) for one in items if one.title and not one.is_break]


class AnnouncementList(ChangeList):
    """Leads to the announcement's page; those of an event that can still be changed have their form there."""

    def url_for_result(self, result: Any) -> str:
        return page_of(result)


def page_of(announcement: Announcement) -> str:
    return reverse("admin:event-announcement", args=[announcement.event_id, announcement.pk])


@admin.register(Announcement)
class AnnouncementAdmin(EventRowsAdmin):
    right = Role.REGISTRATIONS
    form = AnnouncementForm
    list_display = ["subject", "event", "audience", "state", "moment", "due"]
    list_filter = ["state", OF_EVENT]
    search_fields = ["subject", "text"]
    fieldsets = [
        (None, {"fields": ["event", "subject", "text"]}),
        (
            "To whom",
            {"fields": ["audience", "ticket_type", "registration_state", "language", "session", "tie", "presence"]},
        ),
        ("When", {"fields": ["moment", "at", "offset"]}),
    ]

    @admin.display(description="due")
    def due(self, row: Announcement) -> Any:
        return announcements.due_at(row) if row.state == Announcement.State.SCHEDULED else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.edited = getattr(request, "edited", None)  # type: ignore[attr-defined]
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Asks for a language only where there are several."""
        has_languages = bool(languages_of(getattr(request, "edited", None)))
        asked = [(title, [*options["fields"]]) for title, options in super().get_fieldsets(request, obj)]
        return [
            (title, {"fields": [one for one in names if one != "language" or has_languages]}) for title, names in asked
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return AnnouncementList

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_open)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_open)

    def save_model(self, request: HttpRequest, obj: Announcement, form: Any, change: bool) -> None:
        if not change:
            obj.by = request.user  # type: ignore[assignment]
        obj.state = Announcement.State.DRAFT
        super().save_model(request, obj, form, change)

    def response_post_save_change(self, request: HttpRequest, obj: Announcement) -> HttpResponseRedirect:
        return HttpResponseRedirect(page_of(obj))

    response_post_save_add = response_post_save_change
