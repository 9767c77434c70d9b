"""Uploaded files on the disk: each in full or not at all."""

import logging
from contextlib import suppress
from typing import Any

from django.core.files.storage import FileSystemStorage

logger = logging.getLogger(__name__)
NOT_STORED = "This file can't be stored now, so nothing was saved. Please try again later."


class StorageError(Exception):
    """The disk is full or takes no files; the message is shown to the user, at the field of the file."""


class WholeFileStorage(FileSystemStorage):
    def _save(self, name: str, content: Any) -> str:
        try:
            stored: str = super()._save(name, content)  # type: ignore[misc]
        except OSError as error:
            logger.exception("The file %s could not be stored.", name)
            with suppress(OSError):
                self.delete(name)
            raise StorageError(NOT_STORED) from error
        return stored
