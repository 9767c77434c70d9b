from datetime import date

import pytest

from tests.sessions_app.importers.page.reading import read


@pytest.mark.parametrize(
    "written",
    [
        "February 17, 2026",
        "Feb 17, 2026",
        "Feb. 17 2026",
        "17 February 2026",
        "the 17th of February, 2026",
        "Tuesday, February 17th, 2026",
        "2026-02-17",
        "17.02.2026",
        "2/17/2026",
    ],
)
def test_the_promise_of_a_final_program_is_read_in_many_forms(written: str) -> None:
    sentence = f"Come back later. The final tutorial program will be available by {written}."

    reading = read(f"A Page\nAdditional Information\n{sentence}")

    assert reading.facts.final_program_due == date(2026, 2, 17)
    assert reading.facts.additional == sentence


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("February 30, 2026", "“February 30, 2026” is not a day of the calendar."),
        ("2/3/2026", "“2/3/2026” can be read in two ways. Write the month as a word."),
    ],
)
def test_a_date_that_is_none_or_two_is_remarked(written: str, reason: str) -> None:
    reading = read(f"A Page\nOverview\nThe final program comes on {written}.")

    assert reading.facts.final_program_due is None
    assert [(remark.line, remark.reason) for remark in reading.report.remarks] == [(3, reason)]


def test_other_dates_are_no_promise() -> None:
    assert read("A Page\nOverview\nThe program was made on May 3, 2026.").facts.final_program_due is None


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("March 22–23, 2026", date(2026, 3, 22), date(2026, 3, 23)),
        ("30 March - 2 April 2026", date(2026, 3, 30), date(2026, 4, 2)),
        ("Saturday, March 21 - Sunday, March 22, 2026", date(2026, 3, 21), date(2026, 3, 22)),
        ("22 March 2026", date(2026, 3, 22), None),
    ],
)
def test_the_days_of_the_event_may_be_several(written: str, first: date, last: date | None) -> None:
    facts = read(f"A Page\nDate: {written}").facts

    assert (facts.starts_on, facts.ends_on) == (first, last)


def test_a_date_without_its_year_is_reported() -> None:
    reading = read("A Page\nDate: March 22")

    assert [str(remark) for remark in reading.report.unplaced] == ["line 2: “March 22” – A date without its year."]
