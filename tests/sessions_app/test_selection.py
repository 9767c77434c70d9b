from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from portal.models import Event
from sessions_app.models import Track
from tests.factories import make_block, make_event, make_release, make_room, make_session, make_speaker

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SESSIONS = "/api/v1/events/tutorial/sessions/"
START = datetime(2026, 3, 22, 23, tzinfo=UTC)  # 19:00 in New York


@pytest.fixture
def event() -> Event:
    """Two rooms on two days, and a session without a clock time."""
    event = make_event(slug="tutorial")
    hall, attic = make_room(event, "Hall"), make_room(event, "Attic")
    systems = Track.objects.create(event=event, name="Systems & tools", slug="systems")
    ada, zoe = make_speaker(event, "Ada Lovelace", affiliation="Engines"), make_speaker(event, "Zoë")
    first = make_block(event, start=START, room=hall)
    make_session(first, "Welcome", kind="keynote", level="beginner", speakers=(ada,), abstract="Why trains matter")
    make_session(first, "Pause", kind="break")
    second = make_block(event, start=START + timedelta(days=1), room=attic)
    make_session(second, "Rails", track=systems, level="advanced", speakers=(zoe, ada))
    make_session(make_block(event), "Some day", kind="lab")
    make_release(event)
    return event


def titles(client: Client, query: str) -> list[str]:
    response = client.get(SESSIONS + query)
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["sessions"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Welcome", "Pause", "Rails", "Some day"]),
        ("?track=systems", ["Rails"]),
        ("?track=Systems+%26+tools", ["Rails"]),
        ("?track=none", []),
        ("?room=Hall", ["Welcome", "Pause"]),
        ("?kind=lab&kind=break", ["Pause", "Some day"]),
        ("?level=beginner", ["Welcome"]),
        ("?day=2026-03-22", ["Welcome", "Pause"]),
        ("?day=2026-03-23&kind=talk", ["Rails"]),
        ("?speaker=ada-lovelace", ["Welcome", "Rails"]),
        ("?q=TRAINS", ["Welcome"]),
        ("?q=ada+rails", ["Rails"]),
        ("?q=zoe", ["Rails"]),
        ("?q=engines", ["Welcome", "Rails"]),
        ("?q=tools+attic", ["Rails"]),
        ("?q=nothing+of+it", []),
    ],
)
def test_sessions_are_chosen_by_what_they_are(client: Client, event: Event, query: str, found: list[str]) -> None:
    assert titles(client, query) == found


def test_a_room_is_known_by_its_uuid_too(client: Client, event: Event) -> None:
    assert titles(client, f"?room={event.rooms.get(name='Attic').uuid}") == ["Rails"]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("?colour=red", {"colour": ["There is no such parameter."]}),
        ("?day=tomorrow", {"day": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]}),
        ("?kind=talk&kind=dance", {"kind": ['"dance" is not a valid choice.']}),
        ("?limit=0", {"limit": ["Ensure this value is greater than or equal to 1."]}),
        ("?limit=1000000000", {"limit": ["Ensure this value is less than or equal to 1000."]}),
        ("?offset=-1", {"offset": ["Ensure this value is greater than or equal to 0."]}),
        ("?limit=ten", {"limit": ["A valid integer is required."]}),
        ("?q=" + "x" * 101, {"q": ["Ensure this field has no more than 100 characters."]}),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_at_its_parameter(
    client: Client, event: Event, query: str, fields: dict[str, Any]
) -> None:
    response = client.get(SESSIONS + query)

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert response.json()["fields"] == fields


def test_pages_follow_each_other(client: Client, event: Event) -> None:
    pages, address = [], SESSIONS + "?limit=2&kind=keynote&kind=break&kind=talk"

    while address:
        found = client.get(address).json()
        pages.append([row["title"] for row in found["sessions"]])
        address = found["next"]

    last = client.get(found["previous"]).json()
    assert (pages, found["count"]) == ([["Welcome", "Pause"], ["Rails"]], 3)
    assert [row["title"] for row in last["sessions"]] == pages[0]


def test_without_a_limit_everything_comes_at_once(client: Client, event: Event) -> None:
    found = client.get(SESSIONS).json()

    assert (found["count"], found["next"], found["previous"], len(found["sessions"])) == (4, None, None, 4)


def test_past_the_end_there_is_nothing(client: Client, event: Event) -> None:
    found = client.get(SESSIONS + "?limit=2&offset=100").json()

    assert (found["sessions"], found["count"], found["next"]) == ([], 4, None)


def test_each_query_has_its_own_tag(client: Client, event: Event) -> None:
    tags = [client.get(SESSIONS + query)["ETag"] for query in ("", "?kind=lab", "?kind=break")]

    again = client.get(SESSIONS + "?kind=lab", headers={"If-None-Match": tags[1]})
    assert (len(set(tags)), again.status_code) == (3, 304)


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["ada-lovelace", "zoe"]), ("?q=ENGINES", ["ada-lovelace"]), ("?limit=1&offset=1", ["zoe"])],
)
def test_speakers_are_chosen_too(client: Client, event: Event, query: str, found: list[str]) -> None:
    rows = client.get("/api/v1/events/tutorial/speakers/" + query).json()["speakers"]

    assert [row["slug"] for row in rows] == found


def test_events_and_releases_come_by_pages(client: Client, event: Event) -> None:
    make_event(starts_on=date(2026, 5, 1))
    make_release(event)

    events = client.get("/api/v1/events/?limit=1").json()
    releases = client.get("/api/v1/events/tutorial/releases/?limit=1&offset=1").json()

    assert (len(events["events"]), events["count"]) == (1, 2)
    assert ([row["number"] for row in releases["releases"]], releases["count"]) == ([1], 2)


class TestMerged:
    PATH = "/api/v1/events/host/merged/"

    def test_it_has_the_program_of_each_as_it_stands(self, client: Client, event: Event) -> None:
        host = make_event(slug="host", title="Host")
        Event.objects.filter(pk=event.pk).update(host=host)
        make_release(host)

        found = client.get(self.PATH).json()

        alone = [client.get(f"/api/v1/events/{slug}/schedule/").json() for slug in ("host", "tutorial")]
        assert (found["event"]["slug"], found["schedules"]) == ("host", alone)

    @pytest.mark.parametrize("guests", [1, 3, 20])
    def test_it_takes_three_queries(self, client: Client, guests: int, django_assert_num_queries) -> None:
        host = make_event(slug="host")
        for _ in range(guests):
            make_release(make_event(host=host))

        with django_assert_num_queries(3):
            assert len(client.get(self.PATH).json()["schedules"]) == guests


class TestSchedule:
    PATH = "/api/v1/events/tutorial/schedule/"

    def test_it_names_the_other_forms_in_its_head(self, client: Client, event: Event) -> None:
        links = client.get(self.PATH)["Link"].split(", ")

        assert len(links) == 7
        assert '<https://portal.example/tutorial/schedule.ics>; rel="alternate"; type="text/calendar"' in links

    def test_what_was_taken_out_stays_as_a_tombstone(self, client: Client, event: Event) -> None:
        session = event.sessions.get(title="Rails")
        session_id = session.pk
        session.delete()
        make_release(event)

        assert client.get(self.PATH).json()["withdrawn"] == [
            {
                "id": session_id,
                "uuid": str(session.uuid),
                "slug": "rails",
                "title": "Rails",
                "start": "2026-03-23T19:00:00-04:00",
                "end": "2026-03-23T19:45:00-04:00",
                "status": "cancelled",
                "sequence": 1,
            }
        ]

    def test_without_a_clock_time_nothing_is_derived(self, client: Client, event: Event) -> None:
        rows = client.get(self.PATH).json()["sessions"]

        assert [(row["start_utc"], row["start_is_derived"]) for row in rows] == [
            ("2026-03-22T23:00:00Z", True),
            ("2026-03-22T23:45:00Z", True),
            ("2026-03-23T23:00:00Z", True),
            (None, False),
        ]
