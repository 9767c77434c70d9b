from datetime import date, timedelta

import pytest
from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from django.test import Client, RequestFactory
from django.utils import timezone

from portal import views
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_material,
    make_program,
    make_release,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.pages import Page

DUE = date(2026, 2, 17)


@pytest.mark.django_db
class TestHome:
    def test_it_lists_what_is_to_come_and_what_is_over(self, client: Client):
        today = timezone.now().date()
        make_event(slug="old", title="Old workshop", starts_on=today - timedelta(days=9))
        host = make_event(slug="host", title="Host", starts_on=today + timedelta(days=9))
        make_event(slug="guest", title="Guest", host=host)

        page = Page(client.get("/"))

        assert [link for link in page.links if link != "#main"] == ["/", "/host/", "/guest/", "/old/"]
        assert page.words("entry-guests") == "Guest Tutorial"

    def test_a_private_event_is_not_named(self, client: Client):
        make_event(title="Secret", is_public=False)

        page = Page(client.get("/"))

        assert page.words("main") == "Events No events yet."

    def test_it_names_the_stage_of_each_program(self, client: Client):
        make_release(make_event(title="Known"), "final")
        make_release(make_event(title="Vague"))

        words = Page(client.get("/")).words("entries")

        assert words == "Known Tutorial · final program Vague Tutorial · tentative program"

    def test_it_asks_the_database_the_same_for_one_event_as_for_fifty(self, client: Client, django_assert_num_queries):
        make_event()
        with django_assert_num_queries(2):
            client.get("/")

        for _ in range(49):
            make_event()
        with django_assert_num_queries(2):
            client.get("/")


@pytest.mark.sqlite
@pytest.mark.django_db
class TestEventBeforeTheFirstRelease:
    def test_it_says_that_the_program_is_to_come_and_when(self, client: Client):
        make_event(slug="event", final_program_due=DUE)

        page = Page(client.get("/event/"))

        assert page.words("stage") == "Program to come — the final one is promised for February 17, 2026"
        assert (
            page.words("#program")
            == "Program The program isn’t out yet. The final one is promised for February 17, 2026."
        )

    def test_the_draft_is_nowhere(self, client: Client):
        event = make_event(slug="event")
        session = make_session(make_block(event, title="CANARY"), "CANARY", speakers=(make_speaker(event, "CANARY"),))
        make_material(event, session=session, title="CANARY")

        answers = [client.get(f"/event/{page}") for page in ("", "schedule/", "speakers/", "materials/", "releases/")]

        assert [answer.status_code for answer in answers] == [200] * 5
        assert not any(b"CANARY" in answer.content or b"canary" in answer.content for answer in answers)
        assert client.get("/event/sessions/canary/").status_code == 404

    def test_what_is_not_known_is_not_a_part_of_the_page(self, client: Client):
        make_event(slug="event", overview="What it is about.")

        page = Page(client.get("/event/"))

        assert page.words("main h2") == "Program Tell me when the final program is out Overview"

    def test_day_and_place_are_those_of_the_host_while_unknown(self, client: Client):
        host = make_event(title="Host", venue="Pittsburgh", starts_on=date(2026, 3, 21), ends_on=date(2026, 3, 26))
        make_event(slug="event", host=host)

        words = Page(client.get("/event/")).words("facts")

        assert words == (
            "When To be announced during Host, March 21 – 26, 2026 Where To be announced at Host, Pittsburgh"
        )

    def test_a_private_host_is_not_named(self, client: Client):
        host = make_event(title="Secret", venue="Pittsburgh", starts_on=date(2026, 3, 21), is_public=False)
        make_event(slug="event", host=host)

        page = Page(client.get("/event/"))

        assert page.words("facts") == "When To be announced Where To be announced"
        assert "Secret" not in client.get("/event/").text

    def test_a_host_event_shows_its_guests_instead(self, client: Client):
        host = make_event(slug="host")
        make_event(title="Guest", host=host, kind="workshop")
        make_event(title="Hidden", host=host, is_public=False)

        page = Page(client.get("/host/"))

        assert page.words("#events") == "Events here Guest Workshop"
        assert page.words("#program") == ""


@pytest.mark.sqlite
@pytest.mark.django_db
class TestEventWithATentativeProgram:
    def test_sessions_stand_in_order_with_lengths_and_offsets(self, client: Client):
        event = make_event(slug="event", final_program_due=DUE)
        make_release(event)

        page = Page(client.get("/event/"))

        assert page.words("stage") == "Tentative program — the final one is promised for February 17, 2026"
        assert page.words("run") == (
            "starts +0:00 after the beginning 45 min 1. Part 1 Ada Lovelace "
            "starts +0:45 after the beginning 30 min Coffee break "
            "starts +1:15 after the beginning 45 min 2. Part 2 Ada Lovelace"
        )
        assert page.words("run-end") == "+2:00 End. 2 h in all, 30 min of it break."
        assert page.words("facts") == "When To be announced Where To be announced Length 2 h 2 parts, 1 break"

    def test_following_is_offered_and_registering_where_there_are_tickets(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        without = Page(client.get("/event/"))
        make_ticket_type(event)

        page = Page(client.get("/event/"))

        assert without.words("row") == "Tell me when it is final"
        assert page.words("row") == "Register Tell me when it is final"
        assert [form["action"] for form in page.all("form")] == ["/event/follow/"]
        assert [place["data-seats"] for place in page.all("div") if "data-seats" in place] == ["/event/seats.json"]

    def test_a_locked_material_is_listed_with_the_reason(self, client: Client):
        event = make_event(slug="event")
        make_release(event)
        make_material(event, title="Slides", opening="at_release")
        make_material(event, title="Site")

        page = Page(client.get("/event/"))

        assert page.words("#materials") == (
            "Materials Slides Locked: opens when the final program is released Site Link"
        )


@pytest.mark.sqlite
@pytest.mark.django_db
class TestEventWithAFinalProgram:
    def test_clock_times_stand_in_the_events_zone_which_is_named(self, client: Client):
        event = make_event(slug="event")
        make_program(event, start=NOON)
        make_release(event, "final", now=NOON)

        page = Page(client.get("/event/"))

        assert page.words("stage") == "Final program · release 1, January 15, 2026"
        assert page.words("facts") == (
            "When Thursday, January 15, 2026 07:00–09:00 New York time (EST, UTC−5) "
            "Where To be announced Length 2 h 2 parts, 1 break"
        )
        assert [time["datetime"] for time in page.all("time") if "data-time" in time] == [
            "2026-01-15T07:00-05:00",
            "2026-01-15T07:45-05:00",
            "2026-01-15T08:15-05:00",
        ]

    def test_calendars_are_offered(self, client: Client, time_machine):
        time_machine.move_to(NOON, tick=False)
        event = make_event(slug="event")
        make_program(event, start=NOON)
        make_release(event, "final")

        page = Page(client.get("/event/"))

        assert page.words("row") == "Add to calendar"
        assert [link for link in page.links if link.endswith(".ics")] == [
            "webcal://portal.example/event/schedule.ics",
            "/event/schedule.ics",
            "/event/schedule.ics",
        ]
        assert [(link["type"], link["href"]) for link in page.all("link") if link["rel"] == "alternate"] == [
            ("text/calendar", "/event/schedule.ics"),
            ("application/json", "/event/schedule.json"),
            ("application/vnd.c3voc.schedule+xml", "/event/schedule.xml"),
            ("application/json", "/event/sessionize.json"),
            ("text/csv", "/event/schedule.csv"),
            ("application/atom+xml", "/event/releases.atom"),
        ]

    def test_what_changed_in_the_newest_release_stands_above_the_program(self, client: Client):
        event = make_event(slug="event")
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        make_release(event, "final")

        page = Page(client.get("/event/"))

        assert page.words("changes-strip") == (
            "What changed in release 2 Retitled Part 1 → Welcome All releases and their differences"
        )

    def test_a_large_conference_shows_its_days(self, client: Client):
        event = make_event(slug="event", kind="conference")
        make_long_release(event, 100)

        page = Page(client.get("/event/"))

        assert page.words("day-list") == (
            "Thursday, January 15, 2026 07:00–23:45, 51 sessions in 3 rooms "
            "Friday, January 16, 2026 00:00–16:45, 49 sessions in 3 rooms"
        )
        assert page.words("run") == ""
        assert page.words("#speakers") == "Speakers 100 speakers and their sessions"


@pytest.mark.django_db
class TestEventPage:
    def test_titles_are_text_and_markdown_is_clean(self, client: Client):
        hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
        texts = dict.fromkeys(["overview", "audience", "prerequisites", "additional", "organizers"], hostile)
        event = make_event(slug="event", title=hostile, subtitle=hostile, venue=hostile, **texts)
        speaker = make_speaker(event, hostile, affiliation=hostile, biography=f"[x](javascript:alert(1)) {hostile}")
        make_session(make_block(event), hostile, slug="talk", speakers=(speaker,), abstract=hostile)
        make_release(event, note=hostile)
        make_material(event, title=hostile)

        for address in ("", "event/", *(f"event/{name}/" for name in PAGES)):
            page = Page(client.get(f"/{address}"))
            assert page.all("img") == []
            assert all(script["src"].startswith("/static/") for script in page.all("script"))
            assert not any(link.startswith("javascript") for link in page.links)

    def test_it_asks_the_database_the_same_for_one_session_as_for_a_thousand(
        self, client: Client, django_assert_num_queries
    ):
        for sessions in (1, 3, 1000):
            event = make_event()
            make_long_release(event, sessions)
            with django_assert_num_queries(10):
                client.get(f"/{event.slug}/")

    def test_nobody_gets_a_cookie(self, client: Client):
        make_release(make_event(slug="event"))

        response = client.get("/event/")

        assert not response.cookies
        assert response["Vary"] == "Accept-Encoding"

    def test_an_unchanged_page_is_not_sent_again(self, client: Client):
        event = make_event(slug="event")
        tag = client.get("/event/")["ETag"]
        unchanged = client.get("/event/", headers={"If-None-Match": tag})

        make_release(event)
        changed = client.get("/event/", headers={"If-None-Match": tag})

        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert changed.status_code == 200

    def test_a_guests_new_title_changes_the_hosts_page(self, client: Client):
        host = make_event(slug="host")
        guest = make_event(host=host)
        tag = client.get("/host/")["ETag"]

        guest.title = "New title"
        guest.save()

        assert client.get("/host/", headers={"If-None-Match": tag}).status_code == 200

    def test_a_guest_that_leaves_changes_the_page_of_its_old_host(self, client: Client):
        host = make_event(slug="host")
        guest = make_event(host=host)
        tag = client.get("/host/")["ETag"]

        guest.host = None
        guest.save()

        assert client.get("/host/", headers={"If-None-Match": tag}).status_code == 200

    def test_it_holds_until_the_next_material_opens(self, client: Client):
        event = make_event(slug="event")
        moment = timezone.now() + timedelta(hours=1)
        make_material(event, opening="at_time", opens_at=moment)

        response = client.get("/event/")

        assert response.holds_until == moment

    def test_registering_is_offered_until_it_closes(self, client: Client, time_machine):
        event = make_event(slug="event")
        make_ticket_type(event, opens_at=NOON, closes_at=NOON + timedelta(days=1))
        said = []

        for hours in (-1, 1, 25):
            time_machine.move_to(NOON + timedelta(hours=hours), tick=False)
            response = client.get("/event/")
            said.append((Page(response).words("row"), response.holds_until))

        closing = NOON + timedelta(days=1)
        told = "Tell me when it is final"
        assert said == [(told, NOON), (f"Register {told}", closing), (told, None)]

    def test_a_private_event_is_not_found(self, client: Client):
        make_event(slug="event", is_public=False)

        response = client.get("/event/")

        assert (response.status_code, Page(response).words("h1")) == (404, "Not found")


PAGES = ("schedule", "sessions/talk", "speakers", "releases", "releases/1", "materials", "register", "follow")


@pytest.mark.sqlite
@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/event/", *(f"/event/{page}/" for page in PAGES), "/nowhere/"])
def test_each_page_has_one_heading_its_landmarks_and_nothing_inline(client: Client, address: str):
    event = make_event(slug="event", overview="Text.")
    make_session(make_block(event, start=NOON), "Talk", slug="talk", speakers=(make_speaker(event),), abstract="Text.")
    make_release(event)
    make_material(event)
    make_ticket_type(event)

    page = Page(client.get(address))

    assert [len(page.all(tag)) for tag in ("h1", "main", "title", "style")] == [1, 1, 1, 0]
    assert [name for _, found in page.elements for name in found if name == "style" or name.startswith("on")] == []
    assert page.links[0] == "#main"
    ids = [found["id"] for _, found in page.elements if "id" in found]
    assert sorted(ids) == sorted(set(ids))


class TestErrors:
    """No test here has a database: an error page must not need one."""

    @pytest.mark.parametrize(
        ("answer", "status", "said"),
        [
            (lambda r: views.bad_request(r, SuspiciousOperation("inner")), 400, "That request can't be read"),
            (lambda r: views.forbidden(r, PermissionError("inner")), 403, "That isn't open to you"),
            (lambda r: views.csrf_failure(r, reason="inner"), 403, "The form was open for too long"),
            (lambda r: views.not_found(r, Http404("There is no such release.")), 404, "Not found"),
            (lambda r: views.server_error(r), 500, "Something broke on our side"),
        ],
    )
    def test_each_has_its_page_and_tells_nothing_of_the_inside(self, rf: RequestFactory, answer, status, said):
        response = answer(rf.get("/somewhere/"))

        page = Page(response)
        assert (response.status_code, page.words("h1")) == (status, said)
        assert "inner" not in page.words()

    def test_what_was_not_found_is_said(self, rf: RequestFactory):
        page = Page(views.not_found(rf.get("/event/releases/9/"), Http404("There is no such release.")))

        assert page.words("prose") == "There is no such release."

    @pytest.mark.django_db
    def test_below_an_event_it_leads_to_its_program(self, client: Client):
        make_release(make_event(slug="event", title="A Tutorial"))

        page = Page(client.get("/event/rooms/none/"))

        assert (page.words("h1"), page.words("bar-home")) == ("Not found", "A Tutorial")
        assert page.words("main row") == "The program All events"

    def test_below_the_api_they_are_problem_documents(self, rf: RequestFactory):
        response = views.server_error(rf.get("/api/v1/events/"))

        assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
