"""The pages of speakers, rooms and tracks."""

from datetime import timedelta

import pytest
from django.test import Client

from sessions_app.models import Track
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_program,
    make_release,
    make_room,
    make_session,
    make_speaker,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db


class TestSpeakers:
    def test_everybody_released_has_an_anchor_and_their_sessions(self, client: Client):
        event = make_event(slug="event")
        speaker = make_speaker(event, affiliation="Analytical Society", biography="*Notes.*", email="ada@example.org")
        make_session(make_block(event), "Talk", speakers=(speaker,))
        make_speaker(event, "CANARY")
        make_release(event)

        response = client.get("/event/speakers/")

        page = Page(response)
        assert page.words("#ada-lovelace") == "Ada Lovelace Analytical Society Notes. Talk"
        assert b"CANARY" not in response.content
        assert b"ada@example.org" not in response.content

    def test_before_the_first_release_nobody_is_named(self, client: Client):
        event = make_event(slug="event")
        make_program(event)

        assert Page(client.get("/event/speakers/")).words("prose") == "Speakers are named with the program."

    def test_a_host_names_those_of_its_guests_and_leads_to_their_pages(self, client: Client):
        host = make_event(slug="host")
        guest = make_event(slug="guest", host=host)
        make_release(guest)

        page = Page(client.get("/host/speakers/"))

        assert page.words("speaker-pages h2") == "Ada Lovelace"
        assert {"/guest/speakers/ada-lovelace/", "/guest/sessions/part-1/"} <= set(page.links)

    def test_many_stand_by_their_initials(self, client: Client):
        event = make_event(slug="event")
        names = ["Zoë", "Özlem", "oscar", "Łucja", "陳", *(f"Person {n}" for n in range(20))]
        block = make_block(event)
        make_session(block, "Talk", speakers=tuple(make_speaker(event, name) for name in names))
        make_release(event)

        page = Page(client.get("/event/speakers/"))

        assert page.words("initials") == "L O P Z 陳"
        assert page.words("#letter-2 names") == "oscar Özlem"

    @pytest.mark.parametrize(
        ("query", "found"), [("ozlem", "Özlem Ankara"), ("ANKARA", "Özlem Ankara"), ("nobody", ""), ("x" * 100_000, "")]
    )
    def test_one_is_found_by_name_and_affiliation(self, client: Client, query: str, found: str):
        event = make_event(slug="event")
        others = [make_speaker(event, f"Person {n}") for n in range(30)]
        make_session(make_block(event), "Talk", speakers=(make_speaker(event, "Özlem", affiliation="Ankara"), *others))
        make_release(event)

        page = Page(client.get("/event/speakers/", {"q": query}))

        assert page.words("names") == found
        assert page.words("search-head") == f"{1 if found else 'Nobody'} of 31 All speakers"

    @pytest.mark.parametrize("speakers", [1, 3, 1000])
    def test_it_asks_the_database_the_same_however_many_speakers(
        self, client: Client, django_assert_num_queries, speakers: int
    ):
        make_long_release(make_event(slug="event"), speakers)

        with django_assert_num_queries(3):
            page = Page(client.get("/event/speakers/"))

        assert len([link for link in page.links if "/speakers/person-" in link]) == speakers


class TestSpeaker:
    def test_it_tells_who_it_is_and_when_where_and_as_what_they_appear(self, client: Client):
        event = make_event(slug="event")
        ada = make_speaker(event, affiliation="Analytical Society", biography="*Notes.*", url="https://example.org/ada")
        block = make_block(event, start=NOON, room=make_room(event, "Hall"))
        session = make_session(block, "Debate", kind="panel", speakers=(ada,))
        session.appearances.update(role="moderator")
        make_session(block, "Talk", speakers=(make_speaker(event, "Somebody else"),))
        make_release(event)

        page = Page(client.get("/event/speakers/ada-lovelace/"))

        assert page.words("session-head") == "Speaker Ada Lovelace Analytical Society"
        assert page.words("prose") == "Notes."
        assert page.words("brief") == "Debate Thursday, January 15, 2026, 07:00 · Hall · as moderator"
        assert "https://example.org/ada" in page.links

    def test_nobody_of_the_draft_has_a_page(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        make_speaker(event, "Secret")

        assert client.get("/event/speakers/secret/").status_code == 404


class TestSelections:
    @pytest.fixture(autouse=True)
    def conference(self) -> None:
        event = make_event(slug="event")
        hall, sea = make_room(event, "Hall"), Track.objects.create(event=event, name="Sea")
        make_session(make_block(event, start=NOON, room=hall), "Tides", track=sea)
        make_session(make_block(event, start=NOON + timedelta(days=1), room=make_room(event, "Pier")), "Sand")
        make_session(make_block(event, room=hall), "Later", track=sea)
        make_room(event, "Secret room")
        make_release(event)

    @pytest.mark.parametrize(
        ("page", "head", "found"),
        [
            ("rooms/hall", "Room Hall", "Tides 3. Later"),
            ("rooms/pier", "Room Pier", "Sand"),
            ("tracks/sea", "Track Sea", "Tides 3. Later"),
        ],
    )
    def test_a_room_and_a_track_have_their_sessions_of_all_days(self, client: Client, page: str, head: str, found: str):
        shown = Page(client.get(f"/event/{page}/"))

        assert shown.words("session-head") == head
        assert " ".join((shown.words("slot h4"), shown.words("run h3"))).strip() == found

    @pytest.mark.parametrize("page", ["rooms/secret-room", "tracks/land", "rooms/x"])
    def test_what_is_not_in_the_release_is_not_found(self, client: Client, page: str):
        assert client.get(f"/event/{page}/").status_code == 404
