import re
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client
from lxml import etree

from portal.models import Event
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_material,
    make_program,
    make_release,
    make_session,
)
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
QUERIES = {  # the event and its latest release; or its releases, and the changes of the newest
    "/tutorial/schedule.ics": 2,
    "/tutorial/schedule.json": 4,  # and its materials, and when the next one opens
    "/tutorial/schedule.xml": 4,
    "/tutorial/schedule.csv": 2,
    "/tutorial/sessionize.json": 2,
    "/tutorial/releases.atom": 3,
}
TYPES = {
    "/tutorial/schedule.ics": "text/calendar; charset=utf-8",
    "/tutorial/merged.ics": "text/calendar; charset=utf-8",
    "/tutorial/schedule.json": "application/json",
    "/tutorial/schedule.xml": "application/vnd.c3voc.schedule+xml",
    "/tutorial/schedule.csv": "text/csv; charset=utf-8; header=present",
    "/tutorial/sessionize.json": "application/json",
    "/tutorial/releases.atom": "application/atom+xml",
}
BY_LENGTHS = {
    "/tutorial/schedule.csv",
    "/tutorial/sessionize.json",
    "/tutorial/releases.atom",
}  # these need no clock times
OF_FAMILY = "/tutorial/merged.ics"
PROGRAMS = [path for path in QUERIES if path not in ("/tutorial/releases.atom", OF_FAMILY)]
NO_TIMES = {OF_FAMILY: "Nothing here has clock times yet."}
NOT_FOUND = {"type": "about:blank", "title": "Not Found", "status": 404}


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial", final_program_due=date(2026, 2, 17))


@pytest.fixture
def timed(event: Event) -> Event:
    make_program(event, start=NOON)
    make_release(event)
    return event


def test_the_calendar_has_the_released_sessions(client: Client, timed: Event) -> None:
    response = client.get("/tutorial/schedule.ics")

    calendar = icalendar.Calendar.from_ical(response.content)
    assert [str(entry["SUMMARY"]) for entry in calendar.events] == ["Part 1", "Coffee break", "Part 2"]


def test_a_session_taken_out_stays_in_the_calendar_as_cancelled(client: Client, timed: Event) -> None:
    timed.sessions.get(title="Part 2").delete()
    make_release(timed)

    calendar = icalendar.Calendar.from_ical(client.get("/tutorial/schedule.ics").content)

    states = {str(entry["SUMMARY"]): str(entry["STATUS"]) for entry in calendar.events}
    assert states == {"Part 1": "TENTATIVE", "Coffee break": "TENTATIVE", "Part 2": "CANCELLED"}


@pytest.mark.parametrize("path", ["/tutorial/schedule.json", "/tutorial/schedule.xml"])
def test_materials_are_attached_to_their_session_once_everybody_may_open_them(
    client: Client, timed: Event, path: str, time_machine: Any
) -> None:
    part = timed.sessions.get(title="Part 1")
    slides = make_material(timed, session=part, opening="at_time", opens_at=NOON)
    for audience, title in (("registered", "Inside"), ("public", "Of the event")):
        make_material(timed, title=title, audience=audience, session=part if audience == "registered" else None)

    time_machine.move_to(NOON - timedelta(seconds=1), tick=False)
    before = client.get(path)
    time_machine.move_to(NOON, tick=False)
    after = client.get(path, headers={"If-None-Match": before["ETag"]})

    address = f"/tutorial/materials/{slides.uuid}/"
    assert ("attachment" in before.text, address in before.text) == (False, False)
    assert (after.status_code, after.text.count("/materials/"), address in after.text) == (200, 1, True)


def test_the_xml_and_the_json_have_the_same_days(client: Client, event: Event) -> None:
    evening = datetime(2026, 3, 22, 20, tzinfo=event.zone)
    make_session(make_block(event, start=evening), duration=4 * 60)
    make_session(make_block(event, start=evening + timedelta(hours=4, minutes=30)), "After midnight")
    make_session(make_block(event, start=evening + timedelta(hours=12)), "Next day's breakfast", kind="break")
    make_release(event)

    found = client.get("/tutorial/schedule.json").json()["schedule"]["conference"]
    root = etree.fromstring(client.get("/tutorial/schedule.xml").content)

    assert (found["start"], found["end"], found["daysCount"]) == ("2026-03-22", "2026-03-22", 1)
    assert [root.findtext(f"conference/{name}") for name in ("start", "end", "days")] == [
        "2026-03-22",
        "2026-03-22",
        "1",
    ]
    assert [(day["date"], day["day_start"], day["day_end"]) for day in found["days"]] == [
        (day.get("date"), day.get("start"), day.get("end")) for day in root.iterfind("day")
    ]


@pytest.mark.parametrize("path", ["/tutorial/schedule.json", "/tutorial/schedule.xml"])
def test_with_times_of_breaks_alone_there_is_none_and_none_is_linked(client: Client, event: Event, path: str) -> None:
    make_session(make_block(event, start=NOON), "Breakfast", kind="break")
    make_session(make_block(event), "Talk")
    make_release(event)

    response = client.get(path)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert path not in client.get("/api/v1/events/tutorial/schedule/")["Link"]
    assert path not in client.get("/tutorial/schedule/").content.decode()


def test_a_calendar_of_nothing_but_what_was_withdrawn_is_linked(client: Client, timed: Event) -> None:
    timed.blocks.update(start=None)
    make_release(timed)

    assert "/tutorial/schedule.ics" in client.get("/api/v1/events/tutorial/schedule/")["Link"]


@pytest.mark.parametrize(("start", "day", "count"), [(NOON, None, 7), (None, NOON.date(), 5), (None, None, 4)])
def test_only_forms_that_there_are_are_linked(client: Client, start: Any, day: Any, count: int) -> None:
    event = make_event(slug="tutorial", starts_on=day)
    make_program(event, start=start)
    make_release(event)

    page = Page(client.get("/tutorial/schedule/"))
    head = client.get("/api/v1/events/tutorial/schedule/")["Link"]

    linked = {link["href"] for link in page.all("link") if link["rel"] == "alternate"}
    named = set(re.findall("<https://portal.example(.+?)>", head))
    assert named == {*linked, "/tutorial/schedule/"} == {link for link in page.links if link in named}
    assert [client.get(path).status_code for path in named] == [200] * count


def test_with_an_address_of_the_organizers_the_calendar_is_published(client: Client, timed: Event) -> None:
    timed.contact_email = "team@example.org"
    timed.save()

    response = client.get("/tutorial/schedule.ics")

    assert response["Content-Type"] == "text/calendar; method=PUBLISH; charset=utf-8"
    assert b"\r\nMETHOD:PUBLISH\r\n" in response.content


class TestOneSession:
    PATH = "/tutorial/sessions/part-2.ics"

    def test_it_is_a_calendar_of_its_own(self, client: Client, timed: Event) -> None:
        response = client.get(self.PATH)

        (entry,) = icalendar.Calendar.from_ical(response.content).events
        assert (str(entry["SUMMARY"]), response["Content-Type"]) == ("Part 2", TYPES["/tutorial/schedule.ics"])

    def test_taken_out_it_stays_as_cancelled(self, client: Client, timed: Event) -> None:
        timed.sessions.get(title="Part 2").delete()
        make_release(timed)

        (entry,) = icalendar.Calendar.from_ical(client.get(self.PATH).content).events

        assert (str(entry["STATUS"]), entry["SEQUENCE"]) == ("CANCELLED", 1)

    def test_under_an_earlier_address_it_is_found_where_it_is_now(self, client: Client, timed: Event) -> None:
        timed.sessions.filter(title="Part 2").update(slug="farewell")
        make_release(timed)

        response = client.get(self.PATH)

        assert (response.status_code, response["Location"]) == (302, "/tutorial/sessions/farewell.ics")

    def test_without_a_clock_time_it_says_when_to_come_back(self, client: Client, event: Event) -> None:
        make_release(event)

        response = client.get(self.PATH)

        assert (response.status_code, response.json()["detail"]) == (
            404,
            "This session has no clock time yet. The final program is promised for February 17, 2026.",
        )

    def test_one_that_is_not_released_is_missing(self, client: Client, event: Event) -> None:
        make_program(event, start=NOON)

        response = client.get(self.PATH)

        assert (response.status_code, response.json()["detail"]) == (404, "There is no such session in the program.")


def test_a_host_without_a_program_offers_the_calendar_of_its_guests(client: Client, event: Event) -> None:
    guest = make_event(host=event)
    make_program(guest, start=NOON)
    make_release(guest)

    page = client.get("/tutorial/").content.decode()

    offered = [name for name in ("merged", "schedule") if f"webcal://portal.example/tutorial/{name}.ics" in page]
    assert (offered, client.get(OF_FAMILY).status_code) == (["merged"], 200)


def test_a_guests_release_changes_the_merged_calendar(client: Client, timed: Event) -> None:
    guest = make_event(host=timed)
    make_program(guest, start=NOON)
    first = client.get(OF_FAMILY)

    make_release(guest)

    again = client.get(OF_FAMILY, headers={"If-None-Match": first["ETag"]})
    entries = [len(icalendar.Calendar.from_ical(one.content).events) for one in (first, again)]
    assert entries == [3, 6]


def test_the_json_is_the_c3vocs(client: Client, timed: Event) -> None:
    response = client.get("/tutorial/schedule.json")

    assert response.json()["schedule"]["version"] == "tentative-1"


def test_the_xml_is_frabs(client: Client, timed: Event) -> None:
    root = etree.fromstring(client.get("/tutorial/schedule.xml").content)

    assert (root.tag, root.findtext("version")) == ("schedule", "tentative-1")


def test_the_feed_tells_each_release(client: Client, timed: Event) -> None:
    make_release(timed, "final")

    root = etree.fromstring(client.get("/tutorial/releases.atom").content)

    titles = [title.text for title in root.iterfind("{*}entry/{*}title")]
    assert titles == ["Release 2, final", "Release 1, tentative"]


def test_the_feed_can_be_subscribed_to_before_the_first_release(client: Client, event: Event) -> None:
    response = client.get("/tutorial/releases.atom")

    assert (response.status_code, etree.fromstring(response.content).findall("{*}entry")) == (200, [])


@pytest.mark.parametrize("path", QUERIES)
class TestEach:
    def test_it_says_what_it_is_to_scripts_of_any_site(self, client: Client, timed: Event, path: str) -> None:
        response = client.get(path)

        assert (response["Content-Type"], response["Access-Control-Allow-Origin"]) == (TYPES[path], "*")

    @pytest.mark.parametrize("sessions", [1, 3, 1000])
    def test_it_costs_the_same_queries_for_any_number_of_sessions(
        self, client: Client, event: Event, path: str, sessions: int, django_assert_num_queries: Any
    ) -> None:
        make_long_release(event, sessions)

        with django_assert_num_queries(QUERIES[path]):
            assert client.get(path).status_code == 200

    def test_unchanged_it_costs_one(
        self, client: Client, timed: Event, path: str, django_assert_num_queries: Any
    ) -> None:
        tag = client.get(path)["ETag"]

        with django_assert_num_queries(2 if path == OF_FAMILY else 1):
            client.get(path, headers={"If-None-Match": tag})

    def test_it_is_asked_for_again_with_its_tag(self, client: Client, timed: Event, path: str) -> None:
        first = client.get(path)

        again = client.get(path, headers={"If-None-Match": first["ETag"]})

        assert (first["Cache-Control"], again.status_code, again.content) == ("public, no-cache", 304, b"")

    def test_a_release_changes_it(self, client: Client, timed: Event, path: str) -> None:
        first = client.get(path)

        timed.sessions.filter(title="Part 2").update(title="Part two")
        make_release(timed, "final")

        again = client.get(path, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content != first.content) == (200, True)

    def test_a_draft_does_not(self, client: Client, timed: Event, path: str) -> None:
        first = client.get(path)

        make_program(timed, start=NOON)

        again = client.get(path)
        assert (again.content, again["ETag"]) == (first.content, first["ETag"])

    def test_before_there_are_clock_times_it_says_so_or_gives_lengths(
        self, client: Client, event: Event, path: str
    ) -> None:
        event.final_program_due = None
        event.save()
        make_release(event)

        response = client.get(path)

        refused = (
            404,
            {**NOT_FOUND, "detail": NO_TIMES.get(path, "The program of this event has no clock times yet.")},
        )
        assert response.status_code == 200 if path in BY_LENGTHS else (response.status_code, response.json()) == refused


@pytest.mark.parametrize("path", PROGRAMS)
def test_before_the_first_release_it_says_when_to_come_back(client: Client, event: Event, path: str) -> None:
    make_program(event, start=NOON)

    response = client.get(path)

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["detail"] == (
        "The program of this event isn't out yet. The final program is promised for February 17, 2026."
    )


@pytest.mark.parametrize("path", PROGRAMS)
def test_the_refusal_is_not_kept_for_later(client: Client, event: Event, path: str) -> None:
    assert "ETag" not in client.get(path)


@pytest.mark.parametrize("path", QUERIES)
def test_a_private_event_has_none(client: Client, timed: Event, path: str) -> None:
    timed.is_public = False
    timed.save()

    assert client.get(path).status_code == 404
