"""Two organizers press release at the same moment, again and again."""

import threading
from collections import Counter

import pytest
from django.db import connection
from django.test import Client

from portal.models import Event
from sessions_app import publishing
from tests.chaos.ground import make_crowd, say
from tests.factories import make_organizer
from tests.filling import fields_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 30
PRESSES = 20


def page_of(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/release/?stage=final"


def look(event: Event) -> dict[str, str]:
    """What the button would send."""
    client = Client()
    client.force_login(make_organizer(event))
    return fields_of(client.get(page_of(event)))


def press_together(event: Event, form: dict[str, str]) -> Counter[int]:
    """The answers to twenty POSTs at once, of two people who have looked at the same page."""
    clients = [Client(raise_request_exception=False) for _ in range(2)]
    for client in clients:
        client.force_login(make_organizer(event))
    statuses: Counter[int] = Counter()
    start = threading.Barrier(PRESSES)

    def press(client: Client) -> None:
        start.wait()
        statuses[client.post(page_of(event), form).status_code] += 1
        connection.close()

    threads = [threading.Thread(target=press, args=(clients[number % 2],)) for number in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_one_release_is_made_and_everybody_told_once() -> None:
    event = make_crowd(PEOPLE)
    form = look(event)

    statuses = press_together(event, form)
    late = press_together(event, form)

    say(f"{PRESSES} presses: {dict(statuses)}, then {dict(late)}")
    assert statuses == {302: 1, 409: PRESSES - 1}
    assert late == {409: PRESSES}
    assert event.releases.count() == 1
    assert Counter(event.mails.values_list("address", flat=True)) == Counter(
        event.registrations.values_list("email", flat=True)
    )


def test_without_the_lock_they_would_get_in_each_others_way(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_crowd(PEOPLE)
    form = look(event)
    monkeypatch.setattr(type(publishing.Event.objects.all()), "select_for_update", lambda rows, **options: rows)

    statuses = press_together(event, form)

    assert statuses != {302: 1, 409: PRESSES - 1}
