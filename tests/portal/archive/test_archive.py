"""The archive of an event, as a file server shows it."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.http import HttpResponse

from portal.models import Event
from tests.factories import (
    NOON,
    make_event,
    make_material,
    make_program,
    make_question,
    make_registration,
    make_release,
    make_room,
    make_session,
    make_ticket_type,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="my-event", title="A Tutorial", host=make_event(slug="the-host", kind="conference"))
    first, *_ = make_program(event, 3, start=NOON)
    first.room, first.track = make_room(event), event.tracks.create(name="Systems")
    first.save()
    make_registration(event, "grace@example.org", name="Grace Hopper", ticket_type=make_ticket_type(event))
    make_ticket_type(event, name="Members", access_code="OPEN-SESAME", position=1)
    make_question(event, "Which diet do you keep?")
    make_release(event)
    make_session(event.blocks.get(), "Late news")
    make_release(event, "final")
    make_session(event.blocks.get(), "Draft only")
    make_material(event, title="Slides", url="", file=ContentFile(PDF, "slides.pdf"))
    make_material(event, title="Elsewhere", url="https://example.org/slides")
    make_material(event, title="Only for some", url="https://example.org/private", audience="registered")
    return event


def archived(folder: Path, slug: str = "my-event") -> Path:
    call_command("archive_event", slug, str(folder), stdout=StringIO())
    return folder


def pages(folder: Path) -> Iterator[tuple[Path, Page]]:
    for file in folder.rglob("*.html"):
        yield file, Page(HttpResponse(file.read_bytes()))


def addresses(page: Page) -> Iterator[str]:
    for tag, attributes in page.elements:
        if attributes.get("rel") != "canonical":
            yield from (attributes[name] for name in ("href", "src", "action") if name in attributes)
            assert tag != "form"


def test_every_link_leads_to_a_file_beside_it_or_to_another_site(event: Event, tmp_path: Path) -> None:
    folder = archived(tmp_path / "site")

    found = [(file, link) for file, page in pages(folder) for link in addresses(page)]

    inner = [(file, urldefrag(link).url) for file, link in found if not urlsplit(link).scheme]
    assert len(inner) > 100
    assert [(file, link) for file, link in inner if link and not (file.parent / link).is_file()] == []
    assert {link for _, link in found if urlsplit(link).scheme} == {"https://example.org/slides"}


def test_all_public_pages_and_files_are_there(event: Event, tmp_path: Path) -> None:
    folder = archived(tmp_path / "site")

    names = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert names >= {
        "index.html",
        "schedule/index.html",
        "sessions/part-1/index.html",
        "sessions/part-1.ics",
        "speakers/index.html",
        "speakers/ada-lovelace/index.html",
        "tracks/systems/index.html",
        "rooms/room-a/index.html",
        "releases/index.html",
        "releases/1/index.html",
        "releases/2/index.html",
        "materials/index.html",
        f"materials/{event.materials.get(title='Slides').uuid}/slides.pdf",
        "schedule.ics",
        "schedule.xml",
        "schedule.json",
        "schedule.csv",
        "sessionize.json",
        "releases.atom",
        "api/event.json",
        "api/schedule.json",
        "api/releases/2/changes.json",
        "static/portal/css/lectern.css",
        "static/portal/css/tokens.css",
        "static/portal/img/icons.svg",
        "archive.json",
    }
    assert json.loads((folder / "archive.json").read_text())["event"] == "my-event"


def test_nothing_private_or_unreleased_is_in_it(event: Event, tmp_path: Path) -> None:
    folder = archived(tmp_path / "site")

    everything = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert {
        word in everything for word in (b"Grace", b"grace@", b"Draft only", b"/private", b"csrf", b"SESAME", b"diet")
    } == {False}
    assert b"Late news" in everything


def test_what_needs_a_server_is_gone(event: Event, tmp_path: Path) -> None:
    folder = archived(tmp_path / "site")

    home = Page(HttpResponse((folder / "index.html").read_bytes()))
    assert "Register" not in home.words().replace("Only for registered", "")
    assert "Subscribe" not in home.words()
    assert home.all("meter") == []
    alone = archived(tmp_path / "alone", make_event(slug="alone", title="Alone").slug)
    top = Page(HttpResponse((alone / "index.html").read_bytes()))
    assert "Tell me" not in top.words()
    assert top.words("bar") == "Program Speakers Materials Releases"
    assert top.all("use")[0]["href"].endswith("#lectern")
    releases = Page(HttpResponse((folder / "releases" / "index.html").read_bytes()))
    assert releases.words("h2") == "Release 2 Release 1"


@pytest.mark.sqlite
def test_earlier_addresses_lead_on(event: Event, tmp_path: Path) -> None:
    row = event.sessions.get(title="Part 1")
    for slug in ("middle", "last"):
        row.slug = slug
        row.save()
        make_release(event)
    event.overview = "It begins with [a part](/my-event/sessions/middle/)."
    event.save()

    folder = archived(tmp_path / "site")

    for slug in ("part-1", "middle"):
        text = (folder / "sessions" / slug / "index.html").read_text()
        assert 'content="0; url=../last/index.html"' in text
        assert '<a href="../last/index.html">' in text
    assert (folder / "sessions" / "last" / "index.html").is_file()
    assert '<a href="sessions/last/index.html" rel=' in (folder / "index.html").read_text()


def test_what_was_taken_off_leads_nowhere(event: Event, tmp_path: Path) -> None:
    event.sessions.get(title="Part 1").delete()
    make_release(event)

    folder = archived(tmp_path / "site")

    assert not (folder / "sessions" / "part-1").exists()


@pytest.mark.sqlite
def test_an_older_archive_of_the_event_is_replaced_as_a_whole(event: Event, tmp_path: Path) -> None:
    folder = archived(tmp_path / "site")
    (folder / "sessions" / "gone.html").write_text("old")

    archived(folder)

    assert not (folder / "sessions" / "gone.html").exists()
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_another_folder_is_left_alone(event: Event, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("Dear")
    other = make_event(slug="other")
    make_release(other)
    archived(tmp_path / "other", "other")
    (tmp_path / "file").write_text("")

    for name in ("letters", "other", "file"):
        with pytest.raises(CommandError):
            archived(tmp_path / name)

    assert (tmp_path / "letters" / "dear.txt").read_text() == "Dear"
    assert (tmp_path / "other" / "archive.json").exists()


def test_a_failure_halfway_leaves_the_old_archive(
    event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = archived(tmp_path / "site")
    before = (folder / "index.html").read_bytes()
    monkeypatch.setattr("portal.archive.asset.contents", lambda path: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        archived(folder)

    assert (folder / "index.html").read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["site"]


def test_a_private_event_has_no_archive(event: Event, tmp_path: Path) -> None:
    Event.objects.update(is_public=False)

    with pytest.raises(CommandError, match="There is no public event “my-event”"):
        archived(tmp_path / "site")
