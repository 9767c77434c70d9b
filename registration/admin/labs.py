"""Labs in the organizers' admin: which sessions have how many seats."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from portal.organizing import CHOSEN, label_of, rows_to_choose
from registration import labs
from registration.admin.filters import InLab, InLineForLab, OfferedInLab
from registration.admin.tickets import CountedAdmin, CountedForm
from registration.models import Lab, LabSeat
from sessions_app.models import Session

PEOPLE = ["seated", "offered", "in_line"]


def title_of(session: str) -> Subquery:
    """That of the session whose uuid is in this column."""
    return Subquery(Session.objects.filter(uuid=OuterRef(session)).values("title"))


class LabForm(CountedForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean()
        event = data.get("event") or (self.instance.event if self.instance.event_id else None)
        session = Session.objects.filter(uuid=data["session"]).first() if data.get("session") else None
        if event and session and session.event_id != event.pk:
            self.add_error("session", f"“{session}” belongs to another event.")
        return data


@admin.register(Lab)
class LabAdmin(CountedAdmin):
    """One that people have chosen stays; it can be made smaller, or its session cancelled in a release."""

    form = LabForm
    list_display = ["session_title", "event", "capacity", *PEOPLE]
    fields = ["event", "session", "capacity"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lab]:
        waiting = Count("seats", filter=Q(seats__in=LabSeat.objects.waiting()))
        held = Count("seats", filter=Q(seats__state=LabSeat.State.OFFERED))
        counts = {"waiting": waiting, "held": held}
        rows: QuerySet[Lab] = super().get_queryset(request).annotate(title=title_of("session"), **counts)
        return rows

    @admin.display(description="session", ordering="title", empty_value="no longer there")
    def session_title(self, lab: Lab) -> str | None:
        return lab.title

    @admin.display(description="taken", ordering="taken")
    def seated(self, lab: Any) -> str:
        return listed(lab, InLab, lab.taken - lab.held)

    @admin.display(ordering="held")
    def offered(self, lab: Any) -> str:
        return listed(lab, OfferedInLab, lab.held)

    @admin.display(description="in line", ordering="waiting")
    def in_line(self, lab: Any) -> str:
        return listed(lab, InLineForLab, lab.waiting)

    def set_capacity(self, row: Lab, capacity: int) -> None:
        labs.set_capacity(row, capacity)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name != "session":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        sessions = rows_to_choose(Session, request).exclude(kind=Session.Kind.BREAK)
        choices = [("", "Choose"), *((str(one.uuid), label_of(one, request)) for one in sessions)]
        return forms.TypedChoiceField(coerce=UUID, choices=choices, help_text="Can be chosen once it is released.")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *(["session_title", *PEOPLE] if obj else [])]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["event", "session_title", "capacity", *PEOPLE] if obj else ["event", "session", "capacity"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.seats.exists())


def listed(lab: Lab, narrowed: type[InLab], count: int) -> str:
    """How many there are, as a link to the list of them."""
    people = reverse("admin:registration_registration_changelist")
    return format_html(
        '<a href="{}?{}={}&{}={}">{}</a>', people, CHOSEN, lab.event_id, narrowed.parameter_name, lab.pk, count
    )
