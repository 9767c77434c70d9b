"""A look at the clock before a form is saved."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.models import Event
from portal.organizing import of_event
from sessions_app.drafts import program_of
from sessions_app.review import Review, review

BUTTONS = {"csrfmiddlewaretoken", "_check", "_edit"}
LEFT_OUT = 12  # conflicts that are told before the rest is only counted


class Reviewed:
    """For admin forms that change the program. What new conflicts of time it would make is shown before it is saved,
    and so are all times when that is asked for by “Check times”.

    The form is saved, looked at and taken back in one transaction, so that what is shown is what would be."""

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        row = super().save_form(request, form, change)  # type: ignore[misc]
        request.draft = program_of(event_of(row)) if event_of(row).pk else None  # type: ignore[attr-defined]
        return row

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        response: HttpResponse = reviewed(request, obj) or super().response_change(request, obj)  # type: ignore[misc]
        return response

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        response: HttpResponse = reviewed(request, obj) or super().response_add(request, obj, post_url_continue)  # type: ignore[misc]
        return response


def event_of(row: Any) -> Event:
    return row if isinstance(row, Event) else row.event


def reviewed(request: HttpRequest, row: Any) -> HttpResponse | None:
    """The page that shows what would be, if there is something to show; nothing is saved then."""
    before = getattr(request, "draft", None)
    if before is None or "_reviewed" in request.POST:
        return None
    found = review(before, program_of(event_of(row)))
    if not found.news and "_check" not in request.POST:
        return None
    page = review_page(request, event_of(row), found)
    transaction.set_rollback(True)
    return page


def review_page(request: HttpRequest, event: Event, found: Review) -> HttpResponse:
    context = admin.site.each_context(request) | of_event(request, event)
    context |= {
        "title": "Times, before they are saved",
        "review": found,
        "news": found.news[:LEFT_OUT],
        "more": max(0, len(found.news) - LEFT_OUT),
        "zone": event.timezone,
        "fields": [(name, value) for name, values in request.POST.lists() if name not in BUTTONS for value in values],
    }
    return render(request, "admin/times_review.html", context)
