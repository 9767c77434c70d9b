import json
from typing import Any

import pytest

from sessions_app.exports import FORMATS as EXPORTS
from sessions_app.importers.report import Known
from sessions_app.models import Session
from sessions_app.releases import latest
from tests.factories import NOON, make_event, make_program, make_release
from tests.sessions_app.importers.reading import imported, read, real, refusal, times

VIENNA = Known("Europe/Vienna")
ADA = {"id": "1f000000-0000-4000-8000-000000000001", "firstName": "Ada", "lastName": "Lovelace", "tagLine": "Analyst"}


def view(**session: Any) -> dict[str, Any]:
    row = {"id": "7", "title": "One", "startsAt": "2026-05-10T09:00:00", "endsAt": "2026-05-10T09:45:00"} | session
    formats = {"title": "Session format", "items": [{"id": 70, "name": "Workshop"}]}
    levels = {"title": "Level", "items": [{"id": 80, "name": "Introductory and overview"}]}
    return {
        "sessions": [row],
        "speakers": [ADA | {"bio": "Counts.", "links": [{"url": "https://example.org/ada"}]}],
        "categories": [formats, levels, {"title": "Length", "items": [{"id": 90, "name": "1 h 30 min"}]}],
        "rooms": [{"id": 2, "name": "Aula"}],
    }


def read_view(document: Any) -> Any:
    return read("sessionize", json.dumps(document).encode(), VIENNA)


class TestReading:
    def test_a_session_has_its_room_its_people_and_what_its_categories_say(self) -> None:
        program = read_view(view(roomId=2, speakers=[ADA["id"]], categoryItems=[70, 80])).program

        item = program.items[0]
        assert times(program) == [("One", "05-10 09:00", 45)]
        assert (program.room_name(item), item.kind, item.level) == ("Aula", "lab", "beginner")
        assert [(one.name, one.affiliation, one.biography, one.url) for one in program.people] == [
            ("Ada Lovelace", "Analyst", "Counts.", "https://example.org/ada")
        ]

    def test_service_sessions_are_breaks(self) -> None:
        assert read_view(view(title="Check-in", isServiceSession=True)).program.items[0].kind == "break"

    def test_without_a_time_the_length_is_that_of_its_category(self) -> None:
        program = read_view(view(startsAt=None, endsAt=None, categoryItems=[90])).program

        assert times(program) == [("One", "", 90)]

    def test_without_any_length_one_is_put_in_and_told(self) -> None:
        reading = read_view(view(startsAt=None, endsAt=None))

        assert times(reading.program) == [("One", "", 30)]
        assert "sessions[0]: “One” – No length is given: 30 minutes" in str(reading.report.remarks[0])

    def test_rooms_and_speakers_that_are_not_in_the_file_are_told(self) -> None:
        reading = read_view(view(roomId=3, speakers=[ADA["id"], "b"]))

        assert [one.name for one in reading.program.people_of(reading.program.items[0])] == ["Ada Lovelace"]
        assert [str(remark) for remark in reading.report.unplaced] == [
            "sessions[0].roomId: “3” – This room is not in the file.",
            "sessions[0].speakers[1]: “b” – This speaker is not in the file.",
        ]

    def test_declined_sessions_are_left_out_and_told(self) -> None:
        reading = read_view(view(status="Declined"))

        assert reading.program.items == ()
        assert str(reading.report.unplaced[0]) == "sessions[0]: “One” – Its status is Declined."

    def test_the_views_in_groups_are_read(self) -> None:
        row = view(room="Aula", speakers=[{"id": ADA["id"], "name": "Ada Lovelace"}])["sessions"][0]

        grid = read_view([{"date": "2026-05-10", "rooms": [{"id": 2, "name": "Aula", "sessions": [row]}]}]).program
        grouped = read_view([{"groupName": "All", "sessions": [row]}]).program

        assert times(grid) == times(grouped) == [("One", "05-10 09:00", 45)]
        assert [one.name for one in grid.people] == ["Ada Lovelace"]
        assert grid.room_name(grid.items[0]) == "Aula"


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"{}", "This is not the JSON of Sessionize"),
            (b'{"sessions": 5}', "This is not the JSON of Sessionize"),
            (b'{"sessions": [[]]}', "This is not the JSON of Sessionize"),
            (view(endsAt="2026-05-10T09:00:00"), "sessions[0]: “One” – A session takes 1 to 1440 minutes, not 0."),
            (view(endsAt="2026-05-20T09:00:00"), "sessions[0]: “One” – A session takes 1 to 1440 minutes, not 14400."),
            (view(startsAt="NaN"), "sessions[0]: “One” – Not a time"),
            (view(startsAt="9999-12-31T23:59:59"), "sessions[0]: “One” – Years go from 1970"),
            (view(title=None), "sessions[0]: A session without a title."),
            (view() | {"sessions": view()["sessions"] * 6000}, "More than 5000 sessions"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_place(self, data: Any, message: str) -> None:
        assert message in refusal("sessionize", data if isinstance(data, bytes) else json.dumps(data).encode())


@pytest.mark.django_db
class TestImporting:
    def test_a_changed_file_moves_and_retitles(self) -> None:
        data = json.dumps(view(speakers=[ADA["id"]])).encode()
        imported("sessionize", data, known=VIENNA)

        same = imported("sessionize", data, known=VIENNA)
        moved = imported("sessionize", data.replace(b"T09:00", b"T09:15").replace(b'"One"', b'"Two"'), known=VIENNA)

        assert (same.changes, same.unchanged) == ((), 1)
        assert (moved.new, moved.changed, Session.objects.get().title) == (0, 1, "Two")

    def test_what_we_export_makes_the_same_program_elsewhere(self) -> None:
        event = make_event(timezone="UTC")
        make_program(event, 3, start=NOON)
        make_release(event)
        published = latest(event)
        assert published
        data = EXPORTS["sessionize"][0](event, published) or b""
        event.delete()

        again = imported("sessionize", data, known=Known("UTC")).program

        assert [(item.title, item.start, item.duration, item.kind) for item in again.items] == [
            (item.title, item.start, item.duration, item.kind if item.kind == "break" else "talk")
            for item in published.program.items
        ]

    def test_a_real_file_imports_whole_and_twice_without_a_change(self) -> None:
        data = real("sessionize-json/gab-linz-2022.json")

        loaded, again = imported("sessionize", data), imported("sessionize", data)

        assert (len(loaded.program.items), len(loaded.program.people), len(loaded.program.rooms)) == (13, 12, 3)
        assert (again.changes, again.unchanged) == ((), 13)
