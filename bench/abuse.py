"""Ten thousand sign-ups from one address by a script: how many get through, and how organizers see them."""

import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from bench.figures import Figures
from bench.ground import TUTORIAL, ground
from bench.organizer import Organizer
from bench.rush import OPENING
from bench.seats import said

BY_CLIENT, BY_MAILBOX, HOUR = 6000, 30, 3600  # as docs/security.md says
VARIANTS = [f"eve+{number}@example.org" for number in range(1000)]
THROWAWAY = [f"eve{number}@mailinator.com" for number in range(1000)]
OTHERS = [f"eve{number}@example.org" for number in range(8000)]
AT_ONCE = 8
LONGEST, LOOKS = 0.5, 5  # seconds for the page of look-alikes
EVENT = f"""
from portal.models import Event
print(Event.objects.get(slug="{TUTORIAL}").pk)
"""

type Answer = tuple[int, int]  # its status, and for how many seconds it says to wait


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with ground("postgres") as found:
        found.production.manage("shell", "-v0", "-c", OPENING.format(slug=TUTORIAL, seats=100))
        variants = sign_up(found.product, VARIANTS)
        others = sign_up(found.product, [*THROWAWAY, *OTHERS])
        organizer, path = Organizer(found), f"/admin/portal/event/{said(found, EVENT)}/alike/"
        shown = [group.text_content() for group in organizer.page(path).iterfind(".//ul[@class='todo']/li/span/strong")]
        took = median(looking(organizer, path) for _ in range(LOOKS))
    through = BY_CLIENT - len(VARIANTS)
    right = counts(variants) == {302: BY_MAILBOX, 429: len(VARIANTS) - BY_MAILBOX}
    figures.show(right, f"of {len(VARIANTS):,} variants of a mailbox {BY_MAILBOX} get through", f"{counts(variants)}")
    right = counts(others) == {302: through, 429: len(others) - through}
    figures.show(right, f"of {len(others):,} more from the same client {through:,} do", f"{counts(others)}")
    waits = [wait for status, wait in variants + others if status == 429]
    figures.show(
        0 < min(waits) <= max(waits) <= HOUR, "the others are told when to come again", f"{max(waits)} s at most"
    )
    wanted = [f"{BY_MAILBOX}: eve@example.org", f"{BY_MAILBOX + through} over one connection", "1000: mailinator.com"]
    figures.show(shown == wanted, "organizers see them in groups", "; ".join(shown))
    figures.at_most(LONGEST, took, "s for their page of look-alikes", f"{BY_MAILBOX + through:,} registrations")
    return figures.are_reached


def counts(answers: Iterable[Answer]) -> Counter[int]:
    return Counter(status for status, _ in answers)


def looking(organizer: Organizer, path: str) -> float:
    began = time.perf_counter()
    organizer.page(path)
    return time.perf_counter() - began


def sign_up(port: int, addresses: list[str]) -> list[Answer]:
    """By some connections, each of which sends its next one when the last one is answered."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = pool.map(lambda first: over_one(port, addresses[first::AT_ONCE]), range(AT_ONCE))
        return [answer for part in parts for answer in part]


def over_one(port: int, addresses: list[str]) -> list[Answer]:
    link, answers = HTTPConnection("127.0.0.1", port, timeout=60), []
    for address in addresses:
        body = urlencode({"name": "Eve", "email": address})
        link.request("POST", f"/{TUTORIAL}/register/", body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = link.getresponse()
        answer.read()
        answers.append((answer.status, int(answer.headers.get("Retry-After", 0))))
    link.close()
    return answers
