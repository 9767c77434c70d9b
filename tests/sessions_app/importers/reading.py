"""What the tests of the readers share: made-up files, real ones where they are, and a program told in short."""

from pathlib import Path

import pytest

from sessions_app.importers import FORMATS
from sessions_app.importers.load import Loaded, load
from sessions_app.importers.report import ImportFailed, Known, Reading
from sessions_app.program import Program

FILES = Path(__file__).parent / "files"
REAL = Path(__file__).resolve().parents[4] / "shared" / "data"


def read(form: str, data: bytes, known: Known | None = None) -> Reading:
    return FORMATS[form].read(data, known or Known())


def read_file(form: str, name: str, known: Known | None = None) -> Reading:
    return read(form, (FILES / name).read_bytes(), known)


def real(name: str) -> bytes:
    path = REAL / name
    if not path.exists():
        pytest.skip("no collection of real files here")
    return path.read_bytes()


def imported(form: str, data: bytes, *, slug: str = "my-event", known: Known | None = None) -> Loaded:
    return load(slug, read(form, data, known))


def refusal(form: str, data: bytes) -> str:
    with pytest.raises(ImportFailed) as failure:
        read(form, data)
    return str(failure.value)


def times(program: Program) -> list[tuple[str, str, int]]:
    """Title, local start and minutes of each session."""
    return [
        (item.title, f"{item.start.astimezone(program.zone):%m-%d %H:%M}" if item.start else "", item.duration)
        for item in program.items
    ]
