import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from lxml import etree

from portal.models import Event
from portal.text import clean_line
from sessions_app.exports import frab
from sessions_app.program import Item, Link, Program, Room, Track
from sessions_app.releases import Published
from tests.factories import NOON
from tests.sessions_app.exports.made_up import BY_LENGTHS, CONTROLS, FINAL, HALL, HOSTILE, START, WITH_TIMES, item

SCHEMA = Path(os.environ.get("FRAB_SCHEMA", Path(__file__).parents[4] / "shared/data/schemas/c3voc-schedule.xsd"))
SCRIPTS = HOSTILE + " \r\n\ttwo\rlines"


def event(**fields: Any) -> Event:
    return Event(**{"slug": "tutorial-2026", "title": "Tutorial", "venue": "Convention Center"} | fields)


def exported(program: Program, about: Event | None = None, **attachments: list[Link]) -> Any:
    """The root element, as a parser without any leniency reads it."""
    published = Published(2, "tentative", NOON, "", "", program)
    body = frab.schedule(about or event(), published, attachments)
    assert body
    return etree.fromstring(body)


def with_items(*items: Item, **parts: Any) -> Program:
    return replace(WITH_TIMES, items=items, **parts)


def timed(number: int = 1, **fields: Any) -> Item:
    found = item(number, f"session-{number}", **{"start": START} | fields)
    return replace(found, end=found.start and found.start + timedelta(minutes=found.duration))


def texts(root: Any, path: str) -> list[str]:
    return [one.text or "" for one in root.iterfind(path)]


@pytest.mark.parametrize(
    "program", [BY_LENGTHS, with_items(timed(kind="break")), with_items(timed(status="cancelled"))]
)
def test_with_nothing_to_show_there_is_none(program: Program) -> None:
    assert frab.schedule(event(), Published(1, "final", NOON, "", "", program)) is None


def test_breaks_cancelled_sessions_and_those_without_a_time_are_left_out() -> None:
    program = replace(FINAL, items=(*FINAL.items, item(9, "open")))

    assert texts(exported(program), "day/room/event/title") == ["Welcome", "Party"]


def test_an_app_knows_the_format_by_the_beginning_of_the_file() -> None:
    body = frab.schedule(event(title="T" * 200), Published(1, "final", NOON, "", "", WITH_TIMES)) or b""

    assert (b"<schedule" in body[:1024], b"<conference" in body[:1024], b"DOCTYPE" in body) == (True, True, False)
    assert body.endswith(b"</schedule>")


def test_a_session_after_midnight_stands_with_the_evening_before() -> None:
    night, morning = START + timedelta(hours=18, minutes=59), START + timedelta(hours=19)  # 03:59, 04:00 in New York

    root = exported(with_items(timed(1, start=night), timed(2, start=morning)))

    assert [dict(day.attrib) for day in root.iterfind("day")] == [
        {
            "index": "1",
            "date": "2026-03-22",
            "start": "2026-03-22T04:00:00-04:00",
            "end": "2026-03-23T03:59:00-04:00",
        },
        {
            "index": "2",
            "date": "2026-03-23",
            "start": "2026-03-23T04:00:00-04:00",
            "end": "2026-03-24T03:59:00-04:00",
        },
    ]
    assert texts(root, "day/room/event/date") == ["2026-03-23T03:59:00-04:00", "2026-03-23T04:00:00-04:00"]
    assert texts(root, "day/room/event/start") == ["03:59", "04:00"]


def test_a_day_has_the_offset_of_each_of_its_ends() -> None:
    eve = START - timedelta(days=14)  # the night after it, New York's clocks are set forward

    (day,) = exported(with_items(timed(start=eve))).iterfind("day")

    assert (day.get("start"), day.get("end")) == ("2026-03-08T04:00:00-04:00", "2026-03-09T03:59:00-04:00")
    (before,) = exported(with_items(timed(start=eve - timedelta(days=1)))).iterfind("day")
    assert (before.get("start"), before.get("end")) == ("2026-03-07T04:00:00-05:00", "2026-03-08T03:59:00-04:00")


@pytest.mark.parametrize(("minutes", "said"), [(5, "00:05"), (60, "01:00"), (605, "10:05"), (1440, "23:59")])
def test_a_length_is_in_hours_and_minutes_below_a_day(minutes: int, said: str) -> None:
    assert texts(exported(with_items(timed(duration=minutes))), "day/room/event/duration") == [said]


def test_rooms_stand_in_their_order_and_the_unnamed_place_last() -> None:
    small = Room(str(uuid4()), "Small")
    items = (timed(1), timed(2, room=small.uuid), timed(3, room=HALL.uuid))

    root = exported(with_items(*items, rooms=(HALL, small)))

    rooms = [(room.get("name"), room.get("guid")) for room in root.iterfind("day/room")]
    assert rooms == [("Hall A", HALL.uuid), ("Small", small.uuid), ("Convention Center", None)]


def test_what_belongs_to_a_session_is_told() -> None:
    links = (Link("https://example.org/a?b=1&c=2", "Set-up"), Link("https://example.org/"))
    session = timed(subtitle="For all", prerequisites="- Python", links=links)

    (entry,) = exported(with_items(session)).iterfind("day/room/event")

    assert (entry.findtext("subtitle"), entry.findtext("description")) == ("For all", "Prerequisites:\n\n- Python")
    assert [(link.get("href"), link.text) for link in entry.iterfind("links/link")] == [
        ("https://example.org/a?b=1&c=2", "Set-up"),
        ("https://example.org/", "https://example.org/"),
    ]


def test_what_is_attached_stands_at_its_session() -> None:
    session = timed(1)

    root = exported(with_items(session, timed(2)), **{session.uuid: [Link("https://example.org/slides", HOSTILE)]})

    one, other = root.iterfind("day/room/event")
    assert [(one.get("href"), one.text) for one in one.iterfind("attachments/attachment")] == [
        ("https://example.org/slides", HOSTILE)
    ]
    assert other.find("attachments") is None


def test_people_have_numbers_that_stay_theirs() -> None:
    persons = exported(FINAL).findall("day/room/event/persons/person")
    renamed = replace(FINAL, people=tuple(replace(one, name=f"Dr. {one.name}") for one in reversed(FINAL.people)))
    again = exported(renamed).findall("day/room/event/persons/person")

    numbers = {one.get("guid"): int(one.get("id")) for one in persons}
    assert {one.get("guid"): int(one.get("id")) for one in again} == numbers
    assert len(set(numbers.values())) == 2
    assert all(0 < number < 2**31 for number in numbers.values())


def test_what_is_absent_has_no_element() -> None:
    (entry,) = exported(with_items(timed(language=""))).iterfind("day/room/event")

    assert [child.tag for child in entry] == [
        "room",
        "title",
        "type",
        "date",
        "start",
        "duration",
        "abstract",
        "slug",
        "track",
        "url",
        "persons",
    ]


def test_hostile_texts_parse_back_as_they_were() -> None:
    person = replace(WITH_TIMES.people[0], name=HOSTILE)
    session = timed(title=HOSTILE, abstract=HOSTILE, track="t", room=HALL.uuid, speakers=WITH_TIMES.items[0].speakers)
    parts = {"people": (person,), "tracks": (Track("t", HOSTILE),), "rooms": (replace(HALL, name=HOSTILE),)}

    root = exported(with_items(session, **parts), event(title=HOSTILE))

    paths = ["conference/title", *(f"day/room/event/{name}" for name in ("title", "abstract", "track", "room"))]
    assert {text for path in paths for text in texts(root, path)} == {clean_line(HOSTILE)} == {HOSTILE}
    assert texts(root, "day/room/event/persons/person") == [HOSTILE]
    assert [root.find(path).get("name") for path in ("conference/track", "day/room")] == [HOSTILE, HOSTILE]


def test_what_xml_cannot_hold_is_left_out() -> None:
    root = exported(with_items(timed(title=CONTROLS, abstract=CONTROLS + "\r\nnext\rlast")))

    assert texts(root, "day/room/event/title") == ["before[31m after"]
    assert texts(root, "day/room/event/abstract") == ["before[31m after\nnext\nlast"]


@pytest.mark.parametrize(
    ("slug", "said"),
    [("a", "tutorial_2026-01-a"), ("Welcome-_", "tutorial_2026-1-welcome"), ("_", "tutorial_2026-0001")],
)
def test_a_session_has_a_name_among_all_events(slug: str, said: str) -> None:
    assert texts(exported(with_items(replace(timed(), slug=slug))), "day/room/event/slug") == [said]


@pytest.mark.parametrize("slug", ["2026", "x", "_a"])
def test_a_name_of_a_track_that_the_schema_refuses_is_not_told(slug: str) -> None:
    (track,) = exported(with_items(timed(), tracks=(Track(slug, "Systems", "chartreuse"),))).iterfind(
        "conference/track"
    )

    assert dict(track.attrib) == {"name": "Systems", "color": "#104c80"}


@pytest.mark.skipif(not SCHEMA.exists(), reason="The published schema isn't here; set FRAB_SCHEMA to its path.")
class TestPublishedSchema:
    @pytest.fixture
    def schema(self) -> Any:
        return etree.XMLSchema(etree.parse(SCHEMA))

    @pytest.mark.parametrize("program", [WITH_TIMES, FINAL])
    @pytest.mark.parametrize("slug", ["a", "made-up", "1-2-3"])
    def test_it_is_met_by_any_event(self, schema: Any, program: Program, slug: str) -> None:
        attachments = {WITH_TIMES.items[0].uuid: [Link("https://example.org/?a&b", CONTROLS)]}

        schema.assertValid(exported(program, event(slug=slug, title=HOSTILE), **attachments))

    def test_it_is_met_by_sessions_of_all_kinds(self, schema: Any) -> None:
        bare = timed(1, title=CONTROLS, abstract=SCRIPTS, language="", duration=1440)
        odd = [replace(timed(2), slug="_"), replace(timed(3, track="1"), slug="A")]
        program = with_items(bare, *odd, tracks=(Track("1", "One"),), blocks=(), people=())

        schema.assertValid(exported(program, event(venue="", timezone="Asia/Kathmandu")))

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "US/Eastern", "America/Argentina/Buenos_Aires"])
    def test_it_is_met_in_any_zone(self, schema: Any, zone: str) -> None:
        schema.assertValid(exported(replace(WITH_TIMES, timezone=zone)))

    def test_it_refuses_what_is_wrong(self, schema: Any) -> None:
        twice = exported(with_items(timed(1), timed(1)))

        assert not schema.validate(twice)
