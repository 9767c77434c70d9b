"""`manage.py run` as a newcomer starts it: in a directory of its own, with nothing set."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from tests.services import ROOT, Process, free_port, wait_until

pytestmark = pytest.mark.services
OURS = {"DATABASE_URL", "EMAIL_URL", "MEDIA_ROOT", "REDIS_URL", "SITE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "TRIAL"}
PATIENCE = 90
TUTORIAL = "/deepspeed-tutorial/"


class Trial:
    """A trial set-up in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.starts: list[Process] = []

    @property
    def settings(self) -> dict[str, str]:
        unset = {name: value for name, value in os.environ.items() if name not in OURS and "DJANGO" not in name}
        return unset | {"VAR_DIR": str(self.directory / "var"), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}

    def manage(self, *words: str) -> str:
        """What a command prints, to both streams, in a terminal of its own."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, env=self.settings, cwd=ROOT, check=True, capture_output=True, text=True)
        return done.stdout + done.stderr

    def start(self) -> Process:
        log = self.directory / f"run-{len(self.starts)}.log"
        run = Process([sys.executable, "manage.py", "run"], log, env=self.settings, cwd=ROOT)
        self.starts.append(run)
        return run

    def start_up(self) -> Process:
        run = self.start()
        run.wait_until(lambda: "Lectern is ready" in run.output, PATIENCE)
        return run

    def request(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
        connection.request(method, path, urlencode(fields or {}), headers | {"Host": f"localhost:{self.port}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def mails(self) -> list[str]:
        """The recipients of what lies in the mail folder."""
        parts = [
            part
            for path in sorted((self.directory / "var" / "mail").glob("*"))
            for part in path.read_bytes().split(b"-" * 79 + b"\n")
            if part.strip()
        ]
        return [str(message_from_bytes(part, policy=policy.default)["To"]) for part in parts]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """All it started ends with the test."""
    trial = Trial(tmp_path)
    yield trial
    for run in trial.starts:
        below = descendants(run)
        run.kill()
        for process in below:
            if process.is_running():
                process.kill()


def descendants(run: Process) -> list[psutil.Process]:
    return psutil.Process(run.child.pid).children(recursive=True) if run.child.poll() is None else []


def gone(processes: list[psutil.Process]) -> bool:
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)


def password_in(output: str) -> list[str]:
    return re.findall(r"^ +password +(\S+)$", output, re.MULTILINE)


def test_it_starts_with_the_tutorial_and_goes_on_the_next_time(trial: Trial, tmp_path: Path) -> None:
    it_shows_the_tutorial_mails_a_link_and_ends_with_all_it_started(trial)
    run = it_keeps_what_was_there_and_prints_no_password_again(trial)
    a_command_in_another_terminal_wakes_its_worker(trial)
    another_one_says_that_its_port_is_taken_or_it_runs_already(trial, tmp_path / "other")
    a_worker_that_dies_is_started_again(run)
    nothing_is_left_when_it_is_killed_itself(run)


def it_shows_the_tutorial_mails_a_link_and_ends_with_all_it_started(trial: Trial) -> None:
    run = trial.start_up()
    started = descendants(run)

    status, page = trial.request("GET", TUTORIAL)
    registered, _ = trial.request("POST", f"{TUTORIAL}register/", {"name": "Ada", "email": "ada@example.org"})
    is_mailed = wait_until(lambda: trial.mails() == ["ada@example.org"], PATIENCE)
    exit_status = run.stop(signal.SIGTERM, patience=12)

    assert (status, registered, is_mailed) == (200, 302, True), run.output
    assert "Masahiro Tanaka" in page
    assert len(password_in(run.output)) == 1
    assert len(started) >= 5
    assert exit_status == 0
    assert gone(started)


def it_keeps_what_was_there_and_prints_no_password_again(trial: Trial) -> Process:
    key = (trial.directory / "var" / "secret_key").read_text()

    again = trial.start_up()
    status, _ = trial.request("GET", TUTORIAL)

    assert status == 200
    assert "Loading the demo" not in again.output
    assert "manage.py changepassword organizer" in again.output
    assert password_in(again.output) == []
    assert (trial.directory / "var" / "secret_key").read_text() == key
    return again


def a_command_in_another_terminal_wakes_its_worker(trial: Trial) -> None:
    output = trial.manage("release", "deepspeed-tutorial", "--stage", "tentative")

    assert output.startswith("release 2 (tentative): 0 added")
    assert "No worker could be woken" not in output


def another_one_says_that_its_port_is_taken_or_it_runs_already(trial: Trial, directory: Path) -> None:
    directory.mkdir()
    other = Trial(directory)
    other.port = trial.port

    same, taken = trial.start(), other.start()

    assert (same.child.wait(PATIENCE), taken.child.wait(PATIENCE)) == (1, 1)
    assert "Lectern is running already" in same.output
    assert f"Port {trial.port} is taken. Choose another one: make run PORT={trial.port + 1}" in taken.output


def a_worker_that_dies_is_started_again(run: Process) -> None:
    worker = next(process for process in descendants(run) if "worker" in process.cmdline())

    worker.kill()

    assert wait_until(lambda: "starts again in" in run.output, PATIENCE)
    assert wait_until(lambda: any("worker" in process.cmdline() for process in descendants(run)), PATIENCE)


def nothing_is_left_when_it_is_killed_itself(run: Process) -> None:
    started = descendants(run)

    os.kill(run.child.pid, signal.SIGKILL)

    assert len(started) >= 5
    assert wait_until(lambda: gone(started), patience=15)
