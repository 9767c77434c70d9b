import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.models import Event
from sessions_app.models import Material
from tests import disks
from tests.factories import (
    make_block,
    make_event,
    make_material,
    make_organizer,
    make_program,
    make_release,
    make_room,
    make_session,
    make_speaker,
)
from tests.filling import fields_of, send
from tests.pages import Page

pytestmark = pytest.mark.django_db
ADD = "/admin/sessions_app/material/add/"
PDF = b"%PDF-1.7 slides"


@pytest.fixture
def event(client: Client) -> Event:
    event = make_event(timezone="America/New_York")
    client.force_login(make_organizer(event))
    return event


def change(row) -> str:
    return f"/admin/sessions_app/{row._meta.model_name}/{row.pk}/change/"


def upload(name: str, content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


class TestMaterials:
    def test_an_uploaded_file_is_noted_and_can_be_downloaded(self, client: Client, event: Event) -> None:
        send(client, ADD, title="Slides", file=upload("Part 1.pdf"))

        material = event.materials.get()
        got = client.get(f"/{event.slug}/materials/{material.uuid}/")
        assert (material.filename, material.media_type, material.size) == ("Part 1.pdf", "application/pdf", len(PDF))
        assert b"".join(got.streaming_content) == PDF

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("page.html", b"<script>", "Files of this type aren’t taken"),
            ("drawing.svg", b"<svg>", "Files of this type aren’t taken"),
            ("slides.pdf", b"<html>", "doesn’t look like .pdf"),
            ("slides.pdf", b"", "The submitted file is empty."),
            ("slides", PDF, "Files of this type aren’t taken"),
        ],
    )
    def test_a_file_that_is_not_taken_is_refused_at_the_field(
        self, client: Client, event: Event, name: str, content: bytes, said: str
    ) -> None:
        response = send(client, ADD, title="Slides", file=upload(name, content))

        errors = response.context["adminform"].form.errors
        assert said.replace("’", "'") in " ".join(errors["file"])
        assert list(errors) == ["file"]
        assert not event.materials.exists()

    def test_a_full_disk_is_told_at_the_field_and_nothing_stays(
        self, client: Client, event: Event, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.MEDIA_ROOT = tmp_path
        disks.fill(monkeypatch)

        response = send(client, ADD, title="Slides", file=upload("slides.pdf"))

        form = response.context["adminform"].form
        assert (form["title"].value(), list(form.errors)) == ("Slides", ["file"])
        assert "can't be stored now" in form.errors["file"][0]
        assert not event.materials.exists()
        assert disks.files_in(tmp_path) == []

    def test_a_full_disk_leaves_the_file_there_was(
        self,
        client: Client,
        event: Event,
        monkeypatch: pytest.MonkeyPatch,
        django_capture_on_commit_callbacks: Any,
    ) -> None:
        material = make_material(event, url="", file=ContentFile(PDF, "old.pdf"))
        disks.fill(monkeypatch)

        with django_capture_on_commit_callbacks(execute=True):
            response = send(client, change(material), file=upload("new.pdf", PDF * 2))

        kept = Material.objects.get()
        assert "can't be stored now" in response.context["adminform"].form.errors["file"][0]
        assert f">old.pdf</a>, {len(PDF)}" in response.text
        assert (kept.filename, kept.file.read()) == ("old.pdf", PDF)

    def test_a_long_name_is_no_obstacle(self, client: Client, event: Event) -> None:
        send(client, ADD, title="Slides", file=upload("x" * 200 + ".pdf"))

        assert len(event.materials.get().filename) == 120

    @pytest.mark.parametrize(
        ("values", "field", "said"),
        [
            ({}, "__all__", "Give either a file or a link."),
            ({"url": "javascript:alert(1)"}, "url", "Enter a valid URL."),
            ({"url": "ftp://example.org/"}, "url", "A link starts with http:// or https://."),
            ({"url": "https://example.org/", "opening": "at_time"}, "opens_at", "A time belongs to"),
            ({"url": "https://example.org/", "opens_at": "2026-02-20T09:00"}, "opens_at", "A time belongs to"),
        ],
    )
    def test_bad_values_are_said_at_their_field(
        self, client: Client, event: Event, values: dict[str, str], field: str, said: str
    ) -> None:
        response = send(client, ADD, title="Slides", **values)

        assert said in " ".join(response.context["adminform"].form.errors[field])
        assert not event.materials.exists()

    def test_a_file_and_a_link_at_once_are_refused(self, client: Client, event: Event) -> None:
        response = send(client, ADD, title="Slides", url="https://example.org/", file=upload("a.pdf"))

        assert "Give either a file or a link, not both." in response.text
        assert not event.materials.exists()

    def test_the_time_it_opens_is_in_the_zone_of_the_event(self, client: Client, event: Event) -> None:
        send(client, ADD, title="Slides", url="https://example.org/", opening="at_time", opens_at="2026-02-20T09:00")

        assert event.materials.get().opens_at == datetime(2026, 2, 20, 14, tzinfo=UTC)

    def test_a_new_file_takes_the_place_of_a_link_and_back(
        self, client: Client, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        material = make_material(event)

        send(client, change(material), file=upload("a.pdf"))
        with_file = Material.objects.get()
        with django_capture_on_commit_callbacks(execute=True):
            send(client, change(material), url="https://example.org/slides")
        with_link = Material.objects.get()

        assert (with_file.url, with_file.filename) == ("", "a.pdf")
        assert (with_link.url, with_link.file.name, with_link.filename) == ("https://example.org/slides", "", "")
        assert not default_storage.exists(with_file.file.name)

    def test_saving_without_a_new_file_keeps_the_old_one(self, client: Client, event: Event) -> None:
        material = make_material(event, url="", file=ContentFile(PDF, "a.pdf"))

        send(client, change(material), title="Renamed")

        again = Material.objects.get()
        assert (again.title, again.sha256, again.file.name) == ("Renamed", material.sha256, material.file.name)

    def test_deleting_it_removes_the_file(
        self, client: Client, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        material = make_material(event, url="", file=ContentFile(PDF, "a.pdf"))

        with django_capture_on_commit_callbacks(execute=True):
            client.post(f"/admin/sessions_app/material/{material.pk}/delete/", {"post": "yes"})

        assert (event.materials.exists(), default_storage.exists(material.file.name)) == (False, False)

    def test_the_public_pages_know_of_each_change(self, client: Client, event: Event) -> None:
        before = event.version

        send(client, ADD, title="Slides", url="https://example.org/")

        event.refresh_from_db()
        assert event.version > before


class TestSessions:
    def test_its_own_page_has_all_of_it(self, client: Client, event: Event) -> None:
        session, *_ = make_program(event)
        room = make_room(event)

        send(client, change(session), abstract="*Words*", level="beginner", room=room.pk, names="Ada Lovelace (chair)")

        session.refresh_from_db()
        assert (session.abstract, session.level, session.room) == ("*Words*", "beginner", room)
        assert [(one.speaker.name, one.role) for one in session.appearances.all()] == [("Ada Lovelace", "chair")]

    def test_its_pin_is_in_the_zone_of_the_event(self, client: Client, event: Event) -> None:
        session, *_ = make_program(event)

        send(client, change(session), start="2026-03-22T13:00")

        session.refresh_from_db()
        assert session.start == datetime(2026, 3, 22, 17, tzinfo=UTC)

    @pytest.mark.parametrize("start", ["2026-11-01T05:30:00", "2026-11-01T06:30:00", "2026-03-22T13:00:31"])
    def test_a_pin_of_a_file_stays_what_it_is_when_something_else_is_edited(
        self, client: Client, event: Event, start: str
    ) -> None:
        moment = datetime.fromisoformat(f"{start}Z")
        session = make_session(make_block(event), start=moment)

        response = send(client, change(session), title="Welcome")

        session.refresh_from_db()
        assert (response.status_code, session.title, session.start) == (302, "Welcome", moment)

    @pytest.mark.parametrize("start", ["2026-11-01T01:30", "2026-03-08T02:30"])
    def test_a_clock_time_that_is_there_twice_or_never_cannot_be_typed(
        self, client: Client, event: Event, start: str
    ) -> None:
        session, *_ = make_program(event)

        response = send(client, change(session), start=start)

        assert "couldn’t be interpreted in time zone America/New_York" in unescape(response.text)

    @pytest.mark.parametrize("field", ["room", "block"])
    def test_it_takes_rooms_and_blocks_of_its_own_event_only(self, client: Client, event: Event, field: str) -> None:
        session, *_ = make_program(event)
        other = make_event()
        foreign = {"room": make_room(other), "block": make_block(other)}

        response = send(client, change(session), **{field: foreign[field].pk})

        assert "Select a valid choice." in response.text

    def test_nothing_of_an_edit_is_public(self, client: Client, event: Event) -> None:
        session, *_ = make_program(event)
        make_release(event)

        send(client, change(session), title="A secret title")

        pages = ["", "schedule/", "sessions/part-1/", "speakers/", "releases/", "materials/", "schedule.json"]
        assert [page for page in pages if "A secret title" in client.get(f"/{event.slug}/{page}").text] == []

    def test_one_with_materials_is_kept(self, client: Client, event: Event) -> None:
        session, *_ = make_program(event)
        make_material(event, session=session)

        response = client.post(f"/admin/sessions_app/session/{session.pk}/delete/", {"post": "yes"})

        assert "would require deleting the following protected related objects" in response.text
        assert event.sessions.filter(pk=session.pk).exists()

    @pytest.mark.parametrize("count", [1, 3, pytest.param(1000, marks=pytest.mark.sqlite)])
    def test_the_list_takes_as_many_queries_for_any_number(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        block = make_block(event)
        for number in range(count):
            make_session(block, speakers=(make_speaker(event, f"Speaker {number}"),))
        client.get("/admin/sessions_app/session/")

        with django_assert_num_queries(24):
            client.get("/admin/sessions_app/session/")


def test_each_field_of_a_table_is_named_with_its_line(client: Client, event: Event) -> None:
    make_session(make_block(event, title="Morning", room=make_room(event, "Hall")), "Opening")

    page = Page(client.get(f"/admin/portal/event/{event.pk}/change/"))

    fields = [one for tag in ("input", "select") for one in page.all(tag) if one.get("type") != "hidden"]
    rows = {one["name"]: one.get("aria-label") for one in fields if re.match(r"(blocks|sessions)-0-", one["name"])}
    assert rows == {
        "blocks-0-position": "Order, Morning",
        "blocks-0-title": "Title, Morning",
        "blocks-0-start": "Start, Morning",
        "blocks-0-DELETE": "Delete, Morning",
        "blocks-0-room": "Room, Morning",
        "sessions-0-position": "Order, Opening",
        "sessions-0-title": "Title, Opening",
        "sessions-0-duration": "Minutes, Opening",
        "sessions-0-names": "Speakers, Opening",
        "sessions-0-start": "Pinned to, Opening",
        "sessions-0-DELETE": "Delete, Opening",
        "sessions-0-kind": "Kind, Opening",
    }


class TestNamesOnceInAnEvent:
    @pytest.mark.parametrize("prefix", ["rooms", "tracks"])
    def test_a_second_one_is_refused_in_the_form(self, client: Client, event: Event, prefix: str) -> None:
        row = {"position": "", "name": "Main", "capacity": "", "hue": "pine"}
        values = {f"{prefix}-{number}-{name}": value for number in (0, 1) for name, value in row.items()}

        response = send(client, f"/admin/portal/event/{event.pk}/change/", **values, **{f"{prefix}-TOTAL_FORMS": "2"})

        assert response.status_code == 200
        assert "Please correct the duplicate data" in response.text


class TestReleases:
    def test_they_are_shown_with_their_changes_in_words(self, client: Client, event: Event) -> None:
        session, *_ = make_program(event)
        make_release(event)
        session.title = "Welcome"
        session.save()
        release = make_release(event, "final")

        page = client.get(change(release))

        assert "Retitled: Part 1 → Welcome" in page.text

    def test_they_are_never_added_changed_or_deleted(self, client: Client, event: Event) -> None:
        release = make_release(event)
        client.force_login(make_organizer())
        row = f"/admin/sessions_app/release/{release.pk}"

        answers = [
            client.get("/admin/sessions_app/release/add/"),
            client.post(f"{row}/change/", {"note": "Other"}),
            client.post(f"{row}/delete/", {"post": "yes"}),
            client.post("/admin/sessions_app/release/", {"action": "delete_selected", "_selected_action": release.pk}),
        ]

        assert [answer.status_code for answer in answers[:3]] == [403, 403, 403]
        assert fields_of(client.get(f"{row}/change/")).keys() <= {"csrfmiddlewaretoken"}
        assert event.releases.get() == release
