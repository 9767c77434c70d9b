"""The product and the bare project, on the same server with the same options, and nginx before it."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import services
from tests.proxies import nginx, start_nginx

TUTORIAL = "deepspeed-tutorial"
CONFERENCE = "lanterna-900"
SESSIONS = 900
PEOPLE = 1000
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-500;",
}
SERVER = ("granian", "--interface", "wsgi", "--runtime-mode", "st", "--blocking-threads", "8")  # docs/operations.md
ENVIRONMENT = {
    "SECRET_KEY": "only for measuring",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:1",
}


type Answers = dict[str, tuple[dict[str, str], str]]  # headers and body by path


@dataclass(frozen=True)
class Ground:
    production: services.Production
    product: int  # ports
    bare: int
    workers: int

    def start_bare(self, answers: Answers) -> None:
        file = self.production.directory / "answers.json"
        file.write_text(json.dumps(answers))
        self.production.environment["BARE_ANSWERS"] = str(file)
        start(self.production, self.bare, "bench.bare:application", self.workers)

    def start_nginx(self, answers: Answers) -> tuple[int, int]:
        """The ports at which one nginx stands before the product and has each body as a file. Raises RuntimeError where
        there is no nginx to be had."""
        program = nginx()
        if not program:
            raise RuntimeError("There is no nginx to compare with: apt-get install nginx-light")
        directory, port = self.production.directory, services.free_port()
        for path, (_, body) in answers.items():
            (directory / file_of(path)[1:]).write_text(body)
        files = f"server {{ listen 127.0.0.1:{port}; root {directory}; access_log {directory}/files.log; }}"
        server, front = start_nginx(program, directory / "nginx", self.product, files)
        self.production.processes.append(server)
        return front, port


@contextmanager
def ground(database: str, *more: list[str], workers: int = 2) -> Iterator[Ground]:
    """The product with the demo data on a database of this kind, after some more commands. The bare project waits for
    its answers."""
    os.environ.pop("TRIAL", None)
    os.environ |= ENVIRONMENT
    directory = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    redis, address = services.start_redis(directory)
    with services.Production(database_url(database, directory), address, directory) as production:
        production.environment["MEDIA_ROOT"] = str(directory / "media")
        try:
            for command in (["migrate"], ["collectstatic", "--no-input"], ["seed_demo"], *more):
                production.manage(*command)
            found = Ground(production, production.port, services.free_port(), workers)
            start(production, found.product, "portal.wsgi:application", workers)
            yield found
        finally:
            redis.kill()
            shutil.rmtree(directory, ignore_errors=True)


def database_url(kind: str, directory: Path) -> str:
    """Of an empty database: another measurement's rows have files that are gone. PostgreSQL keeps what it has taken as
    it would in production."""
    if kind == "sqlite":
        return f"sqlite:///{directory / 'bench.sqlite3'}"
    server = os.environ.get(services.POSTGRES_URL) or services.start_postgres()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{directory.name}"')
    return f"{server.rpartition('/')[0]}/{directory.name}"


def start(production: services.Production, port: int, application: str, workers: int) -> None:
    server = production.launch(*SERVER, "--workers", workers, "--port", port, application)
    server.wait_until(lambda: services.answers(port))


@contextmanager
def big_ground(workers: int = 2) -> Iterator[Ground]:
    """With a conference of 900 sessions by 1,000 people, in its second release."""
    people = f"from bench.people import add_people; add_people('{CONFERENCE}', {PEOPLE})"
    with ground(
        "sqlite", ["seed_demo", "--sessions", str(SESSIONS)], ["shell", "-c", people], workers=workers
    ) as found:
        yield found


def file_of(path: str) -> str:
    """Where nginx has the body of this address."""
    return f"/{path.strip('/').replace('/', '-')}.body"
