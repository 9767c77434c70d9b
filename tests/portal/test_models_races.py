"""Events of one family changed at the same moment; also without the guard, to show that the test would see the race."""

from collections.abc import Callable
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, get_ident
from time import sleep

import pytest
from django.db import OperationalError

from portal.models import Event, EventQuerySet
from sessions_app.importers import read
from sessions_app.importers.load import known_of, load
from sessions_app.redaction import redact
from tests.factories import make_event, make_program
from tests.registration.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

type Act = Callable[[Event], object]
FILE = b"lectern: 1\nevent:\n  title: Winter School\nblocks:\n- sessions:\n  - {title: Part 1, duration: 60}\n"
ACTS: dict[str, Act] = {
    "save": lambda guest: guest.save(),
    "delete": lambda guest: guest.delete(),
    "delete_rows": lambda guest: Event.objects.filter(pk=guest.pk).delete(),
    "redact": lambda guest: redact(guest.speakers.get()),
    "import": lambda guest: load(guest.slug, read(FILE, known_of(guest))),
}


@pytest.fixture
def guest() -> Event:
    guest = make_event(host=make_event())
    make_program(guest)
    return guest


@pytest.fixture
def patience(request: pytest.FixtureRequest) -> float:
    """Seconds. Where the guard is on the other comes later than that anyway."""
    return 5 if request.function is test_without_the_lock_they_would_wait_for_each_other else 1


@pytest.fixture
def save_host(guest: Event, patience: float, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Whoever has changed one event waits for the other to be as far, before renewing their pages, the guest's first;
    then this lets the other go first."""
    host, both, renew = Event.objects.get(pk=guest.host_id), Barrier(2), EventQuerySet.renew
    patient: list[int] = []

    def late(rows: EventQuerySet) -> int:
        with suppress(BrokenBarrierError):
            both.wait(patience)
        sleep(patience / 5 if get_ident() in patient else 0)
        return sum(renew(Event.objects.filter(pk=pk)) for pk in rows.order_by("-pk").values_list("pk", flat=True))

    def save() -> None:
        patient.append(get_ident())
        host.save()

    monkeypatch.setattr(EventQuerySet, "renew", late)
    return save


@pytest.mark.parametrize("act", ACTS)
def test_a_host_and_its_guest_are_changed_one_after_the_other(
    guest: Event, act: str, save_host: Callable[[], None]
) -> None:
    version = Event.objects.get(pk=guest.host_id).version

    at_once(save_host, lambda: ACTS[act](guest))

    assert Event.objects.get(pk=guest.host_id).version == version + 2


@pytest.mark.parametrize("act", ACTS)
def test_without_the_lock_they_would_wait_for_each_other(
    guest: Event, act: str, save_host: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventQuerySet, "lock", lambda rows, **_: list(rows.values_list("pk", flat=True)))

    with pytest.raises(OperationalError, match="deadlock detected"):
        at_once(save_host, lambda: ACTS[act](guest))
