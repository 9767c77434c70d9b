"""Events of one family changed at the same moment; also without the guard, to show that the test would see the race."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import OperationalError

from portal.models import Event, EventQuerySet
from tests.factories import make_event
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

type Act = Callable[[Event], object]
ACTS: dict[str, Act] = {
    "save": lambda guest: guest.save(),
    "delete": lambda guest: guest.delete(),
    "delete_rows": lambda guest: Event.objects.filter(pk=guest.pk).delete(),
}


@pytest.fixture
def guest() -> Event:
    return make_event(host=make_event())


@pytest.fixture(autouse=True)
def pause(guest: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has changed one event waits a second for the other to be as far, before renewing their pages."""
    both, renew = Barrier(2), EventQuerySet.renew

    def late(rows: EventQuerySet) -> int:
        with suppress(BrokenBarrierError):
            both.wait(1)
        return renew(rows)

    monkeypatch.setattr(EventQuerySet, "renew", late)


@pytest.mark.parametrize("act", ACTS)
def test_a_host_and_its_guest_are_changed_one_after_the_other(guest: Event, act: str) -> None:
    host = Event.objects.get(pk=guest.host_id)
    version = host.version

    at_once(host.save, lambda: ACTS[act](guest))

    host.refresh_from_db()
    assert host.version == version + 2


@pytest.mark.parametrize("act", ACTS)
def test_without_the_lock_they_would_wait_for_each_other(
    guest: Event, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Event.objects.get(pk=guest.host_id)
    monkeypatch.setattr(EventQuerySet, "lock", lambda rows, **_: list(rows.values_list("pk", flat=True)))

    with pytest.raises(OperationalError, match="deadlock detected"):
        at_once(host.save, lambda: ACTS[act](guest))
