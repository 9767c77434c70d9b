from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.models import Event, Suppression
from registration.models import Follower, Lab
from sessions_app import releases
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
from tests.filling import fields_of, send
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

    @pytest.mark.parametrize("count", [1, 3, 100])
    def test_it_takes_as_many_queries_for_any_number_of_rows(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        make_program(event, sessions=count + 1)
        ticket_type = make_ticket_type(event, capacity=None)
        for _ in range(count):
            make_registration(event, ticket_type=ticket_type)

        with django_assert_num_queries(26):
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

    @pytest.mark.parametrize("count", [1, 3, 1000])
    def test_it_takes_as_many_queries_for_any_number_of_sessions(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        make_program(event, sessions=count)

        with django_assert_num_queries(15):
            client.get(reverse("admin:event-conflicts", args=[event.pk]))


class TestPreview:
    def test_it_shows_changes_conflicts_and_who_is_told(self, client: Client, event: Event) -> None:
        first, *_ = make_program(event)
        make_release(event)
        first.title = "Welcome"
        first.save()
        make_registration(event)
        Follower.objects.create(event=event, email="f@example.org")
        make_speaker(event, "Not in the program", email="s@example.org")

        page = Page(client.get(release_of(event, "?stage=final")))

        assert page.words("changes") == "Retitled Part 1 → Welcome"
        assert "“Welcome” has no clock time." in page.words("todo")
        assert page.words("tbody") == "Registered 1 Followers 1 Speakers 0"
        assert page.words("button button-primary") == "Release 2 as final and mail 2 people"
        assert event.releases.count() == 1

    def test_followers_wait_for_the_final_program(self, client: Client, event: Event) -> None:
        make_program(event)
        Follower.objects.create(event=event, email="f@example.org")

        said = [button(client.get(release_of(event, f"?stage={stage}"))) for stage in ("tentative", "final")]

        assert said == ["Release 1 as tentative, without mail", "Release 1 as final and mail 1 person"]

    def test_unsubscribed_people_are_not_counted(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event, "a@example.org")
        Suppression.objects.create(event=event, address_key="a@example.org", reason="unsubscribed")

        assert button(client.get(release_of(event))) == "Release 1 as tentative, without mail"

    def test_a_quiet_release_can_be_chosen(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)

        assert button(client.get(release_of(event, "?stage=final&mail=0"))) == "Release 1 as final, without mail"

    @pytest.mark.parametrize("query", ["?stage=draft", "?mail=x&stage="])
    def test_what_it_does_not_know_is_left_out(self, client: Client, event: Event, query: str) -> None:
        make_program(event)

        assert button(client.get(release_of(event, query))) == "Release 1 as tentative, without mail"


class TestRelease:
    def test_from_edit_to_release_through_the_pages_alone(self, client: Client, event: Event) -> None:
        make_program(event)
        send(client, release_of(event))
        make_registration(event, "grace@example.org")
        form = f"/admin/portal/event/{event.pk}/change/"

        send(client, form, **{"blocks-0-start": "2026-03-22T08:30", "sessions-0-title": "Welcome"})
        response = send(client, release_of(event, "?stage=final"), note="Times are set.")

        public = releases.latest(event)
        assert public
        assert response["Location"] == home_of(event)
        assert (public.number, public.stage, public.note) == (2, "final", "Times are set.")
        assert [item.title for item in public.program.items] == ["Welcome", "Coffee break", "Part 2"]
        assert public.program.items[0].start == datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
        assert [mail.address for mail in event.mails.all()] == ["grace@example.org"]
        assert "Release 2 is public, as final. 1 mail is on its way." in client.get(home_of(event)).text

    def test_who_did_it_is_kept(self, client: Client, event: Event) -> None:
        make_program(event)

        send(client, release_of(event))

        release = event.releases.get()
        entries = {(one.content_type.model, one.object_id, one.change_message) for one in LogEntry.objects.all()}
        assert str(release.published_by) == "chair"
        assert entries == {
            ("event", str(event.pk), "Released 1 as tentative, 0 mails."),
            ("release", str(release.pk), "Released 1 as tentative, 0 mails."),
        }

    def test_a_quiet_one_mails_nobody(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)

        send(client, release_of(event, "?stage=final&mail=0"))

        assert (event.releases.count(), event.mails.count()) == (1, 0)

    def test_pressed_twice_it_makes_one_and_says_so(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)
        pressed = fields_of(client.get(release_of(event, "?stage=final")))

        first, second = (client.post(release_of(event), pressed | {"note": "My note"}) for _ in range(2))

        assert (first.status_code, second.status_code) == (302, 409)
        assert "Release 1 was made in the meantime. Look at the changes again." in second.text
        assert "My note" in second.text
        assert (event.releases.count(), event.mails.count()) == (1, 1)

    def test_without_sessions_it_is_refused(self, client: Client, event: Event) -> None:
        response = send(client, release_of(event))

        assert (response.status_code, event.releases.count()) == (409, 0)
        assert "The program has no sessions to show. Add at least one, then release it." in response.text

    @pytest.mark.parametrize(
        ("field", "value"), [("stage", "draft"), ("stage", ""), ("after", "x"), ("after", ""), ("note", "x" * 1001)]
    )
    def test_values_that_no_button_sends_release_nothing(
        self, client: Client, event: Event, field: str, value: str
    ) -> None:
        make_program(event)

        response = send(client, release_of(event), **{field: value})

        assert (response.status_code, event.releases.count()) == (400, 0)

    def test_a_look_releases_nothing(self, client: Client, event: Event) -> None:
        make_program(event)

        answers = [client.get(release_of(event)), client.head(release_of(event)), client.put(release_of(event))]

        assert [answer.status_code for answer in answers] == [200, 200, 405]
        assert not event.releases.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_organizers_at_the_same_moment_make_one_release() -> None:
    event = make_event()
    make_program(event)
    make_registration(event)
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(make_organizer(event))
    pressed = [fields_of(client.get(release_of(event, "?stage=final"))) for client in clients]
    barrier, statuses = Barrier(2), []

    def press(number: int) -> None:
        barrier.wait()
        statuses.append(clients[number].post(release_of(event), pressed[number]).status_code)
        connection.close()

    threads = [Thread(target=press, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [302, 409]
    assert (event.releases.count(), event.mails.count()) == (1, 1)
