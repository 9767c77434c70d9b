from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from sessions_app.agenda import LONG, agenda
from sessions_app.clock import on_now
from sessions_app.grid import lay_out
from sessions_app.program import Appearance, Block, Item, Person, Program, Room
from tests.factories import make_block, make_event, make_release, make_session
from tests.pages import Page

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


class TestANightInWhichTheClocksChange:
    AUTUMN, SPRING = datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)  # 01:00 in Berlin

    def in_berlin(self, first, *places):
        """Sessions of an hour, in this room, so many minutes after the first."""
        rooms = tuple(Room(room, room) for room in dict.fromkeys(room for room, _ in places))
        items = []
        for number, (room, after) in enumerate(places, start=1):
            start = first + timedelta(minutes=after)
            times = {"start": start, "end": start + timedelta(hours=1)}
            items.append(Item(f"s{number}", f"s{number}", "A Talk", "talk", 60, "b", id=number, room=room, **times))
        return agenda(Program("Europe/Berlin", tuple(items), (Block("b"),), rooms))

    def test_an_hour_that_comes_twice_is_two_hours(self):
        shown = self.in_berlin(self.AUTUMN, ("Aula", 0), ("Aula", 60), ("Aula", 120))

        group = shown.groups[0]
        assert [line.start.isoformat() for line in shown.lines] == [
            "2026-10-25T01:00:00+02:00",
            "2026-10-25T02:00:00+02:00",
            "2026-10-25T02:00:00+01:00",
        ]
        assert ([line.since for line in shown.lines], group.minutes) == ([0, 60, 120], 180)
        assert (group.is_parallel, group.is_drawn) == (False, True)
        assert shown.zone == "Berlin time (CEST, UTC+2)"

    def test_an_hour_that_is_left_out_takes_no_time(self):
        shown = self.in_berlin(self.SPRING, ("Aula", 0), ("Aula", 60))

        assert [f"{line.start:%H:%M}" for line in shown.lines] == ["01:00", "03:00"]
        assert (shown.minutes, shown.groups[0].is_drawn) == (120, True)

    def test_sessions_stand_in_the_order_in_which_they_come(self):
        shown = self.in_berlin(self.AUTUMN, ("Aula", 120), ("Aula", 90))

        assert [f"{line.start:%H:%M %z}" for line in shown.lines] == ["02:30 +0200", "02:00 +0100"]

    def test_only_what_goes_on_at_once_is_shown_at_once(self):
        shown = self.in_berlin(self.AUTUMN, ("Aula", 60), ("Aula", 120), ("Cellar", 120))

        sheet = lay_out(shown.groups[0], shown)

        assert [column.name for column in sheet.columns] == ["Aula", "Cellar"]
        assert [moment.key for moment in sheet.moments] == ["t1025-0200", "t1025-0200b"]
        assert sheet.hours == sheet.moments
        first, second, third = shown.lines
        assert (shown.parallel_to(first), shown.parallel_to(second)) == ([], [third])
        assert on_now(shown.lines, self.AUTUMN + timedelta(minutes=90)) == [first]

    @pytest.mark.django_db
    def test_the_page_says_how_long_it_is(self, client: Client):
        event = make_event(slug="event", timezone="Europe/Berlin")
        block = make_block(event, start=datetime(2026, 3, 29, 1, tzinfo=event.zone))
        for title in ("One", "Two"):
            make_session(block, title, duration=60)
        make_release(event)

        page = Page(client.get("/event/schedule/"))

        assert page.words("run-end") == "04:00 End. 2 h in all."


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

        assert shown.start.isoformat() == "2026-03-22T09:00:00-04:00"
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
