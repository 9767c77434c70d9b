"""Which tests run in which pass, and the real parts they run against."""

import fcntl
import gc
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_django
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, connection
from django.db.backends.postgresql.operations import DatabaseOperations

from tests import services

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread of the test
MIGRATED = "lectern_tests_migrated"
ONE_PASS = {"postgres", "services", "browser"}


def pytest_report_header() -> str:
    return f"database: {os.environ.get('TEST_DATABASE', 'sqlite')}"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Thousands of tests stay until the end: the garbage collector need not walk over them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs real servers runs in the pass on PostgreSQL alone; what touches no database, or takes long and is the
    same on both, in that on SQLite."""
    runs = runs_on_postgres if os.environ.get("TEST_DATABASE", "sqlite") == "postgres" else runs_on_sqlite
    config.hook.pytest_deselected(items=[item for item in items if not runs(item)])
    items[:] = [item for item in items if runs(item)]


def runs_on_sqlite(item: pytest.Item) -> bool:
    return not ONE_PASS & {mark.name for mark in item.iter_markers()}


def runs_on_postgres(item: pytest.Item) -> bool:
    asks_for = {"db", "transactional_db"} & {*getattr(item, "fixturenames", ())}
    needs = bool(asks_for or item.get_closest_marker("django_db")) or not runs_on_sqlite(item)
    return needs and not item.get_closest_marker("sqlite")


@pytest.fixture(scope="session", autouse=True)
def quickly_emptied() -> None:
    """To truncate small tables takes PostgreSQL a hundred times as long as to delete what is in them. Who
    refers to whom is looked at when all are done."""

    def deletions(operations: Any, style: Any, tables: Iterable[str], **options: bool) -> list[str]:
        return [f"DELETE FROM {operations.quote_name(table)}" for table in tables]

    DatabaseOperations.sql_flush = deletions


@pytest.fixture(scope="session", autouse=True)
def emptied_when_quiet() -> None:
    """A page that is closed asks no more, but what it or its service worker asked last may still be answered by a
    thread of the live server: that ends first, and what it wrote meanwhile is deleted by another try."""
    answering: set[int] = set()
    request_started.connect(lambda **_: answering.add(threading.get_ident()), weak=False)
    request_finished.connect(lambda **_: answering.discard(threading.get_ident()), weak=False)
    flush = DatabaseOperations.execute_sql_flush

    def elsewhere() -> set[int | None]:
        return answering & {thread.ident for thread in threading.enumerate()} - {threading.get_ident()}

    def patiently(operations: Any, statements: Iterable[str]) -> None:
        for is_last in (False, False, True):
            services.wait_until(lambda: not elsewhere(), patience=10)
            try:
                flush(operations, statements)
            except DatabaseError:
                if is_last:
                    raise
                time.sleep(0.2)
            else:
                break

    DatabaseOperations.execute_sql_flush = patiently


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest_django.DjangoDbBlocker
) -> None:
    """Migrations run once for all processes of the pass on PostgreSQL, whose databases are copies of that one."""
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), (services.scratch() / "migrated.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            migrated = services.scratch() / "migrated"
            if not migrated.exists():
                migrate_once()
                migrated.touch()
        connection.settings_dict["TEST"]["TEMPLATE"] = MIGRATED


def migrate_once() -> None:
    before, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    own, test["NAME"] = test["NAME"], MIGRATED
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()  # nobody may be in a database that is copied
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = before
    test["NAME"] = own


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server, url = services.start_redis(tmp_path_factory.mktemp("redis"))
    yield url
    server.stop()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The address of a real, empty Redis."""
    services.empty_redis(redis_server)
    return redis_server


@pytest.fixture
def test_database_url(transactional_db: None) -> str:
    """The address of the database this test sees, for the processes it starts."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return f"{os.environ[services.POSTGRES_URL].rpartition('/')[0]}/{settings['NAME']}"


@pytest.fixture
def production(test_database_url: str, redis_url: str, tmp_path: Path) -> Iterator["services.Production"]:
    """The product's processes, started by the commands of docs/operations.md on this test's database and broker."""
    with services.Production(test_database_url, redis_url, tmp_path) as processes:
        yield processes


@pytest.fixture(scope="session")
def chromium() -> str:
    return services.chromium()
