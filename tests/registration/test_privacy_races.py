"""A person who is forgotten twice at the same moment; also without the guard, to show that the test would see the
race."""

from contextlib import suppress
from datetime import date
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from portal.models import Event
from registration import answers, booking, privacy, purging
from registration.models import Choice, Question, Registration
from tests.factories import make_event, make_question, make_ticket_type
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("lists")]


@pytest.fixture
def event() -> Event:
    event = make_event(starts_on=date(2026, 3, 22))
    make_ticket_type(event)
    return event


@pytest.fixture
def shirt(event: Event) -> Question:
    return make_question(event, kind="choice", choices=("M",), retention_days=0)


@pytest.fixture
def ada(event: Event, shirt: Question, monkeypatch: pytest.MonkeyPatch) -> Registration:
    """She and Bea have chosen a shirt. Whoever frees one waits some seconds for the other to be as far."""
    ada, _ = (booking.register(event, name=one, email=f"{one}@example.org", answers={shirt: "M"}) for one in "ab")
    both, free = Barrier(2), answers.free_choices

    def late(answered: Any) -> None:
        found = list(answered)
        with suppress(BrokenBarrierError):
            both.wait(3)
        free(found)

    monkeypatch.setattr(answers, "free_choices", late)
    return ada


def forget_twice(ada: Registration) -> int:
    at_once(lambda: privacy.erase(ada), lambda: privacy.erase(Registration.objects.get(pk=ada.pk)))
    return Choice.objects.get().taken


def test_what_a_person_chose_is_freed_once(ada: Registration) -> None:
    assert forget_twice(ada) == 1


def test_without_the_guard_it_is_freed_twice(ada: Registration, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registration.ledger.hold", lambda event: True)

    assert forget_twice(ada) == 0


def test_an_answer_whose_term_ends_while_its_person_is_forgotten_is_freed_once(
    ada: Registration, shirt: Question
) -> None:
    at_once(lambda: privacy.erase(ada), lambda: purging.purge_question(Question.objects.get(pk=shirt.pk)))

    assert Choice.objects.get().taken == 0
