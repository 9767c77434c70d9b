"""What tests of registrations share."""

import pytest
import time_machine

from tests.factories import NOON


@pytest.fixture
def still_clock():
    """Tokens carry the second they were signed in."""
    with time_machine.travel(NOON, tick=False):
        yield
