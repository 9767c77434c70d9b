"""Photos are kept without the place where they were taken."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sessions_app import photos
from sessions_app.models import Material
from tests.factories import make_event

JPEG = photos.JPEG
GPS, ORIENTATION, CAMERA = 0x8825, 0x0112, 0x010F
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>CANARY</x:xmpmeta>"


def photo(kind: str = "JPEG", orientation: int = 6, **options: Any) -> bytes:
    image, exif, file = Image.new("RGB", (40, 30), "teal"), Image.Exif(), io.BytesIO()
    exif[ORIENTATION], exif[CAMERA] = orientation, "CANARY"
    exif.get_ifd(GPS)[1], exif.get_ifd(GPS)[2] = "N", (40.0, 26.0, 46.0)
    image.save(file, kind, exif=exif, **options)
    return file.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_loses_all_but_which_way_up_it_is(orientation: int) -> None:
    content = photo(orientation=orientation, comment="CANARY", xmp=XMP)

    kept = photos.bare(content)

    assert dict(opened(kept).getexif()) == {ORIENTATION: orientation}
    assert dict(opened(content).getexif().get_ifd(GPS)) != {}
    assert (b"CANARY" in content, b"CANARY" in kept) == (True, False)
    assert opened(kept).tobytes() == opened(content).tobytes()


def test_a_png_loses_its_texts_too() -> None:
    texts = PngInfo()
    texts.add_text("Comment", "CANARY")
    texts.add_itxt("XML:com.adobe.xmp", "CANARY")
    content = photo("PNG", pnginfo=texts)

    kept = photos.bare(content)

    assert dict(opened(kept).getexif()) == {}
    assert (b"CANARY" in content, b"CANARY" in kept) == (True, False)
    assert opened(kept).tobytes() == opened(content).tobytes()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


CANARY_EXIF = segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0CANARY")


def test_pictures_and_metadata_behind_the_end_of_a_jpeg_go() -> None:
    index = segment(0xE2, b"MPF\0II*\0CANARY")
    content = photo().replace(JPEG, JPEG + index, 1) + photo(comment="CANARY")

    kept = photos.bare(content)

    assert (content.count(b"CANARY"), kept.count(b"CANARY")) == (4, 0)
    assert kept == photos.bare(photo())
    assert opened(kept).format == "JPEG"


@pytest.mark.parametrize("marker", range(0xE3, 0xF0))
def test_what_other_programs_write_into_a_jpeg_goes(marker: int) -> None:
    content = photo().replace(JPEG, JPEG + segment(marker, b"CANARY"), 1)

    assert photos.bare(content) == photos.bare(photo())


def test_metadata_between_the_scans_of_a_jpeg_go() -> None:
    plain = photo(progressive=True)
    scans = [place for place in range(len(plain)) if plain.startswith(b"\xff\xda", place)]
    content = plain[: scans[-1]] + CANARY_EXIF + segment(0xFE, b"CANARY") + plain[scans[-1] :]

    kept = photos.bare(content)

    assert len(scans) > 1
    assert b"CANARY" not in kept
    assert opened(kept).tobytes() == opened(plain).tobytes()


def test_bytes_between_the_segments_of_a_jpeg_hide_none() -> None:
    content = photo().replace(JPEG, JPEG + b"CANARY\xff\xff" + CANARY_EXIF, 1)

    assert b"CANARY" not in photos.bare(content)


def test_colors_stay_what_they_are() -> None:
    file, profile = io.BytesIO(), b"a profile of colors"
    Image.new("CMYK", (40, 30), (9, 99, 199, 0)).save(file, "JPEG", icc_profile=profile)

    kept = opened(photos.bare(file.getvalue()))

    assert (kept.mode, kept.info["icc_profile"]) == ("CMYK", profile)
    assert kept.tobytes() == opened(file.getvalue()).tobytes()


def test_what_other_programs_write_into_a_png_or_behind_it_goes() -> None:
    chunk = (6).to_bytes(4) + b"caBX" + b"CANARY" + bytes(4)
    content = photo("PNG")
    content = content[:33] + chunk + content[33:] + photo("PNG")

    assert photos.bare(content) == photos.bare(photo("PNG"))


def test_the_order_of_bytes_is_the_cameras() -> None:
    little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0"

    assert photos.orientation_of(little) == 8


@pytest.mark.parametrize("length", [*range(0, 200, 7), 400])
def test_what_ends_too_early_or_is_none_is_no_error(length: int) -> None:
    for content in (photo(), photo("PNG"), b"%PDF-1.4 Exif", b"\xff\xd8" + b"\xff\xe1\0\x10Exif\0\0II" * 9):
        assert photos.bare(content[:length])[:1] == content[:length][:1]


def test_a_segment_without_an_end_is_no_loop() -> None:
    assert photos.bare(b"\xff\xd8" + b"\xff\xe0\0\0" * 1000)


def test_a_long_run_of_fill_bytes_is_read_once() -> None:
    """Each of them looked at as often as there are more behind it would take an hour, and hold up everybody else."""
    fill = b"\xff" * 1_000_000

    assert photos.bare(b"\xff\xd8\xff\xda\0\2" + fill + b"\0").startswith(b"\xff\xd8\xff\xda\0\2\xff")
    assert photos.bare(b"\xff\xd8" + fill + b"\xfe\0\4xx" + photo()[2:]) == photos.bare(photo())


@pytest.mark.django_db
def test_a_material_is_kept_so(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path

    made = Material.objects.create(event=make_event(), title="Photo", file=ContentFile(photo(), "photo.JPG"))

    kept = made.file.read()
    assert (b"CANARY" in kept, made.size, made.media_type) == (False, len(kept), "image/jpeg")
