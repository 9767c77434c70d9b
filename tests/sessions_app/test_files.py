import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from sessions_app.files import check, clean_name
from sessions_app.models import Material
from tests.factories import make_event, make_material

UPLOADS = Path(__file__).resolve().parents[3] / "shared" / "data" / "uploads"


def zipped(name: str = "slides.txt") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "words")  # without the time of day: it would be in the test's name
    return packed.getvalue()


GOOD = [
    ("slides.pdf", b"%PDF-1.7\n..."),
    ("Slides.PDF", b"%PDF-1.4"),
    ("code.zip", zipped()),
    ("code.zip", zipped("../../etc/passwd")),
    ("talk.pptx", zipped()),
    ("code.tar.gz", b"\x1f\x8b\x08..."),
    ("plot.png", b"\x89PNG\r\n\x1a\n..."),
    ("photo.jpg", b"\xff\xd8\xff\xe0..."),
    ("notes.txt", "Grüße, 世界\n".encode()),
    ("long.txt", ("x" + "€" * 30_000).encode()),
    ("lab.ipynb", b'{"cells": []}'),
    ("lab.py", b"print('hello')\n"),
]
BAD = [
    ("page.html", b"<script>alert(1)</script>", "aren't taken"),
    ("drawing.svg", b"<svg/>", "aren't taken"),
    ("setup.exe", b"MZ\x90", "aren't taken"),
    ("slides.pdf.exe", b"%PDF-1.7", "aren't taken"),
    ("slides", b"%PDF-1.7", "aren't taken"),
    ("slides.pdf", b"", "empty"),
    ("slides.pdf", b"<html>", "doesn't look like .pdf"),
    ("photo.jpg", b"\x89PNG\r\n\x1a\n", "doesn't look like .jpg"),
    ("code.zip", b"%PDF-1.7", "doesn't look like .zip"),
    ("code.zip", zipped()[:40], "incomplete"),
    ("code.tar.gz", zipped(), "doesn't look like .tar.gz"),
    ("notes.txt", b"\x7fELF\x00\x01", "text in UTF-8"),
    ("table.csv", "Größe".encode("latin-1"), "text in UTF-8"),
    ("table.csv", "Größe".encode("utf-16"), "text in UTF-8"),
]


@pytest.mark.parametrize(("name", "content"), GOOD)
def test_files_that_are_what_they_say_are_taken(name: str, content: bytes) -> None:
    check(ContentFile(content, name))


@pytest.mark.parametrize(("name", "content", "reason"), BAD)
def test_others_are_refused_with_the_reason(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check(ContentFile(content, name))


def test_a_file_over_the_limit_is_refused_with_both_figures(settings) -> None:
    settings.MATERIAL_MAX_MEGABYTES = 1

    with pytest.raises(ValidationError, match=r"has 1.2 MB; the limit is 1 MB"):
        check(ContentFile(b"%PDF-" + b"x" * 1_200_000, "slides.pdf"))


@pytest.mark.parametrize(("name", "begins"), [("photo.JPG", b"\xff\xd8\xff"), ("plot.png", b"\x89PNG\r\n\x1a\n")])
def test_photos_have_a_limit_of_their_own(name: str, begins: bytes) -> None:
    check(ContentFile(begins.ljust(20_000_000, b"x"), name))
    with pytest.raises(ValidationError, match=r"has 20.1 MB; the limit of photos is 20 MB"):
        check(ContentFile(begins.ljust(20_100_000, b"x"), name))


def test_a_lower_limit_of_all_files_is_that_of_photos_too(settings) -> None:
    settings.MATERIAL_MAX_MEGABYTES = 1

    with pytest.raises(ValidationError, match=r"has 1.2 MB; the limit is 1 MB"):
        check(ContentFile(b"\xff\xd8\xff".ljust(1_200_000, b"x"), "photo.jpg"))


@pytest.mark.skipif(not UPLOADS.exists(), reason="needs the collection of real files")
def test_of_the_real_files_only_documents_photos_and_archives_are_taken() -> None:
    taken = {path.name for path in UPLOADS.iterdir() if is_taken(path)}

    assert taken == {
        "ok-default.docx",
        "ok-default.pptx",
        "ok-minimal-document.pdf",
        "pdf-empty-js.pdf",
        "photo-hopper.jpg",
        "photo-hopper_orientation_6.jpg",
        "zip-relative-path.zip",
        "zip-slip.zip",
        "zip-truncated.zip",
        "zip-unicode-names.zip",
    }


def is_taken(path: Path) -> bool:
    try:
        check(ContentFile(path.read_bytes(), path.name))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Part 1.pdf", "Part 1.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\me\\slides.pptx", "slides.pptx"),
        ("a\x00b\nc.pdf", "abc.pdf"),
        ("safe\u202efdp.zip", "safefdp.zip"),
        ('"quoted" <b>.pdf', "quoted b.pdf"),
        (".htaccess.txt", "htaccess.txt"),
        ("Vorträge 世界.pdf", "Vorträge 世界.pdf"),
        ("x" * 300 + ".tar.gz", "x" * 113 + ".tar.gz"),
        ("", "file"),
    ],
)
def test_names_are_kept_without_what_hides_or_steers(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@pytest.mark.django_db
class TestStoredFiles:
    def test_the_row_notes_name_type_size_and_digest_and_the_disk_a_name_of_our_own(self) -> None:
        content = b"%PDF-1.7 slides"

        material = make_material(make_event(), url="", file=ContentFile(content, "../Part 1.pdf"))

        assert (material.filename, material.media_type, material.size, material.sha256) == (
            "Part 1.pdf",
            "application/pdf",
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
        assert "Part" not in material.file.name

    def test_saving_the_row_again_keeps_the_file(self) -> None:
        material = make_material(make_event(), url="", file=ContentFile(b"%PDF-1.7", "a.pdf"))

        again = Material.objects.get()
        again.title = "Another title"
        again.save()

        assert Material.objects.get().sha256 == material.sha256
        assert default_storage.exists(material.file.name)

    def test_a_replaced_file_leaves_the_disk_when_that_is_committed(self, django_capture_on_commit_callbacks) -> None:
        material = make_material(make_event(), url="", file=ContentFile(b"%PDF-1", "a.pdf"))
        old = material.file.name

        with django_capture_on_commit_callbacks() as callbacks:
            material.file = ContentFile(b"%PDF-2", "b.pdf")
            material.save()
        was_there_before_the_commit = default_storage.exists(old)
        [callback() for callback in callbacks]

        assert was_there_before_the_commit
        assert (default_storage.exists(old), default_storage.exists(material.file.name)) == (False, True)

    def test_a_file_replaced_by_a_link_leaves_no_trace(self, django_capture_on_commit_callbacks) -> None:
        material = make_material(make_event(), url="", file=ContentFile(b"%PDF-1", "a.pdf"))
        old = material.file.name

        with django_capture_on_commit_callbacks(execute=True):
            material.file, material.url = "", "https://example.org/slides"
            material.save()

        assert not default_storage.exists(old)
        assert (material.filename, material.size, material.sha256) == ("", None, "")

    @pytest.mark.parametrize("way", ["row", "rows", "event"])
    def test_the_file_goes_with_its_row(self, way: str, django_capture_on_commit_callbacks) -> None:
        event = make_event()
        material = make_material(event, url="", file=ContentFile(b"%PDF-1", "a.pdf"))
        ways = {"row": material, "rows": event.materials.all(), "event": event}

        with django_capture_on_commit_callbacks(execute=True):
            ways[way].delete()

        assert not default_storage.exists(material.file.name)
