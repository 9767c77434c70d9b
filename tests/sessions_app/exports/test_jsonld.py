import json
import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.models import Event
from sessions_app.exports import jsonld
from sessions_app.models import Session
from sessions_app.releases import latest
from tests.factories import make_block, make_event, make_program, make_release, make_room, make_session, make_speaker
from tests.sessions_app.exports.made_up import HOSTILE

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
VOCABULARY = Path(
    os.environ.get("SCHEMA_ORG", Path(__file__).parents[4] / "shared/data/schemas/schemaorg-30.0-current-https.jsonld")
)
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
DAY = date(2026, 3, 22)
SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def read(client: Client, path: str) -> Any:
    """What stands in the page, or None."""
    found = SCRIPT.findall(client.get(path).content.decode())
    assert len(found) <= 1
    return json.loads(found[0]) if found else None


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial", title="Tutorial", starts_on=DAY, venue="Omni, Pittsburgh")


@pytest.fixture
def timed(event: Event) -> Event:
    make_program(event, start=START)
    make_release(event, "final")
    return event


class TestEvent:
    def test_the_page_tells_what_when_where_and_who(self, client: Client, timed: Event) -> None:
        timed.overview = "About *trains*."
        timed.save()

        found = read(client, "/tutorial/")

        parts = found.pop("subEvent")
        assert found == {
            "@context": "https://schema.org",
            "@type": "EducationEvent",
            "@id": "https://portal.example/tutorial/#event",
            "name": "Tutorial",
            "url": "https://portal.example/tutorial/",
            "eventStatus": "https://schema.org/EventScheduled",
            "startDate": "2026-03-22T08:30:00-04:00",
            "endDate": "2026-03-22T10:30:00-04:00",
            "description": "About trains.",
            "location": {"@type": "Place", "name": "Omni, Pittsburgh", "address": "Omni, Pittsburgh"},
            "performer": [
                {
                    "@type": "Person",
                    "@id": "https://portal.example/tutorial/speakers/ada-lovelace/#person",
                    "name": "Ada Lovelace",
                }
            ],
        }
        assert [(part["name"], part["startDate"]) for part in parts] == [
            ("Part 1", "2026-03-22T08:30:00-04:00"),
            ("Part 2", "2026-03-22T09:45:00-04:00"),
        ]

    def test_while_times_are_open_there_is_a_date_alone(self, client: Client, event: Event) -> None:
        make_release(event)

        found = read(client, "/tutorial/")

        assert (found["startDate"], "endDate" in found) == ("2026-03-22", False)
        assert [(part["startDate"], part["duration"]) for part in found["subEvent"]] == [("2026-03-22", "PT45M")] * 2

    def test_what_is_cancelled_does_not_make_it_longer(self, client: Client, event: Event) -> None:
        block = make_block(event, start=START)
        make_session(block, "First", status="cancelled")
        make_session(block, "Second")
        make_session(block, "Last", status="cancelled")
        make_session(make_block(event), "Open", status="cancelled")
        make_release(event)

        found = read(client, "/tutorial/")

        assert (found["startDate"], found["endDate"]) == ("2026-03-22T09:15:00-04:00", "2026-03-22T10:00:00-04:00")

    def test_its_times_are_the_same_on_the_pages_of_its_sessions(self, client: Client, timed: Event) -> None:
        names = ("@id", "startDate", "endDate")

        event, session = read(client, "/tutorial/"), read(client, "/tutorial/sessions/part-2/")

        assert {name: session["superEvent"][name] for name in names} == {name: event[name] for name in names}

    def test_where_all_is_cancelled_there_is_a_date_alone(self, client: Client, timed: Event) -> None:
        timed.sessions.update(status="cancelled")
        make_release(timed)

        assert read(client, "/tutorial/")["startDate"] == "2026-03-22"

    def test_while_one_session_has_no_time_there_is_a_date_alone(self, client: Client, event: Event) -> None:
        make_session(make_block(event, start=START))
        make_session(make_block(event))
        make_release(event)

        assert read(client, "/tutorial/")["startDate"] == "2026-03-22"

    def test_without_a_date_there_is_nothing(self, client: Client) -> None:
        make_release(make_event(slug="tutorial"))

        assert read(client, "/tutorial/") is None

    def test_a_place_that_is_open_is_left_out(self, client: Client, event: Event) -> None:
        Event.objects.update(venue="")

        assert "location" not in read(client, "/tutorial/")

    def test_it_belongs_to_its_host_and_the_host_has_it(self, client: Client, event: Event) -> None:
        make_event(slug="guest", title="Guest", kind="workshop", starts_on=DAY, host=event)

        host, guest = read(client, "/tutorial/"), read(client, "/guest/")

        assert (guest["superEvent"]["@id"], guest["superEvent"]["name"]) == (host["@id"], "Tutorial")
        assert [(part["@id"], part["startDate"]) for part in host["subEvent"]] == [(guest["@id"], "2026-03-22")]

    def test_a_private_host_is_not_named(self, client: Client) -> None:
        make_event(slug="guest", starts_on=DAY, host=make_event(is_public=False, starts_on=DAY))

        assert "superEvent" not in read(client, "/guest/")

    def test_a_long_program_stays_on_its_own_pages(self, client: Client, event: Event) -> None:
        make_program(event, jsonld.MOST, start=START)
        make_release(event)

        assert {"performer", "subEvent"} & set(read(client, "/tutorial/")) == set()

    @pytest.mark.parametrize("title", [HOSTILE, "</script><script>alert(1)</script>", "<!-- \u2028 &amp;"])
    def test_no_text_ends_the_block(self, client: Client, event: Event, title: str) -> None:
        Event.objects.update(title=title)

        assert read(client, "/tutorial/")["name"] == title.replace(" \u2028 ", " ")


class TestSession:
    def test_its_page_tells_of_it(self, client: Client, event: Event) -> None:
        ada = make_speaker(event, "Ada", affiliation="Engines", url="https://ada.example/")
        block = make_block(event, start=START, room=make_room(event, "Hall"))
        make_session(block, "Welcome", kind="lab", abstract="*Hello*", speakers=(ada,))
        make_release(event)

        assert read(client, "/tutorial/sessions/welcome/") == {
            "@context": "https://schema.org",
            "@type": "EducationEvent",
            "@id": "https://portal.example/tutorial/sessions/welcome/#session",
            "name": "Welcome",
            "url": "https://portal.example/tutorial/sessions/welcome/",
            "eventStatus": "https://schema.org/EventScheduled",
            "startDate": "2026-03-22T08:30:00-04:00",
            "endDate": "2026-03-22T09:15:00-04:00",
            "duration": "PT45M",
            "description": "Hello",
            "inLanguage": "en",
            "location": {
                "@type": "Place",
                "name": "Hall",
                "address": "Omni, Pittsburgh",
                "containedInPlace": {"@type": "Place", "name": "Omni, Pittsburgh", "address": "Omni, Pittsburgh"},
            },
            "performer": [
                {
                    "@type": "Person",
                    "@id": "https://portal.example/tutorial/speakers/ada/#person",
                    "name": "Ada",
                    "affiliation": {"@type": "Organization", "name": "Engines"},
                    "url": "https://ada.example/",
                }
            ],
            "superEvent": {
                "@type": "EducationEvent",
                "@id": "https://portal.example/tutorial/#event",
                "name": "Tutorial",
                "url": "https://portal.example/tutorial/",
                "eventStatus": "https://schema.org/EventScheduled",
                "startDate": "2026-03-22T08:30:00-04:00",
                "endDate": "2026-03-22T09:15:00-04:00",
            },
        }

    def test_a_cancelled_one_keeps_its_time(self, client: Client, timed: Event) -> None:
        timed.sessions.filter(title="Part 2").update(status=Session.Status.CANCELLED)
        make_release(timed)

        found = read(client, "/tutorial/sessions/part-2/")

        assert (found["eventStatus"], found["startDate"]) == (
            "https://schema.org/EventCancelled",
            "2026-03-22T09:45:00-04:00",
        )

    def test_a_moved_one_tells_when_it_was_before(self, client: Client, event: Event) -> None:
        make_program(event)
        make_release(event)
        found = []

        for hour in (8, 9, 9, 8):
            event.blocks.update(start=START.replace(hour=hour))
            make_release(event)
            part = read(client, "/tutorial/sessions/part-2/")
            found.append((part["eventStatus"].removeprefix("https://schema.org/Event"), part.get("previousStartDate")))

        assert found == [
            ("Scheduled", None),
            ("Rescheduled", "2026-03-22T05:45:00-04:00"),
            ("Rescheduled", "2026-03-22T05:45:00-04:00"),
            ("Rescheduled", "2026-03-22T06:45:00-04:00"),
        ]
        assert [part.get("previousStartDate", "")[11:16] for part in read(client, "/tutorial/")["subEvent"]] == [
            "05:30",
            "06:45",
        ]

    def test_in_an_event_of_several_days_its_day_is_open_too(self, client: Client, event: Event) -> None:
        Event.objects.update(ends_on=date(2026, 3, 23))
        make_release(event)

        assert read(client, "/tutorial/sessions/part-1/") is None

    def test_one_that_is_to_be_announced_tells_no_more_than_its_page(self, client: Client, timed: Event) -> None:
        timed.sessions.filter(title="Part 2").update(visibility="tba")
        make_release(timed)
        published = latest(timed)
        assert published

        found = jsonld.session(timed, published, published.program.items[2])

        assert found and (found["name"], "performer" in found) == ("To be announced", False)


def nodes(value: Any) -> list[dict[str, Any]]:
    match value:
        case dict():
            return [value, *(node for part in value.values() for node in nodes(part))]
        case list():
            return [node for part in value for node in nodes(part)]
    return []


def named(node: dict[str, Any], relation: str) -> set[str]:
    found = node.get(relation, [])
    return {one["@id"] for one in (found if isinstance(found, list) else [found])}


@pytest.mark.skipif(not VOCABULARY.exists(), reason="The vocabulary isn't here; set SCHEMA_ORG to its path.")
@pytest.mark.parametrize("path", ["/tutorial/", "/tutorial/sessions/part-1/"])
def test_each_property_is_one_of_its_type(client: Client, timed: Event, path: str) -> None:
    make_event(host=timed, starts_on=DAY)
    timed.sessions.update(subtitle="First")
    make_release(timed)
    vocabulary = {node["@id"]: node for node in json.loads(VOCABULARY.read_text())["@graph"]}

    def kinds(name: str) -> set[str]:
        return {name}.union(*(kinds(parent) for parent in named(vocabulary[name], "rdfs:subClassOf")))

    found = nodes(read(client, path))

    assert len(found) > 3
    for node in found:
        of_type = kinds(f"schema:{node['@type']}")
        for name in node.keys() - {"@context", "@type", "@id"}:
            assert named(vocabulary[f"schema:{name}"], "schema:domainIncludes") & of_type, f"{node['@type']}.{name}"
