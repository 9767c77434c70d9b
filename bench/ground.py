"""The product and the bare project, each as one process on the same server with the same options."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import services

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
}
SERVER = ("granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--port")
ENVIRONMENT = {
    "SECRET_KEY": "only for measuring",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


@dataclass(frozen=True)
class Ground:
    production: services.Production
    product: int  # ports
    bare: int

    def start_bare(self, answers: dict[str, tuple[dict[str, str], str]]) -> None:
        file = self.production.directory / "answers.json"
        file.write_text(json.dumps(answers))
        self.production.environment["BARE_ANSWERS"] = str(file)
        start(self.production, self.bare, "bench.bare:application")


@contextmanager
def ground(database: str) -> Iterator[Ground]:
    """The product with the demo data on a database of this kind. The bare project waits for its answers."""
    os.environ.pop("TRIAL", None)
    os.environ |= ENVIRONMENT
    directory = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    redis, address = services.start_redis(directory)
    with services.Production(database_url(database, directory), address, directory) as production:
        production.environment["MEDIA_ROOT"] = str(directory / "media")
        try:
            for command in (["migrate"], ["collectstatic", "--no-input"], ["seed_demo"]):
                production.manage(*command)
            found = Ground(production, production.port, services.free_port())
            start(production, found.product, "portal.wsgi:application")
            yield found
        finally:
            redis.kill()


def database_url(kind: str, directory: Path) -> str:
    return f"sqlite:///{directory / 'bench.sqlite3'}" if kind == "sqlite" else services.database_url(kind)


def start(production: services.Production, port: int, application: str) -> None:
    server = production.launch(*SERVER, port, application)
    server.wait_until(lambda: services.answers(port))
