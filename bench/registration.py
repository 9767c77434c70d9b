"""Registering through the page, against a bare view that locks one row and adds one to the same database."""

from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode

from bench.ground import ground
from bench.load import by_sockets, ratio
from bench.serving import EVENT

LEAST = 0.2
numbers = count()


def main() -> bool:
    """Whether the figure is reached on each database."""
    reached = [measure_on(database) for database in ("sqlite", "postgres")]
    return all(reached)


def measure_on(database: str) -> bool:
    with ground(database) as found:
        found.production.manage(
            "shell", "-c", "from registration.models import TicketType as T; T.objects.update(capacity=None)"
        )
        found.start_bare({})
        ours, bare, share = ratio(
            lambda: by_sockets(found.product, lambda: posts(found.product, f"/{EVENT}/register/"), b"HTTP/1.1 302"),
            lambda: by_sockets(found.bare, lambda: posts(found.bare, "/seat/"), b"HTTP/1.1 302"),
        )
    print(f"Registering on {database}: {share:.2f} x a bare view (at least {LEAST}); {ours:,.0f}/s and {bare:,.0f}/s")
    return share >= LEAST


def posts(port: int, path: str) -> Iterator[bytes]:
    """A person each."""
    for number in numbers:
        body = urlencode({"name": f"Person {number}", "email": f"person{number}@example.org"})
        yield (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
