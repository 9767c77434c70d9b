"""The web server's worker killed like by the kernel's memory guard, at rest and again and again while people
register."""

import os
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from portal.models import Event
from tests.chaos.ground import IS_FULL, PATIENCE, in_full_only, say
from tests.factories import make_event, make_ticket_type
from tests.services import Process, Production, wait_until

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
PEOPLE, SEATS, KILLS = (300, 200, 20) if IS_FULL else (60, 40, 3)
AT_ONCE = 8


def children(process: Process) -> list[int]:
    pid = process.child.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def status(port: int) -> int:
    """0 where nobody answers."""
    link = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/healthz", headers={"Host": "localhost"})
        return link.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        link.close()


def test_a_killed_web_worker_is_replaced(production: Production) -> None:
    web = production.start_web()
    assert wait_until(lambda: status(production.port) == 200)
    killed = children(web)

    for worker in killed:
        os.kill(worker, signal.SIGKILL)

    assert wait_until(lambda: status(production.port) == 200 and not set(children(web)) & set(killed)), web.output


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, SEATS)
    event.admission.confirms_at_once = True
    event.admission.save()
    return event


def register(port: int, number: int) -> int:
    """As a person does whose page didn't come: again, until it is answered. The status, 0 where nothing ever came."""
    body = f"name=Person+{number}&email={address(number)}"
    headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        link = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request("POST", "/tutorial/register/", body, headers)
            return link.getresponse().status
        except (OSError, HTTPException):
            time.sleep(0.1)
        finally:
            link.close()
    return 0


def address(number: int) -> str:
    return f"person{number}@example.org"


def rush(production: Production) -> list[int]:
    """Everybody registers, while the web server's worker is killed again and again. How each was answered."""
    web = production.start_web()
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = [crowd.submit(register, production.port, number) for number in range(PEOPLE)]
        for kill in range(1, KILLS + 1):
            wait_for(web, answers, PEOPLE * kill // (KILLS + 1))
            for worker in children(web):
                os.kill(worker, signal.SIGKILL)
        wait_for(web, answers, PEOPLE)
    return [one.result() for one in answers]


def wait_for(web: Process, answers: list[Future[int]], count: int) -> None:
    """Until so many are answered. A server that gives up is started again, as a process manager does."""

    def is_reached() -> bool:
        if web.child.poll() is not None:
            web.start()
        return sum(one.done() for one in answers) >= count

    assert wait_until(is_reached, patience=PATIENCE), web.output


def told(event: Event) -> set[tuple[str, str]]:
    """Who was told what."""
    return set(event.mails.filter(kind__in=["confirmed", "waitlisted"]).values_list("address", "kind"))


def test_who_tries_again_is_registered_once_and_told_once(production: Production, event: Event) -> None:
    answers = rush(production)

    states = dict(event.registrations.values_list("email", "state"))
    counts = [list(states.values()).count(state) for state in ("confirmed", "waitlisted")]
    say(f"{PEOPLE} people, {KILLS} kills of the web worker: {counts[0]} confirmed, {counts[1]} wait")
    assert answers == [302] * PEOPLE
    assert states.keys() == {address(number) for number in range(PEOPLE)}
    assert counts == [SEATS, PEOPLE - SEATS]
    assert told(event) == set(states.items())
    assert event.mails.filter(kind__in=["confirmed", "waitlisted"]).count() == PEOPLE
    production.manage("check_invariants")


@in_full_only
def test_without_one_transaction_for_both_somebody_would_never_be_told(production: Production, event: Event) -> None:
    production.environment |= {"DJANGO_SETTINGS_MODULE": "tests.chaos.switched", "SWITCHED_OFF": "togetherness"}

    rush(production)

    assert told(event) < set(event.registrations.values_list("email", "state"))
