"""A live row that becomes public by what somebody else does at the same moment renews the pages of its event all the
same; also without the guard, to show that the test would see them go stale."""

from collections.abc import Callable
from contextlib import contextmanager
from threading import Event as Signal

import pytest
from django.db import transaction

from portal.models import Event, LiveModel
from registration.models import TicketType
from sessions_app.models import Material
from sessions_app.publishing import publish
from tests.factories import make_event, make_material, make_program, make_release, make_session, make_ticket_type
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

type Race = Callable[[Event], tuple[Callable[[], object], Callable[[], object]]]
PATIENCE = 1  # seconds that the one waits for the other, who waits for its lock where the guard is on


def materials(event: Event) -> tuple[Callable[[], object], Callable[[], object]]:
    """A release tells of a session for the first time while its slides are put up."""
    make_program(event)
    make_release(event)
    session = make_session(event.blocks.get(), "News")
    return lambda: publish(event, "final"), lambda: make_material(event, session=session)


def ticket_types(event: Event) -> tuple[Callable[[], object], Callable[[], object]]:
    """A ticket behind a code becomes the only one."""
    ticket_type = make_ticket_type(event, name="Student")
    return lambda: make_ticket_type(event, name="Guest", access_code="OPEN"), lambda: ticket_type.delete()


RACES: list[tuple[type[LiveModel], Race]] = [(Material, materials), (TicketType, ticket_types)]


@contextmanager
def held_open(begun: Signal, done: Signal):
    """A transaction that lets the other begin before it ends."""
    with transaction.atomic():
        yield
        begun.set()
        done.wait(PATIENCE)


def versions(race: Race) -> tuple[int, int]:
    """That of the event when the first of the two had ended, and the last one."""
    event, begun, done, seen = make_event(), Signal(), Signal(), []
    one, other = race(event)

    def first() -> None:
        with held_open(begun, done):
            one()
        seen.append(Event.objects.get(pk=event.pk).version)

    def second() -> None:
        begun.wait(30)
        other()
        done.set()

    at_once(first, second)
    return seen[0], Event.objects.get(pk=event.pk).version


@pytest.mark.parametrize("race", [race for _, race in RACES])
def test_what_is_decided_meanwhile_is_waited_for(race: Race) -> None:
    between, last = versions(race)

    assert last > between


@pytest.mark.parametrize(("model", "race"), RACES)
def test_without_the_lock_pages_made_in_between_would_stay(
    model: type[LiveModel], race: Race, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model, "hold", lambda *_: None)

    between, last = versions(race)

    assert last == between
