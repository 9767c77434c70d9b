import pytest

from sessions_app.drafts import program_of
from sessions_app.exports import FORMATS as EXPORTS
from sessions_app.importers.csv import people_in
from sessions_app.importers.report import Known
from sessions_app.models import Block, Session
from sessions_app.releases import latest
from tests.factories import NOON, make_block, make_event, make_program, make_release, make_session
from tests.sessions_app.importers.reading import imported, read, refusal, times

BERLIN = Known("Europe/Berlin")
TABLE = """title,speakers,room,start,end,track
Opening,Ada Lovelace; Alan Turing,Aula,2026-03-21 09:00,2026-03-21 09:45,Compilers
"Lunch, outside",,,2026-03-21 12:00,2026-03-21 13:00,
"""


def program(table: str) -> list[tuple[str, str, int]]:
    return times(read("csv", table.encode(), BERLIN).program)


class TestReading:
    def test_sessions_have_times_rooms_tracks_and_people(self) -> None:
        found = read("csv", TABLE.encode(), BERLIN).program

        assert times(found) == [("Lunch, outside", "03-21 12:00", 60), ("Opening", "03-21 09:00", 45)]
        assert [item.kind for item in found.items] == ["break", ""]
        opening = found.items[1]
        assert (found.room_name(opening), found.track_name(opening)) == ("Aula", "Compilers")
        assert [one.name for one in found.people_of(opening)] == ["Ada Lovelace", "Alan Turing"]

    @pytest.mark.parametrize(
        "table",
        [
            TABLE.replace(",", ";")
            .replace("Lunch;", "Lunch,")
            .replace("Ada Lovelace; Alan Turing", '"Ada Lovelace\nAlan Turing"'),
            TABLE.replace(",", "\t").replace("Lunch\t", "Lunch,"),
            "\ufeff" + TABLE.replace("\n", "\r\n"),
            "sep=,\r\n" + TABLE,
            TABLE.replace("\n", "\r"),
        ],
        ids=["semicolons", "tabs", "with a mark", "with a separator line", "ends of an old Mac"],
    )
    def test_what_spreadsheets_make_of_it_is_the_same_table(self, table: str) -> None:
        assert program(table) == program(TABLE)

    @pytest.mark.parametrize(
        ("cell", "names"),
        [
            ("Ada Lovelace, Alan Turing", ["Ada Lovelace", "Alan Turing"]),
            ("Lovelace, Ada; Turing, Alan", ["Lovelace, Ada", "Turing, Alan"]),
            ('"Lovelace, Ada"', ["Lovelace, Ada"]),
            ('"Smith, Jr.; John"; Ada "Countess" Lovelace', ["Smith, Jr.; John", 'Ada "Countess" Lovelace']),
            ('"Smith; John", Ada', ["Smith; John", "Ada"]),
            ('"Smith, John\nAda', ['"Smith, John', "Ada"]),
            ('"""The"" Smith"', ['"The" Smith']),
        ],
    )
    def test_names_are_parted_but_not_inside_quotes(self, cell: str, names: list[str]) -> None:
        assert [one.name for one in people_in(cell)] == names

    def test_what_ends_the_next_morning_has_the_length_of_its_night(self) -> None:
        night = "title,date,start,end\nParty,2026-10-24,22:00,04:00\nBall,2026-10-23,22:00,04:00"

        assert program(night) == [("Ball", "10-23 22:00", 360), ("Party", "10-24 22:00", 420)]

    def test_utf_16_is_read(self) -> None:
        assert times(read("csv", TABLE.encode("utf-16"), BERLIN).program) == program(TABLE)

    @pytest.mark.parametrize(
        ("columns", "cells"),
        [
            ("Session title,Start time,End time", "One,2026-03-21T09:00:00+01:00,2026-03-21T09:30:00+01:00"),
            ("Talk,Date,Start,Length", "One,2026-03-21,09:00,30 min"),
            ("Title,Start date,Start time,Duration", "One,21.03.2026,9:00,0:30"),
            ("Title,Starts,Ends", "One,3/21/2026 9:00,3/21/2026 9:30"),
            ("TITLE,START,MINUTES", "One,21/3/2026 09:00:00,30"),
            ("Title,Scheduled At,Scheduled Duration", "One,3/21/2026 9:00 AM,30"),
            ("Title,Start,End", "One,2026-03-21 9:00 am,2026-03-21 9:30 a.m."),
        ],
    )
    def test_columns_and_times_are_understood_as_others_write_them(self, columns: str, cells: str) -> None:
        assert program(f"{columns}\n{cells}") == [("One", "03-21 09:00", 30)]

    def test_an_end_before_the_start_is_on_the_next_day(self) -> None:
        assert program("title,date,start,end\nParty,2026-03-21,22:00,01:30") == [("Party", "03-21 22:00", 210)]

    def test_without_times_the_lengths_flow_in_the_files_order(self) -> None:
        found = read("csv", b"title,minutes,block\nOne,45,Morning\nTwo,30,Morning\nThree,20,Afternoon").program

        assert [(item.title, item.offset) for item in found.items] == [("One", 0), ("Two", 45), ("Three", 0)]
        assert [block.title for block in found.blocks] == ["Morning", "Afternoon"]

    def test_a_missing_length_is_told(self) -> None:
        reading = read("csv", b"title\nOne", BERLIN)

        assert [str(one) for one in reading.report.remarks] == [
            "line 2: “One” – No length is given: 30 minutes were put in."
        ]

    def test_unknown_columns_are_told(self) -> None:
        report = read("csv", b"title,minutes,shirt\nOne,5,XL", BERLIN).report

        assert [(one.line, one.text) for one in report.unplaced] == [(1, "shirt")]

    def test_what_cannot_be_understood_is_told_where_it_comes_up_first(self) -> None:
        table = "title,minutes,level,language,title\nA,30,guru,English,X\nB,30,Guru,English,Y\nC,30,guru,de-AT,Z\n"

        report = read("csv", table.encode(), BERLIN).report

        assert [str(one) for one in report.unplaced] == [
            "line 1: “title” – Another column before it is the title; this one isn’t read.",
            "line 2: “guru” – Not a level known here: beginner, intermediate, advanced.",
            "line 2: “English” – Not a language by its two letters, as in en.",
            "line 3: “Guru” – Not a level known here: beginner, intermediate, advanced.",
        ]

    def test_a_formulas_apostrophe_is_taken_off(self) -> None:
        assert program("title,minutes\n'=1+1,5\n'Twas,5") == [("=1+1", "", 5), ("'Twas", "", 5)]


class TestRefusals:
    @pytest.mark.parametrize(
        ("table", "message"),
        [
            ("", "The file is empty."),
            ("start,room\n9:00,Aula", "line 1: “start, room” – No column is called “title”."),
            ("title,minutes", "There is no session in this file that could be imported."),
            ("title\n" * 2 + '"One', "line 3: Not a table: unexpected end of data."),
            ('title,minutes\n"O"ne,5', "line 2: Not a table: ',' expected after '\"'."),
            ("title\n" + "x" * 200_000, "line 2: Not a table: field larger than field limit"),
            ("title,minutes\nOne,5\nTwo,0", "line 3: “Two” – A session takes 1 to 1440 minutes, not 0."),
            ("title,minutes\nOne,240:00", "line 2: “One” – A session takes 1 to 1440 minutes"),
            ("title,minutes\nOne,NaN", "line 2: “One” – Not a length"),
            ("title,minutes\n,5", "line 2: A session without a title."),
            ("title,start\nOne,09:00", "line 2: “One” – A time without its date."),
            ("title,start\nOne,1/2/2026 09:00", "line 2: “One” – Day or month first?"),
            ("title,start\nOne,soon", "line 2: “One” – Not a time"),
            ("title\nOne,2", "line 2: “One” – This line has more cells"),
            ('title,abstract,minutes\nOne,"a\nb",5\nTwo,,0', "line 4: “Two” – "),
            ("title" + "," * 300, "line 1: More than 200 columns."),
            ("title\n" + "One\n" * 100_000, "line 5002: More than 5000 lines"),
        ],
    )
    def test_a_bad_table_is_refused_with_its_line(self, table: str, message: str) -> None:
        assert message in refusal("csv", table.encode())

    def test_another_encoding_is_refused_with_its_line(self) -> None:
        assert refusal("csv", "title\nGrün".encode("cp1252")).startswith("line 2: Byte 3 of this line")


@pytest.mark.django_db
class TestOurOwnTable:
    def test_it_changes_nothing_where_it_came_from(self) -> None:
        event = make_event(timezone="Europe/Berlin")
        make_program(event, 3, start=NOON)
        make_session(make_block(event), "=Later?", abstract="Two\n\nlines", language="de", level="advanced")
        make_session(make_block(event, title="Evening"), "Dinner", kind="social", status="cancelled")
        make_release(event)
        published = latest(event)
        assert published

        loaded = imported(
            "csv", EXPORTS["csv"][0](event, published) or b"", slug=event.slug, known=Known("", "Europe/Berlin")
        )

        assert (loaded.changes, loaded.unchanged) == ((), 6)

    def test_what_is_to_be_announced_keeps_its_title(self) -> None:
        event = make_event(timezone="UTC")
        make_session(make_block(event), "Secret", visibility="tba")
        make_release(event)
        published = latest(event)
        assert published

        loaded = imported("csv", EXPORTS["csv"][0](event, published) or b"", slug=event.slug)

        assert (loaded.changes, Session.objects.get().title) == ((), "Secret")

    def test_a_changed_line_moves_its_session(self) -> None:
        event = make_event(timezone="UTC")
        first = make_program(event, 3, start=NOON)[0]
        make_release(event)
        published = latest(event)
        assert published
        table = (EXPORTS["csv"][0](event, published) or b"").replace(b"Part 1", b"Welcome")

        loaded = imported("csv", table, slug=event.slug)

        assert loaded.changes == ("“Welcome”: title Part 1 → Welcome",)
        assert Session.objects.get(pk=first.pk).title == "Welcome"

    def test_it_makes_the_same_program_elsewhere(self) -> None:
        event = make_event(timezone="UTC")
        make_program(event, 3, start=NOON)
        make_release(event)
        published = latest(event)
        assert published
        table = EXPORTS["csv"][0](event, published) or b""
        event.delete()

        imported("csv", table, known=Known("UTC"))

        again = program_of(Block.objects.get().event)
        assert [(item.uuid, item.slug, item.title, item.start, item.kind) for item in again.items] == [
            (item.uuid, item.slug, item.title, item.start, item.kind) for item in published.program.items
        ]
