import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from portal.storage import StorageError, WholeFileStorage
from tests.disks import files_in


class Broken(ContentFile):
    """Ends in an error of the disk."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[Any]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def storage(tmp_path: Path) -> WholeFileStorage:
    return WholeFileStorage(tmp_path)


def test_a_file_is_stored_in_full(storage: WholeFileStorage) -> None:
    name = storage.save("answers/one", ContentFile(b"words"))

    assert storage.open(name).read() == b"words"


def test_of_one_that_does_not_fit_nothing_stays(storage: WholeFileStorage, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be stored now"):
        storage.save("answers/one", Broken(b"half and half"))

    assert files_in(tmp_path) == []


def test_a_folder_that_takes_no_files_is_told_alike(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("a file, not a folder")

    with pytest.raises(StorageError):
        WholeFileStorage(tmp_path).save("answers/one", ContentFile(b"words"))


def test_the_log_says_why(storage: WholeFileStorage, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StorageError):
        storage.save("answers/one", Broken(b"half and half"))

    assert "answers/one" in caplog.text
    assert "No space left on device" in caplog.text
