import csv
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from portal.models import Event
from sessions_app.exports import csv as export
from sessions_app.program import Link, Program
from sessions_app.quoting import quoted, unquoted
from sessions_app.releases import Published
from tests.factories import NOON
from tests.sessions_app.exports.made_up import BY_LENGTHS, CONTROLS, FINAL, HALL, HOSTILE, PEOPLE, SYSTEMS, WITH_TIMES


def exported(program: Program) -> list[dict[str, str]]:
    body = export.schedule(Event(slug="tutorial"), Published(1, "tentative", NOON, "", "", program))
    return list(csv.DictReader(StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


def column(program: Program, name: str) -> list[str]:
    return [row[name] for row in exported(program)]


def test_it_tells_everything_of_a_session() -> None:
    lab = replace(WITH_TIMES.items[2], title="Lab", level="advanced", abstract="*Bring*\n\na laptop.")
    links = (Link("https://example.org/a", "A"), Link("https://example.org/b"))
    lab = replace(lab, subtitle="By hand", prerequisites="Python", links=links)

    assert exported(replace(WITH_TIMES, items=(lab,))) == [
        {
            "id": "3",
            "uuid": "b0000000-0000-4000-8000-000000000003",
            "slug": "lab",
            "title": "Lab",
            "subtitle": "By hand",
            "kind": "lab",
            "status": "planned",
            "visibility": "full",
            "block": "By day",
            "offset": "75",
            "duration": "90",
            "start": "2026-03-22T10:15:00-04:00",
            "end": "2026-03-22T11:45:00-04:00",
            "room": "Hall A",
            "track": "Systems & <tools>",
            "level": "advanced",
            "language": "en",
            "speakers": "Ada Lovelace; Sokrates",
            "abstract": "*Bring*\n\na laptop.",
            "prerequisites": "Python",
            "links": "https://example.org/a https://example.org/b",
            "page": "https://portal.example/tutorial/sessions/lab/",
        }
    ]


def test_without_clock_times_lengths_and_offsets_are_told() -> None:
    rows = exported(BY_LENGTHS)

    assert [(row["offset"], row["duration"], row["start"], row["end"]) for row in rows] == [
        ("0", "45", "", ""),
        ("45", "30", "", ""),
        ("75", "90", "", ""),
        ("0", "150", "", ""),
    ]


def test_cancelled_sessions_and_breaks_stand_in_it() -> None:
    assert column(FINAL, "status") == ["planned", "planned", "cancelled", "planned"]
    assert column(FINAL, "kind") == ["tutorial", "break", "lab", "social"]


def test_spreadsheets_know_its_encoding_and_its_lines() -> None:
    body = export.schedule(Event(slug="tutorial"), Published(1, "final", NOON, "", "", WITH_TIMES))

    assert body.startswith(
        b"\xef\xbb\xbfid,uuid,slug,title,subtitle,kind,status,visibility,block,offset,duration,start,end,"
    )
    assert body.count(b"\r\n") == 5


def with_text(text: str) -> dict[str, Any]:
    talk = replace(WITH_TIMES.items[0], title=text, abstract=text, track="systems")
    blocks = (replace(WITH_TIMES.blocks[0], title=text),)
    people, rooms, tracks = ((replace(one, name=text),) for one in (PEOPLE[0], HALL, SYSTEMS))
    program = replace(WITH_TIMES, items=(talk,), blocks=blocks, people=people, rooms=rooms, tracks=tracks)
    (row,) = exported(program)
    return {name: row[name] for name in ("title", "abstract", "block", "speakers", "room", "track")}


@pytest.mark.parametrize("text", [f"A {HOSTILE}", 'a"b""c', ',;"', "'quoted'", "\\"])
def test_hostile_texts_parse_back_as_they_were(text: str) -> None:
    assert {unquoted(cell) for cell in with_text(text).values()} == {text}


@pytest.mark.parametrize("text", [HOSTILE, "-1", "+1", "@SUM(A1)", '=HYPERLINK("https://evil.example")'])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    cells = with_text(text)

    assert cells.pop("speakers") == ("'" if quoted(text) == text else "") + quoted(text)
    assert set(cells.values()) == {f"'{text}"}


def test_an_offset_before_its_block_is_a_number() -> None:
    early = replace(WITH_TIMES.items[0], offset=-420)

    assert column(replace(WITH_TIMES, items=(early,)), "offset") == ["-420"]


def test_control_characters_are_left_out() -> None:
    cells = with_text(CONTROLS + "\r\nnext")

    assert cells.pop("abstract") == "before[31m\ufffe after\nnext"
    assert set(cells.values()) == {"before[31m\ufffe after next"}
