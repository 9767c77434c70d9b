from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from sessions_app.agenda import Agenda, agenda
from sessions_app.grid import MOST_COLUMNS, MOST_ROWS, Sheet, lay_out
from sessions_app.program import Block, Item, Program, Room

NINE = datetime(2026, 3, 22, 9, tzinfo=UTC)
ROOMS = ("hall", "annex", "cellar")


def item(name: str, begin: int, minutes: int = 30, room: str = "", kind: str = "talk") -> Item:
    start = NINE + timedelta(minutes=begin)
    times = {"start": start, "end": start + timedelta(minutes=minutes)}
    return Item(name, name, name.title(), kind, minutes, "block", room=room, **times)


def shown(*items: Item, rooms: tuple[str, ...] = ROOMS) -> Agenda:
    named = tuple(Room(room, room.title(), 40) for room in rooms)
    return agenda(Program("UTC", items, (Block("block"),), named))


def drawn(*items: Item) -> Sheet:
    program = shown(*items)
    return lay_out(program.groups[0], program)


def places(sheet: Sheet) -> dict[str, tuple[int, int, int]]:
    return {
        slot.line.item.slug: (slot.column, slot.row, slot.rows) for moment in sheet.moments for slot in moment.slots
    }


def test_each_room_has_a_column_and_each_five_minutes_a_row() -> None:
    sheet = drawn(item("a", 0, 30, "hall"), item("b", 0, 45, "annex"), item("c", 30, 30, "hall"))

    assert [(column.name, column.capacity, column.slug) for column in sheet.columns] == [
        ("Hall", 40, "hall"),
        ("Annex", 40, "annex"),
    ]
    assert places(sheet) == {"a": (1, 1, 6), "b": (2, 1, 9), "c": (1, 7, 6)}


def test_a_program_without_anything_at_the_same_time_is_a_list() -> None:
    sheet = drawn(item("a", 0, 30, "hall"), item("b", 30, 30, "annex"))

    assert (sheet.columns, places(sheet)) == ([], {"a": (0, 0, 0), "b": (0, 0, 0)})


def test_a_long_break_and_a_long_wait_are_folded() -> None:
    sheet = drawn(
        item("a", 0, 30, "hall"),
        item("b", 0, 30, "annex"),
        item("lunch", 30, 90, kind="break"),
        item("c", 120, 30, "hall"),
        item("d", 120, 30, "annex"),
        item("dinner", 600, 120, "hall", kind="social"),
    )

    assert {name: places(sheet)[name] for name in ("lunch", "c", "dinner")} == {
        "lunch": (0, 7, 3),
        "c": (1, 10, 6),
        "dinner": (0, 19, 6),
    }


def test_what_goes_on_beside_a_break_is_drawn_over_it() -> None:
    sheet = drawn(item("lab", 0, 120, "hall"), item("a", 0, 30, "annex"), item("tea", 30, 30, kind="break"))

    assert places(sheet) == {"lab": (1, 1, 18), "a": (2, 1, 6), "tea": (0, 7, 6)}


def test_a_room_with_two_things_at_once_gets_a_second_column() -> None:
    sheet = drawn(item("a", 0, 60, "hall"), item("b", 30, 60, "hall"), item("c", 60, 30, "annex"))

    assert [column.name for column in sheet.columns] == ["Hall", "Hall", "Annex"]
    assert {name: place[0] for name, place in places(sheet).items()} == {"a": 1, "b": 2, "c": 3}


def test_sessions_whose_room_is_open_share_a_column_that_says_so() -> None:
    sheet = drawn(item("a", 0, 30, "hall"), item("b", 0, 30), item("c", 30, 30, "annex"), item("d", 30, 30))

    assert [column.name for column in sheet.columns] == ["Hall", "Annex", "To be announced"]


def test_the_hours_lead_to_the_first_moment_of_each() -> None:
    sheet = drawn(item("a", 0, 30, "hall"), item("b", 15, 30, "annex"), item("c", 65, 30, "hall"))

    assert [moment.key for moment in sheet.hours] == ["t0322-0900", "t0322-1005"]


def test_where_labels_would_crowd_those_of_round_times_are_kept() -> None:
    starts = (0, 10, 20, 25, 30, 35, 45, 50, 70)
    sheet = drawn(item("long", 0, 120, "annex"), *(item(f"s{start}", start, 5, "hall") for start in starts))

    labels = [moment.start.minute for moment in sheet.moments if moment.is_labelled]

    assert labels == [0, 30, 45, 10]


def test_too_many_columns_become_a_list() -> None:
    rooms = tuple(f"room{n}" for n in range(MOST_COLUMNS + 1))
    program = shown(*(item(f"s{n}", 0, 30, room) for n, room in enumerate(rooms)), rooms=rooms)

    assert lay_out(program.groups[0], program).columns == []


def test_a_day_and_night_in_minutes_of_its_own_still_fits() -> None:
    odd = [item(f"{room}{n}", 7 * n, 7, room) for n in range(200) for room in ("hall", "annex")]

    sheet = drawn(*odd)

    assert sheet.rows <= MOST_ROWS
    assert max(row + rows for _, row, rows in places(sheet).values()) <= MOST_ROWS + 1


begins, lengths = st.integers(0, 800), st.integers(1, 400)
kinds = st.sampled_from(("talk", "break"))
some = st.lists(st.tuples(begins, lengths, st.sampled_from((*ROOMS, "")), kinds), min_size=2, max_size=25)


@given(some)
def test_nothing_is_drawn_over_a_session_of_the_same_column(rows: list[tuple[int, int, str, str]]) -> None:
    sheet = drawn(*(item(f"s{n}", *row[:3], kind=row[3]) for n, row in enumerate(rows)))
    slots = [slot for moment in sheet.moments for slot in moment.slots if slot.column]

    for one, other in combinations(slots, 2):
        is_apart = one.row + one.rows <= other.row or other.row + other.rows <= one.row
        is_short = min(one.line.item.duration, other.line.item.duration) < 60  # rounded up to a row
        assert one.column != other.column or is_apart or is_short
    assert len([slot for moment in sheet.moments for slot in moment.slots]) == len(rows)
