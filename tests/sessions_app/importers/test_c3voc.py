import json
from typing import Any

import pytest

from portal.models import Event
from sessions_app.drafts import program_of
from sessions_app.exports import FORMATS as EXPORTS
from sessions_app.importers.report import Known
from sessions_app.models import Session, Speaker
from sessions_app.program import Link
from sessions_app.releases import latest
from tests.factories import NOON, make_event, make_program, make_release
from tests.sessions_app.importers.reading import FILES, imported, read, read_file, real, refusal, times

SCHEDULE = (FILES / "schedule.json").read_bytes()


def schedule(**event: Any) -> bytes:
    """A schedule of one session."""
    row = {"id": 1, "start": "09:00", "duration": "0:30", "title": "One"} | event
    days = [{"date": "2026-03-21", "rooms": {"Aula": [row]}}]
    return json.dumps({"schedule": {"conference": {"title": "A School", "days": days}}}).encode()


class TestReading:
    def test_sessions_have_times_rooms_tracks_and_people(self) -> None:
        program = read_file("c3voc", "schedule.json").program

        assert times(program) == [("Opening", "03-21 09:00", 45), ("Coffee Break", "03-21 09:45", 30)]
        assert [(room.name, room.capacity) for room in program.rooms] == [("Aula", 120), ("Cellar", None)]
        assert (program.track_name(program.items[0]), program.items[0].abstract) == ("Compilers", "Why we meet.")
        assert [(one.name, one.biography) for one in program.people_of(program.items[0])] == [
            ("Ada Lovelace", "Counts."),
            ("Alan Turing", ""),
        ]

    def test_attachments_become_links(self) -> None:
        links, slides = [{"url": "https://a.org/", "title": "Home"}], [{"url": "https://a.org/slides"}]

        (item,) = read("c3voc", schedule(links=links, attachments=slides)).program.items

        assert item.links == (Link("https://a.org/", "Home"), Link("https://a.org/slides"))

    def test_ids_are_kept_as_the_file_has_them(self) -> None:
        reading = read_file("c3voc", "schedule.json")

        assert reading.program.items[0].uuid == "0f000000-0000-4000-8000-000000000007"
        assert sorted(reading.sources.values()) == ["1f000000-0000-4000-8000-000000000001", "8", "ABC"]

    def test_rooms_with_the_same_id_are_two(self) -> None:
        twice = SCHEDULE.replace(
            b'"capacity": 120}', b'"capacity": 120}, {"name": "B", "guid": "8d2f2f3e-0f2a-4b7e-9c77-2f0b8f0a1111"}'
        )

        assert len({room.uuid for room in read("c3voc", twice).program.rooms}) == 3

    def test_one_offset_in_all_times_is_taken_for_the_zone(self) -> None:
        reading = read("c3voc", schedule(date="2026-03-21T09:00:00+02:00"))

        assert (reading.facts.timezone, times(reading.program)) == ("Etc/GMT-2", [("One", "03-21 09:00", 30)])
        assert "--timezone names the zone" in str(reading.report.remarks[0])

    def test_the_kind_of_an_event_there_already_stays(self) -> None:
        assert read("c3voc", schedule(), Known(event_kind="workshop")).facts.kind == "workshop"


@pytest.mark.django_db
class TestImporting:
    def test_a_second_import_changes_nothing(self) -> None:
        imported("c3voc", SCHEDULE)

        again = imported("c3voc", SCHEDULE)

        assert (again.changes, again.unchanged) == ((), 2)

    def test_a_changed_file_moves_and_retitles(self) -> None:
        imported("c3voc", SCHEDULE)
        before = list(Session.objects.values_list("pk", flat=True).order_by("pk"))

        loaded = imported("c3voc", SCHEDULE.replace(b'"Opening"', b'"Welcome"').replace(b'"09:45"', b'"10:00"'))

        assert list(Session.objects.values_list("pk", flat=True).order_by("pk")) == before
        assert times(loaded.program) == [("Welcome", "03-21 09:00", 45), ("Coffee Break", "03-21 10:00", 30)]
        assert (loaded.new, loaded.changed) == (0, 2)

    def test_a_session_left_out_is_kept_and_told(self) -> None:
        imported("c3voc", SCHEDULE)

        loaded = imported("c3voc", schedule(title="Another", id=99))

        assert loaded.kept == ("“Opening” is not in the file.", "“Coffee Break” is not in the file.")

    @pytest.mark.parametrize("form", ["c3voc", "frab"])
    def test_what_we_export_is_read_back_with_its_identity(self, form: str) -> None:
        event = make_event(title="A Conference", kind="conference")
        make_program(event, 3, start=NOON)
        make_release(event, "final")
        published = latest(event)
        assert published
        data = EXPORTS[form][0](event, published)
        assert data
        before = [(item.id, item.uuid, item.slug, item.start) for item in published.program.items]

        loaded = imported(form, data, slug=event.slug)

        assert [(item.id, item.uuid, item.slug, item.start) for item in loaded.program.items] == before
        assert (loaded.new, Speaker.objects.count()) == (0, 1)

    @pytest.mark.parametrize("form", ["c3voc", "frab"])
    def test_what_we_export_makes_the_same_program_elsewhere(self, form: str) -> None:
        event = make_event(title="A Conference", kind="conference")
        make_program(event, 3, start=NOON)
        make_release(event, "final")
        published = latest(event)
        assert published
        data = EXPORTS[form][0](event, published)
        assert data
        Event.objects.all().delete()

        imported(form, data)

        again = program_of(Event.objects.get())
        wanted = [item for item in published.program.items if not item.is_break]
        assert [(item.uuid, item.title, item.start, item.duration) for item in again.items] == [
            (item.uuid, item.title, item.start, item.duration) for item in wanted
        ]


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "line 1: Not JSON at column 1: Expecting value."),
            (b'{\n"a": }', "line 2: Not JSON at column 6"),
            (b"\xff\xfe\xff", "The JSON can't be read"),
            (b"[" * 1_000_000, "deeper than any program needs"),
            (b'{"a":' * 1_000_000, "deeper than any program needs"),
            (b"9" * 100_000, "The JSON can't be read"),
            (b"[]", "schedule.conference.days: A schedule of the c3voc is an object"),
            (b'{"schedule": {"conference": {"days": {}}}}', "schedule.conference.days: A schedule of the c3voc"),
            (b'{"schedule": {"conference": {"days": []}}}', "There is no session in this file that could be imported."),
            (schedule(duration="0:00"), "schedule.conference.days[0].rooms.Aula[0]: “One” – A session takes 1 to 1440"),
            (schedule(duration={"a": 1}), "“One” – Not a length"),
            (schedule(date="tomorrow"), "“One” – Not a time"),
            (schedule(start=None), "“One” – Not a time of day"),
            (schedule(title=["One"]), "schedule.conference.days[0].rooms.Aula[0]: A session without a title."),
        ],
    )
    def test_a_bad_file_is_refused_with_its_place(self, data: bytes, message: str) -> None:
        assert message in refusal("c3voc", data)

    def test_a_hundred_thousand_sessions_are_refused(self) -> None:
        row = json.loads(schedule())
        rooms = row["schedule"]["conference"]["days"][0]["rooms"]
        rooms["Aula"] *= 100_000

        assert "More than 5000 sessions" in refusal("c3voc", json.dumps(row).encode())

    def test_parts_of_another_shape_are_passed_over(self) -> None:
        odd = schedule(persons={"a": 1}, track=[1], room=7, language=None, abstract=5, guid=[])

        program = read("c3voc", odd).program

        assert (program.people, program.room_name(program.items[0]), program.items[0].abstract) == ((), "7", "5")


@pytest.mark.sqlite
class TestRealFiles:
    @pytest.mark.parametrize(
        ("name", "sessions", "people", "rooms"),
        [
            ("c3-json/anyconf-fosdem2024-shape.json", 2, 2, 9),
            ("c3-json/invalid-example.json", 1, 1, 1),
            ("c3-json/pretalx-democon.json", 36, 27, 2),
            ("same-event-all-formats/divoc-r2r/schedule.json", 45, 48, 1),
            ("same-event-all-formats/klimacamp-2015/schedule.json", 106, 57, 11),
        ],
    )
    @pytest.mark.django_db
    def test_they_import_whole_and_twice_without_a_change(
        self, name: str, sessions: int, people: int, rooms: int
    ) -> None:
        data = real(name)
        reading = read("c3voc", data)

        loaded = imported("c3voc", data)
        again = imported("c3voc", data)

        assert (len(loaded.program.items), len(loaded.program.people), len(reading.program.rooms)) == (
            sessions,
            people,
            rooms,
        )
        assert times(loaded.program) == times(reading.program)
        assert (again.changes, again.unchanged) == ((), sessions)
