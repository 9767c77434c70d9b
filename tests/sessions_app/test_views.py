from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_material,
    make_program,
    make_release,
    make_room,
    make_session,
)
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOT_OUT = "The program isn’t out yet."


class TestSession:
    def test_it_shows_all_that_was_released_of_the_session(self, client: Client):
        event = make_event(slug="event", venue="Pittsburgh")
        room = make_room(event, "Room 2")
        make_session(make_block(event, start=NOON, room=room), "Talk", abstract="*Why* it works.", level="beginner")
        make_release(event)

        page = Page(client.get("/event/sessions/talk/"))

        assert page.words("session-head") == "Part 1 of 1 Talk"
        assert page.words("facts") == (
            "When 07:00–07:45 Thursday, January 15, 2026, New York time (EST, UTC−5) "
            "Where Room 2 Pittsburgh Length 45 min Level Beginner"
        )
        assert page.words("prose") == "Why it works."

    def test_without_a_clock_time_it_tells_the_offset(self, client: Client):
        event = make_event(slug="event")
        make_release(event)

        page = Page(client.get("/event/sessions/part-2/"))

        assert page.words("facts") == (
            "When +1:15 after the beginning; clock time to be announced Where To be announced Length 45 min"
        )

    def test_it_leads_to_the_sessions_before_and_after(self, client: Client):
        event = make_event(slug="event")
        make_program(event, 3)
        make_release(event)

        page = Page(client.get("/event/sessions/part-2/"))

        assert page.words("pager") == "Before Part 1 After Part 3"

    def test_only_its_own_materials_are_listed(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        make_material(event, session=first, title="Slides")
        make_material(event, title="Site")

        assert Page(client.get("/event/sessions/part-1/")).words("materials") == "Slides Link"
        assert Page(client.get("/event/sessions/part-2/")).words("materials") == ""

    def test_a_cancelled_session_says_so(self, client: Client):
        event = make_event(slug="event")
        make_session(make_block(event), "Talk", status="cancelled")
        make_release(event)

        page = Page(client.get("/event/sessions/talk/"))

        assert page.words("notice") == "Cancelled. This session doesn’t take place."

    def test_a_session_of_the_draft_is_not_found(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        make_session(event.blocks.get(), "Secret")

        response = client.get("/event/sessions/secret/")

        assert (response.status_code, Page(response).words("prose")) == (
            404,
            "There is no such session in the program.",
        )

    def test_it_tells_what_goes_on_at_the_same_time(self, client: Client):
        make_long_release(make_event(slug="event"), 30)

        page = Page(client.get("/event/sessions/session-4/"))

        assert page.words("brief") == "Session 3 08:00, Room 0 Session 5 08:00, Room 2"
        assert page.words("pager") == "Before Session 1 After Session 7"
        assert "/event/schedule/#t0115-0800" in page.links

    def test_it_tells_what_the_newest_release_changed(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        make_release(event)

        changed, same = (Page(client.get(f"/event/sessions/part-{n}/")) for n in (1, 2))

        assert changed.words("notice") == "Changed in release 2 Retitled Part 1 → Welcome"
        assert same.words("notice") == ""

    def test_its_changes_do_not_name_it_again(self, client: Client):
        event = make_event(slug="event")
        make_program(event)
        make_release(event)
        event.sessions.filter(title="Part 1").update(duration=60, abstract="Bring a laptop.")
        make_release(event)

        page = Page(client.get("/event/sessions/part-1/"))

        assert page.words("notice") == "Changed in release 2 Length 45 min → 1 h New abstract"

    def test_under_an_earlier_address_it_is_found_where_it_is_now(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.slug = "welcome"
        first.save()
        make_release(event)

        response = client.get("/event/sessions/part-1/")

        assert (response.status_code, response["Location"]) == (302, "/event/sessions/welcome/")

    def test_one_that_was_to_be_announced_is_found_by_either_address_as_it_is_now(self, client: Client):
        event = make_event(slug="event")
        _, _, secret = make_program(event)
        untold, told = f"/event/sessions/tba-{secret.uuid.hex[:12]}/", "/event/sessions/part-2/"
        found = []

        for visibility in ("tba", "full", "tba", "hidden"):
            secret.visibility = visibility
            secret.save()
            make_release(event)
            found.append([(client.get(path).status_code, client.get(path).get("Location")) for path in (untold, told)])

        assert found == [
            [(200, None), (404, None)],
            [(302, told), (200, None)],
            [(200, None), (302, untold)],
            [(404, None), (404, None)],
        ]

    def test_one_that_was_taken_off_the_program_is_told_with_its_release(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.appearances.all().delete()
        first.delete()
        make_release(event)

        response = client.get("/event/sessions/part-1/")

        page = Page(response)
        assert response.status_code == 404
        assert page.words("main h1") == "Part 1"
        assert page.words("prose") == "This session was taken off the program in release 2."
        assert "/event/releases/2/" in page.links

    @pytest.mark.parametrize("sessions", [1, 3, 1000])
    def test_it_asks_the_database_the_same_however_many_sessions(
        self, client: Client, django_assert_num_queries, sessions: int
    ):
        make_long_release(make_event(slug="event"), sessions)

        with django_assert_num_queries(7):
            client.get("/event/sessions/session-0/")


def session_links(page: Page) -> list[str]:
    return [link.split("/")[3] for link in page.links if "/sessions/" in link]


class TestReleases:
    @pytest.mark.parametrize("count", [1, 3, 50])
    def test_it_costs_the_same_queries_for_any_number_of_releases(
        self, client: Client, count: int, django_assert_num_queries
    ):
        event = make_event(slug="event")
        for _ in range(count):
            make_long_release(event, 2)

        with django_assert_num_queries(4):
            page = Page(client.get("/event/releases/"))

        assert len(page.all("option")) == (2 * count if count > 1 else 0)
        assert page.words("h2").endswith("Older" if count > 20 else "Release 1")

    def test_each_is_listed_with_stage_date_note_and_changes(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event, now=NOON)
        first.duration = 60
        first.save()
        make_release(event, "final", now=datetime(2026, 2, 17, 12, tzinfo=UTC), note="Longer opening.")

        page = Page(client.get("/event/releases/"))

        assert page.words("#release-2") == (
            "Release 2 Final, February 17, 2026 Longer opening. Length Part 1: 45 min → 1 h "
            "Moved Coffee break: +0:45 → +1:00 Moved Part 2: +1:15 → +1:30 Read release 2"
        )
        assert page.words("#release-1") == "Release 1 Tentative, January 15, 2026 First publication. Read release 1"

    def test_a_quiet_release_says_that_the_program_is_the_same(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        make_release(event)

        page = Page(client.get("/event/releases/"))

        assert page.words("#release-2").endswith("The program is the same as in release 1. Read release 2")

    def test_before_the_first_there_is_the_promise(self, client: Client):
        make_event(slug="event", final_program_due=datetime(2026, 2, 17).date())

        assert Page(client.get("/event/releases/")).words("prose") == (
            "Nothing has been released yet. The final program is promised for February 17, 2026."
        )


class TestRelease:
    def test_an_old_program_stays_readable_and_says_that_it_is_old(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        make_release(event)

        old, new = Page(client.get("/event/releases/1/")), Page(client.get("/event/releases/2/"))

        assert old.words("notice") == "This is an old program. The one that counts is release 2. What has changed since"
        assert "1. Part 1 Ada Lovelace" in old.words("run")
        assert new.words("notice") == ""
        assert new.words("changes") == "Retitled Part 1 → Welcome"

    def test_sessions_are_linked_to_where_they_are_now(self, client: Client):
        event = make_event(slug="event")
        first, _, last = make_program(event)
        make_release(event)
        first.title, last.title = "Welcome", "Farewell"
        first.save()
        last.save()
        make_release(event)
        first.slug = "welcome"
        first.save()
        last.delete()
        make_release(event)

        pages = ["releases/", "releases/1/", "releases/2/", "releases/1..2/", "releases/3..2/"]

        links = {page: session_links(Page(client.get(f"/event/{page}"))) for page in pages}
        assert links == {
            "releases/": ["welcome"],
            "releases/1/": ["welcome"],
            "releases/2/": ["welcome", "welcome"],
            "releases/1..2/": ["welcome"],
            "releases/3..2/": [],
        }

    def test_a_release_that_never_was_is_not_found(self, client: Client):
        make_release(make_event(slug="event"))

        assert client.get("/event/releases/2/").status_code == 404
        assert client.get("/event/releases/99999999999999999999/").status_code == 404


class TestMaterials:
    def test_those_of_unreleased_sessions_are_not_named(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        secret = make_session(event.blocks.get(), "Secret")
        make_material(event, session=secret, title="CANARY")
        make_material(event, title="Exercises", audience="registered")

        page = Page(client.get("/event/materials/"))

        assert page.words("materials") == "Exercises Locked: for registered attendees; use the link in your mail"

    def test_the_list_holds_until_the_next_one_opens(self, client: Client):
        event = make_event(slug="event")
        moment = timezone.now() + timedelta(minutes=5)
        make_material(event, opening="at_time", opens_at=moment)

        assert client.get("/event/materials/").holds_until == moment


@pytest.mark.parametrize("page", ["schedule", "sessions/part-1", "speakers", "releases", "releases/1", "materials"])
def test_each_page_answers_304_until_the_event_changes(client: Client, page: str):
    event = make_event(slug="event")
    make_release(event)
    tag = client.get(f"/event/{page}/")["ETag"]
    unchanged = client.get(f"/event/{page}/", headers={"If-None-Match": tag})

    event.title = "Another title"
    event.save()
    changed = client.get(f"/event/{page}/", headers={"If-None-Match": tag})

    assert (unchanged.status_code, changed.status_code) == (304, 200)
