"""The audit log: each action, login and refusal of organizers, with who, what, when and from where."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client

from portal.audit import Noted
from portal.models import AuditEntry, Event, Membership, Role
from registration import booking
from registration.models import Answer
from tests.factories import (
    make_event,
    make_organizer,
    make_program,
    make_question,
    make_registration,
    make_ticket_type,
)
from tests.filling import fields_of, send

pytestmark = pytest.mark.django_db
HERE = "192.0.2.1"
NOW = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    return make_event(title="Tutorial")


@pytest.fixture
def ada(event: Event) -> User:
    return make_organizer(event, "ada")


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


def browser_of(user: User) -> Client:
    client = Client(REMOTE_ADDR=HERE)
    client.force_login(user)
    return client


def logged() -> list[tuple[str, str, str, str]]:
    """(kind, who, from where, what) of each entry."""
    entries = AuditEntry.objects.order_by("pk").select_related("user", "log_entry")
    return [(one.kind, getattr(one.user, "username", ""), one.client, told(one)) for one in entries]


def told(entry: AuditEntry) -> str:
    return str(entry.log_entry or entry.what)


def act(browser: Client, listing: str, action: str, *rows: Any) -> Any:
    chosen = [str(row.pk) for row in rows]
    sent = {"action": action, "shown": " ".join(chosen), "_selected_action": chosen}
    return browser.post(f"/admin/{listing}/", sent)


class TestActions:
    def test_a_form_that_is_saved(self, browser: Client, event: Event) -> None:
        send(browser, f"/admin/portal/event/{event.pk}/change/", title="Renamed")

        assert logged() == [("action", "ada", HERE, "Changed “Renamed” — Changed Title.")]

    def test_rows_added_and_deleted(self, browser: Client, event: Event) -> None:
        new = fields_of(browser.get("/admin/sessions_app/speaker/add/")) | {"event": str(event.pk), "name": "Grace"}
        browser.post("/admin/sessions_app/speaker/add/", new)
        browser.post(f"/admin/sessions_app/speaker/{event.speakers.get().pk}/delete/", {"post": "yes"})

        assert logged() == [
            ("action", "ada", HERE, "Added “Grace”."),
            ("action", "ada", HERE, "Deleted “Grace.”"),
        ]

    def test_rows_deleted_together(self, browser: Client, event: Event) -> None:
        people = [event.speakers.create(name=name) for name in ("Alan", "Grace")]

        browser.post(
            "/admin/sessions_app/speaker/",
            {"action": "delete_selected", "_selected_action": [one.pk for one in people], "post": "yes"},
        )

        assert {what for *_, what in logged()} == {"Deleted “Alan.”", "Deleted “Grace.”"}

    def test_what_is_done_to_several_people(self, browser: Client, event: Event) -> None:
        make_ticket_type(event, needs_approval=True)
        people = [
            booking.confirm(booking.register(event, name=name, email=f"{name}@example.org")) for name in ("Bea", "Cy")
        ]

        act(browser, "registration/registration", "approve", *people)

        assert logged() == [("action", "ada", HERE, f"Changed “{name}” — Approved.") for name in ("Bea", "Cy")]

    def test_a_release(self, browser: Client, event: Event) -> None:
        make_program(event)
        page = f"/admin/portal/event/{event.pk}/release/"

        browser.post(page, fields_of(browser.get(page)))

        assert ("action", "ada", HERE, "Changed “Tutorial” — Released 1 as tentative, 0 mails.") in logged()

    def test_all_ticked_sessions(self, browser: Client, event: Event) -> None:
        first, *_ = make_program(event)

        act(browser, "sessions_app/session", "cancel", first)

        assert logged() == [("action", "ada", HERE, "Changed “Part 1” — Status: cancel.")]

    def test_what_a_look_at_the_times_takes_back_was_not_done(self, browser: Client, event: Event) -> None:
        make_program(event, start=NOW)

        send(browser, f"/admin/portal/event/{event.pk}/change/", _check="1", **{"sessions-0-duration": "60"})

        assert logged() == []

    def test_users_and_groups(self) -> None:
        superuser = make_organizer(username="root")
        browser, carl = browser_of(superuser), User.objects.create_user("carl")
        words = {"password1": "battery horse staple", "password2": "battery horse staple"}

        send(browser, f"/admin/auth/user/{carl.pk}/change/", is_staff="on", user_permissions=[], groups=[])
        send(browser, f"/admin/auth/user/{carl.pk}/password/", **words)
        browser.post("/admin/auth/group/add/", {"name": "Desk"})

        assert logged() == [
            ("action", "root", HERE, "Changed “carl” — Changed Staff status."),
            ("action", "root", HERE, "Changed “carl” — Changed password."),
            ("action", "root", HERE, "Added “Desk”."),
        ]

    def test_what_nothing_else_notes(self, browser: Client, event: Event) -> None:
        """With the address alone: of what was sent, a password for one, nothing is kept."""
        words = {"new_password1": "battery horse staple", "new_password2": "battery horse staple"}
        browser.post("/admin/password_change/", {"old_password": "secret"} | words)
        browser.post("/admin/logout/?x=1")

        assert logged() == [
            ("action", "ada", HERE, "POST /admin/password_change/"),
            ("action", "ada", HERE, "POST /admin/logout/"),
        ]

    def test_a_form_that_was_refused_for_its_faults_did_nothing(self, browser: Client, event: Event) -> None:
        send(browser, f"/admin/portal/event/{event.pk}/change/", title="")

        assert logged() == []

    def test_what_attendees_do_is_theirs(self, ada: User, event: Event, client: Client) -> None:
        make_ticket_type(event)

        client.post(f"/{event.slug}/register/", {"name": "Bea", "email": "bea@example.org"})

        assert logged() == []

    def test_nothing_goes_into_the_history_without_it(self) -> None:
        writers = [
            path
            for app in ("portal", "sessions_app", "registration")
            for path in (Path(__file__).resolve().parents[2] / app).rglob("*.py")
            if "log_actions(" in path.read_text()
        ]
        pages = [page for page in admin.site._registry.values() if not isinstance(page, Noted)]

        assert [path.name for path in writers] == ["audit.py"]
        assert [page.model for page in pages] == [AuditEntry]


class TestExports:
    def test_lists_of_people(self, browser: Client, event: Event) -> None:
        people = [make_registration(event), make_registration(event)]

        act(browser, "registration/registration", "export", *people)
        browser.post(f"/admin/portal/event/{event.pk}/badges/", {"who": "all", "size": "a6-a4"})

        assert logged() == [
            ("action", "ada", HERE, "Changed “Tutorial” — Registrations downloaded as CSV: 2."),
            ("action", "ada", HERE, "Changed “Tutorial” — Printed 2 badges."),
        ]

    def test_a_file_somebody_gave_as_an_answer(self, browser: Client, event: Event) -> None:
        question = make_question(event, kind="file")
        answer = Answer(registration=make_registration(event), question=question, filename="cv.pdf", size=3)
        answer.file.save("x", ContentFile(b"%PDF"))

        browser.get(f"/admin/registration/registration/files/{answer.pk}/")

        assert logged() == [("action", "ada", HERE, f"GET /admin/registration/registration/files/{answer.pk}/")]


def log_in(username: str, password: str, client: str = HERE, **headers: str) -> None:
    Client(REMOTE_ADDR=client).post("/admin/login/", {"username": username, "password": password}, headers=headers)


class TestLogins:
    def test_those_that_fail_and_those_that_do_not(self, ada: User) -> None:
        log_in("ada", "wrong")
        log_in("ada", "secret", "198.51.100.7")

        assert logged() == [("failed", "ada", HERE, ""), ("login", "ada", "198.51.100.7", "")]

    def test_what_was_typed_is_not_kept(self, ada: User) -> None:
        """It may be a password in the wrong field."""
        log_in("battery-horse", "mistyped")

        assert logged() == [("failed", "", HERE, "")]

    def test_somebody_who_is_no_organizer_fails(self) -> None:
        User.objects.create_user("carl", password="secret")

        log_in("carl", "secret")

        assert logged() == [("failed", "carl", HERE, "")]

    def test_each_login_has_its_own_entry(self, ada: User) -> None:
        for _ in range(2):
            log_in("ada", "secret")

        assert logged() == [("login", "ada", HERE, "")] * 2

    def test_what_fails_again_within_a_minute_is_counted(self, ada: User) -> None:
        for seconds in (0, 20, 40, 61):
            with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
                log_in("ada", "wrong")

        entries = AuditEntry.objects.order_by("pk").values_list("at", "times")
        assert list(entries) == [(NOW, 3), (NOW + timedelta(seconds=61), 1)]

    def test_tries_from_elsewhere_are_counted_alone(self, ada: User) -> None:
        for client in (HERE, "198.51.100.7", HERE):
            log_in("ada", "wrong", client)

        assert [(one.client, one.times) for one in AuditEntry.objects.order_by("pk")] == [
            (HERE, 2),
            ("198.51.100.7", 1),
        ]

    @pytest.mark.parametrize(("proxies", "told"), [(0, HERE), (1, "198.51.100.7")])
    def test_the_address_is_what_our_own_proxies_say(self, proxies: int, told: str, ada: User, settings: Any) -> None:
        settings.TRUSTED_PROXY_COUNT = proxies

        log_in("ada", "wrong", **{"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})

        assert AuditEntry.objects.get().client == told

    @pytest.mark.services
    @pytest.mark.usefixtures("counting", "ada")
    def test_those_that_come_too_often(self) -> None:
        for _ in range(12):
            log_in("ada", "wrong")

        found = AuditEntry.objects.order_by("pk").values_list("what", "times")
        assert list(found) == [("", 10), ("Login refused, tried too often", 2)]


class TestRefusals:
    def test_another_organizers_event(self, browser: Client) -> None:
        page = f"/admin/portal/event/{make_event().pk}/home/"

        browser.get(f"{page}?q=private")

        assert logged() == [("refused", "ada", HERE, f"GET {page}")]

    def test_what_a_role_does_not_allow(self, event: Event) -> None:
        browser = browser_of(make_organizer(event, "bea", role=Role.MATERIALS))

        browser.get("/admin/registration/registration/")
        browser.post(f"/admin/portal/event/{event.pk}/release/")

        assert logged() == [
            ("refused", "bea", HERE, "GET /admin/registration/registration/"),
            ("refused", "bea", HERE, f"POST /admin/portal/event/{event.pk}/release/"),
        ]

    def test_who_is_no_organizer_any_more(self, browser: Client, ada: User) -> None:
        User.objects.update(is_staff=False)

        browser.post("/admin/portal/event/")

        assert logged() == [("refused", "ada", HERE, "POST /admin/portal/event/")]

    def test_a_form_of_another_site(self, ada: User, event: Event) -> None:
        browser = Client(enforce_csrf_checks=True, REMOTE_ADDR=HERE)
        browser.force_login(ada)

        for page in (f"/admin/portal/event/{event.pk}/release/", f"/api/v1/events/{event.slug}/check-ins/"):
            browser.post(page, headers={"Sec-Fetch-Site": "cross-site"})

        assert logged() == [
            ("refused", "ada", HERE, f"POST /admin/portal/event/{event.pk}/release/"),
            ("refused", "ada", HERE, f"POST /api/v1/events/{event.slug}/check-ins/"),
        ]

    def test_the_door_by_api(self, browser: Client, ada: User, event: Event) -> None:
        Membership.objects.update(role=Role.PROGRAM)

        browser.get(f"/api/v1/events/{event.slug}/check-ins/people/")

        assert logged() == [("refused", "ada", HERE, f"GET /api/v1/events/{event.slug}/check-ins/people/")]

    def test_a_ticket_that_does_not_exist_is_no_refusal(self, browser: Client, event: Event) -> None:
        answer = browser.post(
            f"/api/v1/events/{event.slug}/check-ins/", {"code": "made up"}, content_type="application/json"
        )

        assert (answer.status_code, logged()) == (404, [])

    def test_strangers_are_nobody_to_tell_of(self, client: Client, event: Event) -> None:
        client.get(f"/admin/portal/event/{event.pk}/home/")
        client.get(f"/api/v1/events/{event.slug}/check-ins/people/")

        assert logged() == []

    def test_any_address_can_be_told(self, browser: Client) -> None:
        browser.get("/admin/%00%F0%9F%8E%89%E2%80%AE/" + "x" * 300)

        [(*_, what)] = logged()
        assert what.startswith("GET /admin/%00%F0%9F%8E%89%E2%80%AE/xxx")
        assert len(what) == 200
