from datetime import UTC, datetime

import pytest

from portal.templatetags import words


@pytest.mark.parametrize(("minutes", "said"), [(45, "45 min"), (60, "1 h"), (210, "3 h 30 min"), (0, "0 min")])
def test_lengths(minutes: int, said: str) -> None:
    assert words.length(minutes) == said


@pytest.mark.parametrize(("minutes", "said"), [(0, "+0:00"), (45, "+0:45"), (165, "+2:45"), (605, "+10:05")])
def test_offsets(minutes: int, said: str) -> None:
    assert words.offset(minutes) == said


def test_clock_times_have_24_hours_and_iso_times_their_offset() -> None:
    moment = datetime(2026, 3, 22, 13, 5, 59, tzinfo=UTC)

    assert (words.clock(moment), words.iso(moment)) == ("13:05", "2026-03-22T13:05+00:00")
