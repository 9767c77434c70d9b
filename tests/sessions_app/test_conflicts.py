import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sessions_app.conflicts import Conflict, by_kind, find
from sessions_app.program import Appearance, Block, Item, Person, Program, Room
from sessions_app.timetable import Slot, lay_out

NINE = datetime(2026, 3, 22, 13, tzinfo=UTC)  # in New York
ADA, GRACE = Person("p1", "ada", "Ada Lovelace"), Person("p2", "grace", "Grace Hopper")
HALL, CELLAR = Room("hall", "Hall", 100), Room("cellar", "Cellar", 20)


def at(hour: int, minute: int = 0) -> datetime:
    return NINE + timedelta(hours=hour - 9, minutes=minute)


def talk(title: str, duration: int = 60, *, pin: datetime | None = None, by: str = "ada", **fields: Any) -> Item:
    speakers = (Appearance(by),) if by else ()
    values: dict[str, Any] = {"kind": "talk", "abstract": "About it", "room": "hall", "speakers": speakers} | fields
    return Item(title, title.lower(), title, duration=duration, block="", start=pin, **values)


def program(**blocks: list[Item]) -> Program:
    """A program of blocks by the names of their items; those named with an hour, as "b9", begin at that hour."""
    found: list[Item] = []
    made = []
    for name, items in blocks.items():
        start = at(int(name[1:])) if name[1:] else None
        made.append(Block(name, start=start))
        slots = [Slot(item.duration, item.start) for item in items]
        for item, place in zip(items, lay_out(slots, start), strict=True):
            where = {"offset": place.offset, "start": place.start, "end": place.end}
            found.append(replace(item, id=len(found) + 1, block=name, is_pinned=item.start is not None, **where))
    return Program("America/New_York", tuple(found), tuple(made), (HALL, CELLAR), (), (ADA, GRACE))


def told(shown: Program, **options: Any) -> list[tuple[str, str, int]]:
    found = find(shown, **{"is_final": True} | options)
    return [(one.kind, one.text, one.session) for one in found]


def test_a_program_in_order_has_none() -> None:
    shown = program(b9=[talk("A"), talk("Coffee", 30, kind="break", by="", abstract=""), talk("B")])

    assert told(shown) == []


class TestClashes:
    def test_a_person_in_two_places_is_told_with_the_time(self) -> None:
        shown = program(b9=[talk("A"), talk("B", 45)], c9=[talk("C", 90, room="cellar")])

        assert told(shown) == [
            ("person", "Ada Lovelace is in “A” and “C” at once, Sun 09:00–10:00.", 3),
            ("person", "Ada Lovelace is in “C” and “B” at once, Sun 10:00–10:30.", 2),
        ]

    def test_a_room_used_twice_is_told_once_for_each_that_comes_too_early(self) -> None:
        shown = program(b9=[talk("A", 120)], c9=[talk("B", by="grace")], d10=[talk("C", by="")])

        rooms = [one for one in told(shown) if one[0] == "room"]
        assert rooms == [
            ("room", "Hall has “A” and “B” at once, Sun 09:00–10:00.", 2),
            ("room", "Hall has “A” and “C” at once, Sun 10:00–11:00.", 3),
        ]

    def test_one_after_the_other_is_no_clash(self) -> None:
        assert told(program(b9=[talk("A")], c10=[talk("B")])) == []

    def test_without_clock_times_nobody_can_know(self) -> None:
        shown = program(b=[talk("A")], c=[talk("B")])

        assert told(shown, is_final=False) == []

    @pytest.mark.parametrize("fields", [{"status": "cancelled"}, {"kind": "break", "by": "", "abstract": ""}])
    def test_cancelled_sessions_and_breaks_take_no_room(self, fields: dict[str, Any]) -> None:
        assert told(program(b9=[talk("A")], c9=[talk("B", **fields)])) == []

    def test_what_is_hidden_clashes_too(self) -> None:
        shown = program(b9=[talk("A")], c9=[talk("B", room="cellar", visibility="hidden")])

        assert [one[0] for one in told(shown)] == ["person"]


class TestBlocks:
    def test_an_overrun_is_told_with_both_times(self) -> None:
        shown = program(b9=[talk("Intro", 140), talk("Lab", pin=at(11), by="")])

        assert told(shown, is_final=False) == [
            ("overrun", "“Lab” is pinned to 11:00, but “Intro” before it ends at 11:20: 20 min too long.", 2),
            ("no_speaker", "“Lab” has no speaker.", 2),
        ]

    def test_at_once_in_rooms_of_their_own_is_meant(self) -> None:
        shown = program(b9=[talk("A"), talk("B", pin=at(9), room="cellar", by="grace")])

        assert told(shown) == []

    def test_a_session_over_several_is_held_against_each(self) -> None:
        shown = program(b9=[talk("A", 180, by=""), talk("B", 30, pin=at(10), by=""), talk("C", 30, pin=at(11), by="")])

        overruns = [one[1].split(",")[0] for one in told(shown) if one[0] == "overrun"]
        assert overruns == ["“B” is pinned to 10:00", "“C” is pinned to 11:00"]

    def test_two_at_once_in_a_room_are_found_beside_a_longer_one_elsewhere(self) -> None:
        beside = {"room": "cellar", "by": "", "kind": "social"}
        shown = program(b9=[talk("Long", 180), talk("B", 90, pin=at(9), **beside), talk("C", pin=at(10), **beside)])

        said = "“C” is pinned to 10:00, but “B” before it ends at 10:30: 30 min too long."
        assert told(shown) == [("overrun", said, 3)]

    @pytest.mark.parametrize(("rooms", "before"), [(("hall", "", "cellar"), "B"), (("hall", "cellar", ""), "A")])
    def test_one_without_a_room_is_in_the_way_of_all(self, rooms: tuple[str, ...], before: str) -> None:
        lengths, pins = (180, 120, 30), (None, at(9), at(10))
        talks = [
            talk(title, length, pin=pin, room=room, by="")
            for title, length, pin, room in zip("ABC", lengths, pins, rooms, strict=True)
        ]

        overruns = [one for one in told(program(b9=talks), is_final=False) if one[0] == "overrun" and one[2] == 3]
        assert [one[1].split(" before ")[0] for one in overruns] == [f"“C” is pinned to 10:00, but “{before}”"]

    def test_the_order_of_pinned_sessions_is_that_of_their_times(self) -> None:
        beside = [talk(title, pin=at(hour), room="cellar", by="") for title, hour in (("C", 11), ("B", 10), ("A", 9))]

        assert [one[0] for one in told(program(b9=[talk("Long", 180), *beside]))] == ["no_speaker"] * 3

    def test_the_empty_time_of_a_block_is_one_line(self) -> None:
        pins = {"A": None, "B": at(10, 15), "C": at(12), "D": at(14), "E": at(16)}

        found = told(program(b9=[talk(title, pin=pin) for title, pin in pins.items()]))

        said = "Nothing happens for 15 min before “B”, 45 min before “C”, 1 h before “D” and 1 more, 3 h in all."
        assert found == [("gap", said, 2)]

    def test_empty_time_before_the_first_session_counts(self) -> None:
        assert told(program(b9=[talk("A", pin=at(9, 30))])) == [("gap", "Nothing happens for 30 min before “A”.", 1)]

    def test_a_cancelled_session_is_in_nobodys_way(self) -> None:
        shown = program(b9=[talk("A", 90, status="cancelled"), talk("B", pin=at(10))])

        assert told(shown) == []


class TestMissing:
    def test_a_tentative_program_may_lack_all_but_speakers(self) -> None:
        shown = program(b=[talk("A", by="", abstract="", room=""), talk("B")])

        assert told(shown, is_final=False) == [("no_speaker", "“A” has no speaker.", 1)]
        assert told(shown) == [
            ("no_speaker", "“A” has no speaker.", 1),
            ("no_time", "“A” has no clock time.", 1),
            ("no_time", "“B” has no clock time.", 2),
            ("no_room", "“A” has no room.", 1),
            ("no_abstract", "“A” has no abstract.", 1),
        ]

    def test_what_all_lack_is_one_line(self) -> None:
        shown = program(b=[talk(title, room="") for title in "ABCD"])

        assert told(shown) == [
            ("no_time", "None of the 4 sessions has a clock time yet.", 0),
            ("no_room", "None of the 4 sessions has a room yet.", 0),
        ]

    def test_breaks_and_socials_need_neither_speaker_nor_abstract(self) -> None:
        fields = {"by": "", "abstract": "", "room": ""}

        assert told(program(b9=[talk("Coffee", kind="break", **fields)])) == []
        assert told(program(b9=[talk("Dinner", kind="social", **fields)])) == [
            ("no_room", "“Dinner” has no room.", 1),
        ]

    def test_cancelled_sessions_lack_nothing(self) -> None:
        assert told(program(b=[talk("A", by="", abstract="", room="", status="cancelled")])) == []

    def test_what_is_kept_back_is_told_instead_of_what_it_lacks(self) -> None:
        kept = [talk(name, by="", abstract="", visibility=name.lower()) for name in ("Tba", "Title_only", "Hidden")]

        assert told(program(b9=kept)) == [
            ("unannounced", "“Tba” is still to be announced.", 1),
            ("unannounced", "“Title_only” is made public by its title only.", 2),
        ]

    def test_more_seats_than_the_room_holds_are_told(self) -> None:
        shown = program(b9=[talk("Lab", room="cellar"), talk("Big lab")])

        assert told(shown, seats={"Lab": 30, "Big lab": 100}) == [
            ("seats", "“Lab” has 30 seats, but Cellar holds 20.", 1),
        ]


def test_kinds_come_in_the_order_of_their_weight() -> None:
    found = [Conflict("person", "a", 1), Conflict("gap", "b", 2), Conflict("gap", "c", 3)]

    assert by_kind(found) == {"person": found[:1], "gap": found[1:]}


def calls(shown: Program) -> int:
    """How many functions run to find its conflicts."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        find(shown, is_final=True)
    finally:
        sys.setprofile(None)
    return count


def crowd(count: int, apart: int) -> Program:
    """Sessions in one room by one person, each in a block of its own, that begin so many minutes apart."""
    starts = [NINE + timedelta(minutes=apart * number) for number in range(count)]
    items = [
        replace(talk(f"T{number}"), id=number + 1, block=f"{number}", start=start, end=start + timedelta(hours=1))
        for number, start in enumerate(starts)
    ]
    blocks = [Block(item.block, start=item.start) for item in items]
    return Program("America/New_York", tuple(items), tuple(blocks), (HALL,), (), (ADA,))


@pytest.mark.parametrize(("apart", "clashes"), [(0, 499), (59, 499), (60, 0)])
def test_the_work_grows_with_the_program_and_no_faster(apart: int, clashes: int) -> None:
    """Also where everything is in everything's way."""
    found = [one.kind for one in find(crowd(500, apart), is_final=True)]
    few, many = calls(crowd(500, apart)), calls(crowd(2000, apart))

    assert (found.count("person"), found.count("room")) == (clashes, clashes)
    assert many < 4.4 * few
