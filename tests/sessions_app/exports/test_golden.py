"""Every format of a small event, byte by byte. After a change that is meant, `GOLDEN=write pytest` on this file
writes them anew for git diff to show."""

import os
from pathlib import Path

import pytest

from sessions_app import releases
from sessions_app.exports import FORMATS
from tests.sessions_app.exports.made_up import STAGES, make_made_up_event

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
GOLDEN = Path(__file__).parent / "golden"
SUFFIXES = {"ical": "ics", "frab": "xml", "c3voc": "json", "csv": "csv", "sessionize": "json", "atom": "atom"}


def golden(stage: str, name: str) -> Path:
    return GOLDEN / stage / f"{name}.{SUFFIXES[name]}"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", FORMATS)
def test_it_is_as_it_was(stage: str, name: str) -> None:
    event = make_made_up_event(list(STAGES).index(stage) + 1)
    published = releases.latest(event)
    assert published

    body = FORMATS[name][0](event, published)

    path = golden(stage, name)
    if os.environ.get("GOLDEN") == "write" and body:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(body)
    assert body == (path.read_bytes() if path.exists() else None)
