"""The folder of an archive: made aside, and put in its place when it is whole."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARK = "archive.json"


class Occupied(Exception):
    """Why a folder can't be taken for an archive."""


def check(folder: Path, event: str) -> None:
    """An empty or missing folder, or one with an older archive of this event. Raises Occupied."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Occupied(f"{folder} is not a folder.")
    if any(folder.iterdir()) and marked_for(folder) != event:
        raise Occupied(f"{folder} is not empty, and holds no archive of {event}. Choose another folder.")


def marked_for(folder: Path) -> str:
    """The address of the event whose archive this is; empty where it is none."""
    try:
        found = json.loads((folder / MARK).read_text())
    except (OSError, ValueError):
        return ""
    return str(found.get("event", "")) if isinstance(found, dict) else ""


@contextmanager
def replacing(folder: Path, event: str, address: str) -> Iterator[Path]:
    """A new folder to write into, which takes the place of the old one if all goes well. Raises Occupied."""
    check(folder, event)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    made, old = aside / "new", aside / "old"
    made.mkdir()
    try:
        yield made
        (made / MARK).write_text(json.dumps({"event": event, "from": address}, indent=2) + "\n")
        if folder.exists():
            folder.rename(old)
        made.rename(folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
