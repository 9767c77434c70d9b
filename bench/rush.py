"""Registration opens: many people at once, each sending the request up to four times, some cutting the link."""

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import cast

from bench.figures import Figures
from bench.ground import TUTORIAL, ground

LONGEST = 30.0  # seconds for all of it
LATE, LATEST = 1.0, 3.0  # seconds until all but 5 and all but 1 of 100 are answered
OUTCOME = """
import json
from collections import Counter
from portal.invariants import problems
from portal.models import Event
event = Event.objects.get(slug="{slug}")
states = Counter(event.registrations.values_list("state", flat=True))
print(json.dumps({{"states": states, "mails": event.mails.count(), "problems": problems()}}))
"""
OPENING = """
from portal.models import Event
from registration import booking
event = Event.objects.get(slug="{slug}")
event.mails.all().delete()
event.registrations.all().delete()
event.ticket_types.update(taken=0, waiting=0, capacity={seats})
event.admission.__class__.objects.update(taken=0, queue=0)
"""


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    rush("postgres", figures, seats=500, people=1500, at_once=200)
    rush("sqlite", figures, seats=100, people=300, at_once=20)
    return figures.are_reached


def rush(database: str, figures: Figures, *, seats: int, people: int, at_once: int) -> None:
    with ground(database) as found:
        found.production.manage("shell", "-v0", "-c", OPENING.format(slug=TUTORIAL, seats=seats))
        start = time.monotonic()
        waits, statuses = sent(found.product, people, at_once)
        took = time.monotonic() - start
        said = found.production.manage("shell", "-v0", "-c", OUTCOME.format(slug=TUTORIAL))
    outcome = json.loads(said.strip().splitlines()[-1])
    exact = {"pending": seats, "waitlisted": people - seats}
    is_exact = outcome["states"] == exact and outcome["mails"] == people and not outcome["problems"]
    name = f"{people} people for {seats} seats on {database}: each in one state, with one mail"
    figures.show(is_exact and set(statuses) == {"201"}, name, str(outcome | {"statuses": sorted(set(statuses))}))
    late, latest = waits[int(len(waits) * 0.95)], waits[int(len(waits) * 0.99)]
    figures.at_most(LONGEST, took, "s for all", f"{people / took:,.0f} people/s")
    figures.at_most(LATE, late, "s for 95 of 100 answers")
    figures.at_most(LATEST, latest, "s for 99 of 100 answers")


type Tries = deque[tuple[bytes, bool]]  # requests of one person, and whether the link is cut before the answer


class Crowd:
    """People of whom each tries again when answered, or at once where the link was cut. One thread does it for all of
    them, so that it is the product that has the processors."""

    def __init__(self, port: int, people: Iterable[Tries]) -> None:
        self.port, self.people = port, iter(people)
        self.selector = selectors.DefaultSelector()
        self.answers: list[tuple[float, str]] = []  # how long each took, and its status

    def come(self, at_once: int) -> None:
        for tries in islice(self.people, at_once):
            self.go_on(tries)
        while self.selector.get_map():
            for key, _ in self.selector.select():
                self.read(key)

    def go_on(self, tries: Tries) -> None:
        """With the next try, or the next person."""
        while tries or (tries := next(self.people, deque())):
            request, is_cut = tries.popleft()
            start = time.monotonic()
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            connection.sendall(request)
            if not is_cut:
                self.selector.register(connection, selectors.EVENT_READ, (start, tries, bytearray()))
                return
            connection.close()

    def read(self, key: selectors.SelectorKey) -> None:
        """A piece of an answer; with its end the server closes."""
        connection, (start, tries, answer) = cast(socket.socket, key.fileobj), key.data
        if piece := connection.recv(1 << 16):
            answer += piece
            return
        self.selector.unregister(connection)
        connection.close()
        self.answers.append((time.monotonic() - start, answer.split(b" ", 2)[1].decode()))
        self.go_on(tries)


def sent(port: int, people: int, at_once: int) -> tuple[list[float], list[str]]:
    """How long each answer took, sorted, and the statuses."""
    crowd = Crowd(port, tries_of(port, people))
    crowd.come(at_once)
    return sorted(wait for wait, _ in crowd.answers), [status for _, status in crowd.answers]


def tries_of(port: int, people: int) -> Iterator[Tries]:
    """One to four of each person; with one in ten the link is cut before the answer, but never with the last one."""
    random = Random(1)
    for number in range(people):
        request = request_of(port, number)
        again = [(request, random.random() < 0.1) for _ in range(random.randint(0, 3))]
        yield deque([*again, (request, False)])


def request_of(port: int, number: int) -> bytes:
    body = json.dumps({"name": f"Person {number}", "email": f"person{number}@example.org"})
    lines = [
        f"POST /api/v1/events/{TUTORIAL}/registrations/ HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: close",
        "Content-Type: application/json",
        f"Idempotency-Key: key-{number}",
        f"Content-Length: {len(body)}",
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()
