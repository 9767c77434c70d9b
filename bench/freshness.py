"""A release of 900 sessions while fifty readers look on, behind nginx where there is one: how soon everybody sees it,
whole, and what it costs."""

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

from bench.figures import Figures
from bench.ground import CONFERENCE, Ground, big_ground
from bench.serving import API, PATHS, first_talk

READERS = 50
PAUSE = 0.4  # seconds between two looks of a reader
PUBLISH = f"""
from time import process_time
from portal.models import Event
from sessions_app.publishing import publish
event = Event.objects.get(slug={CONFERENCE!r})
event.sessions.filter(kind="talk").update(duration=20)
began = process_time()
publish(event, "final")
print(process_time() - began)
"""
FORMATS = (
    *PATHS.values(),
    f"/{CONFERENCE}/",
    f"/{CONFERENCE}/schedule.json",
    f"/{CONFERENCE}/schedule.csv",
    f"/{CONFERENCE}/sessionize.json",
    f"/{CONFERENCE}/releases.atom",
    f"/{CONFERENCE}/speakers/",
    f"{API}/sessions/",
    f"{API}/speakers/",
)


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with big_ground(workers=1) as found:
        measure_release(found, figures)
        server = worker(found)
        costs = sorted(((cost_of(found, server, path), path) for path in renewed(found)), reverse=True)
        dearest = ", ".join(f"{path} {seconds:.2f}" for seconds, path in costs[:3])
        total = sum(seconds for seconds, _ in costs)
        figures.at_most(3, total, f"s of a processor to make {len(costs)} forms of a release", dearest)
        figures.at_most(150, server.memory, "MB of memory of the process that serves them")
    return figures.are_reached


@dataclass
class Reader:
    """Looks at one address again and again; notes when it asked and what it got."""

    port: int
    path: str
    seen: list[tuple[float, str]] = field(default_factory=list)

    def read(self, is_over: Event) -> None:
        connection = HTTPConnection("127.0.0.1", self.port)
        while not is_over.wait(PAUSE):
            asked = time.monotonic()
            connection.request("GET", self.path, headers={"Accept-Encoding": "gzip"})
            self.seen.append((asked, hashlib.sha256(connection.getresponse().read()).hexdigest()))


def measure_release(found: Ground, figures: Figures) -> None:
    try:
        port, _ = found.start_nginx({})
    except RuntimeError:
        port = found.product
    with reading(port, list(PATHS.values())) as readers:
        time.sleep(10)  # until all have seen it as it is
        with commits(found.production.directory / "bench.sqlite3") as committed:
            took = float(found.production.manage("shell", "-v", "0", "-c", PUBLISH))
            time.sleep(3)
    figures.at_most(1, took, "s of a processor to publish it")
    for name, path in PATHS.items():
        seen = sorted(one for reader in readers for one in reader.seen if reader.path == path)
        bodies, old = {body for _, body in seen}, seen[0][1]
        late = max((asked - committed[0] for asked, body in seen if body == old), default=0)
        is_seen = len(bodies) == 2
        figures.show(
            is_seen, f"{name}: {len(bodies)} bodies through the release, the old and the new", f"{len(seen)} looks"
        )
        figures.at_most(2, max(late, 0), f"s until everybody sees it: {name}")


@contextmanager
def reading(port: int, paths: list[str]) -> Iterator[list[Reader]]:
    is_over = Event()
    readers = [Reader(port, paths[number % len(paths)]) for number in range(READERS)]
    threads = [Thread(target=reader.read, args=(is_over,)) for reader in readers]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@contextmanager
def commits(database: Path) -> Iterator[list[float]]:
    """The moments at which another release is there, as anybody else sees the database."""
    moments: list[float] = []
    is_over = Event()

    def watch() -> None:
        connection = sqlite3.connect(database)
        count = "SELECT count(*) FROM sessions_app_release"
        before = connection.execute(count).fetchone()
        while not is_over.wait(0.005):
            now = connection.execute(count).fetchone()
            if now != before:
                moments.append(time.monotonic())
                before = now

    thread = Thread(target=watch)
    thread.start()
    try:
        yield moments
    finally:
        is_over.set()
        thread.join()


def renewed(found: Ground) -> tuple[str, ...]:
    """All forms of a release that nobody has asked for yet."""
    found.production.manage("release", CONFERENCE, "--stage", "final", "--no-mail")
    time.sleep(1.1)  # until the server has looked
    return (*FORMATS, first_talk(found.product))


def cost_of(found: Ground, server: "Worker", path: str) -> float:
    """Seconds of a processor that the server takes for an answer: others who work on this machine don't count."""
    before = server.seconds
    connection = HTTPConnection("127.0.0.1", found.product)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{path} answers {response.status}")
    return server.seconds - before


@dataclass(frozen=True)
class Worker:
    """A process of the server, as Linux tells of it."""

    pid: int

    @property
    def seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Megabytes."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def worker(found: Ground) -> Worker:
    """The one that answers; the server's first process only watches over it."""
    server = found.production.processes[0].child.pid
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return max((Worker(int(pid)) for pid in children), key=lambda process: process.memory)
