"""A release to ten thousand: how soon its mails are written, how fast two workers send them, against bare smtplib
loops over as many connections to the same server, and how much more memory a worker takes than after its first thousand
mails. BENCH_PEOPLE=100000 shows that it is no more for ten times as many."""

import json
import os
import smtplib
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import sink
from bench.ground import ENVIRONMENT, database_url
from tests import services

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000"))
EARLY = min(1000, PEOPLE // 10)  # mails, after which a worker has all that it will need
SENDERS = 2
SECONDS = 15
LEAST = 0.5
MOST_SECONDS = 5.0
MOST_GROWTH = 30  # MB
EVENT = "deepspeed-tutorial"
RELEASE = """
import json, time
from portal.models import Event
from registration.notices import release_program
event = Event.objects.get(slug="EVENT")
started = time.monotonic()
release, count = release_program(event, "final")
print(json.dumps([count, time.monotonic() - started]))
"""


def main() -> bool:
    """Whether all figures are reached."""
    directory = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    redis, address = services.start_redis(directory)
    with sink.running() as server, services.Production(database_url("postgres", directory), address, directory) as made:
        made.environment |= ENVIRONMENT | {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "MEDIA_ROOT": str(directory / "media"),
        }
        try:
            return measure(made, server)
        finally:
            redis.kill()


def measure(made: services.Production, server: sink.Sink) -> bool:
    made.manage("migrate")
    made.manage("seed_demo", "--attendees", str(PEOPLE))
    count, written = json.loads(made.manage("shell", "-c", RELEASE.replace("EVENT", EVENT)).splitlines()[-1])
    print(f"{count:,} mails written with their release in {written:.1f} s (at most {MOST_SECONDS})")
    worker = made.start_worker()
    made.call("portal.tasks.sweep")
    wait_for(server, EARLY, patience=120)
    early, before, started = memory(worker), server.taken, time.monotonic()
    wait_for(server, count * 9 // 10, patience=300 + count / 100)
    ours = (server.taken - before) / (time.monotonic() - started)
    growth = memory(worker) - early
    worker.stop()
    bare = bare_rate(server)
    share = ours / bare
    print(
        f"Sending by {SENDERS} processes: {share:.2f} x smtplib loops (at least {LEAST}); {ours:,.0f}/s, {bare:,.0f}/s"
    )
    print(f"Memory of a worker from {EARLY:,} mails to {count:,}: {growth:+.0f} MB (at most {MOST_GROWTH})")
    return written <= MOST_SECONDS and share >= LEAST and growth <= MOST_GROWTH


def wait_for(server: sink.Sink, mails: int, patience: float) -> None:
    """Raises RuntimeError if they don't come: what is measured then would be no figure."""
    if not services.wait_until(lambda: server.taken >= mails, patience):
        raise RuntimeError(f"Only {server.taken:,} of {mails:,} mails came within {patience:.0f} s.")


def bare_rate(server: sink.Sink) -> float:
    """Loops in processes of their own, each sending one of our own mails over one connection."""
    senders = [sink.spawn.Process(target=loop, args=(server.port, server.first), daemon=True) for _ in range(SENDERS)]
    before = server.taken
    for one in senders:
        one.start()
    wait_for(server, before + 100, patience=30)
    before, started = server.taken, time.monotonic()
    time.sleep(SECONDS)
    found = (server.taken - before) / (time.monotonic() - started)
    for one in senders:
        one.terminate()
    return found


def loop(port: int, content: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        while True:
            server.sendmail("lectern@example.org", ["ada@example.org"], content)


def memory(worker: Any) -> float:
    """Of the largest of its processes, in MB."""
    pid = worker.child.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return max(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in children) * 4096 / 1e6
