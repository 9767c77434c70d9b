"""Registration opens: many people at once, each sending the request up to four times, some cutting the link."""

import json
import time
from collections import deque
from collections.abc import Iterator
from random import Random

from bench.figures import Figures
from bench.ground import TUTORIAL, ground
from bench.throng import Throng, Tries

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
    figures.show(is_exact and set(statuses) == {201}, name, str(outcome | {"statuses": sorted(set(statuses))}))
    late, latest = waits[int(len(waits) * 0.95)], waits[int(len(waits) * 0.99)]
    figures.at_most(LONGEST, took, "s for all", f"{people / took:,.0f} people/s")
    figures.at_most(LATE, late, "s for 95 of 100 answers")
    figures.at_most(LATEST, latest, "s for 99 of 100 answers")


def sent(port: int, people: int, at_once: int) -> tuple[list[float], list[int]]:
    """How long each answer took, sorted, and the statuses."""
    answers = Throng(port, tries_of(port, people)).come(at_once)
    return sorted(one.wait for one in answers), [one.status for one in answers]


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
