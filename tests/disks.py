"""A disk that takes no more."""

import errno
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage


def fill(monkeypatch: pytest.MonkeyPatch, *, after: int = 0) -> None:
    """So many files still go onto it; of the next only half does."""
    saved: list[str] = []
    save = FileSystemStorage._save  # type: ignore[attr-defined]

    def save_or_fail(self: FileSystemStorage, name: str, content: Any) -> str:
        if len(saved) < after:
            saved.append(save(self, name, content))
            return saved[-1]
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read()[: content.size // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", save_or_fail)


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]
