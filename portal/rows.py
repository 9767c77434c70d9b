"""Rows read, added and changed by SQL that stands as it is written.

Django puts a query together each time anew, which takes longer than the database needs for it. That counts where a lock
is held meanwhile or thousands of mails are written; everywhere else a queryset reads better.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

LOCK = "FOR UPDATE"
ADD, UNLESS = "INSERT INTO ", "ON CONFLICT DO NOTHING"
BACK = "ROLLBACK TO SAVEPOINT"
RESERVE = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
SHAPES = 500  # of statements that are remembered
MOMENTS = {  # the statement's, the same for all its rows; SQLite's is the end of a millisecond, as exact as it knows
    "postgresql": "statement_timestamp() + make_interval(secs => {})",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f999', 'now', {} || ' seconds')",
}

type Columns = dict[str, Any]  # values by the names of the columns
type Kind = tuple[type[Model], tuple[str, ...], bool]  # of new rows: their columns, and whether all are anew


@dataclass(frozen=True)
class FromNow:
    """The value of a column: so many seconds from now, by the database's clock. Those of machines may differ."""

    seconds: int


def from_now(seconds: str = "0") -> str:
    """SQL for such a moment; `seconds` may be a %s."""
    return MOMENTS[connection.vendor].format(seconds)


def database_time() -> datetime:
    """Now, by the clock that all machines share."""
    found = value(f"SELECT {from_now()}")
    return found if isinstance(found, datetime) else datetime.fromisoformat(found).replace(tzinfo=UTC)


@dataclass(frozen=True)
class Shape:
    """How rows of a model are asked for, and what makes its values of those the database gives: by their place, the
    column and the converters for it."""

    columns: str
    length: int
    converters: list[tuple[int, Any, list[Callable[..., Any]]]]


@cache
def shape_of(model: type[Model]) -> Shape:
    asked = [field.get_col(table(model)) for field in model._meta.concrete_fields]
    columns = ", ".join(f"{table(model)}.{connection.ops.quote_name(str(one.target.column))}" for one in asked)
    found = [(one, connection.ops.get_db_converters(one) + one.get_db_converters(connection)) for one in asked]
    return Shape(columns, len(asked), [(place, one, them) for place, (one, them) in enumerate(found) if them])


def rows[M: Model](
    model: type[M], where: str, *values: Any, more: dict[str, str] | None = None, locked: bool = False
) -> list[M]:
    """Those of which this is true; ours until the transaction ends, if they are locked.

    `where` is SQL of our own, with a %s for each value, and so is what they are given as `more` attributes.
    """
    beside = "".join(f", {sql} AS {name}" for name, sql in (more or {}).items())
    lock = LOCK if locked and connection.features.has_select_for_update else ""
    query = f"SELECT {shape_of(model).columns}{beside} FROM {table(model)} WHERE {where} {lock}"  # noqa: S608
    return read(model, query, values, *(more or ()))


def read[M: Model](model: type[M], query: str, values: Sequence[Any], *more: str) -> list[M]:
    """What a statement gives that selects or returns the columns of its shape, and then these."""
    shape = shape_of(model)
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [made(model, shape, list(found), more) for found in cursor.fetchall()]


def made[M: Model](model: type[M], shape: Shape, values: list[Any], more: Sequence[str]) -> M:
    for place, column, converters in shape.converters:
        for convert in converters:
            values[place] = convert(values[place], column, connection)
    new = model.from_db(connection.alias, (), values[: shape.length])
    vars(new).update(zip(more, values[shape.length :], strict=True))
    return new


def row[M: Model](model: type[M], where: str, *values: Any, locked: bool = False) -> M:
    """The only one. Raises DoesNotExist."""
    found = rows(model, where, *values, locked=locked)
    if not found:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return found[0]


def columns(new: Model) -> Columns:
    """Without those that are left to the database, as its key unless that was reserved."""
    fields = (field for field in new._meta.concrete_fields if not field.primary_key or new.pk is not None)
    given = {field: field.pre_save(new, True) for field in fields}
    return {
        str(field.column): field.get_db_prep_save(value, connection)
        for field, value in given.items()
        if not isinstance(value, DatabaseDefault)
    }


def insert(model: type[Model], new: list[Columns], *, anew: bool = True) -> None:
    """Add rows that have the same columns. Where one of them is there already it is left out, unless all are `anew`."""
    kind, values = (model, tuple(new[0]), anew), [tuple(one.values()) for one in new]
    if waiting := what_waits():
        waiting.added.setdefault(kind, []).extend(values)
        return
    with connection.cursor() as cursor:
        if len(values) == 1:  # many at once are sent another way, which takes longer for one
            cursor.execute(addition(*kind), values[0])
        else:
            cursor.executemany(addition(*kind), values)


def increase(one: Model, name: str, by: int) -> None:
    """Add to a number of a row that is there, whatever it has become meanwhile."""
    setattr(one, name, getattr(one, name) + by)
    if waiting := what_waits():
        counts = waiting.counts.setdefault((type(one), one.pk), {})
        counts[name] = counts.get(name, 0) + by
    else:
        execute(*increment(type(one), one.pk, {name: by}))


def add(new: Model, *, anew: bool = True) -> bool:
    """Whether it was added, and so has a key now. One that isn't `anew` may be there already, as a constraint knows.
    One whose key was reserved is taken to be added, and may wait."""
    values = columns(new)
    if new.pk is not None:
        insert(type(new), [values], anew=anew)
        new._state.adding, new._state.db = False, connection.alias
        return True
    found = value(f"{addition(type(new), tuple(values), anew)} RETURNING id", *values.values())
    new.pk, new._state.adding, new._state.db = found, found is None, connection.alias
    return found is not None


def reserve(model: type[Model], count: int) -> list[int]:
    """Keys of so many rows to come, so that these can wait; none where the database gives a key with its row only."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, (model._meta.db_table, count))
        return [key for [key] in cursor.fetchall()]


def value(statement: str, *values: Any) -> Any:
    """The first column of the first row it gives; None where it gives no row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return found and found[0]


def execute(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def together() -> Iterator[None]:
    """Rows inserted and numbers increased within are sent as one statement at the end, as each statement is waited for;
    but before anything is asked, so that nobody has to know. Goes inside a transaction: an error leaves out what still
    waits. One within another is a part of it."""
    if what_waits():
        yield
        return
    waiting = Waiting()
    with connection.execute_wrapper(waiting):
        yield
        waiting.send()


@dataclass
class Waiting:
    """What waits for the next statement of another kind: values of new rows, and what is added to numbers of others."""

    added: dict[Kind, list[tuple[Any, ...]]] = field(default_factory=dict)
    counts: dict[tuple[type[Model], Any], dict[str, int]] = field(default_factory=dict)

    def __call__(self, execute: Callable[..., Any], statement: str, *asked: Any) -> Any:
        if statement.startswith(BACK):
            self.added, self.counts = {}, {}  # they came after the savepoint, before which all is sent
        elif not self.is_apart(statement):
            self.send()
        return execute(statement, *asked)

    def is_apart(self, statement: str) -> bool:
        """Whether it adds to a table for which nothing waits, and so doesn't see what does."""
        tables = {table(model) for model, *_ in self.added.keys() | self.counts.keys()}
        return statement.startswith(ADD) and statement.removeprefix(ADD).partition(" ")[0] not in tables

    def send(self) -> None:
        added, self.added = self.added, {}
        counts, self.counts = self.counts, {}
        parts = [several(kind, values) for kind, values in added.items()]
        parts += [increment(model, pk, by) for (model, pk), by in counts.items()]
        if parts and connection.vendor == "postgresql":
            statements, values = zip(*parts, strict=True)
            parts = [(joined(statements), [*chain(*values)])]
        for statement, values in parts:
            execute(statement, values)


def what_waits() -> Waiting | None:
    return next((one for one in connection.execute_wrappers if isinstance(one, Waiting)), None)


@lru_cache(maxsize=SHAPES)
def joined(statements: tuple[str, ...]) -> str:
    *others, last = statements
    named = ", ".join(f"part{number} AS ({statement})" for number, statement in enumerate(others))
    return f"WITH {named} {last}" if named else last


def several(kind: Kind, values: list[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """The statement that adds these, and what it is given. On PostgreSQL it is the same for any number, and so planned
    once for all."""
    model, names, anew = kind
    if connection.vendor != "postgresql":
        return addition(*kind, count=len(values)), [*chain(*values)]
    return documented(model, names, anew), [
        json.dumps([dict(zip(names, one, strict=True)) for one in values], default=plain)
    ]


@cache
def documented(model: type[Model], names: tuple[str, ...], anew: bool) -> str:
    quoted, unless = ", ".join(map(connection.ops.quote_name, names)), "" if anew else UNLESS
    rows = f"jsonb_populate_recordset(NULL::{table(model)}, %s::jsonb)"
    return f"{ADD}{table(model)} ({quoted}) SELECT {quoted} FROM {rows} {unless}"  # noqa: S608


def plain(value: Any) -> Any:
    """Of what JSON doesn't know: a document inside, or a text that the database reads."""
    return value.obj if hasattr(value, "obj") else str(value)


def increment(model: type[Model], pk: Any, by: dict[str, int]) -> tuple[str, list[Any]]:
    return increasing(model, tuple(by)), [*by.values(), pk]


@cache
def increasing(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join("{0} = {0} + %s".format(connection.ops.quote_name(name)) for name in names)
    return f"UPDATE {table(model)} SET {changes} WHERE id = %s"  # noqa: S608


@lru_cache(maxsize=SHAPES)
def addition(model: type[Model], names: tuple[str, ...], anew: bool, *, count: int = 1) -> str:
    quoted = ", ".join(map(connection.ops.quote_name, names))
    places = ", ".join([f"({', '.join(['%s'] * len(names))})"] * count)
    return f"{ADD}{table(model)} ({quoted}) VALUES {places} {'' if anew else UNLESS}"


def changing(model: type[Model], values: Columns, where: str, *given: Any) -> tuple[str, list[Any]]:
    """The statement that gives those of which this is true these values, and what it is given itself."""
    ready = [one.seconds if isinstance(one, FromNow) else prepared(model, name, one) for name, one in values.items()]
    names = tuple((name, isinstance(value, FromNow)) for name, value in values.items())
    return update(model, names, where), [*ready, *given]


@cache
def update(model: type[Model], names: tuple[tuple[str, bool], ...], where: str) -> str:
    changes = ", ".join(
        f"{connection.ops.quote_name(name)} = {from_now('%s') if is_moment else '%s'}" for name, is_moment in names
    )
    return f"UPDATE {table(model)} SET {changes} WHERE {where}"  # noqa: S608


def prepared(model: type[Model], name: str, value: Any) -> Any:
    """The value of a field as the database is given it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]


@cache
def table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
