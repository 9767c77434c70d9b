"""Twenty devices at one door that all scan the same tickets, BENCH_CODES of them; each scan is sent three times as on a
bad network."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median, quantiles
from typing import Any

from bench.checkin import FILL, KEY
from bench.figures import Figures
from bench.ground import TUTORIAL, ground

DEVICES, CODES, TIMES = 20, int(os.environ.get("BENCH_CODES", "500")), 3
SLOWEST = 0.2  # seconds for 95 of 100 answers
MORE = f"""
from hashlib import sha256
from portal.models import Event
from registration.models import Device
event = Event.objects.get(slug="{TUTORIAL}")
for number in range({DEVICES}):
    key = f"{KEY} {{number}}"
    Device.objects.create(event=event, name=f"Door {{number}}", key_hash=sha256(key.encode()).hexdigest())
"""
COUNT = "from registration.models import CheckIn; print(CheckIn.objects.standing().count())"

type Said = tuple[int, dict[str, Any]]


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with ground("postgres") as found:
        codes = json.loads(found.production.manage("shell", "-v0", "-c", FILL))[:CODES]
        found.production.manage("shell", "-v0", "-c", MORE)
        began = time.monotonic()
        with ThreadPoolExecutor(DEVICES) as pool:
            done = list(pool.map(lambda number: scan_all(found.product, number, codes), range(DEVICES)))
        seconds = time.monotonic() - began
        standing = int(found.production.manage("shell", "-v0", "-c", COUNT))
    scans = [said for device, _ in done for said in device]
    firsts = Counter(status for (status, _), *_ in scans)
    are_same = all(first == again for first, *more in scans for again in more)
    figures.show(
        firsts == {201: CODES, 200: CODES * (DEVICES - 1)} and standing == CODES,
        f"{standing} came in once each of {CODES}, scanned by {DEVICES} devices",
        f"first answers {dict(firsts)}",
    )
    is_told = all(told(said) == told(first) for said, first in pairs(done))
    figures.show(is_told, "everybody else was told when and by whom they were let in", "")
    figures.show(are_same, f"each of {len(scans):,} scans got its first answer {TIMES} times", "")
    waits = [one for _, took in done for one in took]
    said = f"half of them {median(waits):.2f} s; {len(waits) / seconds:,.0f} a second"
    figures.at_most(SLOWEST, quantiles(waits, n=20)[18], "s for 95 of 100 answers", said)
    return figures.are_reached


def pairs(done: list[tuple[list[list[Said]], list[float]]]) -> Iterator[tuple[Said, Said]]:
    """Each first answer to a code, with the one that let its person in."""
    for answers in zip(*([one[0] for one in device] for device, _ in done), strict=True):
        first = next((one for one in answers if one[0] == 201), answers[0])
        yield from ((one, first) for one in answers)


def told(said: Said) -> list[Any]:
    return [said[1].get(name) for name in ("id", "at", "by")]


def scan_all(port: int, number: int, codes: list[str]) -> tuple[list[list[Said]], list[float]]:
    """What this device was answered to each scan, and how many seconds each answer took."""
    connection, took = HTTPConnection("127.0.0.1", port, timeout=60), []

    def scan(code: str) -> Said:
        headers = {"Authorization": f"Bearer {KEY} {number}", "Idempotency-Key": f"{number} {code}"}
        body = json.dumps({"code": code})
        began = time.perf_counter()
        connection.request(
            "POST", f"/api/v1/events/{TUTORIAL}/check-ins/", body, headers | {"Content-Type": "application/json"}
        )
        response = connection.getresponse()
        said = json.loads(response.read())
        took.append(time.perf_counter() - began)
        return response.status, said

    return [[scan(code) for _ in range(TIMES)] for code in codes], took
