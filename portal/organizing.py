"""The organizers' admin site, and the base of every admin page of an event's rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import InlineModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList, ChangeListSearchForm
from django.core.exceptions import BadRequest
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name

from portal.access import may_enter
from portal.audit import Noted
from portal.logins import LoginForm
from portal.models import YEARS, Event, Membership, Role
from portal.text import clean_line, clean_text

PAGES: dict[str, tuple[str, Role | None]] = {
    "Overview": ("event-home", None),
    "Texts, dates, program": ("portal_event_change", Role.PROGRAM),
    "Import a program": ("event-import", Role.PROGRAM),
    "Release": ("event-release", Role.PROGRAM),
    "Door": ("event-door", Role.CHECK_IN),
    "Register at the door": ("event-walk-in", Role.CHECK_IN),
    "Badges": ("event-badges", Role.REGISTRATIONS),
    "Figures": ("event-figures", Role.REGISTRATIONS),
    "Take in a list": ("event-take-in", Role.REGISTRATIONS),
    "Look-alikes": ("event-alike", Role.REGISTRATIONS),
    "Not reached": ("event-unreached", Role.REGISTRATIONS),
}
LISTS = {
    "Program": {
        "Sessions": "sessions_app.session",
        "Speakers": "sessions_app.speaker",
        "Materials": "sessions_app.material",
        "Releases": "sessions_app.release",
    },
    "People": {
        "Registrations": "registration.registration",
        "Followers": "registration.follower",
        "Ticket types": "registration.tickettype",
        "Admission": "registration.admission",
        "Questions": "registration.question",
        "Labs": "registration.lab",
        "Check-in devices": "registration.device",
    },
    "Mail": {
        "Announcements": "registration.announcement",
        "Outbox": "portal.mail",
        "Suppressed addresses": "portal.suppression",
    },
}
CHOSEN = "event__id__exact"  # the admin's own name for the filter by event
OF_EVENT = ("event", admin.RelatedOnlyFieldListFilter)
LONGEST_SEARCH = 300  # characters


@dataclass(frozen=True)
class Place:
    """A line of the navigation of an event."""

    label: str
    address: str
    is_here: bool


def places(request: HttpRequest, event: Event) -> dict[str, list[Place]]:
    """What this user may open of the event, by heading."""
    pages = [
        place(request, label, reverse(f"admin:{name}", args=[event.pk]))
        for label, (name, right) in PAGES.items()
        if may_organize(request, event, right)
    ]
    lists = {heading: list(rows_places(request, event, rows)) for heading, rows in LISTS.items()}
    return {heading: found for heading, found in {"Event": pages, **lists}.items() if found}


def place(request: HttpRequest, label: str, address: str, query: str = "") -> Place:
    return Place(label, address + query, request.path == address)


def rows_places(request: HttpRequest, event: Event, rows: dict[str, str]) -> Iterator[Place]:
    for label, name in rows.items():
        listing = admin.site.get_model_admin(apps.get_model(name))
        if isinstance(listing, Organized) and may_organize(request, event, listing.right):
            address = reverse(f"admin:{name.replace('.', '_')}_changelist")
            yield place(request, label, address, f"?{CHOSEN}={event.pk}")


def of_event(request: HttpRequest, event: Event | None) -> dict[str, Any]:
    """What the templates of an event's admin pages need besides Django's own."""
    return {"event": event, "places": places(request, event)} if event else {}


class OrganizersSite(admin.AdminSite):
    site_header = "Lectern, organizers"
    site_title = "Lectern"
    index_title = "Your events"
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        """Who still has to switch on a second factor may log out."""
        is_leaving = request.path == reverse("admin:logout") and super().has_permission(request)
        return is_leaving or may_enter(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        user = request.user
        if request.method == "GET" and user.is_active and user.is_staff and not self.has_permission(request):
            return redirect("second-factor")
        response = super().login(request, extra_context)
        shown = response.context_data if isinstance(response, TemplateResponse) else None
        if shown and shown["form"].wait:
            response.status_code = 429
            response.headers["Retry-After"] = str(shown["form"].wait)
        return response

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        events = Event.objects.organized_by(request.user).order_by("-starts_on", "title")
        return super().index(request, {"events": events, **(extra_context or {})})


class SearchForm(ChangeListSearchForm):
    """SQLite fails over very long patterns, and over very many words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[SEARCH_VAR] = forms.CharField(required=False, strip=False, max_length=LONGEST_SEARCH)


ChangeList.search_form_class = SearchForm  # of every list, those of users and groups too


def roles(request: HttpRequest) -> dict[int, str]:
    """The ids of the events this user organizes, each with their role there; read once a request."""
    user = request.user
    if not (user.is_active and user.is_staff):
        return {}
    found: dict[int, str] | None = getattr(request, "roles", None)
    if found is None:
        found = dict(Membership.objects.filter(user_id=user.pk).values_list("event_id", "role"))
        request.roles = found  # type: ignore[attr-defined]
    return found


def own_events(request: HttpRequest, right: Role | None = None) -> set[int]:
    """The ids of the events where a membership gives the user this right; without one, whatever their role."""
    wanted = right.holders if right else set(Role)
    return {event for event, role in roles(request).items() if role in wanted}


def may_organize(request: HttpRequest, row: models.Model | None = None, right: Role | None = None) -> bool:
    """Whether the user has this right at the event of this row, or at any event if there is no row."""
    if row is None:
        return bool(own_events(request, right)) or is_over_all(request)
    event = row.pk if isinstance(row, Event) else getattr(row, "event_id", None)
    return event in own_events(request, right) or is_over_all(request)


def is_over_all(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and user.is_staff and user.is_superuser


def within(zone: Any, view: Callable[[], HttpResponse]) -> HttpResponse:
    """The view's page, made while `zone` is the current one: times are shown and read in it."""
    with timezone.override(zone):
        response = view()
        return response.render() if isinstance(response, TemplateResponse) else response


class EventTime(forms.DateTimeField):
    """A clock time in the current zone, in one field. Times that the clocks skip or repeat are refused; one that was
    there before, from a file perhaps, stays what it was until somebody writes another."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        if moment and moment.year not in YEARS:
            raise forms.ValidationError(f"Enter a year between {YEARS[0]} and {YEARS[-1]}.")
        return moment and moment.replace(second=0, microsecond=0)

    def has_changed(self, initial: Any, data: Any) -> bool:
        is_as_shown = initial and data == self.widget.format_value(self.prepare_value(initial))
        return not is_as_shown and super().has_changed(initial, data)

    def _clean_bound_field(self, bound: Any) -> Any:
        is_kept = bound.initial and not bound._has_changed()
        return bound.initial if is_kept else super()._clean_bound_field(bound)  # type: ignore[misc]


class Organized:
    """For admin pages and inlines: rights come from memberships, not from Django's permissions; times say their
    zone; rows are chosen from the same event, without pop-ups."""

    right: ClassVar[Role] = Role.ALL  # what a role has to allow

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_organize(request, obj, self.right)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_organize(request, obj, self.right)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_organize(request, obj, self.right)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_organize(request, obj, self.right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_organize(request, None, self.right)

    def _get_obj_does_not_exist_redirect(self, *args: Any) -> HttpResponse:
        """What is missing and what is foreign look alike."""
        raise Http404("There is no such row.")

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        """Rows are ticked by their number; anything else no page of ours has sent."""
        if not all(pk.isascii() and pk.isdecimal() for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("There are no such rows.")
        response: HttpResponse | None = super().response_action(request, *args, **kwargs)  # type: ignore[misc]
        return response

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, models.DateTimeField):
            help_text = f"{get_current_timezone_name()} time. {db_field.help_text}".strip()
            return db_field.formfield(form_class=EventTime, widget=EventTime.widget, help_text=help_text)
        if isinstance(db_field, models.DateField):
            kwargs["widget"] = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and isinstance(db_field, models.ForeignKey | models.ManyToManyField):
            for deed in ("add", "change", "view", "delete"):
                setattr(field.widget, f"can_{deed}_related", False)
            if is_of_event(db_field.remote_field.model):
                field.label_from_instance = lambda row: label_of(row, request)
        if field and isinstance(self, InlineModelAdmin):  # in a table only the head of the column names it
            field.widget.attrs.setdefault("aria-label", field.label)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        target = db_field.remote_field.model
        if target is Event:
            kwargs["queryset"] = events_to_choose(request, self.right, is_host=db_field.model is Event)
        elif is_of_event(target):
            kwargs["queryset"] = rows_to_choose(target, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


def events_to_choose(request: HttpRequest, right: Role, *, is_host: bool) -> QuerySet[Event]:
    """The user's own; as a host also the one the event has, which others may organize."""
    edited = getattr(request, "edited", None)
    present = edited.host_id if is_host and edited else None
    own = Event.objects.organized_by(request.user, right).values("pk")
    return Event.objects.filter(Q(pk__in=own) | Q(pk=present))


def is_of_event(model: type[models.Model]) -> bool:
    return any(field.name == "event" for field in model._meta.fields)


def rows_to_choose(model: type[models.Model], request: HttpRequest) -> QuerySet[Any]:
    """Those of the event that is being edited; as long as it isn't known, those of all own events."""
    event = getattr(request, "edited", None)
    events = [event.pk] if event else Event.objects.organized_by(request.user)
    return model._default_manager.filter(event__in=events).select_related("event")


def label_of(row: Any, request: HttpRequest) -> str:
    """Of a row to choose: with its event, as long as that isn't known."""
    return str(row) if getattr(request, "edited", None) else f"{row} · {row.event}"


class CleanForm(forms.ModelForm):
    """Takes control characters out of texts, and of a single line what isn't one."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        return data | {name: self.cleaned(name, value) for name, value in texts.items()}

    def cleaned(self, name: str, value: str) -> str:
        is_long = isinstance(self.fields[name].widget, forms.Textarea)
        return clean_text(value) if is_long else clean_line(value)


class EventRowForm(CleanForm):
    """Refuses to tie rows of different events together."""

    def _get_validation_exclusions(self) -> set[str]:
        """What has to be unique within an event is checked, though the event itself can't be edited."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"event"} if self.instance.event_id else excluded

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        event = data.get("event") or (self.instance.event if self.instance.event_id else None)
        for name, row in data.items():
            if event and getattr(row, "event_id", event.pk) != event.pk:
                self.add_error(name, f"“{row}” belongs to another event.")
        return data


class OnlyRead:
    """For rows that nobody adds, changes or deletes by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventRowsAdmin(Noted, Organized, admin.ModelAdmin):
    """Rows of events: an organizer sees and edits those of their own events, a superuser all."""

    form = EventRowForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        own = Event.objects.organized_by(request.user, self.right)
        return rows.filter(event__in=own).select_related("event")

    def get_list_display(self, request: HttpRequest) -> Any:
        """Without the event where the list is of one event only."""
        columns = super().get_list_display(request)
        return [one for one in columns if one != "event"] if getattr(request, "edited", None) else columns

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays with its event."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return ("event", *fields) if obj and "event" not in fields else fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        event = getattr(request, "edited", None)
        return super().get_changeform_initial_data(request) | ({"event": event.pk} if event else {})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        event = self.event_of(request, object_id)
        request.edited = event  # type: ignore[attr-defined]
        extra = {**of_event(request, event), **(extra_context or {})}

        def view() -> HttpResponse:
            return super(EventRowsAdmin, self).changeform_view(request, object_id, form_url, extra)

        return within(event.zone if event else None, view)

    def event_of(self, request: HttpRequest, object_id: str | None) -> Event | None:
        """The event of the row, or of the row to be: the one chosen, or the only one there is."""
        if object_id is not None:
            row = self.get_object(request, unquote(object_id))
            return row.event if row else None
        listed = QueryDict(request.GET.get("_changelist_filters", ""))
        wanted = request.POST.get("event") or request.GET.get("event") or listed.get(CHOSEN)
        return chosen(request, wanted, self.right)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        event = chosen(request, request.GET.get(CHOSEN), self.right)
        zone = event.zone if event else None
        request.edited = event  # type: ignore[attr-defined]

        def view() -> HttpResponse:
            extra = {**of_event(request, event), **(extra_context or {})}
            return super(EventRowsAdmin, self).changelist_view(request, extra)

        return within(zone, view)


def chosen(request: HttpRequest, pk: str | None, right: Role) -> Event | None:
    """The user's event of this id; without one, the only event there is."""
    own = Event.objects.organized_by(request.user, right)
    is_id = bool(pk) and str(pk).isascii() and str(pk).isdecimal()
    found = list(own.filter(pk=int(str(pk)[:18]))) if is_id else list(own[:2])
    return found[0] if len(found) == 1 else None
