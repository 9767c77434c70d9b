"""As many requests as a server answers: by wrk where it is installed, else over our own sockets."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from statistics import median

from tests import services

CONNECTIONS = 8
ROUNDS = 7
SECONDS = 1.0
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

type Requests = Callable[[], Iterator[bytes]]
type Measure = Callable[[], float]


class Rounds:
    """What is measured in turns, ours first, so that what else the machine does meets each of them."""

    def __init__(self, *measures: Measure) -> None:
        self.rounds = [[measure() for measure in measures] for _ in range(ROUNDS + 1)][1:]

    def rate(self, number: int) -> float:
        return median(one[number] for one in self.rounds)

    def share(self, number: int) -> float:
        """Of ours against another, round by round."""
        return median(one[0] / one[number] for one in self.rounds)


@cache
def program(name: str, package: str) -> str | None:
    """Where it is; as root it is installed where it is missing."""
    found = subprocess.run([services.ROOT / "bin" / "find-installed", package, name], stdout=subprocess.PIPE, text=True)
    return found.stdout.strip() or None


def reading(port: int, path: str, *headers: str) -> Measure:
    """Measures GETs of one address, in requests a second."""
    wrk = program("wrk", package="wrk")
    if wrk:
        return lambda: by_wrk(wrk, f"http://127.0.0.1:{port}{path}", headers)
    head = "".join(f"{line}\r\n" for line in (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers))
    request = f"{head}\r\n".encode()
    return lambda: by_sockets(port, lambda: iter(lambda: request, b""), (b"HTTP/1.1 200", b"HTTP/1.1 304"))


def by_wrk(wrk: str, url: str, headers: tuple[str, ...]) -> float:
    options = [f"-H{header}" for header in headers]
    said = subprocess.run(
        [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS:.0f}s", *options, url], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    return float(said.split("Requests/sec:")[1].split()[0])


def by_sockets(port: int, requests: Requests, expected: bytes | tuple[bytes, ...]) -> float:
    """Each connection sends its next request when the last one is answered."""
    end = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = [pool.submit(talk, port, requests(), expected, end) for _ in range(CONNECTIONS)]
        return sum(count.result() for count in counts) / SECONDS


def talk(port: int, requests: Iterator[bytes], expected: bytes | tuple[bytes, ...], end: float) -> int:
    done = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        while time.monotonic() < end:
            connection.sendall(next(requests))
            answer = receive(connection)
            if not answer.startswith(expected):
                raise RuntimeError(answer.decode(errors="replace")[:2000])
            done += 1
    return done


def receive(connection: socket.socket) -> bytes:
    """One answer, which has to say its length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(1 << 16)
    head, _, body = received.partition(b"\r\n\r\n")
    found = LENGTH.search(head)
    left = int(found[1]) - len(body) if found else 0
    while left > 0:
        left -= len(connection.recv(1 << 16))
    return head
