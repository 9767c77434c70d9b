"""Files that people give while the disk is full: said at their question, with everything as it was before."""

from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.invariants import problems
from portal.models import Event
from portal.storage import NOT_STORED
from registration import booking, links
from registration.models import Answer
from tests import disks
from tests.factories import make_event, make_question, make_registration, make_ticket_type
from tests.registration.reading import ADA, field_errors

pytestmark = pytest.mark.django_db
SAID = escape(NOT_STORED)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 1)
    make_question(event, "CV", key="cv", kind="file", position=1)
    make_question(event, "Poster", key="poster", kind="file", position=2)
    return event


def papers() -> dict[str, SimpleUploadedFile]:
    return {f"q-{one}": SimpleUploadedFile(f"{one}.txt", b"Written in a hurry") for one in ("cv", "poster")}


@pytest.mark.parametrize(("after", "place"), [(0, "q-cv"), (1, "q-poster")])
@pytest.mark.parametrize("known", [False, True])
def test_nobody_is_registered_and_no_file_stays(
    event: Event, client: Client, media: Path, monkeypatch: pytest.MonkeyPatch, after: int, place: str, known: bool
) -> None:
    if known:
        make_registration(event, ADA["email"], state="awaiting_approval")
    disks.fill(monkeypatch, after=after)

    response = client.post("/tutorial/register/", ADA | papers())

    assert response.status_code == 422
    assert field_errors(response) == {place: SAID}
    assert event.registrations.count() == known
    assert disks.files_in(media) == []
    assert problems() == []


def test_an_answer_stays_as_it_was(
    event: Event, client: Client, media: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    cv = event.questions.get(key="cv")
    answers = {cv: SimpleUploadedFile("old.txt", b"Written at leisure")}
    ada = booking.register(event, name="Ada", email=ADA["email"], answers=answers)
    disks.fill(monkeypatch)

    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{links.manage_path(ada)}edit/", {"name": "Grace"} | papers())

    ada.refresh_from_db()
    kept = Answer.objects.get()
    assert field_errors(response) == {"q-cv": SAID}
    assert (ada.name, kept.filename, kept.file.read()) == ("Ada", "old.txt", b"Written at leisure")
    assert disks.files_in(media) == [Path(kept.file.path)]
