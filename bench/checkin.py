"""Letting people in by the API, against a bare view that locks one row and adds one to the same database; and the
organizer's list of all ten thousand."""

import json
import time
from collections.abc import Iterator
from statistics import median

from bench.figures import Figures
from bench.ground import TUTORIAL, Ground, ground
from bench.load import Rounds, by_sockets
from bench.registration import posts

LEAST = 0.35
PEOPLE = 10_000  # for all rounds: nobody comes in twice
LONGEST, TRIES = 0.5, 5
KEY = "the key of the door"
FILL = f"""
import json
from hashlib import sha256
from portal.models import Event
from registration import tickets
from registration.models import Device, Registration
event = Event.objects.get(slug="{TUTORIAL}")
kind = event.ticket_types.first()
kind.capacity = None
kind.save()
Device.objects.create(event=event, name="Door", key_hash=sha256({KEY!r}.encode()).hexdigest())
rows = [
    Registration(event=event, ticket_type=kind, state="confirmed", name=f"Person {{n}}", key=f"{{n:024}}",
                 email=f"door{{n}}@example.org", email_key=f"door{{n}}@example.org")
    for n in range({PEOPLE})
]
made = Registration.objects.bulk_create(rows, batch_size=1000)
print(json.dumps([tickets.code_of(one) for one in made]))
"""
LIST = f"""
import time
from django.contrib.auth.models import User
from django.test import Client
from portal.models import Event
event = Event.objects.get(slug="{TUTORIAL}")
browser = Client(headers={{"host": "localhost"}})
browser.force_login(User.objects.create_superuser("bench"))
for _ in range({TRIES}):
    began = time.perf_counter()
    answer = browser.get(f"/admin/registration/registration/?event__id__exact={{event.pk}}&q=person", secure=True)
    assert answer.status_code == 200
    print(time.perf_counter() - began)
"""


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    for database in ("sqlite", "postgres"):
        with ground(database) as found:
            measure_on(found, database, figures)
    return figures.are_reached


def measure_on(found: Ground, database: str, figures: Figures) -> None:
    codes = iter(json.loads(found.production.manage("shell", "-v0", "-c", FILL)))
    found.start_bare({})
    rounds = Rounds(
        lambda: by_sockets(found.product, lambda: scans(found.product, codes), b"HTTP/1.1 201"),
        lambda: by_sockets(found.bare, lambda: posts(found.bare, "/seat/"), b"HTTP/1.1 302"),
    )
    said = f"{rounds.rate(0):,.0f} check-ins a second, the view {rounds.rate(1):,.0f}"
    figures.at_least(LEAST, rounds.share(1), f"x a view that locks and adds a row ({database})", said)
    seconds = [float(line) for line in found.production.manage("shell", "-v0", "-c", LIST).split()]
    figures.at_most(LONGEST, median(seconds), f"s for the list of {PEOPLE:,} registrations ({database})", "")


def scans(port: int, codes: Iterator[str]) -> Iterator[bytes]:
    """Each code once, with a key of its own."""
    for code in codes:
        body = json.dumps({"code": code})
        yield (
            f"POST /api/v1/events/{TUTORIAL}/check-ins/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {KEY}\r\nIdempotency-Key: {code}-{time.monotonic_ns()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
