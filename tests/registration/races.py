"""Steps of tests of what happens when many come at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle
from threading import Barrier
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection, connections, models
from django.db.models import QuerySet

from registration.booking import BookingError
from registration.repeats import Answer
from registration.turns import Turn, Wish

REFUSALS: tuple[type[Exception], ...] = (BookingError,)


def at_once(*acts: Callable[[], object], processes: int = 0) -> list[object]:
    """Runs each in a thread with a database connection of its own, all starting together. Gives what came of each. The
    threads are those of so many processes; else of one each, so that none waits for its turn and all go alone."""
    take = shared(processes) if processes else alone
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait(30)
            return act()
        except REFUSALS as error:
            return str(error)
        finally:
            connections.close_all()

    with patch("registration.turns.Turn.take", take), ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def shared(processes: int) -> Callable[[Turn, Wish], Answer]:
    turns, take = cycle([Turn() for _ in range(processes)]), Turn.take
    return lambda turn, wish: take(next(turns), wish)


def alone(turn: Turn, wish: Wish) -> Answer:
    wish.grant()
    return wish.outcome()


def unlock(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here no row is locked, so two may wait for each other until the database refuses one."""
    monkeypatch.setattr("tests.registration.races.REFUSALS", (BookingError, OperationalError))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows)
    monkeypatch.setattr("portal.rows.LOCK", "")


@contextmanager
def without_guard(monkeypatch: pytest.MonkeyPatch, model: type[models.Model], name: str) -> Iterator[None]:
    """No lock, and no constraint of this name that would say no as well. Empties the table in the end."""
    constraint = next(one for one in model._meta.constraints if one.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    unlock(monkeypatch)
    yield
    model._default_manager.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(model, constraint)
