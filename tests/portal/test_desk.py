from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from portal.models import Event
from registration.models import Lab
from registration.notices import release_program
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_organizer,
    make_program,
    make_registration,
    make_release,
    make_room,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(client: Client) -> Event:
    event = make_event(title="Tutorial", final_program_due=date(2026, 2, 17))
    client.force_login(make_organizer(event, "chair"))
    return event


def home_of(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/home/"


def release_of(event: Event, query: str = "") -> str:
    return f"/admin/portal/event/{event.pk}/release/{query}"


def button(response) -> str:
    return Page(response).words("button button-primary")


class TestRights:
    @pytest.mark.parametrize("address", [home_of, release_of])
    def test_the_pages_of_another_event_do_not_exist(self, client: Client, event: Event, address) -> None:
        other = make_event()
        make_program(other)

        answers = [client.get(address(other)), client.post(address(other), {"stage": "final", "after": 0})]

        assert {answer.status_code for answer in answers} <= {404, 405}
        assert not other.releases.exists()

    @pytest.mark.parametrize("address", [home_of, release_of])
    def test_without_a_login_they_lead_to_it(self, event: Event, address) -> None:
        response = Client().get(address(event))

        assert response["Location"] == f"/admin/login/?next={address(event)}"

    def test_a_release_needs_the_token_of_its_form(self, event: Event) -> None:
        make_program(event)
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_organizer(event))

        response = strict.post(release_of(event), {"stage": "final", "after": 0})

        assert response.status_code == 403
        assert not event.releases.exists()


class TestHome:
    def test_an_empty_event_says_what_to_do(self, client: Client, event: Event) -> None:
        page = Page(client.get(home_of(event)))

        assert "Not released yet" in page.words("stage")
        assert [
            text
            for text in ("“Overview” is empty.", "The first day isn't set.", "has no sessions")
            if text in page.words("todo")
        ] == [
            "“Overview” is empty.",
            "The first day isn't set.",
            "has no sessions",
        ]
        assert "Nobody can register: there is no ticket type yet." in page.words("panel")

    @pytest.mark.parametrize(("role", "is_led"), [("program", True), ("registrations", False)])
    def test_it_leads_whoever_may_to_where_the_program_is_made(
        self, client: Client, event: Event, role: str, is_led: bool
    ) -> None:
        client.force_login(make_organizer(event, role=role))

        page = Page(client.get(home_of(event)))

        assert ("Edit the program Import one from a file" in page.words("row")) is is_led
        assert (home_of(event).replace("home", "import") in page.links) is is_led

    @time_machine.travel(datetime(2026, 2, 10, 12, tzinfo=UTC), tick=False)
    def test_it_shows_stage_and_days_left(self, client: Client, event: Event) -> None:
        make_release(event)

        page = Page(client.get(home_of(event)))

        assert page.words("stage") == "Tentative · release 1 · final program due February 17, 2026, in 7 days"

    def test_it_counts_changes_people_seats_and_mails(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        ticket_type = make_ticket_type(event, capacity=60)
        for state in ("confirmed", "confirmed", "pending"):
            make_registration(event, ticket_type=ticket_type, state=state)

        context = client.get(home_of(event)).context

        assert (context["total"], context["people"]) == (1, 2)
        assert {state: count for state, count in context["registrations"] if count} == {"Pending": 1, "Confirmed": 2}
        assert [(one.name, one.taken, one.capacity) for one in context["tickets"]] == [("Attendee", 3, 60)]

    def test_it_leads_to_how_a_mailing_goes(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)
        release_program(event, "final")

        page = Page(client.get(home_of(event)))

        assert "Release 1, Final 1 0 0" in page.words("tbody")
        assert event.mailings.get().get_absolute_url() in page.links

    @pytest.mark.parametrize("count", [1, 3, pytest.param(100, marks=pytest.mark.sqlite)])
    def test_it_takes_as_many_queries_for_any_number_of_rows(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        make_program(event, sessions=count + 1)
        ticket_type = make_ticket_type(event, capacity=None)
        for _ in range(count):
            make_registration(event, ticket_type=ticket_type)

        with django_assert_num_queries(27):
            client.get(home_of(event))


class TestConflicts:
    def test_each_leads_to_the_session_that_mends_it(self, client: Client, event: Event) -> None:
        session = make_session(make_block(event), "Lab", kind="lab", room=make_room(event, "Cellar", capacity=20))
        Lab.objects.create(event=event, session=session.uuid, capacity=30)

        page = client.get(reverse("admin:event-conflicts", args=[event.pk]))

        address = reverse("admin:sessions_app_session_change", args=[session.pk])
        assert [(label, rows) for _, label, _, rows in page.context["kinds"]] == [
            ("A room too small", [("“Lab” has 30 seats, but Cellar holds 20.", address)]),
            ("Without a speaker", [("“Lab” has no speaker.", address)]),
            ("Without a clock time", [("“Lab” has no clock time.", address)]),
            ("Without an abstract", [("“Lab” has no abstract.", address)]),
        ]

    def test_many_are_counted_by_kind_on_the_home_page(self, client: Client, event: Event) -> None:
        block = make_block(event, start=NOON)
        for number in range(13):
            make_session(block, speakers=(), abstract="About it", room=make_room(event, f"Room {number}"))
        make_session(block, abstract="About it", speakers=(make_speaker(event),))

        missing = client.get(home_of(event)).context["missing"]

        address = reverse("admin:event-conflicts", args=[event.pk])
        assert [(one.text, one.address) for one in missing if one.address.startswith(address)] == [
            ("Without a speaker: 13", f"{address}#no_speaker"),
            ("Without a room: 1", f"{address}#no_room"),
        ]

    def test_a_program_without_conflicts_is_told_so(self, client: Client, event: Event) -> None:
        page = Page(client.get(reverse("admin:event-conflicts", args=[event.pk])))

        assert "Nothing is missing, and nothing is in each other’s way." in page.words("own-page")

    @pytest.mark.parametrize("count", [1, 3, pytest.param(1000, marks=pytest.mark.sqlite)])
    def test_it_takes_as_many_queries_for_any_number_of_sessions(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        make_program(event, sessions=count)

        with django_assert_num_queries(14):
            client.get(reverse("admin:event-conflicts", args=[event.pk]))
