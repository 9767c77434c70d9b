import json
from typing import Any

import pytest

from sessions_app.importers.guess import guess
from sessions_app.importers.report import Known, Reading
from sessions_app.models import Session, Speaker
from tests.sessions_app.importers.reading import imported, read, real, refusal, times

ADA = {"code": "ADA111", "name": "Ada Lovelace", "biography": "Counts.", "email": "ada@example.org"}
TALK = {
    "code": "ABC123",
    "title": "One",
    "state": "confirmed",
    "submission_type": {"en": "Workshop"},
    "track": {"en": "Compilers"},
    "abstract": "Short.",
    "description": "Long.",
    "duration": 90,
    "content_locale": "de",
    "speakers": [ADA],
    "resources": [{"resource": "https://example.org/slides", "description": "Slides"}],
    "slot": {"start": "2026-05-10T09:00:00+02:00", "end": "2026-05-10T09:45:00+02:00", "room": {"en": "Aula"}},
}


def read_answer(answer: Any) -> Reading:
    return read("pretalx", json.dumps(answer).encode(), Known("Europe/Berlin"))


class TestReading:
    def test_a_submission_has_its_slot_and_its_people(self) -> None:
        program = read_answer({"count": 1, "next": None, "results": [TALK]}).program

        item = program.items[0]
        assert times(program) == [("One", "05-10 09:00", 45)]
        assert (program.room_name(item), program.track_name(item), item.kind, item.language) == (
            "Aula",
            "Compilers",
            "lab",
            "de",
        )
        assert (item.abstract, [link.title for link in item.links]) == ("Short.\n\nLong.", ["Slides"])
        assert [(one.name, one.biography) for one in program.people_of(item)] == [("Ada Lovelace", "Counts.")]

    def test_without_a_slot_it_has_its_length(self) -> None:
        assert times(read_answer([TALK | {"slot": None}]).program) == [("One", "", 90)]

    def test_ids_are_looked_up_in_the_lists_of_the_same_file(self) -> None:
        program = read_answer(
            {
                "submissions": [TALK | {"slot": None, "slots": [5], "speakers": ["ADA111"], "track": 3}],
                "speakers": [ADA],
                "slots": [{"id": 5, "submission": "ABC123", "room": 2, "start": TALK["slot"]["start"], "duration": 30}],
                "rooms": [{"id": 2, "name": {"en": "Cellar"}}],
                "tracks": [{"id": 3, "name": {"en": "Verification"}}],
            }
        ).program

        item = program.items[0]
        assert (program.room_name(item), program.track_name(item)) == ("Cellar", "Verification")
        assert [one.name for one in program.people_of(item)] == ["Ada Lovelace"]

    def test_a_schedule_has_talks_and_breaks_as_slots(self) -> None:
        slots = [
            {"submission": TALK | {"slot": None}, "room": {"name": {"en": "Aula"}}, **TALK["slot"]},
            {"submission": None, "room": None, "description": {"en": "Coffee"}, **TALK["slot"]},
        ]

        program = read_answer({"id": 1, "version": "1.0", "slots": slots}).program

        assert sorted((item.title, item.kind) for item in program.items) == [("Coffee", "break"), ("One", "lab")]

    def test_the_schedule_of_its_widget_is_read(self) -> None:
        talk = {"code": "ABC123", "title": "One", "speakers": ["ADA111"], "track": 3, "room": 2}
        pause = {"id": 9, "title": {"en": "Coffee"}, "room": 2}
        times_of = {"start": TALK["slot"]["start"], "end": TALK["slot"]["end"]}
        named = {"rooms": [{"id": 2, "name": "Aula"}], "tracks": [{"id": 3, "name": "Compilers"}]}
        widget = {"talks": [talk | times_of, pause | times_of], "timezone": "Asia/Tokyo", "speakers": [ADA], **named}

        reading = read("pretalx", json.dumps(widget).encode())

        program = reading.program
        assert (guess(json.dumps(widget).encode()), reading.facts.timezone) == ("pretalx", "Asia/Tokyo")
        assert times(program) == [("One", "05-10 16:00", 45), ("Coffee", "05-10 16:00", 45)]
        assert {program.room_name(item) for item in program.items} == {"Aula"}
        assert [one.name for one in program.people_of(program.items[0])] == ["Ada Lovelace"]

    def test_ids_that_are_not_in_the_file_are_told(self) -> None:
        reading = read_answer([TALK | {"speakers": ["BOB111"], "track": 4}])

        assert [str(remark) for remark in reading.report.unplaced] == [
            "[0].track: “4” – This one of the tracks is not in the file.",
            "[0].speakers[0]: “BOB111” – This speaker is not in the file.",
        ]

    def test_two_slots_of_a_submission_are_two_sessions(self) -> None:
        later = {"start": "2026-05-11T09:00:00+02:00", "end": "2026-05-11T09:45:00+02:00"}

        reading = read_answer([TALK | {"slot": None, "slots": [TALK["slot"], later]}])

        assert times(reading.program) == [("One", "05-10 09:00", 45), ("One", "05-11 09:00", 45)]

    def test_what_was_not_accepted_is_left_out_and_told(self) -> None:
        reading = read_answer([TALK | {"state": "rejected"}, TALK | {"code": "OTHER"}])

        assert len(reading.program.items) == 1
        assert str(reading.report.unplaced[0]) == "[0]: “One” – Its state is rejected."

    def test_an_answer_that_goes_on_is_told(self) -> None:
        report = read_answer({"next": "https://pretalx.example/?page=2", "results": [TALK]}).report

        assert "The answer goes on" in str(report.remarks[0])


class TestRefusals:
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ([], "This is not an answer of pretalx's API"),
            ({"a": {"b": {"c": {"d": [TALK]}}}}, "This is not an answer of pretalx's API"),
            ([TALK | {"slot": None, "duration": 0}], "[0]: “One” – A session takes 1 to 1440 minutes, not 0."),
            ([TALK | {"slot": None, "duration": 14_400}], "[0]: “One” – A session takes 1 to 1440 minutes, not 14400."),
            ([TALK | {"title": {"en": ""}}], "[0]: A session without a title."),
            ([TALK | {"slot": {"start": "never"}}], "[0]: “One” – Not a time"),
            ([TALK | {"state": "rejected"}], "could be imported.\n[0]: “One” – Its state is rejected."),
            ([TALK] * 6000, "More than 5000 sessions"),
            ([ADA | {"code": str(number)} for number in range(25_000)], "More than 20000 names"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_place(self, answer: Any, message: str) -> None:
        assert message in refusal("pretalx", json.dumps(answer).encode())


@pytest.mark.django_db
class TestImporting:
    def test_people_come_from_a_file_of_their_own_as_well(self) -> None:
        bare = {"code": "ADA111", "name": "Ada Lovelace"}
        imported("pretalx", json.dumps([TALK | {"speakers": [bare]}]).encode())

        loaded = imported("pretalx", json.dumps([ADA]).encode())

        speaker = Speaker.objects.get()
        assert (speaker.biography, speaker.email) == ("Counts.", "ada@example.org")
        assert (loaded.new, loaded.kept) == (0, ("“One” is not in the file.",))

    def test_a_changed_file_moves_and_retitles(self) -> None:
        imported("pretalx", json.dumps([TALK]).encode())

        loaded = imported("pretalx", json.dumps([TALK | {"title": "Two", "slot": None}]).encode())

        assert (loaded.new, loaded.changed, Session.objects.get().title) == (0, 1, "Two")

    @pytest.mark.parametrize(
        ("name", "sessions", "people"), [("europython-submissions.json", 2, 3), ("europython-speakers.json", 0, 1)]
    )
    def test_real_files_import_whole_and_twice_without_a_change(self, name: str, sessions: int, people: int) -> None:
        data = real(f"pretalx-api-json/{name}")

        loaded, again = imported("pretalx", data), imported("pretalx", data)

        assert (loaded.new, Speaker.objects.count()) == (sessions, people)
        assert (again.changes, again.unchanged) == ((), sessions)
