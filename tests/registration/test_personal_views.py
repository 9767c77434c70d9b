import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from time_machine import travel

from portal.logs import Line
from portal.models import Event, Suppression
from registration import booking, links
from registration.models import Choice, Follower
from tests.factories import (
    make_event,
    make_material,
    make_question,
    make_registration,
)
from tests.registration.reading import ADA, PERSONAL, headings, make_mail, path, text, traces

pytestmark = pytest.mark.django_db


class TestConfirm:
    def test_opening_the_link_shows_what_confirming_does_and_does_nothing(self, event: Event, browser: Client) -> None:
        ada = booking.register(event, **ADA)

        response = browser.get(path(links.confirm_url(ada)))

        ada.refresh_from_db()
        assert (response.status_code, headings(response)) == (200, ["Confirm your registration"])
        assert re.findall(r"<button.*?>(.*?)</button>", response.content.decode()) == ["Confirm my seat"]
        assert traces(response) == PERSONAL
        assert (ada.state, dict(response.cookies)) == ("pending", {})

    def test_the_button_confirms_and_leads_to_ones_own_page(self, event: Event, browser: Client) -> None:
        ada = booking.register(event, **ADA)
        link = path(links.confirm_url(ada))

        answers = [browser.post(link), browser.post(link), browser.get(link)]

        ada.refresh_from_db()
        assert ada.state == "confirmed"
        assert [one.status_code for one in answers] == [302, 302, 302]
        assert headings(browser.get(answers[0]["Location"])) == ["Your registration"]
        assert list(event.mails.values_list("kind", flat=True)) == ["confirm", "confirmed"]

    @pytest.mark.parametrize(
        ("state", "said", "buttons"),
        [
            (
                "awaiting_approval",
                "The organizers look at the registration of <strong>Ada</strong>.",
                ["Confirm my address"],
            ),
            ("declined", "The organizers could not give a seat to <strong>Ada</strong>.", []),
        ],
    )
    def test_what_organizers_decide_is_said_where_the_address_is_confirmed(
        self, event: Event, browser: Client, state: str, said: str, buttons: list[str]
    ) -> None:
        ada = booking.register(event, **ADA)
        event.registrations.update(state=state, hold_until=None)

        page = browser.get(path(links.confirm_url(ada))).content.decode()

        assert said in page
        assert re.findall(r"<button.*?>(.*?)</button>", page) == buttons

    def test_on_the_waitlist_the_address_is_confirmed(self, event: Event, browser: Client) -> None:
        event.ticket_types.update(capacity=0)
        ada = booking.register(event, **ADA)
        link = path(links.confirm_url(ada))

        page = browser.get(link)
        browser.post(link)

        ada.refresh_from_db()
        assert re.findall(r"<button.*?>(.*?)</button>", page.content.decode()) == ["Confirm my address"]
        assert (ada.state, ada.verified_at is not None) == ("waitlisted", True)
        assert browser.get(link).status_code == 302

    def test_after_the_hold_it_offers_to_try_again(self, event: Event, browser: Client) -> None:
        ada = booking.register(event, **ADA)
        link = path(links.confirm_url(ada))

        with travel(timezone.now() + timedelta(days=2)):
            booking.expire()
            page, tried = browser.get(link), browser.post(link)

        ada.refresh_from_db()
        assert re.findall(r"<button.*?>(.*?)</button>", page.content.decode()) == ["Try again"]
        assert (tried.status_code, ada.state) == (302, "confirmed")

    def test_after_the_hold_who_chose_what_is_gone_is_asked_to_register_anew(
        self, event: Event, browser: Client
    ) -> None:
        shirt = make_question(event, kind="choice", choices=("M", "L"))
        Choice.objects.filter(text="M").update(limit=1)
        link = path(links.confirm_url(booking.register(event, **ADA, answers={shirt: "M"})))

        with travel(timezone.now() + timedelta(days=2)):
            booking.expire()
            booking.register(event, name="Bea", email="bea@example.org", answers={shirt: "M"})
            refused = browser.post(link)

        assert refused.status_code == 422
        assert "“M” is no longer free. Choose something else." in text(refused)
        assert re.findall(r"<button.*?>(.*?)</button>", refused.content.decode()) == []
        assert 'href="/tutorial/register/">Register again</a>' in refused.content.decode()

    def test_after_a_week_the_page_says_how_to_get_a_new_link(self, event: Event, browser: Client) -> None:
        ada = booking.register(event, **ADA)
        link = path(links.confirm_url(ada))

        with travel(timezone.now() + timedelta(days=8)):
            answers = [browser.get(link), browser.post(link)]

        assert [(one.status_code, headings(one)) for one in answers] == [(410, ["This link doesn’t work"])] * 2
        assert traces(answers[0]) == PERSONAL
        assert 'href="/tutorial/register/"' in answers[0].content.decode()

    def test_what_was_cancelled_is_not_confirmed_by_the_old_link(self, event: Event, browser: Client) -> None:
        ada = booking.cancel(booking.register(event, **ADA))
        link = path(links.confirm_url(ada))

        page, refused = browser.get(link), browser.post(link)

        assert (page.status_code, refused.status_code) == (200, 422)
        assert "This registration was cancelled. Register again if you want to come after all." in text(refused)
        assert re.findall(r"<form", page.content.decode()) == []


@pytest.mark.sqlite
class TestManage:
    def test_it_says_how_things_stand(self, event: Event, browser: Client) -> None:
        booking.confirm(booking.register(event, **ADA))
        for name in ("grace", "alan", "edith", "emmy"):
            booking.register(event, name=name, email=f"{name}@example.org")
        booking.cancel(event.registrations.get(name="emmy"))

        said = {}
        for one in event.registrations.select_related("event"):
            response = browser.get(path(links.manage_url(one)))
            said[one.name] = re.findall(r"<strong>(.*?)</strong>", response.content.decode())[0]
            assert (response.status_code, traces(response), dict(response.cookies)) == (200, PERSONAL, {})

        assert said == {
            "Ada": "Confirmed.",
            "grace": "Not confirmed yet.",
            "alan": "On the waitlist.",
            "edith": "On the waitlist.",
            "emmy": "Cancelled.",
        }

    def test_it_counts_who_is_ahead(self, event: Event, browser: Client) -> None:
        event.ticket_types.update(capacity=0)
        people = [booking.register(event, name=name, email=f"{name}@example.org") for name in ("a", "b", "c")]
        booking.cancel(people[0])

        pages = [text(browser.get(path(links.manage_url(one)))) for one in people[1:]]

        assert [re.findall(r"You are the first in line|\d+ person is ahead", page) for page in pages] == [
            ["You are the first in line"],
            ["1 person is ahead"],
        ]

    def test_a_held_seat_shows_until_when_in_the_events_zone_and_can_be_confirmed(
        self, event: Event, browser: Client
    ) -> None:
        with travel(datetime(2026, 1, 14, 17, tzinfo=UTC), tick=False):
            ada = booking.register(event, **ADA)
            page = browser.get(path(links.manage_url(ada)))
            form = re.findall(r'<form action="([^"]+)"', page.content.decode())
            browser.post(form[0])

        ada.refresh_from_db()
        assert "Your seat is held until January 15, 2026 at 12:00 EST." in text(page)
        assert ada.state == "confirmed"

    def test_what_was_typed_is_shown_as_text(self, event: Event, browser: Client) -> None:
        ada = booking.register(event, name="<script>alert(1)</script>", email="ada@example.org", affiliation="{{ 7 }}")

        page = browser.get(path(links.manage_url(ada))).content.decode()

        assert re.findall(r"<dd>(.*?)</dd>", page) == [
            "&lt;script&gt;alert(1)&lt;/script&gt;",
            "ada@example.org",
            "{{ 7 }}",
            "Attendee",
        ]

    def test_materials_for_the_registered_open_by_the_personal_link(self, event: Event, browser: Client) -> None:
        material = make_material(event, audience="registered", url="https://slides.example/1")
        ada = make_registration(event)
        token = path(links.manage_url(ada)).split("/")[3]

        page = browser.get(path(links.manage_url(ada))).content.decode()
        address = re.findall(r'<li>.*?<strong><a href="([^"]+)">Slides</a>', page)
        opened = browser.get(address[0])

        assert address == [f"/tutorial/my/{token}/materials/{material.uuid}/"]
        assert (opened.status_code, opened["Location"]) == (302, "https://slides.example/1")
        assert traces(opened) == PERSONAL

    @pytest.mark.parametrize("state", ["pending", "cancelled"])
    def test_materials_stay_locked_until_the_seat_is_confirmed(self, event: Event, browser: Client, state: str) -> None:
        material = make_material(event, audience="registered")
        ada = make_registration(event, state=state)
        address = f"{path(links.manage_url(ada))}materials/{material.uuid}/"

        page, opened = browser.get(path(links.manage_url(ada))), browser.get(address)

        assert re.findall(r'<li class="locked">.*?<strong>(.*?)</strong>', page.content.decode()) == ["Slides"]
        assert (opened.status_code, opened.get("Location")) == (403, None)

    def test_the_waitlist_opens_no_materials(self, event: Event, browser: Client) -> None:
        material = make_material(event, audience="registered")
        grace = make_registration(event, state="waitlisted", place=1)

        opened = browser.get(f"{path(links.manage_url(grace))}materials/{material.uuid}/")

        assert (opened.status_code, opened.get("Location")) == (403, None)

    def test_the_link_opens_nothing_of_another_event(self, event: Event, browser: Client) -> None:
        other = make_event(slug="other")
        material = make_material(other)
        ada = make_registration(event)
        link = path(links.manage_url(ada))

        answers = [
            browser.get(link.replace("/tutorial/", "/other/")),
            browser.get(f"{link.replace('/tutorial/', '/other/')}materials/{material.uuid}/"),
            browser.get(f"{link}materials/{material.uuid}/"),
        ]

        assert [one.status_code for one in answers] == [404, 404, 404]
        assert [traces(one) for one in answers] == [PERSONAL] * 3


class TestCancel:
    def test_opening_the_page_asks_and_the_button_cancels(self, event: Event, browser: Client) -> None:
        ada = make_registration(event)
        link = path(links.manage_url(ada)) + "cancel/"

        page = browser.get(link)
        ada.refresh_from_db()
        before = ada.state
        answers = [browser.post(link), browser.post(link), browser.get(link)]

        ada.refresh_from_db()
        assert (headings(page), before) == (["Cancel your registration?"], "confirmed")
        assert (ada.state, event.ticket_types.get().taken) == ("cancelled", 0)
        assert {(one.status_code, one["Location"]) for one in answers} == {(302, path(link).removesuffix("cancel/"))}
        assert list(event.mails.values_list("kind", flat=True)) == ["cancelled"]


class TestUnsubscribe:
    def test_opening_the_page_changes_nothing(self, event: Event, browser: Client) -> None:
        response = browser.get(path(links.unsubscribe_url(make_mail(event))))

        assert (response.status_code, headings(response), traces(response)) == (200, ["No more mails?"], PERSONAL)
        assert not Suppression.objects.exists()

    def test_one_click_of_a_mail_program_stops_the_mails_and_may_be_repeated(
        self, event: Event, browser: Client
    ) -> None:
        Follower.objects.create(event=event, email="ADA@example.org")
        Follower.objects.create(event=event, email="grace@example.org")
        link = path(links.unsubscribe_url(make_mail(event)))
        click = {"List-Unsubscribe": "One-Click"}

        answers = [browser.post(link, click, headers={"Sec-Fetch-Site": "cross-site"}) for _ in range(2)]

        assert [(one.status_code, dict(one.cookies)) for one in answers] == [(200, {}), (200, {})]
        assert list(Suppression.objects.values_list("event", "address_key", "reason")) == [
            (event.pk, "ada@example.org", "unsubscribed")
        ]
        assert list(Follower.objects.values_list("email", flat=True)) == ["grace@example.org"]

    def test_a_registration_stays(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, "ada@example.org")

        browser.post(path(links.unsubscribe_url(make_mail(event))))

        ada.refresh_from_db()
        assert ada.state == "confirmed"

    def test_it_works_after_the_event_was_made_private(self, event: Event, browser: Client) -> None:
        link = path(links.unsubscribe_url(make_mail(event)))
        Event.objects.update(is_public=False)

        response = browser.post(link, {"List-Unsubscribe": "One-Click"})

        assert (response.status_code, headings(response)) == (200, ["No more mails"])
        assert Suppression.objects.get().reason == "unsubscribed"

    @pytest.mark.parametrize(("deed", "said"), [("erase", ["Your data is erased"]), ("resend", ["Look at your mail"])])
    def test_what_a_private_event_has_no_page_for_is_said_all_the_same(
        self, event: Event, browser: Client, deed: str, said: list[str]
    ) -> None:
        link = path(links.manage_url(make_registration(event)))
        Event.objects.update(is_public=False)

        response = browser.post(f"{link}{deed}/", follow=True)

        assert (response.status_code, headings(response)) == (200, said)

    def test_who_bounced_stays_known_as_bounced(self, event: Event, browser: Client) -> None:
        Suppression.objects.create(event=event, address_key="ada@example.org", reason="bounced")

        response = browser.post(path(links.unsubscribe_url(make_mail(event))))

        assert response.status_code == 200
        assert list(Suppression.objects.values_list("reason", flat=True)) == ["bounced"]


class TestBrokenLinks:
    @pytest.mark.parametrize("place", ["confirm/{}/", "my/{}/cancel/", "unsubscribe/{}/"])
    @pytest.mark.parametrize("token", ["x", "1~2~3", "%00", "%F0%9F%92%A9", "a" * 3000, "~", "<b>"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_token_that_is_not_ours_gets_a_page_that_helps(
        self, event: Event, browser: Client, place: str, token: str, method: str
    ) -> None:
        response = getattr(browser, method)(f"/tutorial/{place.format(token)}")

        assert (response.status_code, headings(response)) == (404, ["This link doesn’t work"])
        assert f'href="/{event.slug}/link/"' in response.text
        assert traces(response) == PERSONAL

    @pytest.mark.parametrize("token", ["x", "1~2~3", "%00"])
    @pytest.mark.parametrize("rest", ["", f"materials/{UUID(int=0)}/"])
    def test_pages_that_only_show_help_too_and_take_no_form(
        self, event: Event, browser: Client, token: str, rest: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        answers = [browser.get(f"/tutorial/my/{token}/{rest}"), browser.post(f"/tutorial/my/{token}/{rest}")]

        assert [one.status_code for one in answers] == [404, 405]
        assert caplog.text == ""

    def test_a_link_of_one_purpose_does_not_serve_another(self, event: Event, browser: Client) -> None:
        ada = make_registration(event)
        confirm, manage = (path(url).split("/")[3] for url in (links.confirm_url(ada), links.manage_url(ada)))
        stop = path(links.unsubscribe_url(make_mail(event))).split("/")[3]

        answers = [
            browser.post(f"/tutorial/my/{confirm}/cancel/"),
            browser.post(f"/tutorial/my/{stop}/cancel/"),
            browser.post(f"/tutorial/confirm/{manage}/"),
            browser.post(f"/tutorial/unsubscribe/{manage}/"),
        ]

        assert [(one.status_code, traces(one)) for one in answers] == [(404, PERSONAL)] * 4
        ada.refresh_from_db()
        assert ada.state == "confirmed"
        assert not Suppression.objects.exists()

    def test_a_page_that_breaks_logs_no_token(
        self, event: Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        link = path(links.manage_url(make_registration(event)))
        monkeypatch.setattr("registration.personal.listed", lambda *_: 1 / 0)

        response = Client(raise_request_exception=False).get(link)

        said = [Line("%(message)s").format(record) for record in caplog.records if record.levelname == "ERROR"]
        assert (response.status_code, traces(response)) == (500, PERSONAL)
        assert [line.splitlines()[0] for line in said] == ["Internal Server Error: /tutorial/my/[link]/"]
        assert link.split("/")[3] not in "".join(said)
