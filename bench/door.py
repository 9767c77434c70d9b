"""Twenty devices at one door that all scan the same tickets, BENCH_CODES of them; each scan is sent three times as on a
bad network."""

import json
import os
import time
from collections import Counter, defaultdict, deque
from statistics import median, quantiles

from bench.checkin import FILL, KEY
from bench.figures import Figures
from bench.ground import TUTORIAL, ground
from bench.throng import Answer, Throng

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


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with ground("postgres") as found:
        codes = json.loads(found.production.manage("shell", "-v0", "-c", FILL))[:CODES]
        found.production.manage("shell", "-v0", "-c", MORE)
        scans = {number: [scan_of(found.product, number, code) for code in codes] for number in range(DEVICES)}
        tries = (deque((scan, False) for scan in mine for _ in range(TIMES)) for mine in scans.values())
        began = time.monotonic()
        answers = Throng(found.product, tries).come(DEVICES)
        seconds = time.monotonic() - began
        standing = int(found.production.manage("shell", "-v0", "-c", COUNT))
    of = defaultdict(list)
    for answer in answers:
        of[answer.request].append(answer)
    by_code = [[of[scan] for scan in same] for same in zip(*scans.values(), strict=True)]
    show(figures, by_code, standing)
    waits = [answer.wait for answer in answers]
    said = f"half of them {median(waits):.2f} s; {len(waits) / seconds:,.0f} a second"
    figures.at_most(SLOWEST, quantiles(waits, n=20)[18], "s for 95 of 100 answers", said)
    return figures.are_reached


def show(figures: Figures, by_code: list[list[list[Answer]]], standing: int) -> None:
    """For each code and device the answers to its scan, which was sent again and again."""
    firsts = Counter(again[0].status for devices in by_code for again in devices)
    figures.show(
        firsts == {201: CODES, 200: CODES * (DEVICES - 1)} and standing == CODES,
        f"{standing} came in once each of {CODES}, scanned by {DEVICES} devices",
        f"first answers {dict(firsts)}",
    )
    are_told = all(len({told(again[0]) for again in devices}) == 1 for devices in by_code)
    figures.show(are_told, "everybody else was told when and by whom they were let in", "")
    are_same = all(
        len(again) == TIMES and all((one.status, one.said) == (again[0].status, again[0].said) for one in again)
        for devices in by_code
        for again in devices
    )
    figures.show(are_same, f"each of {CODES * DEVICES:,} scans got its first answer {TIMES} times", "")


def told(answer: Answer) -> tuple[object, ...]:
    return tuple(answer.said.get(name) for name in ("id", "at", "by"))


def scan_of(port: int, number: int, code: str) -> bytes:
    """By this device, with a key of its own."""
    body = json.dumps({"code": code})
    return (
        f"POST /api/v1/events/{TUTORIAL}/check-ins/ HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Authorization: Bearer {KEY} {number}\r\nIdempotency-Key: {number} {code}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
