import json
from datetime import UTC, date, datetime

import pytest

from sessions_app.drafts import program_of
from sessions_app.program import Program, digest
from sessions_app.visibility import conceal
from tests.factories import NOON, make_block, make_event, make_program, make_room, make_session, make_speaker

pytestmark = pytest.mark.django_db


def test_a_stored_program_reads_back_equal() -> None:
    event = make_event()
    make_program(event, start=NOON)
    program = program_of(event)

    stored = json.loads(json.dumps(program.to_json()))

    assert Program.from_json(stored) == program


def test_the_digest_depends_on_the_contents_alone() -> None:
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_the_draft_has_offsets_without_clock_times() -> None:
    event = make_event()
    make_program(event)

    program = program_of(event)

    assert [(item.title, item.offset, item.start) for item in program.items] == [
        ("Part 1", 0, None),
        ("Coffee break", 45, None),
        ("Part 2", 75, None),
    ]


def test_a_session_without_a_room_is_in_its_blocks_room() -> None:
    event = make_event()
    hall, annex = make_room(event, "Hall"), make_room(event, "Annex")
    block = make_block(event, room=hall)
    make_session(block, "Talk")
    make_session(block, "Lab", room=annex)

    program = program_of(event)

    assert [program.room_name(item) for item in program.items] == ["Hall", "Annex"]


def test_only_speakers_and_rooms_in_use_are_made_public() -> None:
    event = make_event()
    make_program(event)
    make_speaker(event, "Not Announced")
    make_room(event, "Secret room")

    program = conceal(program_of(event))

    assert [person.name for person in program.people] == ["Ada Lovelace"]
    assert program.rooms == ()


def test_days_are_local_days() -> None:
    event = make_event(timezone="America/New_York")
    make_session(make_block(event, start=datetime(2026, 3, 22, 1, tzinfo=UTC)), "Late show")
    make_session(make_block(event, start=datetime(2026, 3, 22, 13, tzinfo=UTC)), "Morning talk")

    days = program_of(event).days

    assert [(day, [item.title for item in items]) for day, items in days] == [
        (date(2026, 3, 21), ["Late show"]),
        (date(2026, 3, 22), ["Morning talk"]),
    ]


@pytest.mark.parametrize("sessions", [1, 3, 100])
def test_reading_a_draft_takes_the_same_queries_at_any_size(sessions: int, django_assert_num_queries: object) -> None:
    event = make_event()
    make_program(event, sessions)

    with django_assert_num_queries(6):  # type: ignore[operator]
        program_of(event)


def test_a_release_stored_before_sessions_had_links_still_reads() -> None:
    event = make_event()
    make_program(event)
    program = program_of(event)
    stored = program.to_json()
    for row in stored["items"]:
        for name in ("subtitle", "visibility", "prerequisites", "links"):
            del row[name]

    assert Program.from_json(stored) == program
