"""Many devices at one door. The race is also run with its guards off, to show that the test would see it."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from portal.models import Event
from registration import checkin
from registration.models import CheckIn, Registration
from tests.factories import make_event, make_registration, make_ticket_type
from tests.registration.doors import make_device, scan
from tests.registration.races import at_once, unlock

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
DEVICES, PEOPLE, TIMES = 8, 12, 3


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_ticket_type(event, None)
    for number in range(DEVICES):
        make_device(event, f"Desk {number}", f"key {number}")
    return event


def device(event: Event, number: int, people: list[Registration]) -> Callable[[], list[list[tuple[int, dict]]]]:
    """Scans everybody, each scan sent again and again as on a bad network. Gives all answers of each scan."""

    def scans(person: Registration) -> list[tuple[int, dict]]:
        sent = [scan(event, person, key=f"key {number}", nonce=f"{number}-{person.pk}") for _ in range(TIMES)]
        return [(one.status_code, one.json()) for one in sent]

    return lambda: [scans(person) for person in people]


def test_each_person_comes_in_once_whoever_scans_and_however_often(event: Event) -> None:
    people = [make_registration(event) for _ in range(PEOPLE)]

    answers = [
        one for device_answers in at_once(*(device(event, n, people) for n in range(DEVICES))) for one in device_answers
    ]

    firsts = Counter(status for (status, _), *_ in answers)
    assert firsts == {201: PEOPLE, 200: PEOPLE * (DEVICES - 1)}
    assert all(first == again for first, *more in answers for again in more)
    assert CheckIn.objects.standing().count() == PEOPLE
    made = {(row.registration.uuid, row.desk) for row in CheckIn.objects.select_related("registration")}
    assert {(str(uuid), desk) for uuid, desk in made} == {
        (said["person"]["id"], said["by"]) for (_, said), *_ in answers
    }


def test_without_lock_and_constraint_some_would_come_in_twice(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    constraint = next(one for one in CheckIn._meta.constraints if one.name == "checked_in_once")
    with connection.schema_editor() as editor:
        editor.remove_constraint(CheckIn, constraint)
    unlock(monkeypatch)
    monkeypatch.setattr(checkin, "plausible", slowly(checkin.plausible))
    person = make_registration(event)

    at_once(*(device(event, n, [person]) for n in range(DEVICES)))
    count = CheckIn.objects.standing().count()
    CheckIn.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(CheckIn, constraint)

    assert count > 1


def slowly(act: Callable) -> Callable:
    """Gives the others the time to come in between."""

    def slow(*args):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.2)")
        return act(*args)

    return slow
