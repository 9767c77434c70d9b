"""What holds for every timetable, whatever its lengths, pins and start."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from sessions_app.timetable import Placed, Slot, lay_out
from sessions_app.timetable import pins as pins_for

NINE = datetime(2026, 3, 22, 9, tzinfo=UTC)
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
CLOCK_CHANGES = (  # nights on which a local hour is skipped or comes twice, one of half an hour
    ("America/New_York", datetime(2026, 3, 8, 1, 30)),
    ("America/New_York", datetime(2026, 11, 1, 0, 30)),
    ("Europe/Berlin", datetime(2026, 3, 29, 1, 15)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, 15)),
    ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 0)),
)
minutes = st.integers(1, 1440)
pins = st.none() | st.integers(-300, 3000).map(lambda offset: NINE + timedelta(minutes=offset))
slots = st.lists(st.builds(Slot, minutes, pins), max_size=12)
starts = st.none() | st.just(NINE)
unpinned = st.lists(st.builds(Slot, minutes), max_size=12)
nights = st.sampled_from(CLOCK_CHANGES).map(lambda night: night[1].replace(tzinfo=ZoneInfo(night[0])))
moments = nights | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=UTC)
)


def end_of(placed: Placed, slot: Slot) -> int:
    return placed.offset + slot.duration


@given(slots, starts)
def test_pins_never_move(sessions: list[Slot], start: datetime | None) -> None:
    placed = lay_out(sessions, start)

    pinned = [(slot.pin, one.start) for slot, one in zip(sessions, placed, strict=True) if slot.pin]
    assert [begin for _, begin in pinned] == [pin for pin, _ in pinned]


@given(slots, starts)
def test_what_flows_begins_when_all_before_it_is_over(sessions: list[Slot], start: datetime | None) -> None:
    placed = lay_out(sessions, start)

    ends = [end_of(one, slot) for one, slot in zip(placed, sessions, strict=True)]
    flowing = [n for n, slot in enumerate(sessions) if slot.pin is None]
    assert [placed[n].offset for n in flowing] == [max([0, *ends[:n]]) for n in flowing]
    assert [placed[n].slack for n in flowing] == [0] * len(flowing)


@given(slots, starts)
@example([Slot(1, NINE - timedelta(minutes=2)), Slot(1, NINE - timedelta(minutes=1))], NINE)
def test_sessions_overlap_only_where_an_overrun_is_told(sessions: list[Slot], start: datetime | None) -> None:
    placed = lay_out(sessions, start)

    ends = [end_of(one, slot) for one, slot in zip(placed, sessions, strict=True)]
    overlapping = [n for n in range(1, len(placed)) if placed[n].offset < max(ends[:n])]
    assert overlapping == [n for n in range(1, len(placed)) if placed[n].slack < 0]


@given(slots, starts)
def test_without_overruns_the_lengths_and_the_empty_time_are_the_whole(
    sessions: list[Slot], start: datetime | None
) -> None:
    placed = lay_out(sessions, start)

    if sessions and all(one.slack >= 0 for one in placed):
        whole = end_of(placed[-1], sessions[-1])
        assert whole == sum(slot.duration for slot in sessions) + sum(one.slack for one in placed)


@given(unpinned, st.none() | moments)
@example([Slot(60), Slot(30)], datetime(2026, 3, 8, 1, 30, tzinfo=ZoneInfo("America/New_York")))
def test_every_length_is_kept_in_real_time_in_any_night(sessions: list[Slot], start: datetime | None) -> None:
    placed = lay_out(sessions, start)

    assert [one.offset for one in placed] == [sum(slot.duration for slot in sessions[:n]) for n in range(len(placed))]
    if start:
        begins = [one.start.timestamp() for one in placed if one.start]
        ends = [one.end.timestamp() for one in placed if one.end]
        assert [int(end - begin) // 60 for begin, end in zip(begins, ends, strict=True)] == [
            slot.duration for slot in sessions
        ]
        assert all(end == begin for end, (_, begin) in zip(ends, pairwise(begins), strict=False))
        assert begins[:1] == ([start.timestamp()] if sessions else [])


@given(slots, moments, st.sampled_from(ZONES))
def test_the_zone_in_which_times_are_told_makes_no_difference(sessions: list[Slot], start: datetime, zone: str) -> None:
    there = [Slot(one.duration, one.pin and one.pin.astimezone(ZoneInfo(zone))) for one in sessions]

    assert lay_out(there, start.astimezone(ZoneInfo(zone))) == lay_out(sessions, start)


@given(st.lists(minutes, min_size=1, max_size=4))
def test_another_order_takes_as_long(lengths: list[int]) -> None:
    wholes = set()

    for order in permutations(lengths):
        placed = lay_out([Slot(one) for one in order], NINE)
        wholes.add(placed[-1].end)

    assert wholes == {NINE + timedelta(minutes=sum(lengths))}


def test_a_block_that_crosses_midnight_goes_on_the_next_day() -> None:
    zone = ZoneInfo("Europe/Berlin")

    placed = lay_out([Slot(60), Slot(60)], datetime(2026, 3, 21, 23, 30, tzinfo=zone))

    local = [one.start.astimezone(zone) for one in placed if one.start]
    assert [(one.day, one.hour, one.minute) for one in local] == [(21, 23, 30), (22, 0, 30)]


def test_the_hour_that_comes_twice_is_lived_twice() -> None:
    zone = ZoneInfo("America/New_York")

    placed = lay_out([Slot(60), Slot(60), Slot(60)], datetime(2026, 11, 1, 0, 30, tzinfo=zone))

    local = [one.start.astimezone(zone) for one in placed if one.start]
    assert [f"{one:%H:%M %Z}" for one in local] == ["00:30 EDT", "01:30 EDT", "01:30 EST"]


@given(st.lists(st.tuples(minutes, pins), max_size=12))
@example([(1, NINE - timedelta(minutes=2)), (1, NINE - timedelta(minutes=1))])
def test_pins_are_given_to_those_who_need_one(wanted: list[tuple[int, datetime | None]]) -> None:
    found = pins_for(wanted, NINE)

    placed = lay_out([Slot(length, pin) for (length, _), pin in zip(wanted, found, strict=True)], NINE)
    assert [one.start for one, (_, begin) in zip(placed, wanted, strict=True) if begin] == [b for _, b in wanted if b]
    assert all(one.slack or one.offset < 0 for one, pin in zip(placed, found, strict=True) if pin)
