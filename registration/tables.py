"""Registrations as a table, CSV or XLSX, for organizers to take along. registration.intake reads tables."""

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from django.db.models import Prefetch, QuerySet

from portal.models import Event
from portal.text import cell_text
from registration import labs
from registration.forms import PREFIX
from registration.makers import maker
from registration.models import Answer, CheckIn, LabSeat, Question, Registration
from registration.seating import lab_seat_in_words

HEADER = ["name", "email", "affiliation", "event", "ticket type", "state", "place", "registered at", "checked in at"]
LANGUAGE = "language"  # only where there are several
LAB_SEATS = "lab seats"  # only where there are labs
PRIVATE = ["note"]
MARK = "\ufeff"  # Excel reads the file as UTF-8 by it
CHUNK = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type Column = Callable[[Registration], Any]


class Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(registrations: QuerySet[Registration]) -> Iterator[str]:
    writer = csv.writer(Line())
    for number, row in enumerate(rows(registrations)):
        line = writer.writerow([cell_text(value) if isinstance(value, str) else value for value in row])
        yield line if number else MARK + line


def xlsx_file(registrations: QuerySet[Registration]) -> IO[bytes]:
    file: IO[bytes] = maker("workbook")("Registrations", rows(registrations))
    return file


def rows(registrations: QuerySet[Registration]) -> Iterator[list[Any]]:
    """The header, then a row each, read step by step. The questions are those of all events in the list."""
    events = registrations.order_by().values("event").distinct()
    questions = list(Question.objects.filter(event__in=events).order_by("event", "position", "pk"))
    with_languages = Event.objects.filter(pk__in=events).exclude(languages="")
    titles = labs.titles(events)
    perhaps: dict[str, Column] = {}
    if any(one.languages_to_choose for one in with_languages):
        perhaps[LANGUAGE] = lambda one: one.spoken
    if titles:
        perhaps[LAB_SEATS] = lambda one: seats_said(one, titles)
    yield [*HEADER, *perhaps, *PRIVATE, *map(title_of, questions)]
    door, seats = CheckIn.objects.at_the_door(), LabSeat.objects.standing()
    found = registrations.select_related("event", "ticket_type").prefetch_related(
        Prefetch("answers", Answer.objects.all()),
        Prefetch("check_ins", door, to_attr="door_check_ins"),
        Prefetch("lab_seats", seats),
    )
    for one in found.iterator(chunk_size=CHUNK):
        yield row(one, perhaps.values(), questions)


def title_of(question: Question) -> str:
    return PREFIX + question.key if question.key in {*HEADER, LANGUAGE, LAB_SEATS, *PRIVATE} else question.key


def row(registration: Registration, perhaps: Iterable[Column], questions: Iterable[Question]) -> list[Any]:
    given = {one.question_id: one for one in registration.answers.all()}
    came = [one.at for one in registration.door_check_ins]  # type: ignore[attr-defined]
    return [
        registration.name,
        registration.email,
        registration.affiliation,
        registration.event.slug,
        registration.ticket_type.name,
        registration.state,
        registration.place,
        moment(registration, registration.created_at),
        moment(registration, min(came)) if came else None,
        *(value(registration) for value in perhaps),
        registration.note,
        *(said(given.get(question.pk)) for question in questions),
    ]


def seats_said(registration: Registration, titles: dict[int, str]) -> str:
    """By lab: "Hands-on: seat; Agents: place 3 in line"."""
    return "; ".join(f"{titles[one.lab_id]}: {lab_seat_in_words(one)}" for one in registration.lab_seats.all())


def moment(registration: Registration, at: Any) -> str:
    text: str = at.astimezone(registration.event.zone).isoformat(timespec="minutes")
    return text


def said(answer: Answer | None) -> Any:
    if answer is None:
        return None
    if answer.file:
        return answer.filename
    if isinstance(answer.value, bool):
        return "yes" if answer.value else "no"
    return "; ".join(answer.value) if isinstance(answer.value, list) else answer.value
