"""Pages about the people of an event in the admin: their figures, and lists of them that are taken in."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from portal.audit import note
from portal.desk import organized, page
from portal.models import Role
from registration import alike, intake, tallies
from registration.intake import IntakeError

INVALID = 422


class IntakeForm(forms.Form):
    file = forms.FileField(
        label="Table",
        help_text="CSV in UTF-8, or XLSX. The first line names the columns.",
        widget=forms.FileInput({"class": "input"}),
    )
    confirms = forms.BooleanField(
        label="These addresses are right: confirm at once, without a link", required=False, initial=False
    )


@require_safe
def figures(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk, Role.REGISTRATIONS)
    bars = tallies.over_time(event)
    context = page(request, event, "Figures") | {
        "states": tallies.by_state(event),
        "tickets": tallies.by_ticket(event),
        "bars": bars,
        "first": bars[0] if bars else None,
        "last": bars[-1] if bars else None,
        "summaries": tallies.summaries(event),
    }
    return render(request, "admin/event_figures.html", context)


@require_safe
def look_alikes(request: HttpRequest, pk: int) -> HttpResponse:
    event = organized(request, pk, Role.REGISTRATIONS)
    context = page(request, event, "Look-alikes") | {"groups": alike.groups(event), "most": alike.MOST}
    return render(request, "admin/event_alike.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Checks a table or registers everybody in it, all or nobody."""
    event = organized(request, pk, Role.REGISTRATIONS)
    form = IntakeForm(request.POST, request.FILES) if request.method == "POST" else IntakeForm()
    report = None
    if form.is_valid():
        is_dry = "import" not in request.POST
        try:
            data = form.cleaned_data["file"].read(intake.MOST_MEGABYTES * 1_000_000 + 1)
            report = intake.take_in(event, data, is_dry=is_dry, confirms=form.cleaned_data["confirms"])
        except IntakeError as error:
            form.add_error("file", str(error))
    if report and report.is_done:
        note(request, [event], f"Registered {report.registered} people from a table.")
        messages.success(request, f"{report.registered} registered.")
    context = page(request, event, "Take in a list") | {"form": form, "report": report, "most": intake.MOST_ROWS}
    failed = bool(form.errors) or bool(report and report.errors)
    return render(request, "admin/event_take_in.html", context, status=INVALID if failed else 200)
