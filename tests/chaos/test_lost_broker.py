"""The broker forgets everything, and then is away."""

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests import services
from tests.chaos.ground import IS_FULL, MAILS, Scene, in_full_only, make_crowd, say, witness
from tests.services import Process, Production
from tests.smtp import recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
OUTAGE = 60 if IS_FULL else 4  # seconds
SOON = 180  # seconds after the broker is back, within which all is to be sent


class Broker:
    """A Redis that can be stopped, and comes back at the same address with nothing in it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.server: Process
        self.server, self.url = services.start_redis(directory)

    def be_away(self, seconds: float) -> None:
        self.server.kill()
        time.sleep(seconds)
        self.server, _ = services.start_redis(self.directory, int(self.url.rsplit(":", 1)[1].split("/")[0]))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    yield broker
    broker.server.kill()


@pytest.fixture
def scene(test_database_url: str, broker: Broker, tmp_path: Path) -> Iterator[Scene]:
    with recording_server() as post, Production(test_database_url, broker.url, tmp_path) as production:
        yield Scene(production, post, make_crowd(MAILS))


def answer(port: int, path: str, body: str = "") -> int:
    link = HTTPConnection("127.0.0.1", port, timeout=20)
    headers = {"Host": "localhost", "Content-Type": "application/x-www-form-urlencoded"}
    link.request("POST" if body else "GET", path, body, headers)
    status = link.getresponse().status
    link.close()
    return status


def test_a_broker_that_forgets_and_dies_delays_but_loses_nothing(scene: Scene, broker: Broker) -> None:
    scene.event.ticket_types.update(capacity=None)
    scene.start()
    scene.production.start_web()
    scene.release()

    for share in (0.1, 0.5, 0.9):
        assert scene.wait_for(int(MAILS * share)), scene.workers[0].output
        services.empty_redis(broker.url)
    broker.be_away(0)
    statuses = []
    broker.server.kill()
    for number in range(3):
        statuses.append(answer(scene.production.port, "/tutorial/schedule/"))
        person = f"name=Ada&email=ada{number}%40example.net"
        statuses.append(answer(scene.production.port, "/tutorial/register/", person))
    broker.be_away(OUTAGE)
    began = time.monotonic()
    is_done = scene.is_done(patience=SOON)

    people = set(scene.event.registrations.values_list("email", flat=True))
    seen = witness(scene, people)
    say(
        f"{MAILS} mails, broker emptied thrice and away: {len(seen.missing)} missing, {len(seen.repeated)} repeated, "
        f"done {time.monotonic() - began:.0f} s after it was back"
    )
    assert is_done, scene.workers[0].output
    assert statuses == [200, 302] * 3
    assert (seen.missing, seen.unexpected, seen.repeated) == (set(), set(), set())


@in_full_only
def test_without_the_scheduler_what_nobody_was_woken_for_would_stay(scene: Scene, broker: Broker) -> None:
    broker.server.kill()
    scene.production.environment |= {"EMAIL_URL": scene.post.url}
    scene.release()
    broker.be_away(0)

    scene.production.start_worker()

    assert not scene.is_done(patience=8)
    assert scene.post.taken == []
