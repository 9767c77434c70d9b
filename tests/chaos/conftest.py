"""The servers of a chaos test."""

from collections.abc import Iterator

import pytest

from tests.chaos.ground import MAILS, Scene, make_crowd
from tests.services import Production
from tests.smtp import recording_server


@pytest.fixture
def scene(production: Production) -> Iterator[Scene]:
    """A crowd with a program that isn't released yet, and a mail server that takes everything."""
    with recording_server() as post:
        yield Scene(production, post, make_crowd(MAILS))
