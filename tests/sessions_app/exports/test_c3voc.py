import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from portal.models import Event
from sessions_app import releases
from sessions_app.exports import FORMATS, c3voc
from sessions_app.models import Session, Track
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_material,
    make_program,
    make_release,
    make_room,
    make_session,
    make_speaker,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SCHEMA = Path(
    os.environ.get("C3VOC_SCHEMA", Path(__file__).parents[4] / "shared/data/schemas/c3voc-schedule-v1.schema.json")
)


def exported(event: Event) -> dict[str, Any]:
    """The document of the draft, released now."""
    make_release(event)
    published = releases.latest(event)
    assert published
    export, _ = FORMATS["c3voc"]
    found: dict[str, Any] = json.loads(export(event, published) or b"null")
    return found


def conference(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = exported(event)["schedule"]["conference"]
    return found


def entries(event: Event) -> list[dict[str, Any]]:
    days = conference(event)["days"]
    return [entry for day in days for room in day["rooms"].values() for entry in room]


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial-2026", title="Tutorial", venue="Convention Center")


def test_without_clock_times_there_is_none(event: Event) -> None:
    make_program(event)

    assert exported(event) is None


def test_it_tells_everything_of_a_session(event: Event) -> None:
    room, track = make_room(event, "Hall", capacity=80), Track.objects.create(event=event, name="Systems", hue="pine")
    ada = make_speaker(event, "Ada", biography="First.", url="https://ada.example/")
    block = make_block(event, start=NOON, room=room)
    session = make_session(block, "Welcome", duration=90, track=track, abstract="*Hello*", speakers=(ada,))
    Session.objects.update(subtitle="For all", prerequisites="- Python", links=[{"url": "https://example.org/"}])

    assert entries(event) == [
        {
            "guid": str(session.uuid),
            "id": session.pk,
            "date": "2026-01-15T07:00:00-05:00",
            "start": "07:00",
            "end": "2026-01-15T08:30:00-05:00",
            "duration": "01:30",
            "room": "Hall",
            "slug": f"tutorial_2026-{session.pk}-welcome",
            "url": "https://portal.example/tutorial-2026/sessions/welcome/",
            "title": "Welcome",
            "subtitle": "For all",
            "track": "Systems",
            "type": "talk",
            "language": "en",
            "abstract": "*Hello*",
            "description": "Prerequisites:\n\n- Python",
            "persons": [
                {"guid": str(ada.uuid), "name": "Ada", "biography": "First.", "url": "https://ada.example/"},
            ],
            "links": [{"url": "https://example.org/", "title": "https://example.org/"}],
        }
    ]


def test_it_tells_everything_of_the_conference(event: Event) -> None:
    room, track = make_room(event, "Hall", capacity=80), Track.objects.create(event=event, name="Systems", hue="pine")
    make_session(make_block(event, start=NOON, room=room), track=track)

    found = exported(event)

    assert found["$schema"] == "https://c3voc.de/schedule/schema.json"
    assert {name: found["schedule"][name] for name in ("url", "version", "base_url")} == {
        "url": "https://portal.example/tutorial-2026/schedule.json",
        "version": "tentative-1",
        "base_url": "https://portal.example/tutorial-2026/",
    }
    about = found["schedule"]["conference"]
    assert {name: about[name] for name in about if name != "days"} == {
        "acronym": "tutorial_2026",
        "title": "Tutorial",
        "start": "2026-01-15",
        "end": "2026-01-15",
        "daysCount": 1,
        "timeslot_duration": "00:05",
        "time_zone_name": "America/New_York",
        "url": "https://portal.example/tutorial-2026/",
        "tracks": [{"name": "Systems", "slug": "systems", "color": "#005b36"}],
        "rooms": [{"name": "Hall", "guid": str(room.uuid), "capacity": 80}],
        "meta": {"stage": "tentative", "release": 1, "final_program_due": None},
    }


def test_days_are_those_of_the_events_zone_and_last_until_four(event: Event) -> None:
    late = NOON + timedelta(hours=14)  # 21:00 in New York, and the next day in UTC
    make_session(make_block(event, start=NOON), "Morning")
    make_session(make_block(event, start=late), "Evening")
    make_session(make_block(event, start=NOON + timedelta(days=1)), "Next day")

    days = conference(event)["days"]

    assert [(day["index"], day["date"], day["day_start"], day["day_end"]) for day in days] == [
        (1, "2026-01-15", "2026-01-15T04:00:00-05:00", "2026-01-16T03:59:00-05:00"),
        (2, "2026-01-16", "2026-01-16T04:00:00-05:00", "2026-01-17T03:59:00-05:00"),
    ]


def test_rooms_stand_in_their_order_and_the_unnamed_place_last(event: Event) -> None:
    small, large = make_room(event, "Small", position=2), make_room(event, "Large", position=1)
    block = make_block(event, start=NOON)
    for room in (None, small, large):
        make_session(block, room=room)

    (day,) = conference(event)["days"]

    assert list(day["rooms"]) == ["Large", "Small", "Convention Center"]


def test_without_a_venue_the_event_is_the_place(event: Event) -> None:
    event.venue = ""
    make_session(make_block(event, start=NOON))

    assert [entry["room"] for entry in entries(event)] == ["Tutorial"]


def test_breaks_and_cancelled_sessions_are_left_out(event: Event) -> None:
    make_program(event, start=NOON)
    event.sessions.filter(title="Part 2").update(status="cancelled")

    assert [entry["title"] for entry in entries(event)] == ["Part 1"]


def test_sessions_without_a_time_are_left_out(event: Event) -> None:
    make_session(make_block(event, start=NOON), "Timed")
    make_session(make_block(event), "Open")

    assert [entry["title"] for entry in entries(event)] == ["Timed"]


@pytest.mark.parametrize(("slug", "acronym"), [("a", "a___"), ("abc-1", "abc_1"), ("asplos", "asplos")])
def test_an_acronym_has_four_letters_and_no_hyphen(slug: str, acronym: str) -> None:
    assert c3voc.acronym(slug) == acronym


@pytest.mark.parametrize(
    ("slug", "said"),
    [("ml", "ml"), ("a", "track-a"), ("7", "track-7"), ("Systems", "track-systems"), ("x_", "track-x"), ("_", "track")],
)
def test_a_track_has_a_name_that_the_schema_takes(slug: str, said: str) -> None:
    assert c3voc.track_slug(slug) == said


@pytest.mark.parametrize(("zone", "is_told"), [("UTC", True), ("Europe/Berlin", True), ("US/Eastern", False)])
def test_a_zone_the_schema_does_not_take_is_not_told(zone: str, is_told: bool) -> None:
    event = make_event(timezone=zone)
    make_session(make_block(event, start=NOON))

    assert ("time_zone_name" in conference(event)) is is_told


@pytest.mark.skipif(not SCHEMA.exists(), reason="The published schema isn't here; set C3VOC_SCHEMA to its path.")
class TestPublishedSchema:
    @pytest.fixture
    def schema(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(SCHEMA.read_text())
        return found

    @pytest.mark.parametrize("slug", ["a", "tutorial", "asplos-2026-tutorial", "1-2-3"])
    def test_it_is_met_by_any_event(self, schema: dict[str, Any], slug: str) -> None:
        event = make_event(slug=slug)
        make_program(event, 3, start=NOON)
        bare = make_session(make_block(event, start=NOON), "Without track, room and speaker", duration=1440)
        make_material(event, session=bare)
        make_session(make_block(event, start=NOON + timedelta(hours=17, minutes=30)), "After midnight")

        jsonschema.validate(exported(event), schema, format_checker=jsonschema.FormatChecker())

    @pytest.mark.parametrize("name", ["A", "7", "ML", "狼", "C++"])
    def test_it_is_met_by_tracks_of_any_name(self, schema: dict[str, Any], event: Event, name: str) -> None:
        make_session(make_block(event, start=NOON), track=Track.objects.create(event=event, name=name))

        jsonschema.validate(exported(event), schema, format_checker=jsonschema.FormatChecker())

    def test_it_is_met_by_texts_of_all_kinds(self, schema: dict[str, Any], event: Event) -> None:
        people = tuple(make_speaker(event, name) for name in ("Ōkami 狼", "O'Neil & Sons", "x" * 200))
        make_session(make_block(event, start=NOON), '«Ünïcödé» & <tags> "quoted"', speakers=people)

        jsonschema.validate(exported(event), schema, format_checker=jsonschema.FormatChecker())


def test_an_unknown_color_becomes_the_usual_one(event: Event) -> None:
    make_session(make_block(event, start=NOON), track=Track.objects.create(event=event, name="Systems"))
    make_release(event)
    published = releases.latest(event)
    assert published
    tracks = tuple(replace(track, hue="chartreuse") for track in published.program.tracks)

    document = json.loads(
        c3voc.schedule(event, replace(published, program=replace(published.program, tracks=tracks))) or b""
    )

    assert document["schedule"]["conference"]["tracks"][0]["color"] == "#104c80"
