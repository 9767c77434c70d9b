"""Registrations in the organizers' admin: the list of who comes, and what is done to many of them."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from portal import audit
from portal.models import Event, Role
from portal.organizing import CHOSEN, OF_EVENT, EventRowsAdmin
from registration import badges, booking, consents
from registration.admin.deeds import Deeds
from registration.admin.filters import (
    Alike,
    Answered,
    InLab,
    InLanguage,
    InLineForLab,
    OfferedInLab,
    OfTicket,
    Present,
    chosen_lab,
    here,
)
from registration.admin.labs import title_of
from registration.models import Announcement, LabSeat, Registration, TicketType
from registration.papers import pdf
from registration.seating import lab_seat_in_words
from registration.tables import XLSX, csv_lines, xlsx_file

ONLY_OF_LISTS = ["answer", "alike", "lab_offer", "lab_line", "q"]  # filters that no audience has
READ = ["email", "event", "ticket_type", "state", "place", "hold_until", "verified_at"]
TOLD = ["in_labs", "said", "certified"]


class DeedForm(ActionForm):
    """Beside the actions: where people are moved to."""

    ticket_type = forms.CharField(required=False, label="Ticket to move to", max_length=100)


@admin.register(Registration)
class RegistrationAdmin(Deeds, EventRowsAdmin):
    """Seats change hands by booking's verbs only, so rows are neither added nor deleted here."""

    right = Role.REGISTRATIONS
    fields = ["name", "affiliation", "note", *READ, *TOLD]
    readonly_fields = [*READ, *TOLD]
    list_display = ["who", "email", "event", "ticket_type", "state", "place", "is_in", "created_at"]
    list_filter = [
        "state",
        OF_EVENT,
        ("ticket_type", OfTicket),
        Present,
        InLanguage,
        InLab,
        OfferedInLab,
        InLineForLab,
        Answered,
        Alike,
    ]
    search_fields = ["name", "email", "affiliation", "note"]
    search_help_text = "Name, e-mail, affiliation or note"
    actions = [*Deeds.deeds, "confirm", "cancel", "change_ticket", "write", "print_badges", "export", "export_xlsx"]
    show_full_result_count = False
    action_form = DeedForm

    def get_queryset(self, request: HttpRequest) -> QuerySet[Registration]:
        rows: QuerySet[Registration] = super().get_queryset(request)
        return rows.select_related("ticket_type").annotate(came=here())

    def get_ordering(self, request: HttpRequest) -> Any:
        """Those in line for a lab as they stand there."""
        lab = chosen_lab(request, InLineForLab)
        seat = LabSeat.objects.filter(lab=lab, registration=OuterRef("pk"))
        return [Subquery(seat.values("place")).asc()] if lab else super().get_ordering(request)

    @admin.display(description="name", ordering="name")
    def who(self, registration: Registration) -> str:
        return format_html("{}<small>{}</small>", registration.name, registration.affiliation)

    @admin.display(description="in", ordering="came", empty_value="")
    def is_in(self, registration: Any) -> str | None:
        return "in" if registration.came else None

    @admin.display(description="lab seats")
    def in_labs(self, registration: Registration) -> str:
        seats = registration.lab_seats.annotate(title=title_of("lab__session"))
        lines = (
            (one.title or "A session that is no longer there", lab_seat_in_words(one), mover(one)) for one in seats
        )
        return format_html_join("", "<p>{}: {}{}</p>", lines) or "–"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Registration, form: Any, change: bool) -> None:
        obj.save(update_fields=[*form.changed_data, "updated_at"])

    @admin.action(description="Confirm, as their link would", permissions=["change"])
    def confirm(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        held = registrations.filter(state=Registration.State.PENDING).order_by("pk")
        what = "Each takes the seat that is held or offered, unasked, and gets a mail with the ticket."
        return self.each(request, list(held), booking.confirm, "Confirmed.", ask="Confirm {}", what=what)

    @admin.action(description="Cancel; free seats go to the waitlist", permissions=["change"])
    def cancel(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        what = "Each gives up the seat or place and gets a mail. Free seats go to the waitlist at once."
        rows = list(still_there(registrations))
        return self.each(request, rows, booking.cancel, "Cancelled.", ask="Cancel {}", what=what)

    @admin.action(description="Move to another ticket", permissions=["change"])
    def change_ticket(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        name = request.POST.get("ticket_type", "").strip()
        events = registrations.order_by().values("event").distinct()
        found = list(TicketType.objects.filter(event__in=events, name__iexact=name))
        if len(found) != 1 or events.count() != 1:
            known = TicketType.objects.filter(event__in=events).values_list("name", flat=True)
            messages.error(request, f"Name the ticket to move to, one of one event: {', '.join(known)}.")
            return None
        wanted = found[0]
        rows = list(still_there(registrations))
        move = partial(booking.exchange, ticket_type=wanted, source=consents.ADMIN)
        what = (
            "Seats are kept where the other ticket has one free; who waits begins anew at the end of its waitlist. "
            "Who keeps a seat gets no mail; all others who are moved do."
        )
        deed = {"ask": f"Move {{}} to “{wanted}”", "what": what}
        return self.each(request, rows, move, f"Moved to “{wanted}”.", is_mailed=False, **deed)

    @admin.action(description="Write to all that this list is narrowed to…", permissions=["view"])
    def write(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        """An announcement with the list's filters as its audience, to be looked at first."""
        if any(request.GET.get(name) for name in ONLY_OF_LISTS):
            messages.error(
                request,
                "Announcements go by ticket, state, language, lab seat and door. Take the other filters off first.",
            )
            return None
        chosen = {"event": request.GET.get(CHOSEN, ""), "audience": "registered"}
        chosen["registration_state"] = request.GET.get("state__exact", "")
        chosen["language"] = request.GET.get("language", "")
        chosen["ticket_type"] = request.GET.get("ticket_type__id__exact", "")
        chosen["presence"] = {"yes": "came", "no": "absent"}.get(request.GET.get("in", ""), "")
        if lab := chosen_lab(request):
            chosen |= {"session": str(lab.session), "tie": Announcement.Tie.SEAT.value}
        wanted = {name: value for name, value in chosen.items() if value}
        return redirect(f"{reverse('admin:registration_announcement_add')}?{urlencode(wanted)}")

    @admin.action(description="Print badges, A6", permissions=["view"])
    def print_badges(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        if registrations.count() > badges.MOST:
            messages.error(request, f"At most {badges.MOST} at a time.")
            return None
        holders = Registration.objects.with_ticket().filter(pk__in=registrations.order_by().values("pk"))
        people = list(holders.select_related("event", "ticket_type").order_by("name", "pk"))
        if left_out := registrations.count() - len(people):
            messages.warning(request, f"These hold no ticket and got no badge: {left_out}.")
        if not people:
            return None
        content = badges.paper(people, badges.SIZES["a6-a4"])
        registrations.filter(pk__in=[one.pk for one in people]).update(badge_printed_at=timezone.now())
        note(request, people, "Badges printed")
        return pdf(content, "badges.pdf")

    @admin.action(description="Download as CSV", permissions=["view"])
    def export(self, request: HttpRequest, registrations: QuerySet[Registration]) -> StreamingHttpResponse:
        headers = {"Content-Disposition": 'attachment; filename="registrations.csv"', "Cache-Control": "no-store"}
        taken = plain(registrations)
        note(request, taken, "Registrations downloaded as CSV")
        lines = csv_lines(taken)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    @admin.action(description="Download as XLSX", permissions=["view"])
    def export_xlsx(self, request: HttpRequest, registrations: QuerySet[Registration]) -> FileResponse:
        taken = plain(registrations)
        note(request, taken, "Registrations downloaded as XLSX")
        file = xlsx_file(taken)
        name = {"as_attachment": True, "filename": "registrations.xlsx"}
        return FileResponse(file, content_type=XLSX, headers={"Cache-Control": "no-store"}, **name)  # type: ignore[arg-type]


def note(request: HttpRequest, taken: QuerySet[Registration] | list[Registration], said: str) -> None:
    """In the history of each event whose people are in a file."""
    for event in Event.objects.filter(registrations__in=taken).annotate(count=Count("registrations")).order_by("pk"):
        audit.note(request, [event], f"{said}: {event.count}.")


def mover(seat: LabSeat) -> str:
    """The link to where who waits is moved in the line; who has ended stands in none."""
    address = reverse("admin:registration-move-in-lab", args=[seat.pk])
    return format_html(' <a href="{}">Move</a>', address) if seat.place and not seat.registration.has_ended else ""


def still_there(registrations: QuerySet[Registration]) -> QuerySet[Registration]:
    return registrations.exclude(state__in=Registration.ENDED).order_by("pk")


def plain(registrations: QuerySet[Registration]) -> QuerySet[Registration]:
    """Those of the list, without what the list reads besides."""
    return Registration.objects.filter(pk__in=registrations.order_by().values("pk")).order_by("event", "-created_at")
