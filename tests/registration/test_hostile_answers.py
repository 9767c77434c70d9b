"""Files and fields that mean harm, sent as answers: refused at their field, or kept under a name of ours and handed out
as what they are."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from portal.models import Event
from registration import links
from registration.models import Answer
from tests.factories import make_question
from tests.registration.reading import ADA
from tests.sessions_app.test_photos import photo

pytestmark = pytest.mark.django_db
PAGE, API = "/tutorial/register/", "/api/v1/events/tutorial/registrations/"
UPLOADS = "shared/data/uploads"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def zipped(name: str, content: bytes = b"words") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return packed.getvalue()


def with_symlink() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        link = tarfile.TarInfo("card")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return packed.getvalue()


REFUSED = {
    "script.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "page.pdf": b"<!doctype html><script>alert(1)</script>",
    "setup.exe": b"MZ\x90\x00",
    "card.pdf.html": b"%PDF-1.4",
    "empty.pdf": b"",
    "cut.zip": zipped("a")[:30],
    "photo.png": b"GIF89a/*",
    "card": b"%PDF-1.4",
    "photo.svgz": b"\x1f\x8b\x08",
}
KEPT = {
    "polyglot.gif": (b"GIF89a/*\x00*/=1;alert(1)//", "image/gif"),
    "eicar.txt": (EICAR, "text/plain"),
    "bomb.zip": (zipped("zeros", bytes(5_000_000)), "application/zip"),
    "slip.zip": (zipped("../../etc/passwd"), "application/zip"),
    "link.tar.gz": (with_symlink(), "application/gzip"),
    "script.pdf": (b"%PDF-1.4\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj", "application/pdf"),
}
NAMES = {
    "../../x.pdf": "x.pdf",
    "C:\\temp\\x.pdf": "x.pdf",
    "a\u202efdp.exe.pdf": "afdp.exe.pdf",
    "x" * 300 + ".pdf": "x" * 116 + ".pdf",
}


@pytest.fixture
def card(event: Event) -> str:
    """The field of a question for a file."""
    return f"q-{make_question(event, 'Card', kind='file').key}"


def send(client: Client, card: str, name: str, content: bytes) -> HttpResponse:
    return client.post(PAGE, ADA | {card: SimpleUploadedFile(name, content)})


def stored() -> list[str]:
    return sorted(str(one.file.name) for one in Answer.objects.exclude(file=""))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_taken_is_refused_at_its_field_and_nothing_is_kept(client: Client, card: str, name: str) -> None:
    response = send(client, card, name, REFUSED[name])

    assert (response.status_code, list(response.context["form"].errors)) == (422, [card])
    assert stored() == []


@pytest.mark.parametrize("name", KEPT)
def test_what_is_taken_is_handed_out_as_it_came_and_never_opened_here(client: Client, card: str, name: str) -> None:
    content, media_type = KEPT[name]
    assert send(client, card, name, content).status_code == 302

    answer = Answer.objects.get()
    shown = client.get(f"{links.manage_path(answer.registration)}answers/{answer.pk}/")

    assert (b"".join(shown), shown["Content-Type"]) == (content, media_type)
    assert shown["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (shown["X-Content-Type-Options"], shown["Content-Security-Policy"]) == (
        "nosniff",
        "sandbox; default-src 'none'",
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_leads_nowhere(client: Client, card: str, name: str) -> None:
    send(client, card, name, b"%PDF-1.4")

    answer = Answer.objects.get()
    assert answer.filename == NAMES[name]
    assert Path(str(answer.file.name)).parts[0] == "answers"
    assert Path(str(answer.file.name)).stem.isalnum()


@pytest.mark.parametrize("kind", ["text", "choice", "many", "number", "yes_no", "consent"])
def test_a_file_is_no_answer_to_another_question(event: Event, client: Client, kind: str) -> None:
    key = make_question(event, kind=kind, choices=("Tea",)).key

    response = send(client, f"q-{key}", "card.pdf", b"%PDF-1.4")

    assert response.status_code == 302
    assert [one.value for one in Answer.objects.all()] == ([False] if kind == "consent" else [])


def test_real_files_are_taken_or_refused_at_their_field(client: Client, card: str) -> None:
    folder = next((path for parent in Path(__file__).parents if (path := parent / UPLOADS).exists()), None)
    if folder is None:
        pytest.skip("The collection of real files isn't here.")

    for path in folder.iterdir():
        response = send(client, card, path.name, path.read_bytes())
        errors = list(response.context["form"].errors) if response.status_code == 422 else []
        assert response.status_code == 302 or errors == [card], path.name
        Answer.objects.all().delete()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"answers": {f"q{n}": "x" for n in range(10_000)}}, 400),
        ({"answers": {"diet": "x" * 100_000}}, 400),
        ({"answers": {"diet": [["x"] * 1000] * 100}}, 400),
        ({f"field{n}": "x" for n in range(10_000)}, 201),
    ],
)
def test_the_api_bears_ten_thousand_answers_and_large_ones(
    event: Event, client: Client, body: dict[str, Any], status: int
) -> None:
    make_question(event, "Diet")

    response = client.post(API, ADA | body, content_type="application/json")

    assert response.status_code == status
    assert Answer.objects.count() == 0


def test_a_photo_is_kept_without_the_place_it_was_taken_at(client: Client, card: str) -> None:
    content = photo()

    send(client, card, "me.jpg", content)

    answer = Answer.objects.get()
    assert (b"CANARY" in content, b"CANARY" in answer.file.read()) == (True, False)
