"""An import of terms beside organizers who change them; also without the guard, to show that the test would see the
race."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import OperationalError

from portal.models import Event, EventQuerySet
from registration.models import TicketType
from registration.terms import Terms
from sessions_app.importers import read
from sessions_app.importers.load import known_of, load
from tests.factories import make_event, make_ticket_type
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
FILE = b"lectern: 1\nregistration:\n  tickets:\n  - {name: Student, capacity: 20}\n"


@pytest.fixture
def ticket_type() -> TicketType:
    return make_ticket_type(make_event(), 10, name="Student")


@pytest.fixture(autouse=True)
def pause(ticket_type: TicketType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has locked an event, or is about to renew it, waits some seconds for the other to be as far."""
    both = Barrier(2)
    lock, renew = EventQuerySet.lock, EventQuerySet.renew

    def wait(act: Callable[..., Any], is_before: bool) -> Callable[..., Any]:
        def late(*args: Any, **options: Any) -> Any:
            found = None if is_before else act(*args, **options)
            with suppress(BrokenBarrierError):
                both.wait(5)
            return act(*args, **options) if is_before else found

        return late

    monkeypatch.setattr(EventQuerySet, "lock", wait(lock, is_before=False))
    monkeypatch.setattr(EventQuerySet, "renew", wait(renew, is_before=True))


def import_and_describe(ticket_type: TicketType) -> None:
    event: Event = ticket_type.event
    ticket_type.description = "Bring your card"
    at_once(
        lambda: load(event.slug, read(FILE, known_of(event))),
        lambda: ticket_type.save(update_fields=["description"]),
    )


def test_an_import_and_a_change_of_a_ticket_come_one_after_the_other(ticket_type: TicketType) -> None:
    import_and_describe(ticket_type)

    ticket_type.refresh_from_db()
    assert (ticket_type.capacity, ticket_type.description) == (20, "Bring your card")


def test_without_the_lock_before_the_event_they_would_wait_for_each_other(
    ticket_type: TicketType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terms, "hold", lambda terms, slug: None)

    with pytest.raises(OperationalError, match="deadlock detected"):
        import_and_describe(ticket_type)
