"""What the list of registrations can be narrowed to, besides its own columns."""

import json
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest

from portal.models import Event
from portal.organizing import CHOSEN
from portal.text import clean_line
from registration import labs
from registration.alike import alike
from registration.audiences import spoken
from registration.models import Answer, CheckIn, Lab, LabSeat, Question, Registration

Kind = Question.Kind
YES_NO = {"yes": True, "no": False}


def here() -> Exists:
    """Whether the person came in at the door."""
    return Exists(CheckIn.objects.at_the_door().filter(registration=OuterRef("pk")))


class Present(admin.SimpleListFilter):
    title, parameter_name = "at the door", "in"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "In"), ("no", "Not in")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        found = {"yes": here(), "no": ~here()}.get(self.value() or "")
        return queryset if found is None else queryset.filter(found)


class OfOneEvent(admin.SimpleListFilter):
    """Is there only where the list is of one event."""

    def event_id(self, request: HttpRequest) -> int | None:
        chosen = request.GET.get(CHOSEN, "")
        return int(chosen[:18]) if chosen.isascii() and chosen.isdecimal() else None


class OfTicket(admin.RelatedOnlyFieldListFilter):
    """Of the event the list is of, where it is of one."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        event: Event | None = getattr(request, "edited", None)
        if event is None:
            return super().field_choices(field, request, model_admin)
        return [(one.pk, one.name) for one in event.ticket_types.all()]


class InLanguage(admin.SimpleListFilter):
    """Is there only where the list is of one event, which writes in several."""

    title, parameter_name = "language of mails", "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.of: Event | None = getattr(request, "edited", None)
        return list(self.of.languages_to_choose.items()) if self.of else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        value = self.value()
        if not self.of or value not in self.of.languages_to_choose:
            return queryset
        return queryset.filter(spoken(self.of, value))


class Alike(admin.SimpleListFilter):
    """By what a group of the page of those that look alike shares; is there only where one was followed from it."""

    title, parameter_name = "alike", "alike"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        value = request.GET.get(self.parameter_name, "")
        return [(value, clean_line(value))] if value else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        return queryset.filter(alike(clean_line(self.value() or "")))


class InLab(OfOneEvent):
    title, parameter_name = "seat in a lab", "lab"
    state = LabSeat.State.SEAT

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Read once a request, for all filters by a lab."""
        event = self.event_id(request)
        found: dict[int, str] | None = getattr(request, "lab_titles", None)
        if found is None:
            found = request.lab_titles = labs.titles([event] if event else [])  # type: ignore[attr-defined]
        return [(str(pk), title) for pk, title in found.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        if self.value() not in {pk for pk, _ in self.lookup_choices}:
            return queryset
        seats = LabSeat.objects.standing().filter(lab=int(str(self.value())), state=self.state)
        return queryset.filter(Exists(seats.filter(registration=OuterRef("pk"))))


class OfferedInLab(InLab):
    title, parameter_name = "offered seat in a lab", "lab_offer"
    state = LabSeat.State.OFFERED


class InLineForLab(InLab):
    title, parameter_name = "in line for a lab", "lab_line"
    state = LabSeat.State.WAITLISTED


def chosen_lab(request: HttpRequest, narrowed: type[InLab] = InLab) -> Lab | None:
    """The one whose people a list is narrowed to."""
    numbers = [request.GET.get(name, "")[:18] for name in (narrowed.parameter_name, CHOSEN)]
    if not all(one.isascii() and one.isdecimal() for one in numbers):
        return None
    pk, event = map(int, numbers)
    return Lab.objects.filter(pk=pk, event=event).first()


class Answered(OfOneEvent):
    """By what was chosen: the id of the question and the answer, parted by a colon."""

    title, parameter_name = "answer", "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        kinds = [Kind.CHOICE, Kind.MANY, Kind.YES_NO, Kind.CONSENT]
        asked = Question.objects.filter(event=self.event_id(request), kind__in=kinds).prefetch_related("choices")
        return [(f"{one.pk}:{text}", f"{one.lead} {text}") for one in asked for text in self.texts(one)]

    def texts(self, question: Question) -> Iterable[str]:
        return [one.text for one in question.choices.all()] if question.has_choices else YES_NO

    def queryset(self, request: HttpRequest, queryset: QuerySet[Registration]) -> QuerySet[Registration]:
        if self.value() not in {value for value, _ in self.lookup_choices}:
            return queryset
        pk, _, text = str(self.value()).partition(":")
        question = Question.objects.get(pk=pk)
        answers = Answer.objects.filter(question=question, registration=OuterRef("pk"))
        return queryset.filter(Exists(with_value(answers, question, text)))


def with_value(answers: QuerySet[Answer], question: Question, text: str) -> QuerySet[Answer]:
    """A list is looked through as the text it is stored as, which SQLite writes in ASCII."""
    if question.kind != Kind.MANY:
        return answers.filter(value=text if question.has_choices else YES_NO[text])
    stored = answers.annotate(stored=Cast("value", TextField()))
    in_ascii = Q(stored__contains=json.dumps(text))
    return stored.filter(in_ascii | Q(stored__contains=json.dumps(text, ensure_ascii=False)))
