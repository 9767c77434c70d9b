"""Registration opens: many people at once, each sending the request up to four times, some cutting the link."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from bench.figures import Figures
from bench.ground import TUTORIAL, Ground, ground
from bench.load import receive

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
event.ticket_types.update(taken=0, queue=0, capacity={seats})
event.admission.__class__.objects.update(taken=0)
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
        waits, statuses = sent(found, people, at_once)
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


def sent(found: Ground, people: int, at_once: int) -> tuple[list[float], list[str]]:
    """How long each answer took, sorted, and the statuses."""
    with ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(lambda request: send(found.product, *request), requests(found.product, people)))
    answered = [one for one in results if one is not None]
    return sorted(wait for wait, _ in answered), [status for _, status in answered]


def requests(port: int, people: int) -> Iterator[tuple[bytes, bool]]:
    """Each person's tries, shuffled; with one in ten the link is cut before the answer, but never with a last try."""
    random = Random(1)
    tries = [(number, attempt) for number in range(people) for attempt in range(random.randint(1, 4))]
    random.shuffle(tries)
    for number, attempt in tries:
        yield request_of(port, number), bool(attempt) and random.random() < 0.1


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


def send(port: int, request: bytes, is_cut: bool) -> tuple[float, str] | None:
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        if is_cut:
            return None
        answer = receive(connection)
    return time.monotonic() - start, answer.split(b" ", 2)[1].decode()
