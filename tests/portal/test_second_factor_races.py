"""A code tried twice at the same moment; also without the guard, to show that the test would see the race."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine

from portal import second_factor
from portal.models import SecondFactor
from tests.factories import make_event, make_organizer
from tests.portal.factors import code_at, make_factor
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 3, 22, 12, 30, 10, tzinfo=UTC)

type Takes = Callable[[SecondFactor, str], bool]


def let_in(kind: str, takes: Takes) -> int:
    """How many of eight who come with the same code, at once."""
    factor, codes = make_factor(make_organizer(make_event()))
    code = codes[0] if kind == "recovery" else code_at(NOW)
    with time_machine.travel(NOW, tick=False):
        return at_once(*[lambda: takes(factor, code)] * 8).count(True)


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_one_is_let_in(kind: str) -> None:
    assert let_in(kind, second_factor.takes) == 1


def test_all_would_be_if_it_were_looked_at_before_it_is_marked() -> None:
    seen = Barrier(8)

    def takes(factor: SecondFactor, code: str) -> bool:
        step = second_factor.step_of(factor.secret, code)
        assert step is not None
        is_unused = SecondFactor.objects.filter(pk=factor.pk, latest__lt=step).exists()
        seen.wait(30)
        SecondFactor.objects.filter(pk=factor.pk).update(latest=step)
        return is_unused

    assert let_in("app", takes) == 8
