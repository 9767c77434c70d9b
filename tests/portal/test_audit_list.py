"""The audit log in the admin: who reads it, that nobody changes it, and how long it is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from portal import audit
from portal.models import AuditEntry, Event
from registration import privacy, purging
from tests.factories import make_event, make_organizer, make_registration, make_release
from tests.filling import send
from tests.pages import Page
from tests.portal.test_audit import HERE, act, browser_of, logged

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
LOG = "/admin/portal/auditentry/"


@pytest.fixture
def event() -> Event:
    return make_event(title="Tutorial")


@pytest.fixture
def ada(event: Event) -> User:
    return make_organizer(event, "ada")


@pytest.fixture
def browser(ada: User) -> Client:
    return browser_of(ada)


class TestTheList:
    @pytest.fixture
    def root(self) -> Client:
        return browser_of(make_organizer(username="root"))

    def test_superusers_read_it_and_nobody_else(self, root: Client, browser: Client, event: Event) -> None:
        with time_machine.travel(NOW, tick=False):
            send(browser, f"/admin/portal/event/{event.pk}/change/", title="Renamed")

        page = Page(root.get(LOG))

        said = "2026-03-22 12:30:00 action ada 192.0.2.1 Changed “Renamed” — Changed Title. 1"
        assert said in page.words("#result_list")
        assert f"/admin/portal/event/{event.pk}/change/" in page.links
        assert browser.get(LOG).status_code == 403

    def test_it_is_found_on_the_first_page(self, root: Client, browser: Client) -> None:
        assert LOG in Page(root.get("/admin/")).links
        assert LOG not in Page(browser.get("/admin/")).links

    def test_nobody_writes_or_deletes_in_it(self, root: Client, browser: Client, event: Event) -> None:
        browser.get(f"/admin/portal/event/{make_event().pk}/home/")
        before = AuditEntry.objects.values().get()
        one = f"{LOG}{before['id']}/"
        told = {"kind": "login", "client": "203.0.113.9", "what": "", "times": "1"}

        statuses = [
            root.get(f"{one}change/").status_code,
            root.post(f"{one}change/", told).status_code,
            root.post(f"{one}delete/", {"post": "yes"}).status_code,
            root.post(f"{LOG}add/", told).status_code,
        ]
        root.post(LOG, {"action": "delete_selected", "_selected_action": [str(before["id"])], "post": "yes"})

        assert statuses == [200, 403, 403, 403]
        assert AuditEntry.objects.values().get(pk=before["id"]) == before

    @pytest.mark.parametrize("count", [1, 3, 1_000])
    def test_it_takes_as_many_queries_for_any_number_of_entries(
        self, root: Client, ada: User, event: Event, count: int, django_assert_num_queries: Any
    ) -> None:
        done = LogEntry.objects.bulk_create(
            LogEntry(user=ada, content_type_id=1, object_id="1", object_repr="x", action_flag=2) for _ in range(count)
        )
        AuditEntry.objects.bulk_create(AuditEntry(kind="action", user=ada, client=HERE, log_entry=one) for one in done)
        root.get(LOG)  # fills Django's cache of content types

        with django_assert_num_queries(6):
            root.get(LOG)


class TestForgetting:
    def test_addresses_go_and_the_history_stays(self, browser: Client, event: Event) -> None:
        with time_machine.travel(NOW, tick=False):
            send(browser, f"/admin/portal/event/{event.pk}/change/", title="Renamed")
            browser.get(f"/admin/portal/event/{make_event().pk}/home/")

        left = []
        for days in (89, 91):
            purging.purge(NOW + timedelta(days=days))
            left.append((AuditEntry.objects.count(), LogEntry.objects.count()))

        assert left == [(2, 1), (0, 1)]

    def test_how_long_is_for_the_operator_to_say(self, ada: User, settings: Any) -> None:
        settings.AUDIT_DAYS = 1
        with time_machine.travel(NOW, tick=False):
            browser_of(ada).get("/admin/no/such/page/")

        audit.forget(NOW + timedelta(days=1, seconds=1))

        assert logged() == []

    def test_who_is_forgotten_is_not_in_it_either(
        self, browser: Client, event: Event, settings: Any, tmp_path: Path
    ) -> None:
        settings.ERASURES_FILE = tmp_path / "erasures"
        make_release(event)
        person = make_registration(event, "bea@example.org", name="Bea Canary")
        act(browser, "registration/registration", "cancel", person)
        before = logged()

        privacy.erase_address("bea@example.org")

        assert [what for *_, what in before] == ["Changed “Bea Canary” — Cancelled."]
        assert [what for *_, what in logged()] == ["Changed “(erased)” — "]
