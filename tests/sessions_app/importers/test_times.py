from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from sessions_app.importers.times import Unreadable, minutes_in, moment_in, on_day, zone_named, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "minutes"), [("0:45", 45), ("01:30", 90), ("8:30:00", 510), ("45", 45), ("24:00", 1440)]
)
def test_lengths_are_read_in_all_their_forms(text: str, minutes: int) -> None:
    assert minutes_in(text) == minutes


@pytest.mark.parametrize("text", ["", "0:00", "24:01", "240:00", "-1:00", "1.5", "9" * 400, "PT1H"])
def test_what_is_no_length_of_a_session_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        minutes_in(text)


def test_a_time_has_its_own_offset_or_the_zone_given() -> None:
    assert moment_in("2026-03-22T09:00:00+05:30", BERLIN) == datetime(2026, 3, 22, 3, 30, tzinfo=UTC)
    assert moment_in("2026-03-22T09:00:00", BERLIN) == datetime(2026, 3, 22, 8, tzinfo=UTC)


def test_a_time_is_one_to_the_minute() -> None:
    assert moment_in("2026-03-22T09:00:59.9+00:00", BERLIN) == datetime(2026, 3, 22, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "tomorrow", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        moment_in(text, BERLIN)


def test_a_day_goes_on_after_midnight_until_it_changes() -> None:
    assert on_day(date(2026, 3, 22), time(1, 30), BERLIN, time(4)) == datetime(2026, 3, 23, 0, 30, tzinfo=UTC)
    assert on_day(date(2026, 3, 22), time(1, 30), BERLIN) == datetime(2026, 3, 22, 0, 30, tzinfo=UTC)


def test_zones_are_known_by_their_city_alone() -> None:
    assert [zone_named(name) for name in ("Europe/Berlin", "berlin", "New York", "Mars")] == [
        "Europe/Berlin",
        "Europe/Berlin",
        "America/New_York",
        "",
    ]


def test_one_offset_makes_a_zone_and_several_make_none() -> None:
    assert zone_of(["2026-03-22T09:00:00+02:00"]) == "Etc/GMT-2"
    assert zone_of(["2026-03-22T09:00:00-05:00", "2026-03-23T09:00:00-05:00"]) == "Etc/GMT+5"
    assert zone_of(["2026-03-28T09:00:00+01:00", "2026-03-29T09:00:00+02:00"]) == ""
