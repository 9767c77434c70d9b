from datetime import date, timedelta

import pytest
from django.test import Client

from portal.models import Event
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

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
NOT_OUT = "The program isn’t out yet."


class TestSchedule:
    def test_before_the_first_release_it_says_so(self, client: Client):
        make_event(slug="event")

        page = Page(client.get("/event/schedule/"))

        assert page.words("main") == f"Program Program to come {NOT_OUT} Tell me when it is out"

    def test_days_are_named_and_can_be_jumped_to(self, client: Client):
        event = make_event(slug="event")
        make_session(make_block(event, start=NOON), "One")
        make_session(make_block(event, start=NOON + timedelta(days=1)), "Two")
        make_release(event)

        page = Page(client.get("/event/schedule/"))

        assert page.words("days") == "Now and next Thu Jan 15, 1 session Fri Jan 16, 1 session Mine starred"
        assert [link for link in page.links if link.startswith("#day")] == ["#day-2026-01-15", "#day-2026-01-16"]
        assert page.words("main h2") == "Thursday, January 15, 2026 Friday, January 16, 2026"

    def test_blocks_without_times_stand_under_their_titles(self, client: Client):
        event = make_event(slug="event")
        make_session(make_block(event, title="Morning"), "One")
        make_session(make_block(event, title="Afternoon"), "Two")
        make_release(event)

        page = Page(client.get("/event/schedule/"))

        assert page.words("main h2") == "Morning Afternoon"
        assert page.words("run-when") == (
            "starts +0:00 after the beginning 45 min starts +0:00 after the beginning 45 min"
        )

    def test_a_session_shows_kind_room_track_and_roles(self, client: Client):
        event = make_event(slug="event", kind="conference")
        block = make_block(event, room=make_room(event, "Hall"))
        track = Track.objects.create(event=event, name="Systems")
        speaker = make_speaker(event)
        session = make_session(block, "Debate", kind="panel", track=track, speakers=(speaker,))
        session.appearances.update(role="moderator")
        make_session(block, "Talk", room=make_room(event, "Annex"), status="cancelled")
        make_release(event)

        page = Page(client.get("/event/schedule/"))

        assert page.words("run-who") == "Ada Lovelace (moderator)"
        assert page.words("run-where") == "Panel Hall Systems Cancelled Annex"
        assert page.words("run-off") == "starts +0:45 after the beginning 45 min Talk Cancelled Annex"

    def test_it_shows_the_release_and_not_the_draft(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.title = "CANARY"
        first.save()
        make_session(first.block, "CANARY")

        response = client.get("/event/schedule/")

        assert b"CANARY" not in response.content

    def test_sessions_at_the_same_time_stand_below_their_time(self, client: Client):
        make_long_release(make_event(slug="event"), 4)

        page = Page(client.get("/event/schedule/"))

        assert page.words("when h3") == "07:00 08:00"
        assert page.words("slot") == (
            "Session 0 Person 0 Room 0 45 min Session 1 Person 1 Room 1 45 min "
            "Session 2 Person 2 Room 2 45 min Session 3 Person 3 Room 0 45 min"
        )
        assert page.words("rooms") == "Room 0 Room 1 Room 2"


class TestDays:
    def test_a_long_program_shows_its_first_day_and_leads_to_the_others(self, client: Client, time_machine):
        make_long_release(make_event(slug="event"), 200)
        time_machine.move_to(NOON - timedelta(days=30))

        response = client.get("/event/schedule/")

        page = Page(response)
        assert page.words("main h2") == "Thursday, January 15, 2026"
        assert [link for link in page.links if "/schedule/2026" in link] == [
            f"/event/schedule/2026-01-{day}/" for day in (15, 16, 17, 18)
        ]
        assert response.holds_until.isoformat() == "2026-01-15T00:00:00-05:00"

    def test_during_the_event_it_shows_today_until_midnight_there(self, client: Client, time_machine):
        make_long_release(make_event(slug="event"), 200)
        time_machine.move_to(NOON + timedelta(days=1))

        response = client.get("/event/schedule/")

        assert Page(response).words("main h2") == "Friday, January 16, 2026"
        assert response.holds_until.isoformat() == "2026-01-17T00:00:00-05:00"

    def test_the_pages_of_a_program_are_marked_as_its_own(self, client: Client):
        make_long_release(make_event(slug="event"), 300)
        pages = ["schedule/", "schedule/all/", "schedule/2026-01-17/", "speakers/person-1/", "materials/"]

        bars = [Page(client.get(f"/event/{page}")).all("a") for page in pages]

        marked = [[one["href"] for one in bar if one.get("aria-current") and "2026" not in one["href"]] for bar in bars]
        assert [found[:1] for found in marked] == [
            *[["/event/schedule/"]] * 3,
            ["/event/speakers/"],
            ["/event/materials/"],
        ]

    def test_each_day_has_a_page_that_knows_no_clock(self, client: Client):
        make_long_release(make_event(slug="event"), 200)

        response = client.get("/event/schedule/2026-01-17/")

        page = Page(response)
        assert page.words("main h2") == "Saturday, January 17, 2026"
        assert [one["href"] for one in page.all("a") if one.get("aria-current") == "page"] == [
            "/event/schedule/2026-01-17/"
        ]
        assert [form["action"] for form in page.all("form")] == ["/event/schedule/#day-2026-01-17"]
        assert not hasattr(response, "holds_until")

    @pytest.mark.parametrize("day", ["2026-01-14", "2026-02-30", "9999-99-99"])
    def test_a_day_without_a_program_is_not_found(self, client: Client, day: str):
        make_long_release(make_event(slug="event"), 3)

        assert client.get(f"/event/schedule/{day}/").status_code == 404

    @pytest.mark.parametrize("sessions", [1, 3, 1000])
    @pytest.mark.parametrize("page", ["", "all/", "2026-01-15/", "?q=session", "now/", "mine/"])
    def test_it_asks_the_database_the_same_however_many_sessions(
        self, client: Client, django_assert_num_queries, page: str, sessions: int
    ):
        make_long_release(make_event(slug="event"), sessions)

        with django_assert_num_queries(3):
            client.get(f"/event/schedule/{page}")

    def test_all_days_stand_on_one_page_too(self, client: Client):
        make_long_release(make_event(slug="event"), 1000)

        page = Page(client.get("/event/schedule/all/"))

        assert len([link for link in page.links if "/sessions/" in link]) == 1000


class TestSearch:
    @pytest.fixture(autouse=True)
    def conference(self) -> None:
        event = make_event(slug="event", kind="conference")
        block = make_block(event, start=NOON, room=make_room(event, "Hall"))
        sea = Track.objects.create(event=event, name="Sea")
        Track.objects.create(event=event, name="Land")
        who = make_speaker(event, "Zoë Łuczak", affiliation="Harbour Office")
        texts = {"subtitle": "Twice a day", "abstract": "How *water* comes and goes."}
        make_session(block, "Tides", track=sea, speakers=(who,), **texts)
        make_session(block, "Coffee", kind="break")
        make_session(block, "Sand", kind="lab", level="advanced", room=make_room(event, "Annex"))
        make_session(make_block(event), "Later", kind="panel")
        make_release(event)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("q=tides", "Tides"),
            ("q=ZOE", "Tides"),
            ("q=harbour+WATER", "Tides"),
            ("q=twice", "Tides"),
            ("q=harbour+fire", ""),
            ("track=sea", "Tides"),
            ("room=annex", "Sand"),
            ("kind=lab", "Sand"),
            ("kind=panel", "Later"),
            ("level=advanced", "Sand"),
            ("kind=lab&q=tides", ""),
            ("kind=&q=+&room=hall", "Tides Coffee"),
        ],
    )
    def test_each_filter_finds_what_fits_on_all_days(self, client: Client, query: str, found: str):
        page = Page(client.get(f"/event/schedule/?{query}"))

        assert " ".join((page.words("slot h4"), page.words("run h3"))).strip() == found

    def test_it_says_how_many_and_keeps_what_was_asked_in_the_form(self, client: Client):
        page = Page(client.get("/event/schedule/?q=tides&kind=talk"))

        assert page.words("search-head") == "1 session with “tides” · Talk Whole program"
        assert [one["value"] for one in page.all("input") if one.get("name") == "q"] == ["tides"]
        assert [one["value"] for one in page.all("option") if "selected" in one] == ["talk"]

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("track=fire", "There is no track “fire” in this program."),
            ("level=%EF%BF%BF", "There is no level “\uffff” in this program."),
            ("q=" + "x" * 100_000, "Search for 100 characters at most."),
            ("kind=" + "x" * 100_000, f"There is no kind “{'x' * 40}” in this program."),
        ],
    )
    def test_what_cannot_be_is_told_and_finds_nothing(self, client: Client, query: str, words: str):
        response = client.get(f"/event/schedule/?{query}")

        assert response.status_code == 400
        assert Page(response).words("search-head notice") == words

    def test_parameters_of_others_change_nothing_but_name_the_page_without_them(self, client: Client):
        plain, marked = (client.get(f"/event/schedule/{query}").text for query in ("", "?utm_source=x&page=10"))

        canonical = '<link rel="canonical" href="https://portal.example/event/schedule/">\n'
        assert marked.replace(canonical, "") == plain != marked

    def test_no_script_comes_in_by_the_query(self, client: Client):
        response = client.get("/event/schedule/", {"q": "<script>alert(1)</script>", "room": '"><script>'})

        assert b"<script>" not in response.content


class TestNow:
    def test_before_the_event_it_tells_what_comes_first(self, client: Client, time_machine):
        make_long_release(make_event(slug="event"), 6)
        time_machine.move_to(NOON - timedelta(days=2))

        response = client.get("/event/schedule/now/")

        page = Page(response)
        assert page.words("main h2") == "Next"
        assert page.words("part fine") == "Thursday, January 15, 2026"
        assert page.words("when h4") == "Session 0 Session 1 Session 2"
        assert response.holds_until == NOON

    def test_during_it_what_is_on_and_what_is_next_in_each_room(self, client: Client, time_machine):
        make_long_release(make_event(slug="event"), 6)
        time_machine.move_to(NOON + timedelta(minutes=10))

        response = client.get("/event/schedule/now/")

        page = Page(response)
        assert page.words("brief").startswith("Session 0 Person 0 Room 0 until 07:45 Session 1")
        assert page.words("when h3") == "08:00"
        assert page.words("when h4") == "Session 3 Session 4 Session 5"
        assert response.holds_until == NOON + timedelta(minutes=45)

    def test_sessions_of_a_guest_name_their_event(self, client: Client, time_machine):
        host = make_event(slug="event")
        for event in (host, make_event(slug="guest", title="A Workshop", host=host)):
            make_session(make_block(event, start=NOON), f"At {event.slug}")
            make_release(event)
        time_machine.move_to(NOON + timedelta(minutes=10))

        page = Page(client.get("/event/schedule/now/"))

        assert page.words("brief") == "At event until 07:45 At guest A Workshop until 07:45"

    def test_after_it_it_says_so(self, client: Client, time_machine):
        make_long_release(make_event(slug="event"), 6)
        time_machine.move_to(NOON + timedelta(days=2))

        response = client.get("/event/schedule/now/")

        assert Page(response).words("prose") == "The program is over. Whole program"
        assert response.holds_until is None


class TestMine:
    def test_a_link_shows_the_sessions_it_names_and_which_overlap(self, client: Client):
        event = make_event(slug="event")
        hall, annex = make_room(event, "Hall"), make_room(event, "Annex")
        one = make_session(make_block(event, start=NOON, room=hall), "One")
        two = make_session(make_block(event, start=NOON + timedelta(minutes=30), room=annex), "Two")
        make_session(make_block(event, start=NOON, room=annex), "Three")
        make_release(event)

        page = Page(client.get(f"/event/schedule/mine/?s={one.uuid},{two.uuid.hex[:12]},0123456789ab"))

        assert page.words("main h1") == "A shared schedule"
        assert page.words("slot h4") == "One Two"
        assert page.words("slot-clash") == "At the same time as Two, 07:30–08:15 At the same time as One, 07:00–07:45"

    def test_of_many_that_overlap_the_first_are_named_and_the_others_counted(self, client: Client):
        event = make_event(slug="event")
        names = ["One", "Two", "Three", "Four", "Five", "Six"]
        made = [make_session(make_block(event, start=NOON, room=make_room(event, name)), name) for name in names]
        make_release(event)

        page = Page(client.get(f"/event/schedule/mine/?s={','.join(str(one.uuid) for one in made)}"))

        assert page.words("slot-clash").count("At the same time as") == 6 * 3
        assert page.words("slot-clash").count("and 2 more") == 6

    def test_without_sessions_it_tells_how_to_star_some(self, client: Client):
        make_release(make_event(slug="event"))

        page = Page(client.get("/event/schedule/mine/"))

        assert page.words("main h1") == "My schedule"
        assert page.words("mine prose").startswith("Nothing starred yet.")

    @pytest.mark.parametrize("names", ["x", "0123", "0123456789ab,", ",".join(["0123456789ab"] * 501), "a" * 100_000])
    def test_a_broken_link_is_told(self, client: Client, names: str):
        make_release(make_event(slug="event"))

        response = client.get("/event/schedule/mine/", {"s": names})

        assert response.status_code == 400
        assert Page(response).words("notice") == "This link can’t be read. It may have been cut; copy all of it."


class TestHost:
    @pytest.fixture(autouse=True)
    def conference(self) -> None:
        host = make_event(slug="host", kind="conference", venue="Hilton", timezone="Europe/Berlin")
        near = make_event(slug="near", title="Near", host=host, venue="Hilton")
        far = make_event(slug="far", title="Far", host=host, venue="Museum", starts_on=date(2026, 1, 15))
        make_session(make_block(near, start=NOON, room=make_room(near, "Hall")), "At hand")
        make_session(make_block(far, start=NOON, room=make_room(far, "Hall")), "Away")
        make_session(make_block(make_event(slug="secret", host=host, is_public=False), start=NOON), "CANARY")
        for event in (near, far):
            make_release(event)

    def test_its_schedule_holds_the_sessions_of_all_its_public_guests(self, client: Client):
        response = client.get("/host/schedule/")

        page = Page(response)
        assert page.words("slot") == "At hand Near Hall 45 min Away Far Hall, Museum 45 min"
        assert page.words("when h3") == "13:00"
        assert [link for link in page.links if "/sessions/" in link] == [
            "/near/sessions/at-hand/",
            "/far/sessions/away/",
        ]
        assert b"CANARY" not in response.content

    def test_a_program_of_its_own_stands_among_them(self, client: Client):
        host = make_event(slug="other", kind="conference")
        guest = make_event(slug="guest", title="Guest", host=host)
        make_session(make_block(host, start=NOON, room=make_room(host)), "Opening")
        make_session(make_block(guest, title="Morning"), "Part 1")
        make_release(host)
        make_release(guest)

        page = Page(client.get("/other/schedule/"))

        assert page.words("main h2") == "Thursday, January 15, 2026 Guest"
        assert page.words("run h3") == "Opening Part 1"

    def test_a_release_of_a_guest_makes_its_pages_new(self, client: Client):
        tag = client.get("/host/schedule/")["ETag"]
        guest = make_event(slug="late", host=Event.objects.get(slug="host"))
        unchanged = client.get("/host/schedule/", headers={"If-None-Match": client.get("/host/schedule/")["ETag"]})
        make_session(make_block(guest, start=NOON), "Added")
        make_release(guest)

        changed = client.get("/host/schedule/", headers={"If-None-Match": tag})

        assert unchanged.status_code == 304
        assert "Added" in Page(changed).words("slot h4")

    def test_one_can_look_for_one_event(self, client: Client):
        page = Page(client.get("/host/schedule/?event=far"))

        assert page.words("slot h4") == "Away"

    def test_the_event_page_tells_its_days_and_leads_to_one_calendar_of_all(self, client: Client):
        page = Page(client.get("/host/"))

        assert "/host/merged.ics" in page.links

        assert page.words("day-list") == "Thursday, January 15, 2026 13:00–13:45, 2 sessions in 2 rooms"

    def test_it_asks_the_database_the_same_however_many_guests(self, client: Client, django_assert_num_queries):
        for guests in (1, 3, 20):
            host = make_event(slug=f"host-{guests}")
            for number in range(guests):
                make_long_release(make_event(slug=f"guest-{guests}-{number}", host=host), 5)
            with django_assert_num_queries(3):
                client.get(f"/host-{guests}/schedule/")
