import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from time_machine import travel

from portal.mail import bell
from portal.models import Event, Suppression
from registration import booking, followers, letters, links, preferences
from registration.models import Follower, Registration
from tests.factories import (
    make_event,
    make_registration,
    make_ticket_type,
)
from tests.registration.reading import ADA, field_errors, headings, path, text

pytestmark = pytest.mark.django_db


class TestRegister:
    def test_the_form_is_the_same_for_everybody_and_touches_no_cookie(self, event: Event, browser: Client) -> None:
        pages = [browser.get("/tutorial/register/"), Client().get("/tutorial/register/")]

        assert [page.status_code for page in pages] == [200, 200]
        assert pages[0].content == pages[1].content
        assert [(dict(page.cookies), page.get("Vary")) for page in pages] == [({}, None), ({}, None)]

    def test_a_person_is_registered_and_sent_to_look_at_the_mail(self, event: Event, browser: Client) -> None:
        response = browser.post("/tutorial/register/", ADA | {"affiliation": "ACME"})

        ada = event.registrations.get()
        assert (response.status_code, response["Location"]) == (302, "/tutorial/register/sent/")
        assert (ada.name, ada.email, ada.affiliation, ada.state) == ("Ada", "ada@example.org", "ACME", "pending")
        assert headings(browser.get(response["Location"])) == ["Look at your mail"]

    def test_known_unknown_and_waitlisted_addresses_get_the_same_answer(self, event: Event, browser: Client) -> None:
        people = ["ada@example.org", "ada@example.org", "grace@example.org", "alan@example.org"]

        answers = [browser.post("/tutorial/register/", ADA | {"email": email}) for email in people]

        assert {(one.status_code, one["Location"], one.content) for one in answers} == {
            (302, "/tutorial/register/sent/", b"")
        }
        assert len({str(sorted(one.headers.items())) for one in answers}) == 1
        assert sorted(event.registrations.values_list("email", "state")) == [
            ("ada@example.org", "pending"),
            ("alan@example.org", "waitlisted"),
            ("grace@example.org", "pending"),
        ]

    def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(self, event: Event, browser: Client) -> None:
        response = browser.post("/tutorial/register/", {"name": "", "email": "ada@", "affiliation": "<ACME>"})

        assert response.status_code == 422
        assert field_errors(response) == {
            "name": "Write your name.",
            "email": "The part after @ is missing, as in name@example.org.",
        }
        assert re.findall(r'<input[^>]* value="([^"]*)"', response.content.decode()) == ["ada@", "&lt;ACME&gt;"]
        assert not event.registrations.exists()

    def test_the_fields_are_tied_to_their_errors(self, event: Event, browser: Client) -> None:
        page = browser.post("/tutorial/register/", {}).content.decode()

        described = re.findall(r'name="(\w+)".*?aria-invalid="true".*?aria-describedby="([^"]*)"', page)
        assert described == [("name", "id_name_helptext id_name_error"), ("email", "id_email_error")]

    def test_fields_that_are_not_of_the_form_change_nothing(self, event: Event, browser: Client) -> None:
        more = {"state": "confirmed", "round": "9", "key": "x", "verified_at": "2026-01-01", "id": "7", "event": "2"}

        browser.post("/tutorial/register/", ADA | more)

        ada = event.registrations.get()
        assert (ada.state, ada.round, ada.verified_at, ada.key == "x") == ("pending", 1, None, False)

    def test_before_it_opens_the_page_says_when_and_has_no_form(self, event: Event, browser: Client) -> None:
        event.ticket_types.update(opens_at=datetime(2040, 1, 10, 17, tzinfo=UTC))

        page, refused = browser.get("/tutorial/register/"), browser.post("/tutorial/register/", ADA)

        assert "Registration opens on January 10, 2040 at 12:00 EST." in text(page)
        assert [b"<form" in one.content for one in (page, refused)] == [False, False]
        assert (page.status_code, refused.status_code) == (200, 422)
        assert not event.registrations.exists()

    def test_an_event_without_tickets_says_so(self, browser: Client) -> None:
        make_event(slug="free")

        page = browser.get("/free/register/")

        assert "This event takes no registrations." in text(page)

    def test_with_several_tickets_one_is_chosen(self, event: Event, browser: Client) -> None:
        remote = make_ticket_type(event, name="Remote")

        missing = browser.post("/tutorial/register/", ADA)
        chosen = browser.post("/tutorial/register/", ADA | {"ticket_type": remote.pk})

        assert (missing.status_code, chosen.status_code) == (422, 302)
        assert field_errors(missing) == {"ticket_type": "Choose a ticket."}
        assert event.registrations.get().ticket_type == remote

    def test_a_private_event_has_no_form(self, event: Event, browser: Client) -> None:
        Event.objects.update(is_public=False)

        answers = [browser.get("/tutorial/register/"), browser.post("/tutorial/register/", ADA)]

        assert [one.status_code for one in answers] == [404, 404]
        assert not Registration.objects.exists()

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_refused(self, event: Event, browser: Client, method: str) -> None:
        assert getattr(browser, method)("/tutorial/register/").status_code == 405


@pytest.mark.parametrize(("form", "mails"), [("register", 2), ("follow", 1)])
def test_a_worker_is_woken_for_the_second_time_too(form: str, mails: int, event: Event, browser: Client) -> None:
    """Else the time an answer takes would tell who had been there before."""
    waking = []

    for _ in range(2):
        connection.run_on_commit.clear()
        browser.post(f"/tutorial/{form}/", ADA)
        waking.append([deed for _, deed, _ in connection.run_on_commit if deed == bell.ring])

    assert event.mails.count() == mails
    assert waking == [[bell.ring], [bell.ring]]


@pytest.mark.sqlite
class TestOtherSites:
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": "https://portal.example"},
            {"Origin": "http://testserver"},
            {"Origin": "null"},
        ],
    )
    def test_our_own_forms_are_taken(self, event: Event, browser: Client, headers: dict[str, str]) -> None:
        assert browser.post("/tutorial/register/", ADA, headers=headers).status_code == 302

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec-Fetch-Site": "cross-site", "Origin": "https://portal.example"},
            {"Origin": "https://elsewhere.example"},
            {"Origin": "https://portal.example.elsewhere.example"},
            {"Origin": "x"},
        ],
    )
    def test_forms_of_other_sites_are_refused(self, event: Event, browser: Client, headers: dict[str, str]) -> None:
        ada = make_registration(event)
        paths = ["/tutorial/register/", "/tutorial/follow/", path(links.manage_url(ada)) + "cancel/"]

        answers = [browser.post(one, ADA, headers=headers) for one in paths]

        assert [(one.status_code, headings(one)) for one in answers] == [(403, ["Not sent"])] * 3
        assert (event.registrations.count(), event.followers.count()) == (1, 0)
        ada.refresh_from_db()
        assert ada.state == "confirmed"


class TestFollow:
    def test_an_address_is_told_from_now_on_and_gets_one_mail_a_day(self, event: Event, browser: Client) -> None:
        for address in ("ada@example.org", "ADA@example.org"):
            response = browser.post("/tutorial/follow/", {"email": address})

        assert (response.status_code, response["Location"]) == (302, "/tutorial/follow/sent/")
        assert headings(browser.get(response["Location"])) == ["You will be told"]
        assert list(Follower.objects.values_list("event", "email")) == [(event.pk, "ada@example.org")]
        assert list(event.mails.values_list("kind", "address")) == [("follow", "ada@example.org")]

    def test_after_a_day_a_second_mail_may_go(self, event: Event, browser: Client) -> None:
        start = datetime(2026, 1, 1, 23, 50, tzinfo=UTC)

        counts = []
        for hours in (0, 1, 23.9, 24.1):
            with travel(start + timedelta(hours=hours), tick=False):
                browser.post("/tutorial/follow/", {"email": "ada@example.org"})
            counts.append(event.mails.count())

        assert counts == [1, 1, 1, 2]

    @pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained"])
    def test_typing_an_address_does_not_undo_what_its_owner_refused(
        self, event: Event, browser: Client, reason: str
    ) -> None:
        for category in ("", "news"):
            Suppression.objects.create(event=event, address_key=ADA["email"], category=category, reason=reason)

        response = browser.post("/tutorial/follow/", {"email": "ADA@example.org"})

        assert response["Location"] == "/tutorial/follow/sent/"
        assert preferences.wanted(event, ADA["email"]) == set()
        assert event.suppressions.count() == 2
        assert event.mails.get().kind == "follow"

    def test_who_opens_the_link_and_presses_its_button_is_told_of_releases_and_nothing_else(
        self, event: Event, browser: Client
    ) -> None:
        Suppression.objects.create(event=event, address_key=ADA["email"], reason="unsubscribed")
        browser.post("/tutorial/follow/", {"email": ADA["email"]})
        mail = event.mails.get()
        link = links.tell_me_url(mail)
        Follower.objects.all().delete()

        page = browser.get(path(link))
        before = preferences.wanted(event, ADA["email"])
        answers = [browser.post(path(link)) for _ in range(2)]

        assert (headings(page), before) == (["Tell you again?"], set())
        assert preferences.wanted(event, ADA["email"]) == {"program"}
        assert event.followers.get().email == ADA["email"]
        assert "Saved." in browser.get(answers[1]["Location"]).text

    def test_who_refused_only_news_follows_as_anybody_and_gets_no_news(self, event: Event, browser: Client) -> None:
        Suppression.objects.create(event=event, address_key=ADA["email"], category="news", reason="unsubscribed")

        browser.post("/tutorial/follow/", {"email": ADA["email"]})

        assert preferences.wanted(event, ADA["email"]) == {"program", "materials"}
        assert "You will be told" in letters.follow(event.mails.get()).subject

    @pytest.mark.usefixtures("still_clock")
    def test_who_stopped_the_mails_right_after_following_can_ask_again_on_the_same_day(
        self, event: Event, browser: Client
    ) -> None:
        browser.post("/tutorial/follow/", {"email": ADA["email"]})
        followers.unsubscribe(event.mails.get())

        for _ in range(3):
            browser.post("/tutorial/follow/", {"email": ADA["email"]})

        first, second = event.mails.order_by("pk")
        assert links.tell_me_url(second) in letters.follow(second).text
        assert (first.kind, second.kind) == ("follow", "follow")

    def test_a_bounced_address_does_not_come_back_by_the_link(self, event: Event, browser: Client) -> None:
        Suppression.objects.create(event=event, address_key=ADA["email"], reason="bounced")
        browser.post("/tutorial/follow/", {"email": ADA["email"]})

        browser.post(path(links.tell_me_url(event.mails.get())))

        assert preferences.wanted(event, ADA["email"]) == set()

    def test_a_wrong_address_is_refused_at_its_field(self, event: Event, browser: Client) -> None:
        response = browser.post("/tutorial/follow/", {"email": "ada"})

        assert response.status_code == 422
        assert field_errors(response) == {"email": "The part from @ on is missing, as in name@example.org."}
        assert not Follower.objects.exists()


class TestSeats:
    def test_it_counts_seats_and_waiting_people_and_is_kept_by_no_cache(self, event: Event, browser: Client) -> None:
        for name in ("ada", "grace", "alan"):
            booking.register(event, name=name, email=f"{name}@example.org")

        response = browser.get("/tutorial/seats.json")

        assert response.json() == {"open": True, "capacity": 2, "left": 0, "waiting": 1}
        assert (response["Cache-Control"], response.get("Vary")) == ("no-store", None)

    def test_without_a_limit_there_is_no_number(self, browser: Client) -> None:
        make_ticket_type(make_event(slug="open"), None)

        assert browser.get("/open/seats.json").json() == {"open": True, "capacity": None, "left": None, "waiting": 0}

    def test_it_is_closed_without_tickets_and_after_the_closing_time(self, event: Event, browser: Client) -> None:
        make_event(slug="none")
        event.ticket_types.update(closes_at=timezone.now())

        answers = [browser.get(f"/{slug}/seats.json").json() for slug in ("none", "tutorial")]

        assert answers == [
            {"open": False, "capacity": None, "left": None, "waiting": 0},
            {"open": False, "capacity": 2, "left": 2, "waiting": 0},
        ]

    def test_several_tickets_are_added_up(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 5, name="Remote")

        assert browser.get("/tutorial/seats.json").json() == {"open": True, "capacity": 7, "left": 7, "waiting": 0}
