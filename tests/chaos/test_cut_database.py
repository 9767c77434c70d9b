"""The database throws everybody out again and again, and is restarted at once, while a release is mailed."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests import services
from tests.chaos.ground import IS_FULL, MAILS, PATIENCE, QUICK, SOON, in_full_only, say
from tests.services import Process, Production, wait_until
from tests.smtp import Server, recording_server

pytestmark = pytest.mark.services
CUTS, GAP = (30, 2) if IS_FULL else (6, 1)  # GAP in seconds
RATE = MAILS * 2 // (CUTS * GAP * 3)  # so that mails are on their way at each cut
THROW_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'lectern'"
)
OPEN = "SELECT count(*) FROM portal_mail WHERE kind = 'release' AND state IN ('waiting', 'sending')"
EXPECTED = "SELECT address, message_id FROM portal_mail WHERE kind = 'release'"
READY = "ready to accept connections"


class Database:
    """A PostgreSQL of this test alone. What it has committed is on disk before it says so, as in production."""

    def __init__(self) -> None:
        self.server: Process
        self.server, self.url = services.launch_postgres()

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url.replace("postgres://", "postgresql://"), autocommit=True) as link:
            return link.execute(statement).fetchall()

    def restart(self) -> None:
        """At once, as after a crash: nobody is waited for, nothing is put in order."""
        lines = self.server.output.count(READY)
        self.server.stop(signal.SIGQUIT)
        self.server.start()
        self.server.wait_until(lambda: self.server.output.count(READY) > lines)


@dataclass
class Cut:
    """A release on its way. `thrown_out` counts the connections that were cut."""

    production: Production
    database: Database
    post: Server
    thrown_out: int = 0

    def start(self, *, without: str = "") -> None:
        if without:
            self.production.environment |= {"DJANGO_SETTINGS_MODULE": "tests.chaos.switched", "SWITCHED_OFF": without}
        self.production.start_worker()
        self.production.start_scheduler()
        self.production.manage("release", "deepspeed-tutorial", "--stage", "final")

    def throw_out(self) -> None:
        time.sleep(GAP)
        self.thrown_out += len(self.database.ask(THROW_OUT))

    def is_done(self, patience: float = PATIENCE) -> bool:
        return wait_until(lambda: self.database.ask(OPEN) == [(0,)], patience, every=0.3)

    def sent(self) -> Counter[tuple[str, str]]:
        """How often each mail of the release came to the mail server: by address and Message-ID."""
        known = self.expected()
        seen = [(one.recipients[0], str(one.message["Message-ID"])) for one in self.post.taken]
        return Counter(one for one in seen if one in known)

    def expected(self) -> set[tuple[str, str]]:
        return {(str(address), str(identity)) for address, identity in self.database.ask(EXPECTED)}


@pytest.fixture
def cut(redis_url: str, tmp_path: Path) -> Iterator[Cut]:
    """A portal on a database of its own, with a crowd and a program that isn't final yet."""
    database = Database()
    with recording_server() as post, Production(database.url, redis_url, tmp_path) as made:
        made.environment |= QUICK | {"EMAIL_URL": f"{post.url}?timeout=2", "MAIL_RATE": str(RATE)}
        made.manage("migrate")
        made.manage("seed_demo", "--attendees", str(MAILS))
        yield Cut(made, database, post)
    database.server.stop(signal.SIGINT)


def test_cut_connections_and_a_restart_lose_and_repeat_nothing(cut: Cut) -> None:
    cut.start()

    for number in range(CUTS):
        cut.throw_out()
        if number == CUTS // 2:
            cut.database.restart()
    began = time.monotonic()
    is_done = cut.is_done(patience=SOON)

    sent, expected = cut.sent(), cut.expected()
    say(
        f"{len(expected)} mails, {cut.thrown_out} connections cut and a restart: "
        f"{len(expected - sent.keys())} missing, {sent.total() - len(sent)} repeated, "
        f"done {time.monotonic() - began:.0f} s after the last cut"
    )
    assert is_done
    assert len(expected) >= MAILS
    assert cut.thrown_out >= CUTS
    assert sent == Counter(expected)


@in_full_only
def test_without_persistence_what_was_just_sent_would_be_sent_again(cut: Cut) -> None:
    cut.start(without="persistence")

    for _ in range(CUTS):
        cut.throw_out()
    is_done = cut.is_done()

    sent = cut.sent()
    assert is_done
    assert sent.keys() == cut.expected()
    assert sent.total() > len(sent)
