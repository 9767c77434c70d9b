from typing import Any

import pytest

from portal.models import Event
from sessions_app.drafts import program_of
from sessions_app.importers.report import Known
from sessions_app.models import Room, Session, Speaker
from sessions_app.program import Link
from tests.sessions_app.importers.reading import FILES, imported, read, read_file, real, refusal, times

SCHEDULE = (FILES / "schedule.xml").read_bytes()
EVENT = "<event id='1'><start>{start}</start><duration>{duration}</duration><title>{title}</title></event>"


def schedule(event: str = "", *, start: str = "09:00", duration: str = "0:30", title: str = "One") -> bytes:
    inner = event or EVENT.format(start=start, duration=duration, title=title)
    return f"<schedule>\n<day date='2026-03-21'>\n<room name='Aula'>\n{inner}</room></day></schedule>".encode()


class TestReading:
    def test_sessions_have_their_times_lengths_and_rooms(self) -> None:
        program = read_file("frab", "schedule.xml").program

        assert times(program) == [
            ("Opening", "03-21 09:00", 45),
            ("Coffee Break", "03-21 09:45", 30),
            ("Hacking", "03-21 11:00", 510),
            ("Night Talk", "03-22 01:30", 60),
        ]
        assert [program.room_name(item) for item in program.items] == ["Aula", "Aula", "Aula", "Cellar"]

    def test_a_block_for_each_room_and_day_lets_sessions_flow_and_pins_those_after_a_gap(self) -> None:
        program = read_file("frab", "schedule.xml").program

        assert [block.title for block in program.blocks] == ["Aula, 2026-03-21", "Cellar, 2026-03-21"]
        assert [item.is_pinned for item in program.items] == [False, False, True, False]

    def test_attachments_become_links_but_for_those_that_are_materials_here(self, settings: Any) -> None:
        own = f"{settings.SITE_URL}/event/materials/1/"
        attached = "".join(
            f"<attachment href='{url}'>Slides</attachment>" for url in (own, "/media/a", "https://a.org/")
        )
        inner = f"<title>One</title><start>9:00</start><duration>1:00</duration><attachments>{attached}</attachments>"

        (item,) = read("frab", schedule(f"<event id='1'>{inner}</event>")).program.items

        assert item.links == (Link("https://a.org/", "Slides"),)

    def test_html_becomes_markdown_and_a_repeated_abstract_is_kept_once(self) -> None:
        item = read_file("frab", "schedule.xml").program.items[0]

        assert item.abstract == "Why **we** meet.\n\nAnd where."

    def test_words_of_the_file_become_kinds_tracks_and_languages(self) -> None:
        program = read_file("frab", "schedule.xml").program

        assert [item.kind for item in program.items] == ["keynote", "break", "", "talk"]
        assert (program.items[0].language, program.track_name(program.items[0])) == ("de", "Compilers")

    def test_people_are_one_by_their_id_and_an_id_of_zero_is_none(self) -> None:
        reading = read_file("frab", "schedule.xml")

        assert [(one.name, reading.sources.get(one.slug)) for one in reading.program.people] == [
            ("Ada Lovelace", "3"),
            ("Alan Turing", None),
        ]

    def test_the_conference_gives_the_facts(self) -> None:
        facts = read_file("frab", "schedule.xml").facts

        assert (facts.title, facts.venue, facts.timezone, facts.kind) == (
            "Winter School",
            "Oslo",
            "Europe/Oslo",
            "conference",
        )
        assert [str(facts.starts_on), str(facts.ends_on)] == ["2026-03-21", "2026-03-22"]

    def test_the_zone_asked_for_places_clock_times(self) -> None:
        reading = read("frab", schedule(), Known("Asia/Tokyo"))

        assert str(reading.program.items[0].start) == "2026-03-21 00:00:00+00:00"

    def test_clock_times_without_any_zone_are_remarked(self) -> None:
        report = read("frab", schedule()).report

        assert [one.line for one in report.remarks] == [1]
        assert "no time zone: its clock times are read as UTC" in report.remarks[0].reason


@pytest.mark.django_db
class TestImporting:
    def test_the_draft_starts_exactly_as_the_file(self) -> None:
        reading = read_file("frab", "schedule.xml")

        imported("frab", SCHEDULE)

        assert times(program_of(Event.objects.get())) == times(reading.program)

    def test_uuids_of_the_file_are_kept_and_other_ids_stored(self) -> None:
        imported("frab", SCHEDULE)

        assert str(Session.objects.get(title="Opening").uuid) == "0f000000-0000-4000-8000-000000000007"
        assert Session.objects.get(title="Hacking").source == "9"
        assert Speaker.objects.get(name="Ada Lovelace").source == "3"

    def test_a_second_import_changes_nothing(self) -> None:
        imported("frab", SCHEDULE)

        again = imported("frab", SCHEDULE)

        assert (again.changes, again.new, again.changed, again.unchanged) == ((), 0, 0, 4)

    def test_a_changed_file_moves_and_retitles_without_duplicates(self) -> None:
        imported("frab", SCHEDULE)
        before = {session.pk for session in Session.objects.all()}
        changed = SCHEDULE.replace(b"Night Talk", b"Late Talk").replace(b"Opening<", b"Welcome<")
        changed = changed.replace(b"<start>11:00", b"<start>12:15").replace(b">Ada Lovelace", b">Ada King")

        loaded = imported("frab", changed)

        assert {session.pk for session in Session.objects.all()} == before
        assert (loaded.new, loaded.changed, loaded.unchanged) == (0, 3, 1)
        assert times(loaded.program)[2] == ("Hacking", "03-21 12:15", 510)
        assert [speaker.name for speaker in Speaker.objects.order_by("name")] == ["Ada King", "Alan Turing"]

    def test_changes_are_told_in_the_zone_of_the_event_and_say_when_long_texts_differ_late(self) -> None:
        inner = (
            "<event id='1'><start>{}</start><duration>0:30</duration><title>One</title><abstract>{}</abstract></event>"
        )
        known = Known("Europe/Oslo")
        imported("frab", schedule(inner.format("09:00", "So " * 50)), known=known)

        loaded = imported("frab", schedule(inner.format("10:00", "So " * 50 + "long")), known=known)

        assert loaded.changes == (
            "“One”: abstract differs further on",
            "block “Aula, 2026-03-21”: start 2026-03-21 09:00 CET → 2026-03-21 10:00 CET",
        )

    def test_a_session_that_changes_its_room_is_the_same(self) -> None:
        imported("frab", SCHEDULE)
        before = Session.objects.get(title="Night Talk")
        moved = SCHEDULE.replace(b'    </room>\n    <room name="Cellar">\n', b"")

        loaded = imported("frab", moved)

        after = Session.objects.get(title="Night Talk")
        assert (after.pk, after.block.room.name, after.room) == (before.pk, "Aula", None)  # type: ignore[union-attr]
        assert loaded.changed == 1

    def test_the_same_file_may_become_two_events(self) -> None:
        imported("frab", SCHEDULE)
        imported("frab", SCHEDULE, slug="another")

        again = imported("frab", SCHEDULE, slug="another")

        assert again.changes == ()
        assert Session.objects.filter(source="0f000000-0000-4000-8000-000000000007").count() == 1

    def test_ids_that_stand_twice_are_remarked_and_told_apart_by_title(self) -> None:
        twice = schedule(EVENT.format(start="9:00", duration="0:30", title="One") * 2)

        assert "id 1 stands in the file twice" in str(read("frab", twice).report.remarks[-1])
        assert imported("frab", twice).new == 2
        assert imported("frab", twice).changes == ()


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "line 1: Not well-formed XML at column 1: no element found."),
            (b"<schedule>\n<day>\n\x06</day>", "line 3: Not well-formed XML at column 1"),
            (b"<html/>", "line 1: “<html>” – A schedule begins with <schedule>."),
            (
                b"<?xml version='1.0' encoding='no-such'?><schedule/>",
                "The XML can't be read: unknown encoding: no-such.",
            ),
            (b"<schedule/>", "There is no session in this file that could be imported."),
            (schedule(duration="0:00"), "line 4: “One” – A session takes 1 to 1440 minutes, not 0."),
            (schedule(duration="240:00"), "line 4: “One” – A session takes 1 to 1440 minutes, not 14400."),
            (schedule(duration="soon"), "line 4: “One” – Not a length"),
            (schedule(start="25:00"), "line 4: “One” – Not a time of day"),
            (schedule(title=" "), "line 4: A session without a title."),
            (schedule().replace(b"2026", b"9999"), "line 4: “One” – Years go from 1970 to 2199."),
            (schedule("<event>" + "<a>" * 100_000), "line 4: Elements inside each other more than 30 deep."),
            (schedule("<event/>" * 100_000), "line 4: Not a length"),
            (
                schedule(EVENT.format(start="9:00", duration="9", title="x") * 100_000),
                "line 4: More than 5000 sessions",
            ),
        ],
    )
    def test_a_bad_file_is_refused_with_its_line(self, data: bytes, message: str) -> None:
        assert message in refusal("frab", data)

    def test_entity_bombs_are_refused(self) -> None:
        bomb = b"<!DOCTYPE s [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><schedule>&b;</schedule>"
        outside = b"<!DOCTYPE s [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><schedule>&a;</schedule>"

        assert "declares entities" in refusal("frab", bomb)
        assert "declares entities" in refusal("frab", outside)

    def test_a_huge_text_is_refused(self) -> None:
        text = EVENT.format(start="9:00", duration="9", title="x").replace(
            "</event>", f"<abstract>{'x' * 50_001}</abstract></event>"
        )

        assert "A text has at most 50000 characters" in refusal("frab", schedule(text))


class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "sessions", "people", "rooms"),
        [
            ("frab-xml/debconf23.xml", 117, 87, 5),
            pytest.param("frab-xml/fosdem-2019.xml", 775, 729, 34, marks=pytest.mark.sqlite),
            ("same-event-all-formats/divoc-r2r/schedule.xml", 45, 48, 1),
        ],
    )
    @pytest.mark.django_db
    def test_they_import_whole_and_twice_without_a_change(
        self, name: str, sessions: int, people: int, rooms: int
    ) -> None:
        data = real(name)

        loaded = imported("frab", data)
        again = imported("frab", data)

        found = loaded.program
        assert (len(found.items), len(found.people), Room.objects.count()) == (sessions, people, rooms)
        assert times(found) == times(read("frab", data).program)
        assert (again.changes, again.unchanged) == ((), sessions)

    def test_an_ill_formed_one_is_refused_with_its_line(self) -> None:
        assert refusal("frab", real("same-event-all-formats/klimacamp-2015/schedule.xml")).startswith("line 542: ")
