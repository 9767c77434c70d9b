"""The page on which organizers switch a second factor on and off, and logins where everybody has to have one."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from portal import second_factor
from portal.models import AuditEntry, Event, SecondFactor
from tests.factories import make_event, make_organizer, make_registration
from tests.pages import Page
from tests.portal.factors import SECRET, code_at, make_factor
from tests.registration.doors import make_device, scan

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 22, 12, 30, 10, tzinfo=UTC)
PAGE = "/admin/second-factor/"
KEY = re.compile(r"or type this key into it: ((?:[A-Z2-7]{4} ?){8})")
CODE = re.compile(r"\b\d{4} \d{4} \d{4} \d{4}\b")


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(second_factor.COST, "n", 2)  # not as slow as for real
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def event() -> Event:
    return make_event()


@pytest.fixture
def ada(event: Event) -> User:
    return make_organizer(event, "ada")


@pytest.fixture
def browser(ada: User) -> Client:
    return logged_in()


def logged_in(code: str = "", name: str = "ada") -> Client:
    client = Client()
    client.post("/admin/login/", {"username": name, "password": "secret", "code": code})
    return client


def key_on(page: HttpResponse) -> str:
    found = KEY.search(Page(page).words("#content"))
    assert found
    return found[1].replace(" ", "")


def switch_on(browser: Client, moment: datetime = NOW, password: str = "secret") -> HttpResponse:
    code = code_at(moment, key_on(browser.get(PAGE)))
    return browser.post(PAGE, {"password": password, "code": code})


def is_in(browser: Client) -> bool:
    return browser.get("/admin/").status_code == 200


@pytest.mark.sqlite
class TestSwitchingOn:
    def test_the_app_is_shown_a_key_that_stays_until_it_is_used(self, browser: Client) -> None:
        first, again = browser.get(PAGE), browser.get(PAGE)

        [image] = [one for one in Page(first).all("img") if one["src"].startswith("data:image/svg+xml")]
        assert image["alt"] == "QR code for the app. The key below says the same."
        assert key_on(first) == key_on(again)
        assert f"otpauth://totp/Lectern:ada?secret={key_on(first)}&issuer=Lectern" in Page(first).links
        assert "no-store" in first["Cache-Control"]
        assert not SecondFactor.objects.exists()

    def test_a_first_code_switches_it_on_and_gives_recovery_codes(self, ada: User, browser: Client) -> None:
        key = key_on(browser.get(PAGE))

        shown = switch_on(browser)

        codes = CODE.findall(Page(shown).words("#content"))
        assert (shown.status_code, len(set(codes)), "no-store" in shown["Cache-Control"]) == (200, 10, True)
        assert SecondFactor.objects.get().secret == key
        assert not is_in(logged_in())
        assert not is_in(logged_in(code_at(NOW, key)))  # has been used, by switching on
        assert is_in(logged_in(code_at(NOW + timedelta(seconds=30), key)))
        assert is_in(logged_in(codes[0]))

    def test_the_key_is_not_shown_again(self, browser: Client) -> None:
        key = key_on(browser.get(PAGE))
        switch_on(browser)

        again = Page(browser.get(PAGE)).words("#content")

        assert "It is on since 22 March 2026" in again
        assert "Recovery codes left: 10." in again
        assert (key in again.replace(" ", ""), key in str(dict(browser.session))) == (False, False)

    @pytest.mark.parametrize(
        ("sent", "field", "said"),
        [
            ({"password": "wrong"}, "password", "This isn't your password."),
            ({"code": "000000"}, "code", "This isn't the code of now. Is the clock of your phone right?"),
            ({"code": ""}, "code", "This field is required."),
        ],
    )
    def test_it_takes_the_password_and_a_code(
        self, browser: Client, sent: dict[str, str], field: str, said: str
    ) -> None:
        key = key_on(browser.get(PAGE))

        refused = browser.post(PAGE, {"password": "secret", "code": code_at(NOW, key)} | sent)

        assert (refused.status_code, refused.context["form"].errors) == (422, {field: [said]})
        assert key_on(refused) == key
        assert not SecondFactor.objects.exists()

    def test_all_other_logins_end(self, browser: Client) -> None:
        other = logged_in()

        switch_on(browser)

        assert (is_in(browser), is_in(other)) == (True, False)

    def test_the_history_and_the_audit_log_tell_it_and_no_secret(self, ada: User, browser: Client) -> None:
        key = key_on(browser.get(PAGE))
        codes = CODE.findall(Page(switch_on(browser)).words("#content"))

        assert [str(one) for one in LogEntry.objects.all()] == ["Changed “ada” — Switched a second factor on."]
        told = str([*LogEntry.objects.values(), *AuditEntry.objects.values()])
        assert [word for word in (key, codes[0], codes[0].replace(" ", "")) if word in told] == []

    def test_a_button_pressed_twice_changes_nothing_more(self, ada: User, browser: Client) -> None:
        key = key_on(browser.get(PAGE))
        make_factor(ada)  # by the first
        sent = {"password": "secret", "code": code_at(NOW, key)}

        again = browser.post(PAGE, sent)

        assert (again.status_code, SecondFactor.objects.get().secret) == (422, SECRET)

    def test_the_page_is_found_on_every_page(self, browser: Client) -> None:
        assert PAGE in Page(browser.get("/admin/")).links

    def test_people_without_staff_status_have_no_such_page(self) -> None:
        browser = Client()
        browser.force_login(User.objects.create_user("carl"))

        assert browser.get(PAGE)["Location"] == f"/admin/login/?next={PAGE}"


class TestSwitchingOff:
    @pytest.fixture
    def browser(self, ada: User) -> Client:
        make_factor(ada)
        return logged_in(code_at(NOW - timedelta(seconds=30)))

    def post(self, browser: Client, do: str, **sent: str) -> HttpResponse:
        return browser.post(PAGE, {"password": "secret", "code": code_at(NOW), "do": do} | sent)

    def test_it_takes_the_password_and_a_code(self, ada: User, browser: Client) -> None:
        statuses = [
            self.post(browser, "off", code="").status_code,
            self.post(browser, "off", code="000000").status_code,
            self.post(browser, "off", password="wrong").status_code,
        ]

        assert (statuses, SecondFactor.objects.count()) == ([422] * 3, 1)
        assert self.post(browser, "off")["Location"] == PAGE
        assert (SecondFactor.objects.count(), is_in(browser), is_in(logged_in())) == (0, True, True)

    def test_a_recovery_code_will_do(self, ada: User, browser: Client) -> None:
        SecondFactor.objects.all().delete()
        _, codes = make_factor(ada)

        self.post(browser, "off", code=codes[0])

        assert not SecondFactor.objects.exists()

    def test_new_recovery_codes_void_the_old_ones(self, ada: User, browser: Client) -> None:
        SecondFactor.objects.all().delete()
        _, old = make_factor(ada)

        new = CODE.findall(Page(self.post(browser, "renew")).words("#content"))

        assert (len(new), is_in(logged_in(old[0])), is_in(logged_in(new[0]))) == (10, False, True)

    def test_either_ends_all_other_logins(self, ada: User, browser: Client) -> None:
        other = Client()
        other.force_login(ada)

        self.post(browser, "renew")

        assert (is_in(browser), is_in(other)) == (True, False)

    @pytest.mark.services
    @pytest.mark.usefixtures("counting")
    def test_tries_are_counted_as_those_of_a_login(self, browser: Client) -> None:
        statuses = [self.post(browser, "off", code="000000").status_code for _ in range(11)]

        refused = self.post(browser, "off")

        assert statuses == [422] * 10 + [429]
        assert (refused.status_code, 0 < int(refused["Retry-After"]) <= 300) == (429, True)
        assert SecondFactor.objects.exists()

    def test_superusers_switch_it_off_for_who_has_lost_it(self, ada: User) -> None:
        make_factor(ada)
        root = Client()
        root.force_login(make_organizer(username="root"))
        sent = {"action": "switch_off_second_factor", "_selected_action": [ada.pk]}

        root.post("/admin/auth/user/", sent)

        assert not SecondFactor.objects.exists()
        assert [str(one) for one in LogEntry.objects.all()] == ["Changed “ada” — Switched off the second factor."]

    @pytest.mark.parametrize("count", [1, 3, 30])
    def test_the_list_of_users_tells_who_has_one(self, ada: User, count: int, django_assert_num_queries: Any) -> None:
        make_factor(ada)
        root = Client()
        root.force_login(make_organizer(username="root"))
        for _ in range(count):
            make_organizer(make_event())

        with django_assert_num_queries(7):
            page = Page(root.get("/admin/auth/user/"))

        told = [one["alt"] for one in page.all("img") if "icon-" in one["src"]][1::2]
        assert told.count("True") == 1


class TestRequired:
    @pytest.fixture(autouse=True)
    def required(self, settings: Any) -> None:
        settings.REQUIRE_SECOND_FACTOR = True

    def test_who_has_none_is_led_to_the_page_and_nowhere_else(self, event: Event, browser: Client) -> None:
        for page in ("/admin/", f"/admin/portal/event/{event.pk}/home/", "/admin/password_change/"):
            assert browser.get(page, follow=True).redirect_chain[-1] == (PAGE, 302)

        shown = Page(browser.get(PAGE)).words("#content")
        assert "Everybody who organizes here has to have one." in shown
        assert browser.post("/admin/logout/").status_code == 200

    def test_nor_to_the_door_by_api(self, event: Event, browser: Client) -> None:
        assert browser.get(f"/api/v1/events/{event.slug}/check-ins/people/").status_code == 404

    def test_the_other_pages_open_once_it_is_on(self, event: Event, browser: Client) -> None:
        switch_on(browser)

        assert is_in(browser)
        assert browser.get(f"/api/v1/events/{event.slug}/check-ins/people/").status_code == 200

    def test_who_has_one_logs_in_with_it(self, ada: User) -> None:
        make_factor(ada)

        assert (is_in(logged_in()), is_in(logged_in(code_at(NOW)))) == (False, True)

    def test_who_switches_it_off_is_out_until_it_is_on_again(self, ada: User) -> None:
        make_factor(ada)
        browser = logged_in(code_at(NOW))

        browser.post(PAGE, {"password": "secret", "code": code_at(NOW + timedelta(seconds=30)), "do": "off"})

        assert not is_in(browser)
        assert browser.get(PAGE).status_code == 200

    def test_devices_at_the_door_need_none(self, event: Event) -> None:
        make_device(event)

        assert scan(event, make_registration(event)).status_code == 201

    def test_it_costs_a_page_one_query(
        self, ada: User, event: Event, settings: Any, django_assert_num_queries: Any
    ) -> None:
        make_factor(ada)
        browser = logged_in(code_at(NOW))
        is_in(browser)  # fills Django's cache of content types

        with django_assert_num_queries(7):
            is_in(browser)
        settings.REQUIRE_SECOND_FACTOR = False
        with django_assert_num_queries(6):
            is_in(browser)
