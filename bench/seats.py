"""A rush seen from outside: what people are answered, who has a seat in the end, and whether all the while nobody had
one too many."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Event, Thread
from typing import Any

import psycopg

from bench.figures import Figures
from bench.ground import TUTORIAL, Ground, ground
from bench.rush import OPENING

SEATS, PEOPLE, AT_ONCE = 500, 1500, 200
AND_CONFIRM = "\nevent.admission.__class__.objects.update(confirms_at_once=True)"
OUTCOME = f"""
import json
from portal.invariants import problems
from portal.models import Event
event = Event.objects.get(slug="{TUTORIAL}")
states, mails = event.registrations.values_list("email", "state"), event.mails.values_list("address", "kind")
print(json.dumps({{"states": dict(states), "mails": list(mails), "problems": problems()}}))
"""
HELD = f"""
SELECT capacity, taken, (SELECT count(*) FROM registration_registration AS one
    WHERE one.ticket_type_id = kind.id AND one.state IN ('pending', 'confirmed'))
FROM registration_tickettype AS kind JOIN portal_event AS event ON event.id = kind.event_id
WHERE event.slug = '{TUTORIAL}'
"""


@dataclass(frozen=True)
class Outcome:
    states: dict[str, str]
    mails: list[list[str]]
    problems: list[str]

    def who_is(self, state: str) -> set[str]:
        return {address for address, found in self.states.items() if found == state}

    def told(self, kind: str) -> list[str]:
        """Sorted, an address for each mail."""
        return sorted(address for address, found in self.mails if found == kind)


@dataclass
class Watch:
    """`wrong` are the looks that saw more seats held than there were then, or another number than was counted."""

    looks: int = 0
    taken: int = 0
    wrong: list[tuple[int, int, int]] = field(default_factory=list)

    def look(self, capacity: int, taken: int, held: int) -> None:
        self.looks, self.taken = self.looks + 1, taken
        if held > capacity or held != taken:
            self.wrong.append((capacity, taken, held))

    def show(self, figures: Figures) -> None:
        name = f"of {self.looks:,} looks none saw more seats held than there were"
        figures.show(bool(self.looks) and not self.wrong, name, f"{self.wrong[:5]}" if self.wrong else "")


@contextmanager
def opened() -> Iterator[Ground]:
    """Who registers is confirmed at once; nobody has yet."""
    with ground("postgres") as found:
        found.production.manage("shell", "-v0", "-c", OPENING.format(slug=TUTORIAL, seats=SEATS) + AND_CONFIRM)
        yield found


@contextmanager
def watched(found: Ground) -> Iterator[Watch]:
    """Each look is one statement, so it sees one state of the database."""
    watch, is_over = Watch(), Event()

    def look() -> None:
        with psycopg.connect(found.production.environment["DATABASE_URL"], autocommit=True) as connection:
            while not is_over.wait(0.01):
                [row] = connection.execute(HELD).fetchall()
                watch.look(*row)

    thread = Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()


def said(found: Ground, code: str) -> Any:
    """What this code prints as JSON, run in the product."""
    return json.loads(found.production.manage("shell", "-v0", "-c", code).strip().splitlines()[-1])


def address(number: int) -> str:
    return f"person{number}@example.org"


def register(port: int, number: int) -> tuple[int, int | None]:
    """How this person was answered, and the place in line they were told."""
    body = json.dumps({"name": f"Person {number}", "email": address(number)})
    status, answer = post(port, f"/api/v1/events/{TUTORIAL}/registrations/", body, "application/json")
    return status, json.loads(answer)["position"]


def post(port: int, path: str, body: str, kind: str = "application/x-www-form-urlencoded") -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
