from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sessions_app.timetable import Slot, lay_out

NINE = datetime(2026, 3, 22, 9, tzinfo=UTC)


def test_sessions_flow_one_after_the_other_by_their_lengths() -> None:
    placed = lay_out([Slot(45), Slot(30), Slot(60)])

    assert [(one.offset, one.start) for one in placed] == [(0, None), (45, None), (75, None)]


def test_a_start_gives_every_session_its_clock_time() -> None:
    placed = lay_out([Slot(45), Slot(30)], NINE)

    assert [one.start for one in placed] == [NINE, NINE.replace(minute=45)]
    assert placed[1].end == NINE.replace(hour=10, minute=15)


def test_a_pinned_session_stays_and_the_later_ones_flow_on_from_it() -> None:
    placed = lay_out([Slot(45), Slot(60, pin=NINE.replace(hour=10)), Slot(15)], NINE)

    assert [one.offset for one in placed] == [0, 60, 120]
    assert [one.slack for one in placed] == [0, 15, 0]


def test_an_overrun_shows_as_negative_slack() -> None:
    placed = lay_out([Slot(90), Slot(60, pin=NINE.replace(hour=10))], NINE)

    assert placed[1].slack == -30


def test_a_pin_gives_a_block_without_start_its_clock() -> None:
    placed = lay_out([Slot(45), Slot(60, pin=NINE.replace(minute=45))])

    assert placed[0].start == NINE


def test_lengths_hold_through_the_night_the_clocks_change() -> None:
    start = datetime(2026, 3, 8, 1, 30, tzinfo=ZoneInfo("America/New_York"))

    [placed] = lay_out([Slot(60)], start)

    assert placed.end
    assert placed.end.astimezone(ZoneInfo("America/New_York")).hour == 3


def test_what_flows_waits_for_a_long_session_that_a_pin_was_put_into() -> None:
    placed = lay_out([Slot(180), Slot(30, pin=NINE.replace(hour=10)), Slot(15)], NINE)

    assert [(one.offset, one.slack) for one in placed] == [(0, 0), (60, -120), (180, 0)]
