from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.templatetags import look, words


@pytest.mark.parametrize(("minutes", "said"), [(45, "45 min"), (60, "1 h"), (210, "3 h 30 min"), (0, "0 min")])
def test_lengths(minutes: int, said: str) -> None:
    assert words.length(minutes) == said


@pytest.mark.parametrize(("minutes", "said"), [(0, "+0:00"), (45, "+0:45"), (165, "+2:45"), (605, "+10:05")])
def test_offsets(minutes: int, said: str) -> None:
    assert words.offset(minutes) == said


def test_clock_times_have_24_hours_and_iso_times_their_offset() -> None:
    moment = datetime(2026, 3, 22, 13, 5, 59, tzinfo=UTC)

    assert (words.clock(moment), words.iso(moment)) == ("13:05", "2026-03-22T13:05+00:00")


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (None, "Sunday, March 22, 2026"),
        (date(2026, 3, 22), "Sunday, March 22, 2026"),
        (date(2026, 3, 24), "March 22 – 24, 2026"),
        (date(2026, 4, 1), "March 22 – April 1, 2026"),
        (date(2027, 1, 2), "March 22, 2026 – January 2, 2027"),
    ],
)
def test_several_days_name_month_and_year_once(last: date | None, said: str) -> None:
    assert words.through(date(2026, 3, 22), last) == said


def test_the_evening_of_one_day_is_still_that_day() -> None:
    assert words.through(datetime(2026, 3, 22, 8), datetime(2026, 3, 22, 20)) == "Sunday, March 22, 2026"


def test_a_moment_is_shown_on_the_day_of_its_zone() -> None:
    moment = words.at(datetime(2026, 2, 17, 3, tzinfo=UTC), ZoneInfo("America/New_York"))

    assert words.day(moment) == "February 16, 2026"


@pytest.mark.parametrize(
    ("octets", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2_140_000, "2.1 MB"), (10**9, "1.0 GB")]
)
def test_sizes(octets: int, said: str) -> None:
    assert words.size(octets) == said


@pytest.mark.parametrize(
    ("minutes", "drawn"), [(1, 5), (7, 5), (45, 45), (47, 45), (127, 120), (130, 135), (1440, 240)]
)
def test_drawn_lengths_are_those_the_stylesheet_has(minutes: int, drawn: int) -> None:
    assert words.step(minutes) == drawn


def test_short_hyphenated_words_of_a_title_stay_together_and_the_rest_is_escaped() -> None:
    shown = look.unbroken("<b>Large-Scale & extra-extraordinarily-long-words")

    assert shown == '&lt;b&gt;<span class="nb">Large-Scale</span> &amp; extra-extraordinarily-long-words'
