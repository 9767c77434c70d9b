import math
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from registration import questions
from registration.models import Question, TicketType
from tests.factories import make_event, make_question, make_ticket_type

pytestmark = pytest.mark.django_db
Kind = Question.Kind
LINES = questions.LONGEST_LINE


def check(question: Question, value: object, ticket_type: TicketType | None = None) -> object:
    """The answer that is kept, or what is wrong."""
    answers, errors = questions.check(questions.of(question.event), ticket_type, {question.key: value})
    return errors[question.key] if errors else answers.get(question)


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (Kind.TEXT, "  two\r\nlines\x00 ", "two lines"),
        (Kind.TEXT, "", None),
        (Kind.TEXT, "\u202e", None),
        (Kind.LONG, "one\r\ntwo\r\n", "one\ntwo"),
        (Kind.NUMBER, "12", 12),
        (Kind.NUMBER, " 2,5 ", 2.5),
        (Kind.NUMBER, 7, 7),
        (Kind.NUMBER, -1.5, -1.5),
        (Kind.YES_NO, "yes", True),
        (Kind.YES_NO, "No", False),
        (Kind.YES_NO, False, False),
        (Kind.YES_NO, "", None),
        (Kind.CONSENT, True, True),
        (Kind.CONSENT, False, False),
        (Kind.CHOICE, "Tea", "Tea"),
        (Kind.MANY, ["Coffee", "Tea"], ["Tea", "Coffee"]),
        (Kind.MANY, [], None),
    ],
)
def test_an_answer_is_kept_in_the_form_of_its_kind(kind: str, given: object, kept: object) -> None:
    question = make_question(make_event(), kind=kind, choices=("Tea", "Coffee"))

    assert check(question, given) == kept


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (Kind.TEXT, 7, "This has to be a text."),
        (Kind.TEXT, {"a": "b"}, "This has to be a text."),
        (Kind.TEXT, "a" * (LINES + 1), f"This may have {LINES} characters; it has {LINES + 1}."),
        (Kind.NUMBER, "seven", "This has to be a number, such as 12 or 2.5."),
        (Kind.NUMBER, True, "This has to be a number, such as 12 or 2.5."),
        (Kind.NUMBER, math.nan, "This has to be a number, such as 12 or 2.5."),
        (Kind.NUMBER, "1e999", "This has to be a number, such as 12 or 2.5."),
        (Kind.NUMBER, 10**400, "This has to be a number, such as 12 or 2.5."),
        (Kind.YES_NO, "perhaps", "Say yes or no."),
        (Kind.YES_NO, 1, "Say yes or no."),
        (Kind.CHOICE, "Milk", "This isn't one of the choices."),
        (Kind.CHOICE, ["Tea"], "This isn't one of the choices."),
        (Kind.MANY, "Tea", "Some of these aren't among the choices."),
        (Kind.MANY, ["Tea", "Milk"], "Some of these aren't among the choices."),
        (Kind.MANY, [{}], "Some of these aren't among the choices."),
        (Kind.FILE, "cv.pdf", "A file can be given on the page only."),
        (Kind.FILE, "kept", "A file can be given on the page only."),
    ],
)
def test_what_is_no_answer_is_refused_with_the_reason(kind: str, given: object, why: str) -> None:
    question = make_question(make_event(), kind=kind, choices=("Tea", "Coffee"))

    assert check(question, given) == why


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        (Kind.TEXT, " ", "Answer this."),
        (Kind.NUMBER, None, "Answer this."),
        (Kind.CHOICE, "", "Choose one."),
        (Kind.MANY, [], "Choose at least one."),
        (Kind.YES_NO, None, "Say yes or no."),
        (Kind.FILE, None, "Choose a file."),
        (Kind.CONSENT, False, "Please tick this: without it we can't register you."),
    ],
)
def test_what_is_required_and_missing_is_said_so(kind: str, given: object, why: str) -> None:
    question = make_question(make_event(), kind=kind, choices=("Tea",), is_required=True)

    assert check(question, given) == why


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("cv.svg", b"<svg onload=alert(1)>", "Files of this type aren't taken."),
        ("cv.html", b"<script>", "Files of this type aren't taken."),
        ("cv.pdf", b"<html>", "This file's content isn't what its name says"),
        ("cv.pdf", b"", "This file is empty."),
        ("../../cv.exe", b"MZ", "Files of this type aren't taken."),
        ("cv.pdf", b"%PDF-" + b"0" * 10_000_001, "This file has 10.0 MB; the limit is 10 MB."),
    ],
)
def test_hostile_files_are_refused(name: str, content: bytes, why: str) -> None:
    question = make_question(make_event(), kind=Kind.FILE)

    assert str(check(question, SimpleUploadedFile(name, content))).startswith(why)


@pytest.mark.sqlite
def test_a_question_that_depends_on_another_is_asked_only_after_its_answer() -> None:
    event = make_event()
    lunch = make_question(event, kind=Kind.YES_NO)
    diet = make_question(event, is_required=True, depends_on=lunch, depends_value="yes")

    def errors(**given: object) -> dict[str, str]:
        return questions.check(questions.of(event), None, given)[1]

    assert [errors(**{lunch.key: said}) for said in ("yes", "no", None)] == [{diet.key: "Answer this."}, {}, {}]


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("wanted", "given", "is_asked"),
    [("Tea", ["Coffee", "Tea"], True), ("Tea", ["Coffee"], False), ("", ["Coffee"], True), ("", [], False)],
)
def test_a_question_may_depend_on_one_of_several_choices(wanted: str, given: list[str], is_asked: bool) -> None:
    event = make_event()
    drinks = make_question(event, kind=Kind.MANY, choices=("Tea", "Coffee"))
    make_question(event, is_required=True, depends_on=drinks, depends_value=wanted)

    _, errors = questions.check(questions.of(event), None, {drinks.key: given})

    assert bool(errors) == is_asked


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("kind", "wanted", "given", "is_asked"),
    [
        (Kind.CHOICE, "no", "no", True),
        (Kind.CHOICE, "", "no", True),
        (Kind.CHOICE, "Tea", "tea", False),
        (Kind.TEXT, "", "no", True),
        (Kind.YES_NO, "", "no", False),
        (Kind.YES_NO, "", "yes", True),
        (Kind.YES_NO, "no", "no", True),
        (Kind.CONSENT, "", False, False),
        (Kind.CONSENT, "no", False, True),
        (Kind.CONSENT, "no", True, False),
    ],
)
def test_after_an_answer_is_meant_as_it_is_written(kind: str, wanted: str, given: object, is_asked: bool) -> None:
    event = make_event()
    above = make_question(event, kind=kind, choices=("no", "tea", "Tea") if kind == Kind.CHOICE else ())
    make_question(event, is_required=True, depends_on=above, depends_value=wanted)

    _, errors = questions.check(questions.of(event), None, {above.key: given})

    assert bool(errors) == is_asked


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("kind", "wanted", "spelled"),
    [
        (Kind.CHOICE, "VEGAN", "Vegan"),
        (Kind.CHOICE, "Fish", "Fish"),
        (Kind.YES_NO, "True", "yes"),
        (Kind.CONSENT, "No", "no"),
        (Kind.TEXT, "Vegan", "Vegan"),
    ],
)
def test_conditions_from_before_are_spelled_as_what_they_meant(kind: str, wanted: str, spelled: str) -> None:
    event = make_event()
    above = make_question(event, kind=kind, choices=("Vegan",) if kind == Kind.CHOICE else ())
    below = make_question(event, depends_on=above, depends_value=wanted)

    import_module("registration.migrations.0013_spell_conditions_as_their_choices").spell(apps, None)

    below.refresh_from_db()
    assert below.depends_value == spelled


def test_a_question_of_a_ticket_is_asked_with_that_ticket_only() -> None:
    event = make_event()
    student, other = make_ticket_type(event, name="Student"), make_ticket_type(event, name="Other")
    card = make_question(event, is_required=True)
    card.ticket_types.set([student])

    found = [questions.check(questions.of(event), ticket, {})[1] for ticket in (student, other, None)]

    assert found == [{card.key: "Answer this."}, {}, {}]


def test_an_answer_to_what_is_not_asked_is_not_kept() -> None:
    event = make_event()
    above = make_question(event, kind=Kind.YES_NO)
    below = make_question(event, depends_on=above, depends_value="yes")

    answers, errors = questions.check(questions.of(event), None, {above.key: "no", below.key: "secret"})

    assert (answers, errors) == ({above: False}, {})


@pytest.mark.parametrize("number", [1, 3, 30])
def test_questions_are_read_in_three_queries_however_many_there_are(number: int, django_assert_num_queries) -> None:
    event = make_event()
    ticket_type = make_ticket_type(event)
    for _ in range(number):
        make_question(event, kind=Kind.CHOICE, choices=("Tea", "Coffee")).ticket_types.set([ticket_type])

    with django_assert_num_queries(3):
        found = questions.of(event)
        questions.check(found, ticket_type, {})

    assert len(found) == number
