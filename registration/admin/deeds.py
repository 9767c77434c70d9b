"""What organizers do with registrations: let people in or not, and move them in the line; all of it is logged."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from portal.audit import note
from portal.languages import own_name
from portal.organizing import of_event
from registration import attachments, booking, certificates, consents, line, seating
from registration.admin.filters import InLineForLab, chosen_lab
from registration.admin.labs import title_of
from registration.booking import BookingError
from registration.forms import LineField, OrganizersForm
from registration.models import Answer, Certificate, LabSeat, Registration
from registration.reception import Reception

State = Registration.State
LISTED = 30  # of those to whom something is to be done
ENDING = ["cancel", "decline"]
REPEATED = ["action", "select_across", "ticket_type", ACTION_CHECKBOX_NAME]


class MoveForm(forms.Form):
    position = forms.IntegerField(
        label="New position",
        min_value=1,
        max_value=10**6,
        help_text="1 is the first in line.",
        widget=forms.NumberInput({"class": "input"}),
    )
    reason = LineField(label="Reason", autocomplete="off", help_text="Stays in the history of the registration.")


class Deeds:
    """For the admin of registrations."""

    deeds: ClassVar[list[str]] = ["approve", "decline", "move", "revoke_certificate", "allow_certificate"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view  # type: ignore[attr-defined]
        own = [
            path("<int:pk>/answers/", view(self.answers_page), name="registration-answers"),
            path("<int:pk>/move/", view(self.move_page), name="registration-move"),
            path("lab-seats/<int:pk>/move/", view(self.move_in_lab_page), name="registration-move-in-lab"),
            path("files/<int:pk>/", view(self.file), name="registration-file"),
        ]
        return [*own, *super().get_urls()]  # type: ignore[misc]

    @admin.display(description="answers")
    def said(self, registration: Registration) -> str:
        """Each question with its answer, files as links, and the language of mails where there are several."""
        answers = registration.answers.select_related("question")
        said = [(one.question.lead, shown(one)) for one in answers]
        if registration.spoken:
            said.append(("Language of mails:", own_name(registration.spoken)))
        lines = format_html_join("", "<p>{} {}</p>", said)
        if registration.has_ended:
            return lines or "–"
        return format_html('{}<p><a href="{}">Edit</a></p>', lines, answers_path(registration))

    @admin.display(description="certificates")
    def certified(self, registration: Registration) -> str:
        """The code of each as a link to what the public is told of it."""
        made = registration.certificates.select_related("event")
        return format_html_join("", '<p><a href="{}">{}</a>{}</p>', map(certificate_shown, made)) or "–"

    @admin.action(description="Approve", permissions=["change"])
    def approve(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        waiting = registrations.filter(state__in=[State.AWAITING_APPROVAL, State.DECLINED]).order_by("pk")
        what = "Each gets a seat or, where none is free, a place on the waitlist; and a mail that says so."
        return self.each(request, list(waiting), booking.approve, "Approved.", ask="Approve {}", what=what)

    @admin.action(description="Decline", permissions=["change"])
    def decline(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        alive = registrations.exclude(state__in=Registration.ENDED).order_by("pk")
        what = "Each loses the seat or place and gets a mail. Free seats go to the waitlist at once."
        return self.each(request, list(alive), booking.decline, "Declined.", ask="Decline {}", what=what)

    def each(
        self,
        request: HttpRequest,
        rows: list[Registration],
        act: Any,
        said: str,
        *,
        ask: str,
        what: str,
        is_mailed: bool = True,
    ) -> HttpResponse | None:
        """Do it to all of them, once the button of a page that shows them is pressed; it tells whom the page was about.
        Where more have come since, nobody has agreed to them."""
        if not rows:
            messages.warning(request, "Of those chosen there is nobody it could be done to.")
            return None
        if "shown" not in request.POST:
            return self.ask(request, rows, ask, what)
        if not {str(one.pk) for one in rows} <= {*request.POST["shown"].split()}:
            messages.warning(request, "The list has grown meanwhile, so nothing was done. Look at it again.")
            return self.ask(request, rows, ask, what)
        done = []
        for registration in rows:
            try:
                done.append(act(registration))
            except BookingError as error:
                messages.warning(request, f"{registration}: {error}")
        note(request, done, said)
        mailed = " Each of them gets a mail." if is_mailed else ""
        messages.success(request, f"{said.rstrip('.')}: {len(done)}.{mailed}")
        return None

    def ask(self, request: HttpRequest, rows: list[Registration], ask: str, what: str) -> HttpResponse:
        deed = ask.replace("{}", "1 registration" if len(rows) == 1 else f"{len(rows)} registrations", 1)
        event = getattr(request, "edited", None)
        context = self.admin_site.each_context(request) | of_event(request, event)  # type: ignore[attr-defined]
        context |= {"title": deed, "what": what, "rows": rows[:LISTED], "more": max(len(rows) - LISTED, 0)}
        context |= {"shown": " ".join(str(one.pk) for one in rows), "is_ending": request.POST["action"] in ENDING}
        sent = [(name, value) for name in REPEATED for value in request.POST.getlist(name)]
        return render(request, "admin/registrations_sure.html", context | {"sent": sent})

    @admin.action(description="Move in the waitlist…", permissions=["change"])
    def move(self, request: HttpRequest, registrations: QuerySet[Registration]) -> HttpResponse | None:
        """In the line for the lab that the list is narrowed to, if it is to one."""
        if registrations.count() != 1:
            messages.warning(request, "Choose one person to move.")
            return None
        registration = registrations.get()
        if lab := chosen_lab(request, InLineForLab):
            return redirect("admin:registration-move-in-lab", registration.lab_seats.get(lab=lab).pk)
        return redirect("admin:registration-move", registration.pk)

    @admin.action(description="Revoke the certificate of attendance", permissions=["change"])
    def revoke_certificate(self, request: HttpRequest, registrations: QuerySet[Registration]) -> None:
        of_these = registrations.order_by().values("pk")
        valid = Certificate.objects.filter(registration__in=of_these, revoked_at=None).select_related("registration")
        revoked = [one for one in valid if certificates.revoke(one)]
        for one in revoked:
            note(request, [one.registration], f"Revoked the certificate {one.code}.")
        messages.success(request, f"Certificates revoked: {len(revoked)}. Nobody makes another unless you allow it.")

    @admin.action(description="Allow another certificate after a revoked one", permissions=["change"])
    def allow_certificate(self, request: HttpRequest, registrations: QuerySet[Registration]) -> None:
        allowed = [one for one in registrations if certificates.allow_another(one)]
        note(request, allowed, "Allowed another certificate.")
        messages.success(request, f"May make another certificate: {len(allowed)}.")

    def answers_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the person can edit on their own page, edited for them."""
        registration = self.own(request, pk)
        reception = Reception(registration.event)
        sent = [request.POST, request.FILES] if request.method == "POST" else []
        form = OrganizersForm(registration, reception, *sent)
        if form.is_valid():
            before = told(registration)
            try:
                edited = booking.edit(registration, **form.details, source=consents.ADMIN)
            except BookingError as error:
                form.refuse(error)
            else:
                changed = {label for label, _ in told(edited) ^ before}
                note(request, [edited], f"Edited: {', '.join(sorted(changed)) or 'nothing'}.")
                messages.success(request, f"Saved for {edited}.")
                return redirect("admin:registration_registration_change", registration.pk)
        return self.page(request, "admin/registration_answers.html", "Answers", registration, form)

    def move_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        registration = self.own(request, pk)
        return self.moving(request, registration, registration, "")

    def move_in_lab_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        seat = LabSeat.objects.annotate(title=title_of("lab__session")).select_related("lab").filter(pk=pk).first()
        if seat is None:
            raise Http404("There is no such lab seat.")
        registration = seat.registration = self.own(request, seat.registration_id)
        return self.moving(request, registration, seat, f" for “{seat.title or seat.lab}”")

    def moving(
        self, request: HttpRequest, registration: Registration, waiting: Registration | LabSeat, what: str
    ) -> HttpResponse:
        """In the line for the ticket or, with `what` it is for, for a lab."""
        now = {"position": seating.ahead_of(waiting) + 1}
        form = MoveForm(request.POST if request.method == "POST" else None, initial=now)
        if form.is_valid():
            position = form.cleaned_data["position"]
            try:
                line.move(waiting, position)
                note(
                    request,
                    [registration],
                    f"Moved to position {position} in line{what}: {form.cleaned_data['reason']}",
                )
                messages.success(request, f"{registration} is moved; the history keeps the reason.")
                return redirect("admin:registration_registration_change", registration.pk)
            except BookingError as error:
                form.add_error(None, str(error))
        title = f"Move {registration} in the waitlist{what}"
        return self.page(request, "admin/registration_move.html", title, registration, form)

    def page(
        self, request: HttpRequest, template: str, title: str, registration: Registration, form: forms.Form
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | of_event(request, registration.event)  # type: ignore[attr-defined]
        context |= {"form": form, "registration": registration, "title": title}
        return render(request, template, context, status=422 if form.errors else 200)

    def file(self, request: HttpRequest, pk: int) -> Any:
        answer = Answer.objects.exclude(file="").select_related("registration").filter(pk=pk).first()
        if answer is None:
            raise Http404("There is no such file.")
        self.own(request, answer.registration_id)
        return attachments.download(answer)

    def own(self, request: HttpRequest, pk: int) -> Registration:
        """A registration of an event this user may work on; others look like missing ones."""
        found = self.get_queryset(request).filter(pk=pk).first()  # type: ignore[attr-defined]
        if not isinstance(found, Registration):
            raise Http404("There is no such registration.")
        return found


def certificate_shown(certificate: Certificate) -> tuple[str, str, str]:
    revoked = " (revoked; another is allowed)" if certificate.allows_another else " (revoked)"
    return certificates.address_of(certificate), certificate.code, revoked if certificate.revoked_at else ""


def shown(answer: Answer) -> str:
    if not answer.file:
        return answer.words
    return format_html('<a href="{}">{}</a>', reverse("admin:registration-file", args=[answer.pk]), answer.filename)


def answers_path(registration: Registration) -> str:
    return reverse("admin:registration-answers", args=[registration.pk])


def told(registration: Registration) -> set[tuple[str, str]]:
    """What a person has said, each part below its label."""
    answers = registration.answers.select_related("question")
    person = {
        "Name": registration.name,
        "Affiliation": registration.affiliation,
        "Language of mails": registration.spoken,
        "Ticket": registration.ticket_type.name,
    }
    return {*person.items(), *((one.question.label, one.words + one.sha256) for one in answers)}
