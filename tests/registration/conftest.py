"""What tests of registrations share."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.models import Event
from registration import consents
from tests.factories import NOON, make_event, make_ticket_type


@pytest.fixture
def still_clock():
    """Tokens carry the second they were signed in."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 2)
    return event


@pytest.fixture
def lists(settings: Any, tmp_path: Path) -> Path:
    """Where the list of erasures is; nothing is on it."""
    settings.ERASURES_FILE = tmp_path / "var" / "erasures"
    consents.logged.clear()
    return tmp_path / "var" / "erasures"


@pytest.fixture
def browser() -> Client:
    """Refuses what a real browser's cross-site protection would need a token for."""
    return Client(enforce_csrf_checks=True)
