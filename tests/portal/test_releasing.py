from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.models import Event, Suppression
from registration.models import Follower, Registration
from sessions_app import releases
from tests.factories import (
    make_event,
    make_organizer,
    make_program,
    make_registration,
    make_release,
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
        assert response["Location"] == event.mailings.latest("pk").get_absolute_url()
        assert (public.number, public.stage, public.note) == (2, "final", "Times are set.")
        assert [item.title for item in public.program.items] == ["Welcome", "Coffee break", "Part 2"]
        assert public.program.items[0].start == datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
        assert [mail.address for mail in event.mails.all()] == ["grace@example.org"]
        assert "Release 2 is public, as final. 1 mail is on its way." in client.get(home_of(event)).text

    def test_of_an_event_that_is_not_public_it_says_that_nobody_sees_it_yet(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)
        Event.objects.update(is_public=False)

        page = client.get(release_of(event, "?stage=final"))
        send(client, release_of(event, "?stage=final"))

        assert "Nobody sees its releases until it is, and their mails wait" in page.text
        assert "Release 1 is made, as final. It is seen once the event is public." in client.get(home_of(event)).text

    def test_who_may_not_see_registrations_is_led_to_the_events_page(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)
        client.force_login(make_organizer(event, role="program"))

        response = send(client, release_of(event, "?stage=final"))

        assert (response["Location"], event.mails.count()) == (home_of(event), 1)

    @pytest.mark.parametrize(
        ("people", "statements"), [(1, 35), (1_000, 39), pytest.param(10_000, 93, marks=pytest.mark.sqlite)]
    )
    def test_ten_thousand_mails_cost_a_few_statements_more(
        self, client: Client, event: Event, people: int, statements: int
    ) -> None:
        make_program(event)
        ticket_type = make_ticket_type(event, None)
        names = [f"person{number}@example.org" for number in range(people)]
        event.registrations.bulk_create(
            Registration(event=event, ticket_type=ticket_type, email=name, email_key=name, state="confirmed")
            for name in names
        )
        pressed = fields_of(client.get(release_of(event, "?stage=final")))
        ContentType.objects.get_for_models(Event, releases.Release)  # which Django keeps from then on

        with CaptureQueriesContext(connection) as queries:
            client.post(release_of(event), pressed)

        assert event.mails.count() == people
        assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == statements

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

    def test_what_has_changed_since_the_preview_is_shown_first(self, client: Client, event: Event) -> None:
        make_program(event)
        make_registration(event)
        pressed = fields_of(client.get(release_of(event, "?stage=final")))
        event.sessions.filter(title="Part 2").update(title="Farewell")

        refused = client.post(release_of(event), pressed | {"note": "My note"})

        assert (refused.status_code, event.releases.count(), event.mails.count()) == (409, 0, 0)
        assert "The program has changed since this preview, and nothing was released." in refused.text
        assert "Farewell" in Page(refused).words("changes")
        assert client.post(release_of(event), fields_of(refused)).status_code == 302
        assert (event.releases.get().note, event.mails.count()) == ("My note", 1)

    def test_what_stays_hidden_may_change(self, client: Client, event: Event) -> None:
        make_program(event)
        event.sessions.filter(title="Part 2").update(visibility="hidden")
        pressed = fields_of(client.get(release_of(event)))
        event.sessions.filter(title="Part 2").update(title="Farewell")

        assert client.post(release_of(event), pressed).status_code == 302

    def test_an_older_page_that_does_not_say_what_it_has_shown_releases(self, client: Client, event: Event) -> None:
        make_program(event)

        response = client.post(release_of(event), {"stage": "final", "after": "0"})

        assert (response.status_code, event.releases.count()) == (302, 1)

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

    def test_the_browser_asks_for_nothing_but_the_button(self, client: Client, event: Event) -> None:
        page = Page(client.get(release_of(event)))

        assert [one["name"] for one in page.all("input") + page.all("textarea") if "required" in one] == []

    def test_a_look_releases_nothing(self, client: Client, event: Event) -> None:
        make_program(event)

        answers = [client.get(release_of(event)), client.head(release_of(event)), client.put(release_of(event))]

        assert [answer.status_code for answer in answers] == [200, 200, 405]
        assert not event.releases.exists()


NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)


class TestSetTime:
    @pytest.fixture(autouse=True)
    def still_clock(self) -> Iterator[None]:
        with time_machine.travel(NOW, tick=False):
            yield

    def test_a_release_can_be_set_for_a_time_in_the_events_zone(self, client: Client, event: Event) -> None:
        make_program(event)

        response = plan(client, event, "?stage=final", at="2026-02-17T09:00", note="See you.")

        timed = event.timed_releases.get()
        assert response["Location"] == release_of(event)
        assert (timed.at, timed.stage, timed.note, timed.is_mailed, str(timed.set_by)) == (
            datetime(2026, 2, 17, 14, tzinfo=UTC),
            "final",
            "See you.",
            True,
            "chair",
        )
        assert not event.releases.exists()

    def test_it_is_shown_on_both_pages_and_offered_for_change(self, client: Client, event: Event) -> None:
        make_program(event)
        plan(client, event, "?stage=final&mail=0", at="2026-02-17T09:00", note="See you.")

        home, page = Page(client.get(home_of(event))), client.get(release_of(event))

        assert "as final on Tuesday, February 17, 2026, 09:00, without mail." in home.words("panel")
        assert "released as final on Tuesday, February 17, 2026, 09:00, without mail." in Page(page).words("notice")
        assert {name: fields_of(page).get(name) for name in ("at", "stage", "note", "is_mailed")} == {
            "at": "2026-02-17T09:00",
            "stage": "final",
            "note": "See you.",
            "is_mailed": None,
        }

    def test_what_changes_until_then_is_released_too(self, client: Client, event: Event) -> None:
        make_program(event)
        pressed = fields_of(client.get(release_of(event)))
        event.sessions.filter(title="Part 2").update(title="Farewell")

        client.post(release_of(event, "time/"), pressed | {"at": "2026-02-17T09:00"})

        assert event.timed_releases.get().state == "waiting"

    def test_another_time_takes_its_place(self, client: Client, event: Event) -> None:
        make_program(event)
        plan(client, event, at="2026-02-17T09:00")

        plan(client, event, at="2026-02-18T09:00")

        assert [one.at.day for one in event.timed_releases.all()] == [18]

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            ("", "This field is required."),
            ("soon", "Enter a valid date/time."),
            ("2026-01-31T09:00", "This time has passed."),
            ("2026-03-08T02:30", "couldn’t be interpreted in time zone America/New_York"),
            ("9999-01-01T00:00", "Enter a year between 1990 and 2199."),
        ],
    )
    def test_a_time_that_is_none_is_told_beside_the_field(
        self, client: Client, event: Event, value: str, said: str
    ) -> None:
        make_program(event)

        response = plan(client, event, at=value, note="My note")

        assert response.status_code == 400
        assert said in Page(response).words("error")
        assert "My note" in response.text
        assert not event.timed_releases.exists()

    def test_it_can_be_called_off(self, client: Client, event: Event) -> None:
        make_program(event)
        plan(client, event, at="2026-02-17T09:00")

        answers = [client.post(release_of(event, "call-off/"), follow=True).text for _ in range(2)]

        assert event.timed_releases.get().state == "called_off"
        assert "The timed release is called off." in answers[0]
        assert "No release is waiting for its time." in answers[1]

    def test_why_one_was_not_made_is_shown_until_another_is(self, client: Client, event: Event) -> None:
        event.timed_releases.create(stage="final", at=NOW, state="failed", reason="The program has no sessions.")

        before = Page(client.get(release_of(event))).words("notice")
        make_release(event, now=NOW + timedelta(hours=1))
        after = Page(client.get(release_of(event))).words("notice")

        assert "was not made. The program has no sessions." in before
        assert "was not made" not in after

    @pytest.mark.parametrize("address", ["time/", "call-off/"])
    def test_a_look_changes_nothing(self, client: Client, event: Event, address: str) -> None:
        assert client.get(release_of(event, address)).status_code == 405

    @pytest.mark.parametrize("address", ["time/", "call-off/", "changes/"])
    def test_that_of_another_event_does_not_exist(self, client: Client, event: Event, address: str) -> None:
        other = make_event()

        answers = [client.get(release_of(other, address)), client.post(release_of(other, address))]

        assert {answer.status_code for answer in answers} <= {404, 405}


def plan(client: Client, event: Event, query: str = "", **fields: str):
    return client.post(release_of(event, "time/"), fields_of(client.get(release_of(event, query))) | fields)


class TestChanges:
    def test_all_of_very_many_are_on_a_page_of_their_own(self, client: Client, event: Event) -> None:
        make_program(event, 99)

        first, full = client.get(release_of(event)), Page(client.get(release_of(event, "changes/")))

        assert "And 70 more. All 100 changes" in Page(first).words("panel")
        assert (full.words("h1"), full.words("group-head")) == ("What release 1 changes: 100", "Added: 100")
        assert all(f"Part {number} " in full.words("changes") + " " for number in range(1, 100))
