"""Answers to the organizers' questions in a list that is taken in."""

from typing import Any

import pytest

from portal.models import Event
from registration.intake import IntakeError, Report, take_in
from registration.models import Answer, Choice
from registration.tables import csv_lines
from tests.factories import make_event, make_question, make_registration, make_ticket_type

pytestmark = pytest.mark.django_db


def take(event: Event, *lines: str, is_dry: bool = False) -> Report:
    return take_in(event, "\n".join(lines).encode(), is_dry=is_dry, confirms=False)


def answers(event: Event) -> dict[str, Any]:
    return {one.question.key: one.value for one in Answer.objects.filter(registration__event=event)}


def test_each_kind_is_read_as_on_the_page_by_label_or_key(event: Event) -> None:
    make_question(event, "What do you do?", key="job")
    make_question(event, "About you", kind="long")
    make_question(event, "Size", kind="choice", choices=("M", "L"))
    make_question(event, "Diet", kind="many", choices=("Fish", "Nuts"))
    make_question(event, "Years", kind="number")
    make_question(event, "Lunch", kind="yes_no")
    make_question(event, "Photos", kind="consent")

    report = take(
        event,
        "name,email,What do you DO?,About you,size,diet,years,lunch,photos",
        'Ada,ada@example.org,Research,"one\ntwo",L,Nuts; Fish,"2,5",No,yes',
    )

    assert (report.errors, report.is_done) == ([], True)
    assert answers(event) == {
        "job": "Research",
        "about-you": "one\ntwo",
        "size": "L",
        "diet": ["Fish", "Nuts"],
        "years": 2.5,
        "lunch": False,
        "photos": True,
    }
    assert list(event.registrations.get().consents.values_list("subject", "source")) == [
        ("", "import"),
        ("photos", "import"),
    ]


@pytest.mark.parametrize("is_dry", [True, False])
def test_what_is_no_answer_is_told_at_its_line_and_column_and_nobody_is_taken_in(event: Event, is_dry: bool) -> None:
    make_question(event, "Size", kind="choice", choices=("M", "L"))
    make_question(event, "Years", kind="number")
    make_question(event, "Terms", kind="consent", is_required=True)

    report = take(
        event, "email,years,name,size", "a@x.org,1,Ada,M", "", "b@x.org,old,Bea,XS", "c@x.org,,,", is_dry=is_dry
    )

    missing = "without a column for “terms”: Please tick this: without it we can't register you."
    assert report.errors == [
        f"Line 2, {missing}",
        "Line 4, column D (size): This isn't one of the choices.",
        "Line 4, column B (years): This has to be a number, such as 12 or 2.5.",
        f"Line 4, {missing}",
        "Line 5, column C (name): Write your name.",
        f"Line 5, {missing}",
    ]
    assert (event.registrations.count(), event.mails.count(), Answer.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(("said", "value"), [("yes", True), ("TRUE", True), ("no", False), ("0", False)])
def test_a_consent_is_what_was_said_and_no_word_for_no_is_one(event: Event, said: str, value: bool) -> None:
    make_question(event, "Photos", kind="consent")

    report = take(event, "name,email,photos", f"Ada,ada@example.org,{said}")

    assert (report.errors, answers(event)) == ([], {"photos": value})
    assert event.registrations.get().consents.filter(subject="photos").exists() is value


def test_a_choice_that_is_used_up_within_the_list_is_told_where_it_is(event: Event) -> None:
    make_question(event, "Size", kind="choice", choices=("M", "L"))
    Choice.objects.filter(text="M").update(limit=1)

    report = take(event, "name,email,size", "Ada,a@x.org,M", "Bea,b@x.org,M")

    assert report.errors == ["Line 3, column C (size): “M” is no longer free. Choose something else."]
    assert list(Choice.objects.values_list("taken", flat=True)) == [0, 0]


def test_a_question_is_asked_only_for_its_ticket_be_it_hidden_and_after_its_answer(event: Event) -> None:
    helper = make_ticket_type(event, name="Helper", access_code="sesame")
    shift = make_question(event, "Shift", is_required=True)
    shift.ticket_types.add(helper)
    lunch = make_question(event, "Lunch", kind="yes_no")
    make_question(event, "Diet", depends_on=lunch, depends_value="yes", is_required=True)

    report = take(
        event,
        "name,email,ticket type,shift,lunch,diet",
        "Ada,a@x.org,,ignored,no,ignored",
        "Bea,b@x.org,helper,,yes,",
    )

    assert report.errors == [
        "Line 3, column D (shift): Answer this.",
        "Line 3, column F (diet): Answer this.",
    ]


def test_files_are_left_to_the_page(event: Event) -> None:
    make_question(event, "Card", kind="file", is_required=True)

    report = take(event, "name,email,card", "Ada,a@x.org,card.pdf")

    assert (report.errors, report.ignored, report.registered) == ([], ["card"], 1)
    assert answers(event) == {}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("name,email,size,Size", "There are several columns for the same: see column C (size)."),
        ("name,email,name", "There are several columns for the same: see column A (name)."),
        ("name,email,shoes", "Unknown column “shoes”. Known: affiliation, email, how large?, name, size, ticket type."),
    ],
)
def test_columns_that_can_not_be_told_apart_are_refused(event: Event, header: str, said: str) -> None:
    make_question(event, "How large?", key="size")

    with pytest.raises(IntakeError) as refusal:
        take(event, header)

    assert str(refusal.value) == said


def test_a_question_named_like_a_column_of_ours_goes_out_and_comes_back(event: Event) -> None:
    state = make_question(event, "State")
    ada = make_registration(event, "ada@example.org", name="Ada")
    Answer.objects.create(registration=ada, question=state, value="Ohio")
    elsewhere = make_event()
    make_ticket_type(elsewhere)
    make_question(elsewhere, "State")

    report = take(elsewhere, *csv_lines(event.registrations.all()))

    assert (report.errors, report.registered) == ([], 1)
    assert answers(elsewhere) == {"state": "Ohio"}


@pytest.mark.parametrize("name", ["'t Hooft", "'Abd al-Rahman", "O'Neil", "' "])
def test_an_apostrophe_of_a_name_is_kept(event: Event, name: str) -> None:
    take(event, "name,email", f"{name},a@x.org")

    assert event.registrations.get().name == name.strip()


def test_columns_far_to_the_right_are_called_as_spreadsheets_do(event: Event) -> None:
    for number in range(26):
        make_question(event, f"Q{number}", kind="number")

    report = take(event, "name,email," + ",".join(f"q{n}" for n in range(26)), "Ada,a@x.org" + "," * 23 + ",x,x")

    assert [line.partition(":")[0] for line in report.errors] == [
        "Line 2, column Z (q23)",
        "Line 2, column AA (q24)",
    ]
