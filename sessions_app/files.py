"""Uploaded files: which are taken, what is noted of them, and when they leave the disk."""

import hashlib
import logging
import unicodedata
from codecs import getincrementaldecoder
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any
from zipfile import is_zipfile

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver

from sessions_app import photos

logger = logging.getLogger(__name__)
NAME_LENGTH = 120
LOOKED_AT = 65536  # bytes of a text file
PHOTOS = {"jpg", "jpeg", "png"}
PHOTO_MAX_MEGABYTES = 20  # several times that in memory while it is stripped
ZIP, GZIP, TEXT = (b"PK\x03\x04",), (b"\x1f\x8b",), ()


@dataclass(frozen=True)
class Kind:
    """A type of file that is taken: how it is served, and how its content begins (text has no signature)."""

    media_type: str
    signatures: tuple[bytes, ...]


OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    "pdf": Kind("application/pdf", (b"%PDF-",)),
    "pptx": Kind(f"{OFFICE}.presentationml.presentation", ZIP),
    "docx": Kind(f"{OFFICE}.wordprocessingml.document", ZIP),
    "xlsx": Kind(f"{OFFICE}.spreadsheetml.sheet", ZIP),
    "odp": Kind("application/vnd.oasis.opendocument.presentation", ZIP),
    "odt": Kind("application/vnd.oasis.opendocument.text", ZIP),
    "ods": Kind("application/vnd.oasis.opendocument.spreadsheet", ZIP),
    "key": Kind("application/vnd.apple.keynote", ZIP),
    "zip": Kind("application/zip", ZIP),
    "tar.gz": Kind("application/gzip", GZIP),
    "tgz": Kind("application/gzip", GZIP),
    "png": Kind("image/png", (b"\x89PNG\r\n\x1a\n",)),
    "jpg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "jpeg": Kind("image/jpeg", (b"\xff\xd8\xff",)),
    "gif": Kind("image/gif", (b"GIF87a", b"GIF89a")),
    "ipynb": Kind("application/x-ipynb+json", TEXT),
    "json": Kind("application/json", TEXT),
    "py": Kind("text/x-python", TEXT),
    "txt": Kind("text/plain", TEXT),
    "md": Kind("text/markdown", TEXT),
    "csv": Kind("text/csv", TEXT),
}


@dataclass(frozen=True)
class Examined:
    """What a material's row keeps of its file."""

    filename: str
    media_type: str
    size: int
    sha256: str


def clean_name(name: str) -> str:
    """The last part of a path, without characters that hide or steer, short, and with its extension."""
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C" and letter not in '<>:"|?*;')
    plain = " ".join(shown.split()).lstrip(". ")
    extension = extension_of(plain)
    stem = plain[: -len(extension) - 1] if extension else plain
    tail = f".{extension}" if extension else ""
    return f"{stem[: NAME_LENGTH - len(tail)].strip() or 'file'}{tail}"


def extension_of(name: str) -> str:
    """In small letters, without the dot; "tar.gz" counts as one."""
    lower = name.lower()
    return "tar.gz" if lower.endswith(".tar.gz") else PurePosixPath(lower).suffix[1:]


def check(upload: File) -> None:
    """Raises ValidationError with the reason why this file isn't taken. Nothing is unpacked or decoded."""
    extension = extension_of(clean_name(upload.name or ""))
    kind = KINDS.get(extension)
    if kind is None:
        raise ValidationError(f"Files of this type aren't taken. Use one of: {', '.join(KINDS)}; or put it in a zip.")
    if not upload.size:
        raise ValidationError("This file is empty.")
    limit, of = settings.MATERIAL_MAX_MEGABYTES, ""
    if extension in PHOTOS and limit > PHOTO_MAX_MEGABYTES:
        limit, of = PHOTO_MAX_MEGABYTES, " of photos"
    if upload.size > limit * 1_000_000:
        raise ValidationError(
            f"This file has {upload.size / 1_000_000:.1f} MB; the limit{of} is {limit} MB. "
            "Put it elsewhere and give a link."
        )
    check_content(upload, extension, kind)


def check_content(upload: File, extension: str, kind: Kind) -> None:
    upload.seek(0)
    if kind.signatures == TEXT and not is_text(upload):
        raise ValidationError(f"A .{extension} file has to be text in UTF-8; this one isn't.")
    if kind.signatures != TEXT and not upload.read(16).startswith(kind.signatures):
        raise ValidationError(f"This file's content isn't what its name says: it doesn't look like .{extension}.")
    if kind.signatures == ZIP and not is_zipfile(upload):
        raise ValidationError("This file is incomplete: its end is missing. Upload it again.")
    upload.seek(0)


def is_text(upload: File) -> bool:
    """UTF-8 without control characters, as far as its beginning tells."""
    beginning = upload.read(LOOKED_AT)
    try:
        text = getincrementaldecoder("utf-8")().decode(beginning, final=len(beginning) < LOOKED_AT)
    except UnicodeDecodeError:
        return False
    return not any(letter < " " and letter not in "\t\n\r\f" for letter in text)


def prepared(upload: File) -> File:
    """The file as it is kept: photos without what cameras write into them."""
    if extension_of(upload.name or "") not in PHOTOS:
        return upload
    upload.seek(0)
    return ContentFile(photos.bare(upload.read()), upload.name)


def examine(upload: File) -> Examined:
    name = clean_name(upload.name or "")
    kind = KINDS.get(extension_of(name))
    digest = hashlib.sha256()
    upload.seek(0)
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return Examined(name, kind.media_type if kind else "application/octet-stream", upload.size, digest.hexdigest())


def discard(storage: Any, name: str) -> None:
    """Remove a stored file once the transaction that no longer needs it is committed."""
    transaction.on_commit(partial(remove, storage, name))


def remove(storage: Any, name: str) -> None:
    try:
        storage.delete(name)
    except OSError:
        logger.exception("The file %s could not be removed.", name)


@receiver(post_delete, sender="sessions_app.Material")
def discard_file(instance: Any, **kwargs: Any) -> None:
    """A signal, because a row that goes with its event calls no method of its own."""
    if instance.file:
        discard(instance.file.storage, instance.file.name)
