from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sessions_app.agenda import LONG, agenda
from sessions_app.program import Appearance, Block, Item, Person, Program, Room

ZONE = ZoneInfo("America/New_York")


def item(name, *, at=None, duration=45, offset=0, block="b", kind="talk", **fields):
    start = datetime.fromisoformat(at).replace(tzinfo=ZONE) if at else None
    end = start + timedelta(minutes=duration) if start else None
    times = {"start": start, "end": end, "offset": offset}
    return Item(uuid=name, slug=name, title=name.title(), kind=kind, duration=duration, block=block, **times, **fields)


def program(*items, **fields):
    return Program("America/New_York", items=items, **fields)


class TestGroups:
    def test_timed_sessions_stand_by_local_day(self):
        shown = agenda(program(item("late", at="2026-03-22T23:30"), item("early", at="2026-03-23T08:00")))

        assert [(group.key, group.title) for group in shown.groups] == [
            ("day-2026-03-22", "Sunday, March 22, 2026"),
            ("day-2026-03-23", "Monday, March 23, 2026"),
        ]

    def test_sessions_without_times_stand_by_block_after_the_days(self):
        blocks = (Block("b"), Block("c", "Afternoon"), Block("d"))
        items = item("first", at="2026-03-22T09:00"), item("second", block="c"), item("third", block="d")

        shown = agenda(program(*items, blocks=blocks))

        assert [group.title for group in shown.groups] == [
            "Sunday, March 22, 2026",
            "Afternoon",
            "Part 2 of the program",
        ]
        assert not shown.is_timed

    def test_breaks_are_not_numbered(self):
        shown = agenda(program(item("one"), item("coffee", offset=45, kind="break"), item("two", offset=90)))

        assert [(line.item.slug, line.number) for line in shown.lines] == [("one", 1), ("coffee", 0), ("two", 2)]

    def test_a_group_tells_its_length_and_its_breaks(self):
        shown = agenda(
            program(item("one"), item("coffee", offset=45, duration=30, kind="break"), item("two", offset=75))
        )

        group = shown.groups[0]

        assert (group.minutes, group.sessions, group.breaks, group.break_minutes) == (120, 2, 1, 30)

    def test_minutes_of_a_day_count_from_its_first_session_whatever_the_block(self):
        items = item("one", at="2026-03-22T09:00"), item("two", at="2026-03-22T11:00", block="c")

        shown = agenda(program(*items))

        assert [line.since for line in shown.lines] == [0, 120]
        assert shown.groups[0].minutes == 165


class TestDrawing:
    def test_sessions_one_after_the_other_are_drawn_to_scale(self):
        assert agenda(program(item("one"), item("two", offset=45))).groups[0].is_drawn

    def test_gaps_and_overlaps_are_not(self):
        gap = agenda(program(item("one"), item("two", offset=60))).groups[0]
        overlap = agenda(program(item("one"), item("two", offset=30))).groups[0]

        assert (gap.is_drawn, overlap.is_drawn) == (False, False)
        assert (gap.is_parallel, overlap.is_parallel) == (False, True)

    def test_a_long_program_is_told_by_its_days(self):
        items = [item(f"s{n}", offset=45 * n) for n in range(LONG + 1)]

        assert not agenda(program(*items[:LONG])).is_long
        assert agenda(program(*items)).is_long


class TestAgenda:
    def test_times_are_in_the_programs_zone_and_the_zone_in_words(self):
        shown = agenda(program(item("one", at="2026-03-22T09:00")))

        assert shown.start == datetime(2026, 3, 22, 9, tzinfo=ZONE)
        assert str(shown.start.tzinfo) == "America/New_York"
        assert shown.zone == "New York time (EDT, UTC−4)"

    def test_without_times_it_has_no_zone(self):
        shown = agenda(program(item("one")))

        assert (shown.zone, shown.start, shown.end) == ("", None, None)

    def test_an_empty_program_has_no_groups(self):
        shown = agenda(program())

        assert (shown.groups, shown.is_timed, shown.rooms) == ([], False, [])

    def test_neighbors_skip_breaks(self):
        shown = agenda(program(item("one"), item("coffee", offset=45, kind="break"), item("two", offset=90)))
        one, coffee, two = shown.lines

        assert shown.around(one) == (None, two)
        assert shown.around(two) == (one, None)
        assert shown.around(coffee) == (None, None)

    def test_people_stand_by_name_with_all_their_sessions(self):
        people = Person("u", "zoe", "Zoe"), Person("v", "ada", "ada")
        both, alone = (Appearance("zoe", "moderator"), Appearance("ada")), (Appearance("zoe"),)

        shown = agenda(program(item("one", speakers=both), item("two", speakers=alone), people=people))

        assert [(bill.person.name, [line.item.slug for line in bill.lines]) for bill in shown.bills] == [
            ("ada", ["one"]),
            ("Zoe", ["one", "two"]),
        ]
        assert [(person.name, role) for person, role in shown.lines[0].people] == [("Zoe", "moderator"), ("ada", "")]

    def test_rooms_are_named_once_in_their_order(self):
        rooms = Room("r", "Hall"), Room("q", "Annex")

        shown = agenda(program(item("one", room="r"), item("two", room="q"), item("three", room="r"), rooms=rooms))

        assert shown.rooms == ["Hall", "Annex"]
