from datetime import UTC, date, datetime

import pytest

from sessions_app.importers.report import ImportFailed, Known
from tests.sessions_app.importers.page.reading import program_page, read, titles

KNOWN = Known(timezone="Europe/Berlin", event_starts_on=date(2026, 7, 1))


def test_the_first_time_is_the_blocks_start_and_what_flows_on_is_not_pinned() -> None:
    reading = read(program_page("9:00–9:45 One", "9:45–10:00 Break", "10:30 - 11:00 Two"), KNOWN)

    assert [block.start for block in reading.program.blocks] == [datetime(2026, 7, 1, 7, tzinfo=UTC)]
    assert [(item.offset, item.is_pinned) for item in reading.program.items] == [
        (0, False),
        (45, False),
        (90, True),
    ]


def test_without_a_zone_the_lengths_are_kept_and_each_time_is_remarked() -> None:
    reading = read(program_page("9:00–9:45 One", "10:00 - 11:00 Two"), Known(event_starts_on=date(2026, 7, 1)))

    assert titles(reading) == [("One", 45), ("Two", 60)]
    assert reading.program.blocks[0].start is None
    assert [remark.line for remark in reading.report.remarks] == [3, 4]


def test_the_zone_asked_for_goes_before_the_pages_and_that_before_the_events() -> None:
    text = "A Page\nTime zone: Asia/Tokyo\n"

    assert read(text, Known(timezone="Europe/Paris")).facts.timezone == "Europe/Paris"
    assert read(text, Known(event_timezone="Europe/Paris")).program.timezone == "Asia/Tokyo"
    assert read("A Page", Known(event_timezone="Europe/Paris")).program.timezone == "Europe/Paris"


def test_a_time_that_the_change_of_clocks_leaves_out_is_refused() -> None:
    with pytest.raises(ImportFailed, match=r"line 3: .* 02:30 does not exist on that day in Europe/Berlin"):
        read(program_page("02:30-03:30 Night shift"), Known("Europe/Berlin", "", date(2026, 3, 29)))


def test_a_session_may_end_after_midnight() -> None:
    assert titles(read(program_page("23:30-00:30 Night shift"), KNOWN)) == [("Night shift", 60)]


def test_the_clock_wins_over_a_length_that_says_otherwise() -> None:
    reading = read(program_page("9:00–9:45 One (30 minutes)"), KNOWN)

    assert titles(reading) == [("One", 45)]
    assert [remark.reason for remark in reading.report.remarks] == [
        "Says 30 minutes, but 45 by the clock, which are used."
    ]
