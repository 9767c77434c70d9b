from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sessions_app.diff import Change, Tally, compare, rescheduled, tally
from sessions_app.program import Appearance, Item, Link, Person, Program, Room, Track

NINE = datetime(2026, 3, 22, 13, tzinfo=UTC)
ADA, GRACE = Person("p1", "ada", "Ada Lovelace"), Person("p2", "grace", "Grace Hopper")
ML = Track("ml", "Machine learning")
INTRO = Item("u1", "intro", "Introduction", "talk", 45, "b1", id=1, speakers=(Appearance("ada"),))
LAB = Item("u2", "lab", "The lab", "lab", 60, "b1", id=2, offset=45)


def program(*items: Item) -> Program:
    return Program("America/New_York", items, rooms=(Room("r1", "Hall"),), tracks=(ML,), people=(ADA, GRACE))


def changes(before: Item, **fields: Any) -> list[tuple[str, Any, Any]]:
    found = compare(program(before), program(replace(before, **fields)))
    return [(one.kind, one.before, one.after) for one in found]


def test_equal_programs_have_no_changes() -> None:
    assert compare(program(INTRO, LAB), program(INTRO, LAB)) == []


def test_a_new_session_is_added() -> None:
    assert compare(program(INTRO), program(INTRO, LAB)) == [Change("added", "u2", "lab", "The lab", None, "The lab")]


def test_a_missing_session_is_removed() -> None:
    assert compare(program(INTRO, LAB), program(INTRO)) == [Change("removed", "u2", "lab", "The lab", "The lab", None)]


def test_a_new_title_is_no_new_session() -> None:
    assert changes(INTRO, title="Welcome") == [("retitled", "Introduction", "Welcome")]


def test_a_first_clock_time_is_timed() -> None:
    assert changes(LAB, start=NINE) == [("timed", "+0:45", "2026-03-22T09:00:00-04:00")]


def test_another_clock_time_is_moved() -> None:
    before = replace(LAB, start=NINE)

    assert changes(before, start=NINE.replace(hour=14)) == [
        ("moved", "2026-03-22T09:00:00-04:00", "2026-03-22T10:00:00-04:00")
    ]


def test_another_offset_is_moved_while_there_are_no_clock_times() -> None:
    assert changes(LAB, offset=75) == [("moved", "+0:45", "+1:15")]


def test_a_time_that_is_taken_back_is_moved() -> None:
    assert changes(replace(LAB, start=NINE), start=None) == [("moved", "2026-03-22T09:00:00-04:00", "+0:45")]


def test_rooms_are_told_by_name() -> None:
    assert changes(LAB, room="r1") == [("room", None, "Hall")]


def test_who_came_and_who_went_is_told_one_by_one() -> None:
    assert changes(INTRO, speakers=(Appearance("grace", "moderator"),)) == [
        ("speaker_added", None, "Grace Hopper (moderator)"),
        ("speaker_removed", "Ada Lovelace", None),
    ]


def test_order_and_roles_are_told_of_those_who_stayed() -> None:
    both = replace(INTRO, speakers=(Appearance("ada"), Appearance("grace")))

    assert changes(both, speakers=(Appearance("grace", "chair"), Appearance("ada"))) == [
        ("speakers", ["Ada Lovelace", "Grace Hopper"], ["Grace Hopper (chair)", "Ada Lovelace"])
    ]


def test_a_speaker_with_a_new_name_is_the_same_person() -> None:
    renamed = replace(program(INTRO), people=(replace(ADA, name="Ada King"),))

    found = compare(program(INTRO), renamed)

    assert [(one.kind, one.before, one.after) for one in found] == [("speakers", ["Ada Lovelace"], ["Ada King"])]


def test_what_else_is_shown_of_a_session_is_told() -> None:
    texts = {"subtitle": "For all", "prerequisites": "A laptop.", "links": (Link("https://example.org/"),)}

    found = changes(INTRO, kind="lab", track="ml", level="advanced", language="de", **texts)

    assert found == [
        ("subtitle", None, "For all"),
        ("prerequisites", "", "A laptop."),
        ("links", [], ["https://example.org/"]),
        ("kind", "talk", "lab"),
        ("track", None, "Machine learning"),
        ("level", None, "advanced"),
        ("language", "en", "de"),
    ]


def test_what_is_announced_is_told_without_its_details() -> None:
    secret = replace(INTRO, title="To be announced", visibility="tba", language="", speakers=())

    found = changes(secret, title="Keynote", visibility="full", language="en", level="beginner", track="ml")

    assert found == [("retitled", "To be announced", "Keynote")]


def test_a_cancelled_session_can_be_restored() -> None:
    cancelled = replace(LAB, status="cancelled")

    assert changes(LAB, status="cancelled") == [("cancelled", "planned", "cancelled")]
    assert changes(cancelled, status="planned") == [("restored", "cancelled", "planned")]


def test_of_a_cancelled_session_nothing_else_is_told() -> None:
    cancelled = replace(LAB, status="cancelled")
    elsewhere = {"start": NINE, "offset": 75, "room": "r1", "duration": 90, "title": "Lab", "abstract": "A laptop."}

    assert changes(LAB, status="cancelled", **elsewhere) == [("cancelled", "planned", "cancelled")]
    assert changes(cancelled, **elsewhere, speakers=(Appearance("ada"),)) == []


def test_a_session_is_restored_with_what_else_changed() -> None:
    cancelled = replace(LAB, status="cancelled", start=NINE)

    assert changes(cancelled, status="planned", start=NINE.replace(hour=14), room="r1") == [
        ("restored", "cancelled", "planned"),
        ("moved", "2026-03-22T09:00:00-04:00", "2026-03-22T10:00:00-04:00"),
        ("room", None, "Hall"),
    ]


def test_calendars_have_to_move_cancelled_sessions_too() -> None:
    cancelled = replace(LAB, status="cancelled", start=NINE)
    later = replace(cancelled, start=NINE.replace(hour=14))

    assert rescheduled(program(INTRO, cancelled), program(INTRO, later)) == {"u2"}
    assert rescheduled(program(INTRO, later), program(INTRO, replace(later, title="Lab"))) == set()


def test_one_session_may_change_in_several_ways() -> None:
    kinds = [kind for kind, _, _ in changes(LAB, title="Lab", duration=90, abstract="Bring a laptop.")]

    assert kinds == ["retitled", "length", "abstract"]


def test_the_tally_counts_sessions_rather_than_changes() -> None:
    moved = replace(LAB, start=NINE, room="r1")
    added = replace(INTRO, uuid="u3")

    assert tally(compare(program(INTRO, LAB), program(moved, added))) == Tally(added=1, moved=1, removed=1)
