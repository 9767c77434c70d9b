from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.importing import FOLDER
from portal.models import Event
from sessions_app.models import Session
from tests import disks
from tests.factories import make_event, make_organizer, make_program
from tests.pages import Page
from tests.sessions_app.importers.reading import FILES

pytestmark = pytest.mark.django_db
TABLE = b"title,minutes\nOne,45\nTwo,30"


@pytest.fixture
def event(client: Client) -> Event:
    event = make_event(slug="my-event", title="A Tutorial")
    client.force_login(make_organizer(event, "chair"))
    return event


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def address(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/import/"


def upload(client: Client, event: Event, data: bytes, form: str = "", name: str = "program.csv"):
    return client.post(address(event), {"file": SimpleUploadedFile(name, data), "format": form})


def take_over(client: Client, event: Event, response):
    return client.post(address(event), {"shown": response.context["shown"]}, follow=True)


def kept() -> list[str]:
    return default_storage.listdir(FOLDER)[1] if default_storage.exists(FOLDER) else []


class TestTheReport:
    def test_it_says_what_would_change_and_saves_nothing(self, client: Client, event: Event) -> None:
        response = upload(client, event, TABLE)

        assert response.status_code == 200
        assert "Nothing is saved yet." in Page(response).words()
        assert (
            Page(response)
            .words("panel")
            .endswith("Changes new block “Not scheduled” new session “One” new session “Two”")
        )
        assert not Session.objects.exists()

    def test_a_bad_file_is_refused_with_its_lines(self, client: Client, event: Event) -> None:
        response = upload(client, event, b"title,minutes\nOne,0\n<b>,x")

        assert response.status_code == 422
        assert "line 2: “One” – A session takes 1 to 1440 minutes, not 0." in Page(response).words()
        assert b"line 3: \xe2\x80\x9c&lt;b&gt;\xe2\x80\x9d" in response.content
        assert kept() == []

    def test_a_full_disk_is_told_at_the_field(
        self, client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        disks.fill(monkeypatch)

        response = upload(client, event, TABLE)

        assert response.status_code == 422
        assert "This file can’t be stored now".replace("’", "'") in Page(response).words()
        assert kept() == []

    def test_a_half_character_in_a_title_does_no_harm(self, client: Client, event: Event) -> None:
        response = upload(client, event, b'{"sessions": [{"title": "One\\ud800", "startsAt": "\\udfff?"}]}')

        assert response.status_code == 422
        assert "sessions[0]: “One” – Not a time" in Page(response).words()

    def test_without_a_file_the_form_says_so(self, client: Client, event: Event) -> None:
        response = client.post(address(event), {"format": "csv"})

        assert response.status_code == 422
        assert "This field is required." in Page(response).words()

    def test_the_page_is_in_the_navigation(self, client: Client, event: Event) -> None:
        home = client.get(f"/admin/portal/event/{event.pk}/home/")

        assert f'href="{address(event)}"'.encode() in home.content


class TestTakingOver:
    def test_it_imports_what_was_shown(self, client: Client, event: Event) -> None:
        shown = upload(client, event, TABLE)

        response = take_over(client, event, shown)

        assert "Imported: 2 sessions new, 0 changed, 0 unchanged." in Page(response).words()
        assert list(Session.objects.values_list("title", flat=True)) == ["One", "Two"]
        assert kept() == []

    def test_it_shows_the_report_anew_when_the_draft_has_changed(self, client: Client, event: Event) -> None:
        shown = upload(client, event, TABLE)
        make_program(event)

        response = client.post(address(event), {"shown": shown.context["shown"]})

        assert response.status_code == 409
        assert "The draft has changed since this report was made." in Page(response).words()
        assert not Session.objects.filter(title="One").exists()
        assert "Imported: 2 sessions new" in Page(take_over(client, event, response)).words()

    def test_a_report_is_taken_over_once(self, client: Client, event: Event) -> None:
        shown = upload(client, event, TABLE)
        take_over(client, event, shown)

        again = take_over(client, event, shown)

        assert "That report is too old, or was taken over already." in Page(again).words()
        assert Session.objects.count() == 2

    def test_a_report_of_another_event_or_a_forged_one_is_refused(self, client: Client, event: Event) -> None:
        other = make_event()
        other.memberships.create(user=event.memberships.get().user)
        shown = upload(client, other, TABLE)

        foreign = take_over(client, event, shown)
        forged = client.post(address(event), {"shown": "../../etc/passwd"}, follow=True)

        assert {"That report is too old" in Page(one).words() for one in (foreign, forged)} == {True}
        assert not Session.objects.exists()

    def test_a_report_grows_old_and_its_file_is_discarded(self, client: Client, event: Event) -> None:
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=3), tick=True):
            client.force_login(event.memberships.get().user)
            old = upload(client, event, TABLE)
        with time_machine.travel(datetime.now(UTC) + timedelta(hours=5), tick=True):
            client.force_login(event.memberships.get().user)
            response = take_over(client, event, old)
            upload(client, event, TABLE)

            assert "That report is too old" in Page(response).words()
            assert len(kept()) == 1


class TestRights:
    def test_the_page_of_another_event_does_not_exist(self, client: Client, event: Event) -> None:
        other = make_event()

        statuses = [client.get(address(other)).status_code, upload(client, other, TABLE).status_code]

        assert statuses == [404, 404]

    def test_who_may_not_make_events_makes_no_host_by_a_file(self, client: Client, event: Event) -> None:
        data = (FILES / "event.yaml").read_bytes()
        assert b"host:" in data

        take_over(client, event, upload(client, event, data))

        assert list(Event.objects.all()) == [event]

    def test_registration_is_left_to_members_who_work_on_it(self, client: Client, event: Event) -> None:
        data = (
            b"lectern: 1\nregistration:\n  tickets: [{name: Student}]\nmaterials: [{title: A, url: 'https://a.org/'}]\n"
        )
        told, taken = [], []

        for role in ("program", "all"):
            client.force_login(make_organizer(event, role=role))
            report = upload(client, event, data)
            told.append("“registration” is left to members who work on it." in Page(report).words())
            take_over(client, event, report)
            taken.append((event.ticket_types.count(), event.materials.count()))

        assert told == [True, False]
        assert taken == [(0, 1), (1, 1)]
