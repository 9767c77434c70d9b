import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.models import Event
from sessions_app.exports import sessionize
from sessions_app.program import Program
from sessions_app.releases import Published
from tests.factories import NOON
from tests.sessions_app.exports.made_up import BY_LENGTHS, CONTROLS, FINAL, HOSTILE, PEOPLE, WITH_TIMES, item

SAMPLE = Path(
    os.environ.get("SESSIONIZE_FILE", Path(__file__).parents[4] / "shared/data/sessionize-json/gab-linz-2022.json")
)


def exported(program: Program) -> dict[str, Any]:
    published = Published(1, "tentative", NOON, "", "", program)
    found: dict[str, Any] = json.loads(sessionize.schedule(Event(slug="tutorial"), published))
    return found


def named(document: dict[str, Any]) -> dict[str, list[str]]:
    """The names of the categories each session is in, by its title."""
    names = {one["id"]: one["name"] for category in document["categories"] for one in category["items"]}
    return {one["title"]: [names[number] for number in one["categoryItems"]] for one in document["sessions"]}


def test_it_tells_everything_of_a_session() -> None:
    first = exported(WITH_TIMES)["sessions"][0]

    assert first == {
        "id": "1",
        "title": "Welcome",
        "description": "Why it *matters*.\n\nTwice.",
        "startsAt": "2026-03-22T09:00:00",
        "endsAt": "2026-03-22T09:45:00",
        "isServiceSession": False,
        "isPlenumSession": False,
        "speakers": [PEOPLE[0].uuid],
        "categoryItems": [1, 6, 7, 9],
        "questionAnswers": [],
        "roomId": 1,
        "liveUrl": None,
        "recordingUrl": None,
        "status": "Accepted",
        "isInformed": True,
        "isConfirmed": True,
    }


def test_it_tells_everything_of_a_speaker() -> None:
    ada, sokrates = exported(WITH_TIMES)["speakers"]

    assert ada == {
        "id": PEOPLE[0].uuid,
        "firstName": "Ada",
        "lastName": "Lovelace",
        "fullName": "Ada Lovelace",
        "bio": "*First*.",
        "tagLine": "Analytical Engines",
        "profilePicture": None,
        "isTopSpeaker": False,
        "links": [],
        "sessions": [1, 3],
        "categoryItems": [],
        "questionAnswers": [],
    }
    assert (sokrates["firstName"], sokrates["lastName"], sokrates["bio"]) == ("Sokrates", "", None)
    assert sokrates["links"] == [{"title": "Web page", "url": "https://sokrates.example/", "linkType": "Other"}]


def test_without_clock_times_the_lengths_are_still_told() -> None:
    document = exported(BY_LENGTHS)

    assert {(one["startsAt"], one["endsAt"], one["roomId"]) for one in document["sessions"]} == {(None, None, None)}
    assert named(document) == {
        "Welcome": ["Tutorial part", "Beginner", "en", "45 min"],
        "Coffee, tea": ["Break", "en", "30 min"],
        HOSTILE: ["Hands-on lab", "Systems & <tools>", "en", "1 h 30 min"],
        "Party": ["Social", "de", "2 h 30 min"],
    }


def test_no_number_stands_for_two_choices() -> None:
    found = exported(WITH_TIMES)["categories"]

    numbers = [one["id"] for category in found for one in category["items"]]
    assert (len(set(numbers)), [category["title"] for category in found]) == (
        len(numbers),
        ["Kind", "Track", "Level", "Language", "Length"],
    )


def test_a_category_without_any_choice_is_left_out() -> None:
    found = exported(replace(BY_LENGTHS, items=(item(1, "talk"),)))["categories"]

    assert [category["title"] for category in found] == ["Kind", "Language", "Length"]


def test_a_break_is_for_all_rooms_unless_it_has_one() -> None:
    roomless = replace(WITH_TIMES, items=(item(1, "pause", kind="break"), *WITH_TIMES.items[1:2]))

    assert [(one["isServiceSession"], one["isPlenumSession"]) for one in exported(roomless)["sessions"]] == [
        (True, True),
        (True, False),
    ]


def test_cancelled_sessions_are_left_out_and_who_was_only_there() -> None:
    only_the_lab = replace(FINAL, items=FINAL.items[:3])

    document = exported(only_the_lab)

    assert [one["id"] for one in document["sessions"]] == ["1", "2"]
    assert [(one["fullName"], one["sessions"]) for one in document["speakers"]] == [("Ada Lovelace", [1])]


@pytest.mark.parametrize("text", [HOSTILE, CONTROLS])
def test_hostile_texts_parse_back_as_they_were(text: str) -> None:
    person = replace(PEOPLE[0], name=text, biography=text)
    talk = replace(WITH_TIMES.items[0], title=text, abstract=text)

    document = exported(replace(WITH_TIMES, items=(talk,), people=(person,)))

    (session,), (speaker,) = document["sessions"], document["speakers"]
    assert {session["title"], session["description"], speaker["fullName"], speaker["bio"]} == {text}


@pytest.mark.skipif(not SAMPLE.exists(), reason="No file of Sessionize is here; set SESSIONIZE_FILE to its path.")
def test_it_has_the_fields_of_a_file_of_sessionizes() -> None:
    sample, ours = json.loads(SAMPLE.read_text()), exported(WITH_TIMES)

    assert list(ours) == list(sample)
    for part in ("sessions", "speakers", "rooms"):
        assert set(ours[part][0]) == set(sample[part][0])
