from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.models import Event
from sessions_app.importers.report import ImportFailed, Known
from sessions_app.models import Appearance, Room, Session, Speaker, Track
from tests.factories import make_event
from tests.sessions_app.importers.reading import FILES, imported, read, read_file, refusal, times

EVENT = (FILES / "event.yaml").read_bytes()
TOP = "lectern: 1\nevent:\n  title: A School\n"


def session(**values: Any) -> bytes:
    """An event of one session; what is None is left out."""
    row = {"title": "One", "duration": 30} | values
    row = {name: value for name, value in row.items() if value is not None}
    document = {"lectern": 1, "event": {"title": "A School"}, "blocks": [{"sessions": [row]}]}
    return yaml.safe_dump(document, sort_keys=False).encode()


class TestReading:
    def test_blocks_flow_and_pins_stay(self) -> None:
        program = read_file("yaml", "event.yaml").program

        assert times(program) == [
            ("Opening", "03-21 09:00", 45),
            ("Coffee", "03-21 09:45", 30),
            ("Hands-on", "03-21 11:00", 90),
            ("Outlook", "", 20),
        ]
        assert [(block.title, str(block.start)) for block in program.blocks] == [
            ("Morning", "2026-03-21 08:00:00+00:00"),
            ("Later", "None"),
        ]

    def test_the_facts_are_those_of_the_file(self) -> None:
        facts = read_file("yaml", "event.yaml").facts

        assert (facts.title, facts.host, facts.kind, facts.hue) == ("Winter School", "NORDIC 2026", "workshop", "moss")
        assert (facts.starts_on, facts.final_program_due) == (date(2026, 3, 21), date(2026, 2, 17))
        assert facts.overview == "Two days.\n\n- Bring a *laptop*.\n"

    def test_speakers_rooms_and_tracks_that_are_not_listed_are_made(self) -> None:
        program = read_file("yaml", "event.yaml").program

        assert [one.name for one in program.people] == ["Ada Lovelace", "Alan Turing"]
        assert [room.name for room in program.rooms] == ["Aula", "Cellar"]
        assert [track.name for track in program.tracks] == ["Compilers", "Systems"]
        assert [one.person for one in program.items[2].speakers] == ["ada-lovelace"]

    def test_members_it_does_not_know_are_told(self) -> None:
        unplaced = read("yaml", session(minuts=5)).report.unplaced

        assert [(remark.line, remark.text) for remark in unplaced] == [(8, "minuts")]

    def test_the_zone_asked_for_goes_first(self) -> None:
        assert read("yaml", EVENT, Known("Asia/Tokyo")).facts.timezone == "Asia/Tokyo"

    def test_words_stay_words(self) -> None:
        program = read("yaml", session(title="no", abstract="2026-03-22")).program

        assert (program.items[0].title, program.items[0].abstract) == ("no", "2026-03-22")


@pytest.mark.django_db
class TestImporting:
    def test_rows_hold_all_the_file_says(self) -> None:
        imported("yaml", EVENT)

        opening = Session.objects.get(title="Opening")
        assert (opening.kind, opening.level, str(opening.track), str(opening.room)) == (
            "keynote",
            "beginner",
            "Compilers",
            "Aula",
        )
        assert [(str(one.speaker), one.role) for one in Appearance.objects.filter(session=opening)] == [
            ("Ada Lovelace", ""),
            ("Alan Turing", "moderator"),
        ]
        assert Session.objects.get(title="Outlook").status == "cancelled"
        assert (Speaker.objects.get(slug="ada-lovelace").email, Room.objects.get(name="Aula").capacity) == (
            "ada@example.org",
            120,
        )
        assert (Track.objects.get(name="Compilers").hue, Event.objects.get(slug="my-event").hue) == ("plum", "moss")

    def test_a_second_import_changes_nothing(self) -> None:
        imported("yaml", EVENT)

        again = imported("yaml", EVENT)

        assert (again.changes, again.unchanged) == ((), 4)

    def test_a_kind_in_the_file_replaces_one_chosen_by_hand(self) -> None:
        imported("yaml", EVENT)
        Session.objects.filter(title="Opening").update(kind="panel")

        imported("yaml", EVENT)

        assert Session.objects.get(title="Opening").kind == "keynote"

    def test_what_it_leaves_out_stays(self) -> None:
        make_event(slug="my-event", overview="Ours", kind="conference")

        imported("yaml", b"lectern: 1\nevent:\n  title: A School\n")

        event = Event.objects.get()
        assert (event.title, event.overview, event.kind) == ("A School", "Ours", "conference")


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty."),
            (b"title: One", "line 1: This is not an event of Lectern"),
            (b"- 1", "line 1: This is not an event of Lectern"),
            (b"lectern: 1\nevent: [", "line 3: Not YAML"),
            (b"lectern: 1\nevent: {title: a, title: b}", "line 2: “title” – Stands here twice."),
            (b"lectern: 1\n---\nlectern: 1", "line 2: A second document begins here"),
            (b"a: &a [1, 1]\nb: [*a, *a]", "line 2: “*a” – References to other parts aren't read."),
            (b"[" * 500, "line 1: Parts inside each other more than 12 deep."),
            (b"[" * 1_000_000, "line 1: "),
            (b"- " * 1_000_000, "line 1: Parts inside each other more than 12 deep."),
            (b"[" + b"1," * 400_000 + b"]", "line 1: More than 300000 values"),
            (b"? [1]\n: 2", "line 1: This is not an event of Lectern"),
            (TOP.encode() + b"  timezone: Mars/Olympus", "line 4: “Mars/Olympus” – Not a time zone."),
            (TOP.encode() + b"  starts_on: soon", "line 4: “soon” – Not a date"),
            (b"lectern: 1\nevent: [a]", "line 2: Names with values are expected here: title"),
            (TOP.encode() + b"blocks: [Morning]", "line 4: “Morning” – Names with values are expected here: uuid"),
            (TOP.encode() + b"tracks:\n  name: A", "line 5: “name” – A list is expected here"),
            (TOP.encode() + b"speakers: Ada", "line 4: “Ada” – A list is expected here"),
            (TOP.encode() + b"blocks: {sessions: []}", "line 4: “sessions” – A list is expected here"),
            (TOP.encode() + b"rooms:" + b"\n  - name: A" * 5001, "line 5005: More than 5000 of these"),
            (TOP.encode() + b"  venue: [a]", "line 4: A text is expected here."),
            (TOP.encode() + b"rooms:\n  - name: A\n    capacity: -1", "line 6: “-1” – A number up to"),
            (TOP.encode() + b"rooms:\n  - capacity: 1", "line 5: A room without a name."),
            (session(duration=0), "line 7: “One” – A session takes 1 to 1440 minutes, not 0."),
            (session(duration="240:00"), "line 7: “One” – A session takes 1 to 1440 minutes"),
            (session(duration=None), "line 6: “One” – Not a length"),
            (session(title=""), "line 6: A session without a title."),
            (session(pinned="later"), "line 8: “later” – Not a time"),
            (session(uuid="1"), "line 8: “1” – Not a UUID."),
            (session(speakers=[""]), "line 9: A speaker without a name."),
            (session(abstract="x" * 50_001), "A text has at most 50000 characters"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_line(self, data: bytes, message: str) -> None:
        assert message in refusal("yaml", data)

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (session(kind="dance"), "line 6: “dance” – kind: Value 'dance' is not a valid choice."),
            (session(slug="a b"), "line 6: “a b” – slug: Enter a valid"),
            (session(title="x" * 251), "line 6: “xxx"),
            (TOP.encode() + b"speakers:\n  - name: A\n    email: nobody", "line 5: “nobody” – email: Enter a valid"),
            (TOP.encode() + b"  hue: pink", "line 4: hue: Value 'pink' is not a valid choice."),
        ],
    )
    def test_what_no_row_can_hold_is_refused_and_nothing_saved(self, data: bytes, message: str) -> None:
        with pytest.raises(ImportFailed) as failure:
            imported("yaml", data)

        assert str(failure.value).startswith(message)
        assert not Event.objects.exists()


def test_the_example_in_the_documents_is_read_whole() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "formats.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0]

    reading = read("yaml", example.encode())

    assert (reading.report.unplaced, [item.title for item in reading.program.items]) == ((), ["Opening", "Hands-on"])
    assert reading.program.items[1].visibility == "tba"


@pytest.mark.django_db
def test_and_imported_twice_changes_nothing_the_second_time() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "formats.md").read_text()
    example = text.split("```yaml\n")[1].split("```")[0].encode()

    first, again = imported("yaml", example), imported("yaml", example)

    assert "new question “Any allergies?”" in first.changes
    assert again.changes == ()
