"""Any two releases beside each other: as a page, by the form that leads to it, and as JSON."""

from typing import Any

import pytest
from django.test import Client

from portal.models import Event
from tests.factories import NOON, make_event, make_long_release, make_program, make_release, make_speaker
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
API = "/api/v1/events/tutorial/releases"


@pytest.fixture
def event() -> Event:
    """Release 2 renames the first session, release 3 drops the last one and gives the rest clock times."""
    event = make_event(slug="tutorial")
    first, _, last = make_program(event)
    make_release(event)
    first.title = "Welcome"
    first.save()
    first.appearances.create(speaker=make_speaker(event, "Grace Hopper"), position=1)
    make_release(event)
    last.delete()
    event.blocks.update(start=NOON)
    make_release(event, "final")
    return event


class TestPage:
    def test_it_tells_all_that_changed_between_two_that_do_not_follow_each_other(
        self, client: Client, event: Event
    ) -> None:
        page = Page(client.get("/tutorial/releases/1..3/"))

        assert page.words("h1") == "From release 1 to 3"
        assert page.words("changes") == (
            "Removed Part 2 Retitled Part 1 → Welcome Time set Welcome: +0:00 → Thursday, January 15, 07:00 "
            "New speaker Welcome: Grace Hopper Time set Coffee break: +0:45 → Thursday, January 15, 07:45"
        )

    def test_backwards_it_says_so_and_tells_the_opposite(self, client: Client, event: Event) -> None:
        page = Page(client.get("/tutorial/releases/2..1/"))

        assert page.words("schedule-head") == (
            "From release 2 to 1 2 changes, told backwards: release 1 is the older one."
        )
        assert page.words("changes") == "Retitled Welcome → Part 1 No longer speaks Part 1: Grace Hopper"
        assert "/tutorial/releases/1..2/" in page.links

    def test_a_release_is_the_same_as_itself(self, client: Client, event: Event) -> None:
        page = Page(client.get("/tutorial/releases/2..2/"))

        assert "This is one and the same release." in page.words("schedule-head")
        assert page.words("changes") == ""

    @pytest.mark.parametrize("pair", ["1..4", "0..1", "4..1", "1..99999999999999999999"])
    def test_a_release_that_never_was_is_not_found(self, client: Client, event: Event, pair: str) -> None:
        assert client.get(f"/tutorial/releases/{pair}/").status_code == 404

    def test_many_changes_are_told_kind_by_kind(self, client: Client) -> None:
        event = make_event(slug="big")
        make_program(event)
        make_release(event)
        make_long_release(event, 40)

        page = Page(client.get("/big/releases/1..2/"))

        assert page.words("group-head") == "Removed: 3 Added: 40"

    @pytest.mark.parametrize("sessions", [1, 3, 1000])
    def test_it_costs_five_queries_for_any_number_of_sessions(
        self, client: Client, sessions: int, django_assert_num_queries: Any
    ) -> None:
        event = make_event(slug="big")
        make_long_release(event, sessions)
        make_long_release(event, sessions)

        with django_assert_num_queries(5):
            client.get("/big/releases/1..2/")

    def test_unchanged_it_is_not_sent_again(self, client: Client, event: Event) -> None:
        tag = client.get("/tutorial/releases/1..3/")["ETag"]

        assert client.get("/tutorial/releases/1..3/", headers={"If-None-Match": tag}).status_code == 304


class TestForm:
    def test_it_offers_all_releases_and_at_first_the_latest_step(self, client: Client, event: Event) -> None:
        page = Page(client.get("/tutorial/releases/"))

        chosen = [one["value"] for one in page.all("option") if "selected" in one]
        assert (len(page.all("option")), chosen) == (6, ["2", "3"])

    def test_it_leads_to_the_page_of_the_two(self, client: Client, event: Event) -> None:
        response = client.get("/tutorial/releases/compare/?from=3&to=1")

        assert (response.status_code, response["Location"]) == (302, "/tutorial/releases/3..1/")

    @pytest.mark.parametrize(
        "query", ["", "?from=1", "?from=1&to=x", "?from=²&to=1", "?from=-1&to=2", "?from=1&to=1234567"]
    )
    def test_anything_else_is_not_found(self, client: Client, event: Event, query: str) -> None:
        assert client.get(f"/tutorial/releases/compare/{query}").status_code == 404

    def test_with_one_release_there_is_nothing_to_compare(self, client: Client) -> None:
        make_release(make_event(slug="young"))

        assert Page(client.get("/young/releases/")).all("select") == []


class TestJson:
    def test_it_has_the_shape_of_the_changes_of_one_release(self, client: Client, event: Event) -> None:
        step, same = client.get(f"{API}/2/changes/").json(), client.get(f"{API}/2/changes/since/1/").json()

        assert same == step
        assert (same["from"], same["to"]) == (1, 2)

    def test_it_goes_over_several_releases_and_back(self, client: Client, event: Event) -> None:
        there = client.get(f"{API}/3/changes/since/1/").json()
        back = client.get(f"{API}/1/changes/since/3/").json()

        assert [one["kind"] for one in there["changes"]] == ["removed", "retitled", "timed", "speaker_added", "timed"]
        assert (back["from"], back["to"]) == (3, 1)
        assert [one["kind"] for one in back["changes"]] == ["retitled", "moved", "speaker_removed", "moved", "added"]

    def test_a_release_that_never_was_is_not_found(self, client: Client, event: Event) -> None:
        assert client.get(f"{API}/3/changes/since/9/").json()["detail"] == "There is no such release."
