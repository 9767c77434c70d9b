"""The door by day: who came yesterday comes in anew today."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from portal.models import Event
from registration.models import CheckIn, Registration
from tests.factories import NOON, make_event, make_program, make_registration, make_release
from tests.registration.doors import KEY, address, make_device, scan

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_device(event)
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    return make_registration(event, name="Ada")


def test_the_door_lets_in_once_on_each_day_of_the_event(event: Event, ada: Registration) -> None:
    answers = []
    for hours in (0, 1, 24, 25):
        with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
            answers.append(scan(event, ada))

    said = [(one.status_code, one.json()["at"], one.json()["day"]) for one in answers]
    assert said == [
        (201, "2026-01-15T12:00:00+00:00", "2026-01-15"),
        (200, "2026-01-15T12:00:00+00:00", "2026-01-15"),
        (201, "2026-01-16T12:00:00+00:00", "2026-01-16"),
        (200, "2026-01-16T12:00:00+00:00", "2026-01-16"),
    ]


def test_an_evening_past_midnight_is_part_of_its_day(event: Event, ada: Registration) -> None:
    night, morning = NOON + timedelta(hours=20, minutes=59), NOON + timedelta(hours=21)  # 03:59, 04:00 in New York

    with time_machine.travel(morning, tick=False):
        answers = [scan(event, ada, at=at.isoformat()) for at in (NOON, night, morning)]

    assert [one.status_code for one in answers] == [201, 200, 201]


def test_a_scan_sent_again_the_next_day_is_still_that_of_its_day(event: Event, ada: Registration) -> None:
    with time_machine.travel(NOON, tick=False):
        first = scan(event, ada, nonce="n1")
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        again = scan(event, ada, nonce="n1")

    assert (again.status_code, again.json()) == (201, first.json())
    assert CheckIn.objects.get().day == date(2026, 1, 15)


def test_undone_today_is_not_undone_yesterday(event: Event, ada: Registration) -> None:
    made = []
    for days in (0, 1):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            made.append(scan(event, ada).json()["id"])

    Client().delete(address(event, f"{made[1]}/"), headers={"Authorization": f"Bearer {KEY}"})

    assert CheckIn.objects.standing().get().pk == made[0]


def test_who_is_in_is_counted_anew_each_day(event: Event, ada: Registration) -> None:
    counts = []
    with time_machine.travel(NOON, tick=False):
        scan(event, ada)
    for days in (0, 1):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            news = Client().get(address(event), headers={"Authorization": f"Bearer {KEY}"}).json()
            counts.append((news["count"], len(news["check_ins"])))

    assert counts == [(1, 1), (0, 1)]


def test_a_session_is_attended_once_whatever_the_day(event: Event, ada: Registration) -> None:
    first, *_ = make_program(event)
    make_release(event)
    answers = []
    for days in (0, 1):
        with time_machine.travel(NOON + timedelta(days=days), tick=False):
            answers.append(scan(event, ada, session=str(first.uuid)))

    assert [(one.status_code, one.json()["day"]) for one in answers] == [(201, None), (200, None)]
