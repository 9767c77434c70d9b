"""What tests of the outbox share: plain letters, and a real mail server."""

import pytest

from tests.portal.letters import LETTERS
from tests.smtp import recording_server


@pytest.fixture
def plain_letters(settings):
    settings.LETTERS = LETTERS
    settings.AUDIENCES = dict.fromkeys(LETTERS, "tests.portal.outbox.people_of")


@pytest.fixture
def server(settings):
    with recording_server() as running:
        settings.MAILERS = running.mailers()
        yield running
