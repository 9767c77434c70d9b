from datetime import date, timedelta

import pytest
from django.test import Client

from portal.models import Event
from sessions_app.models import Track
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_program,
    make_release,
    make_room,
    make_session,
    make_speaker,
)

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/events/"
ADA = {"name": "Ada Lovelace", "slug": "ada-lovelace", "affiliation": "Analytical Engines", "role": None}
GRACE = {"name": "Grace", "slug": "grace", "affiliation": None, "role": "moderator"}
OF_AN_EVENT = ["", "schedule/", "sessions/", "speakers/", "tracks/", "rooms/", "materials/", "releases/"]


def get(client: Client, path: str = ""):
    response = client.get(ROOT + path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    return response.json()


def zones(client: Client) -> set[tuple[str, str]]:
    """The zone and a time in it, wherever the API says both."""
    (listed,), one = get(client)["events"], get(client, "tutorial/")
    schedule, merged = get(client, "tutorial/schedule/"), get(client, "tutorial/merged/")
    pairs = [(row["timezone"], row["release"]["published_at"]) for row in (listed, one)]
    pairs += [(about["event"]["timezone"], schedule["sessions"][0]["start"]) for about in (schedule, merged)]
    return {(zone, at[11:]) for zone, at in pairs}


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial", title="Tutorial", final_program_due=date(2026, 2, 17))


class TestSchedule:
    def test_before_the_first_release_it_is_empty(self, client: Client, event: Event) -> None:
        make_program(event)

        assert get(client, "tutorial/schedule/") == {
            "event": {
                "slug": "tutorial",
                "title": "Tutorial",
                "timezone": "America/New_York",
                "starts_on": None,
                "ends_on": None,
                "venue": None,
                "audience": None,
                "prerequisites": None,
                "final_program_due": "2026-02-17",
            },
            "release": None,
            "blocks": [],
            "sessions": [],
            "withdrawn": [],
        }

    def test_a_program_of_lengths_alone_has_offsets_and_no_times(self, client: Client, event: Event) -> None:
        make_program(event)
        make_release(event)

        rows = get(client, "tutorial/schedule/")["sessions"]

        assert [(row["title"], row["duration"], row["offset"], row["start"], row["end"]) for row in rows] == [
            ("Part 1", 45, 0, None, None),
            ("Coffee break", 30, 45, None, None),
            ("Part 2", 45, 75, None, None),
        ]

    def test_it_tells_everything_of_a_session(self, client: Client, event: Event) -> None:
        block = make_block(event, title="Morning", start=NOON, room=make_room(event, "Hall"))
        ada, grace = make_speaker(event, "Ada Lovelace", affiliation="Analytical Engines"), make_speaker(event, "Grace")
        track = Track.objects.create(event=event, name="Systems")
        session = make_session(
            block, "Welcome", kind="tutorial", track=track, level="beginner", speakers=(ada, grace), abstract="*Hello*"
        )
        session.appearances.filter(speaker=grace).update(role="moderator")
        make_release(event, "final", note="At last.", now=NOON)

        found = get(client, "tutorial/schedule/")

        at = "2026-01-15T07:00:00-05:00"
        about = {"number": 1, "stage": "final", "published_at": at, "note": "At last.", "previous": None}
        assert found["release"] == about | {"changes_url": f"https://portal.example{ROOT}tutorial/releases/1/changes/"}
        assert found["blocks"] == [
            {"uuid": str(block.uuid), "title": "Morning", "start": "2026-01-15T07:00:00-05:00"},
        ]
        assert found["sessions"] == [
            {
                "id": session.pk,
                "uuid": str(session.uuid),
                "slug": "welcome",
                "title": "Welcome",
                "subtitle": None,
                "kind": "tutorial",
                "duration": 45,
                "offset": 0,
                "start": "2026-01-15T07:00:00-05:00",
                "end": "2026-01-15T07:45:00-05:00",
                "start_utc": "2026-01-15T12:00:00Z",
                "end_utc": "2026-01-15T12:45:00Z",
                "start_is_derived": True,
                "is_pinned": False,
                "block": str(block.uuid),
                "room": "Hall",
                "track": "Systems",
                "level": "beginner",
                "language": "en",
                "status": "planned",
                "stage": "final",
                "visibility": "full",
                "sequence": 0,
                "speakers": [ADA, GRACE],
            }
        ]

    def test_a_draft_changes_neither_the_answer_nor_its_tag(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        before = client.get(ROOT + "tutorial/schedule/")

        first.title = "Not for anybody yet"
        first.save()
        make_session(first.block)
        make_speaker(event, "Nobody Yet")

        after = client.get(ROOT + "tutorial/schedule/")
        assert (after.content, after["ETag"]) == (before.content, before["ETag"])

    def test_another_zone_of_the_event_is_told_with_the_times_that_are_in_it(
        self, client: Client, event: Event
    ) -> None:
        make_program(event, start=NOON)
        make_release(event, now=NOON)
        Event.objects.update(timezone="Asia/Tokyo")
        event.refresh_from_db()
        told = [zones(client)]

        make_release(event, now=NOON)
        told.append(zones(client))

        assert told == [{("America/New_York", "07:00:00-05:00")}, {("Asia/Tokyo", "21:00:00+09:00")}]

    def test_a_release_changes_both(self, client: Client, event: Event) -> None:
        make_release(event)
        before = client.get(ROOT + "tutorial/schedule/")

        make_release(event, "final")

        after = client.get(ROOT + "tutorial/schedule/", headers={"If-None-Match": before["ETag"]})
        assert (after.status_code, after.json()["release"]["number"]) == (200, 2)

    @pytest.mark.parametrize("sessions", [1, 3, pytest.param(1000, marks=pytest.mark.sqlite)])
    def test_it_takes_two_queries(self, client: Client, event: Event, sessions: int, django_assert_num_queries) -> None:
        make_program(event, sessions)
        make_release(event)

        with django_assert_num_queries(2):
            rows = get(client, "tutorial/schedule/")["sessions"]
        assert len(rows) == max(sessions, 1) + 1


class TestEvents:
    def test_the_list_has_the_public_ones_by_their_day(self, client: Client) -> None:
        make_event(slug="later", starts_on=date(2026, 5, 1))
        make_event(slug="sooner", starts_on=date(2026, 4, 1))
        make_event(slug="private", is_public=False)

        assert [row["slug"] for row in get(client)["events"]] == ["sooner", "later"]

    def test_each_names_its_latest_release_and_its_host(self, client: Client, event: Event) -> None:
        guest = make_event(slug="workshop", title="Workshop", kind="workshop", host=event, venue="Pittsburgh")
        make_release(guest)
        make_release(guest, "final", now=NOON)

        found = {row["slug"]: row for row in get(client)["events"]}

        assert found["tutorial"]["release"] is None
        assert found["workshop"] == {
            "slug": "workshop",
            "title": "Workshop",
            "subtitle": None,
            "kind": "workshop",
            "host": {"slug": "tutorial", "title": "Tutorial"},
            "timezone": "America/New_York",
            "starts_on": None,
            "ends_on": None,
            "venue": "Pittsburgh",
            "final_program_due": None,
            "release": {
                "number": 2,
                "stage": "final",
                "published_at": "2026-01-15T07:00:00-05:00",
                "note": "",
                "previous": 1,
                "changes_url": "https://portal.example/api/v1/events/workshop/releases/2/changes/",
            },
            "url": "https://portal.example/workshop/",
        }

    def test_a_private_host_is_not_named(self, client: Client) -> None:
        make_event(slug="guest", host=make_event(is_public=False))

        assert get(client, "guest/")["host"] is None

    @pytest.mark.parametrize("events", [1, 3, pytest.param(30, marks=pytest.mark.sqlite)])
    def test_the_list_takes_three_queries(self, client: Client, events: int, django_assert_num_queries) -> None:
        for _ in range(events):
            make_release(make_event())

        with django_assert_num_queries(3):
            assert len(get(client)["events"]) == events

    def test_one_event_has_its_texts_and_the_other_forms(self, client: Client, event: Event) -> None:
        event.overview = "About **trains**."
        event.save()
        make_program(event, start=NOON)
        make_release(event)

        found = get(client, "tutorial/")

        texts = ("organizers", "overview", "audience", "prerequisites", "additional", "contact_email")
        assert {name: found[name] for name in texts if found[name]} == {"overview": "About **trains**."}
        assert found["links"] == {
            "page": "https://portal.example/tutorial/schedule/",
            "schedule": "https://portal.example/api/v1/events/tutorial/schedule/",
            "merged": "https://portal.example/api/v1/events/tutorial/merged/",
            "materials": "https://portal.example/api/v1/events/tutorial/materials/",
            "ical": "https://portal.example/tutorial/schedule.ics",
            "merged_ical": "https://portal.example/tutorial/merged.ics",
            "c3voc": "https://portal.example/tutorial/schedule.json",
            "frab": "https://portal.example/tutorial/schedule.xml",
            "sessionize": "https://portal.example/tutorial/sessionize.json",
            "csv": "https://portal.example/tutorial/schedule.csv",
            "atom": "https://portal.example/tutorial/releases.atom",
        }


@pytest.mark.sqlite
class TestParts:
    def test_sessions_come_with_their_abstracts_and_pages(self, client: Client, event: Event) -> None:
        make_session(make_block(event), "Welcome", abstract="*Hello*")
        make_release(event)

        listed, one = get(client, "tutorial/sessions/")["sessions"], get(client, "tutorial/sessions/welcome/")

        assert listed == [one]
        assert (one["abstract"], one["url"]) == ("*Hello*", "https://portal.example/tutorial/sessions/welcome/")

    def test_speakers_name_their_sessions_and_never_their_addresses(self, client: Client, event: Event) -> None:
        ada = make_speaker(event, "Ada", email="ada@example.org", biography="First.", url="https://ada.example")
        make_speaker(event, "Not in the program")
        block = make_block(event)
        make_session(block, "One", speakers=(ada,))
        make_session(block, "Two", speakers=(ada,))
        make_release(event)

        assert get(client, "tutorial/speakers/")["speakers"] == [
            {
                "uuid": str(ada.uuid),
                "slug": "ada",
                "name": "Ada",
                "affiliation": None,
                "biography": "First.",
                "url": "https://ada.example",
                "sessions": ["one", "two"],
            }
        ]

    def test_tracks_and_rooms_are_those_of_the_release(self, client: Client, event: Event) -> None:
        room = make_room(event, "Hall", capacity=80)
        track = Track.objects.create(event=event, name="Systems", hue="pine")
        make_session(make_block(event, room=room), track=track)
        make_release(event)
        make_room(event, "Not used")

        assert get(client, "tutorial/rooms/") == {"rooms": [{"uuid": str(room.uuid), "name": "Hall", "capacity": 80}]}
        assert get(client, "tutorial/tracks/") == {"tracks": [{"slug": "systems", "name": "Systems", "hue": "pine"}]}

    def test_releases_are_listed_with_the_newest_first(self, client: Client, event: Event) -> None:
        make_release(event, now=NOON)
        make_release(event, "final", note="Final.", now=NOON + timedelta(days=30))

        assert get(client, "tutorial/releases/")["releases"] == [
            {
                "number": 2,
                "stage": "final",
                "published_at": "2026-02-14T07:00:00-05:00",
                "note": "Final.",
                "previous": 1,
                "changes_url": "https://portal.example/api/v1/events/tutorial/releases/2/changes/",
                "changes": 0,
            },
            {
                "number": 1,
                "stage": "tentative",
                "published_at": "2026-01-15T07:00:00-05:00",
                "note": "",
                "previous": None,
                "changes_url": "https://portal.example/api/v1/events/tutorial/releases/1/changes/",
                "changes": 3,
            },
        ]

    def test_an_earlier_release_stays_readable(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        before = get(client, "tutorial/schedule/")
        first.title = "Another title"
        first.save()
        make_release(event, "final")

        assert get(client, "tutorial/releases/1/") == before
        assert get(client, "tutorial/releases/2/") == get(client, "tutorial/schedule/")

    def test_changes_are_against_the_release_before(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        make_release(event, "final")

        assert get(client, "tutorial/releases/2/changes/") == {
            "from": 1,
            "to": 2,
            "changes": [
                {
                    "kind": "retitled",
                    "session": str(first.uuid),
                    "slug": "part-1",
                    "title": "Welcome",
                    "before": "Part 1",
                    "after": "Welcome",
                }
            ],
        }

    def test_the_first_release_has_none_before_it(self, client: Client, event: Event) -> None:
        make_release(event)

        found = get(client, "tutorial/releases/1/changes/")

        assert (found["from"], found["to"]) == (None, 1)
        assert {change["kind"] for change in found["changes"]} == {"added"}


@pytest.mark.sqlite
@pytest.mark.parametrize("path", OF_AN_EVENT)
def test_everything_of_a_private_event_is_missing(client: Client, path: str) -> None:
    make_release(make_event(slug="private", is_public=False))

    response = client.get(f"{ROOT}private/{path}")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["detail"] == "There is no such event."


@pytest.mark.sqlite
@pytest.mark.parametrize("path", OF_AN_EVENT)
def test_everything_is_answered_before_the_first_release(client: Client, event: Event, path: str) -> None:
    make_program(event)

    assert "Part 1" not in str(get(client, f"tutorial/{path}"))


@pytest.mark.parametrize(
    ("path", "detail"),
    [
        ("sessions/none/", "There is no such session in the program."),
        ("releases/2/", "There is no such release."),
        ("releases/2/changes/", "There is no such release."),
        (f"releases/{10**30}/", "There is no such release."),
        ("releases/0/", "There is no such release."),
    ],
)
def test_what_is_not_there_is_said_so(client: Client, event: Event, path: str, detail: str) -> None:
    make_release(event)

    response = client.get(f"{ROOT}tutorial/{path}")

    assert (response.status_code, response.json()["detail"]) == (404, detail)
