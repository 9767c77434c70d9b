"""Lists of people as tables: what an organizer takes along."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from portal.models import Event
from registration.models import Answer, Choice, Question, Registration
from registration.tables import csv_lines, xlsx_file
from tests.factories import (
    NOON,
    make_check_in,
    make_event,
    make_lab,
    make_lab_seat,
    make_program,
    make_registration,
    make_release,
    make_ticket_type,
)

pytestmark = pytest.mark.django_db
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 3, name="On site")
    return event


def ask(event: Event, label: str, kind: str, *choices: str, **fields: Any) -> Question:
    question = Question.objects.create(event=event, label=label, kind=kind, **fields)
    for text in choices:
        Choice.objects.create(question=question, text=text)
    return question


def read_csv(rows: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO("".join(csv_lines(rows)).removeprefix("\ufeff"))))


def read_xlsx(rows: Any) -> list[tuple[Any, ...]]:
    return list(load_workbook(xlsx_file(rows)).worksheets[0].iter_rows(values_only=True))


class TestOut:
    def test_answers_and_check_ins_have_columns(self, event: Event) -> None:
        diet = ask(event, "Diet", "many", "Vegan", "Halal")
        photos = ask(event, "Photos", "yes_no")
        ada = make_registration(event, name="Ada", note="Speaks at dinner")
        Answer.objects.create(registration=ada, question=diet, value=["Vegan", "Halal"])
        Answer.objects.create(registration=ada, question=photos, value=False)
        make_check_in(ada)

        head, line = read_csv(event.registrations.all())

        found = dict(zip(head, line, strict=True))
        assert (found["diet"], found["photos"], found["note"]) == ("Vegan; Halal", "no", "Speaks at dinner")
        assert found["checked in at"] != ""

    def test_lab_seats_have_a_column_where_there_are_labs(self, event: Event) -> None:
        first, _, second, third = make_program(event, 3)
        make_release(event)
        ada = make_registration(event, name="Ada")
        for session, is_waitlisted in ((first, False), (second, True)):
            make_lab_seat(ada, make_lab(event, session), is_waitlisted=is_waitlisted)
        make_lab_seat(ada, make_lab(event, third), hold_until=NOON)

        head, line = read_xlsx(event.registrations.all())

        offered = "Part 3: offered until January 15, 2026 at 07:00 EST"
        said = f"Part 1: seat; Part 2: place 1 in line; {offered}"
        assert dict(zip(head, line, strict=True))["lab seats"] == said
        assert "lab seats" not in read_csv(Registration.objects.none())[0]

    @pytest.mark.parametrize("text", FORMULAS)
    def test_no_text_is_a_formula_in_a_csv(self, event: Event, text: str) -> None:
        make_registration(event, name=text)

        assert read_csv(event.registrations.all())[1][0][0] == "'"

    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    @pytest.mark.parametrize("text", ["Ada;=1+1", 'Ada";-1;@SUM(A1)', "Ada\t+1", "Ada\n=1+1;x"])
    def test_no_text_is_a_formula_where_cells_are_parted_elsewhere(
        self, event: Event, text: str, separator: str
    ) -> None:
        make_registration(event, name=text, note=text)

        lines = "".join(csv_lines(event.registrations.all())).splitlines()

        cells = [cell for line in lines for cell in next(csv.reader([line], delimiter=separator))]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []

    @pytest.mark.parametrize("text", FORMULAS)
    def test_a_text_stays_a_text_in_an_xlsx(self, event: Event, text: str) -> None:
        make_registration(event, name=text)

        cell = load_workbook(xlsx_file(event.registrations.all())).worksheets[0]["A2"]

        assert (cell.data_type, cell.value.strip()) == ("s", text.strip())

    def test_what_an_xlsx_can_not_hold_is_left_out(self, event: Event) -> None:
        make_registration(event, name="A\x0bda")

        assert read_xlsx(event.registrations.all())[1][0] == "Ada"

    @pytest.mark.parametrize("count", [1, 3, 501])
    def test_it_reads_step_by_step(self, event: Event, count: int, django_assert_num_queries) -> None:
        event.ticket_types.update(capacity=None)
        ask(event, "Diet", "text")
        people = [
            Registration(
                event=event,
                ticket_type=event.ticket_types.get(),
                name="P",
                email=f"p{n}@x.org",
                email_key=f"p{n}@x.org",
                key=str(n),
            )
            for n in range(count)
        ]
        Registration.objects.bulk_create(people)

        with django_assert_num_queries(7 if count < 500 else 10):
            assert len(read_csv(event.registrations.all())) == count + 1
