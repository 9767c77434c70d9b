"""Registering through the page, against a bare view that locks one row and adds one to the same database."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from urllib.parse import urlencode

import redis

from bench.figures import Figures
from bench.ground import TUTORIAL, Ground, ground
from bench.load import Rounds, by_sockets

LEAST = 0.25
FLAT = 0.8  # of the rate with few registrations that is left with many
MANY = 100_000
numbers = count()


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    for database in ("sqlite", "postgres"):
        measure_on(database, figures)
    measure_growth(figures)
    return figures.are_reached


def measure_on(database: str, figures: Figures) -> None:
    with ground(database) as found:
        found.production.manage(
            "shell", "-c", "from registration.models import TicketType as T; T.objects.update(capacity=None)"
        )
        found.start_bare({})
        rounds = Rounds(
            lambda: registering(found),
            lambda: by_sockets(found.bare, lambda: posts(found.bare, "/seat/"), b"HTTP/1.1 302"),
        )
    said = f"{rounds.rate(0):,.0f} registrations a second, the view {rounds.rate(1):,.0f}"
    figures.at_least(LEAST, rounds.share(1), f"x a view that locks and adds a row ({database})", said)


def measure_growth(figures: Figures) -> None:
    """Registering beside 100,000 others and beside 100, by turns: with a seat, and behind all who wait."""
    for fill, what in (("fill", "registrations"), ("line_up", "people in line")):
        with ground("postgres") as many, ground("postgres") as few:
            for found, number in ((many, MANY), (few, 100)):
                said = f"from bench.crowd import {fill}; {fill}('{TUTORIAL}', {number})"
                found.production.manage("shell", "-v0", "-c", said)
            rounds = Rounds(partial(registering, many), partial(registering, few))
        said = f"{rounds.rate(0):,.0f} and {rounds.rate(1):,.0f} registrations a second"
        figures.at_least(FLAT, rounds.share(1), f"x the rate beside 100 {what}, beside {MANY:,}", said)


def registering(found: Ground) -> float:
    """As many as the page takes, by people who haven't come too often."""
    with redis.Redis.from_url(found.production.environment["REDIS_URL"]) as counts:
        counts.flushall()
    return by_sockets(found.product, lambda: posts(found.product, f"/{TUTORIAL}/register/"), b"HTTP/1.1 302")


def posts(port: int, path: str) -> Iterator[bytes]:
    """A person each."""
    for number in numbers:
        body = urlencode({"name": f"Person {number}", "email": f"person{number}@example.org"})
        yield (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
