"""Organizers who press at the same moment; also without the guard, to show that the test would see the race."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test import Client

from portal.models import Event, EventQuerySet
from registration import booking
from sessions_app.publishing import publish
from tests.factories import make_event, make_organizer, make_program, make_registration
from tests.filling import fields_of
from tests.services import wait_until

TIMES = 20
PEOPLE = 5
BROKEN = 500

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_program(event)
    for _ in range(PEOPLE):
        make_registration(event)
    return event


def page_of(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/release/?stage=final"


def organizers(event: Event) -> Iterator[Client]:
    """The browsers of two people, in turn."""
    users = [make_organizer(event), make_organizer(event)]
    for turn in range(TIMES):
        client = Client()
        client.force_login(users[turn % 2])
        yield client


def press_at_once(event: Event) -> list[int]:
    """The statuses of as many presses of the button that all start together, each after a look at the page."""
    clients = list(organizers(event))
    forms = [fields_of(client.get(page_of(event))) for client in clients]
    start = Barrier(TIMES)

    def press(number: int) -> int:
        try:
            start.wait(30)
            return clients[number].post(page_of(event), forms[number]).status_code
        except IntegrityError:
            return BROKEN
        finally:
            connections.close_all()

    with ThreadPoolExecutor(TIMES) as threads:
        return list(threads.map(press, range(TIMES)))


def test_of_twenty_presses_one_makes_the_release_and_the_others_are_told_so(event: Event) -> None:
    late = next(organizers(event))
    form = fields_of(late.get(page_of(event)))

    statuses = press_at_once(event)
    last = late.post(page_of(event), form)

    addresses = Counter(event.mails.values_list("address", flat=True))
    assert Counter(statuses) == {302: 1, 409: TIMES - 1}
    assert last.status_code == 409
    assert "Release 1 was made in the meantime. Look at the changes again." in last.text
    assert event.releases.count() == 1
    assert addresses == Counter(event.registrations.values_list("email", flat=True))


@pytest.mark.postgres
def test_what_changes_while_a_press_waits_is_not_released(event: Event) -> None:
    client = next(organizers(event))
    form = fields_of(client.get(page_of(event)))

    def press() -> int:
        try:
            return client.post(page_of(event), form).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Event.objects.select_for_update().get(pk=event.pk)
            event.sessions.update(title="Another title")
            pressed = threads.submit(press)
            assert wait_until(somebody_waits)

        assert (pressed.result(), event.releases.count()) == (409, 0)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


@pytest.mark.postgres
def test_without_the_lock_some_would_get_an_error_page(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventQuerySet, "select_for_update", lambda rows, **_: rows)

    statuses = press_at_once(event)

    assert statuses.count(BROKEN) > 0


def register_in_time(event: Event) -> str:
    """Waits for a lock five seconds at most."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        return booking.register(event, name="Ada", email="ada@example.org").state
    finally:
        connections.close_all()


@pytest.mark.postgres
def test_people_register_while_a_release_is_made(event: Event) -> None:
    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        publish(event, "final")
        state = threads.submit(register_in_time, event).result()

    assert state == "pending"


@pytest.mark.postgres
def test_a_stricter_lock_would_keep_them_waiting(event: Event) -> None:
    with transaction.atomic(), ThreadPoolExecutor(1) as threads:
        Event.objects.select_for_update().get(pk=event.pk)
        waiting = threads.submit(register_in_time, event)

        with pytest.raises(OperationalError, match="lock timeout"):
            waiting.result()
