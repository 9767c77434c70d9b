"""Style sheets, scripts and images of the pages, wherever the installation keeps them."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

IMPORTED = re.compile(
    r"""@import\s+(?:url\()?["']([^"')]+)|url\(\s*["']?([^"')]+)|\bimport\s*\(?\s*["']([^"']+)|\bfrom\s*["']([^"']+)"""
)


def contents(path: str) -> bytes | None:
    """Of the file at this path of the portal; None where there is none."""
    name = path.removeprefix(settings.STATIC_URL)
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            data: bytes = file.read()
            return data
    found = finders.find(name)
    return Path(found).read_bytes() if isinstance(found, str) else None


def needed(path: str, data: bytes) -> Iterator[str]:
    """The paths of the files that a style sheet or script names."""
    if not path.endswith((".css", ".js")):
        return
    for groups in IMPORTED.findall(data.decode("utf-8", "ignore")):
        name = next(filter(None, groups), "").split("#")[0]
        if name and not name.startswith(("data:", "http:", "https:", "/")):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
