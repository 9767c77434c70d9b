"""Rows read, added and changed by SQL that stands as it is written.

Django puts a query together each time anew, which takes longer than the database needs for it. That counts where a lock
is held meanwhile or thousands of mails are written; everywhere else a queryset reads better.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

LOCK = "FOR UPDATE"
MOMENTS = {  # the statement's, the same for all its rows; SQLite's is the end of a millisecond, as exact as it knows
    "postgresql": "statement_timestamp() + make_interval(secs => {})",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f999', 'now', {} || ' seconds')",
}

type Columns = dict[str, Any]  # values by the names of the columns


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
    """Without those that are left to the database."""
    fields = (field for field in new._meta.concrete_fields if not field.primary_key)
    given = {field: field.pre_save(new, True) for field in fields}
    return {
        str(field.column): field.get_db_prep_save(value, connection)
        for field, value in given.items()
        if not isinstance(value, DatabaseDefault)
    }


def insert(model: type[Model], new: list[Columns], *, anew: bool = True) -> None:
    """Add rows that have the same columns. Where one of them is there already it is left out, unless all are `anew`."""
    statement, values = addition(model, tuple(new[0]), anew), [tuple(one.values()) for one in new]
    if len(values) == 1:  # many at once are sent another way, which takes longer for one
        change(statement, *values[0])
    else:
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def add(new: Model, *, anew: bool = True) -> bool:
    """Whether it was added, and so has a key now. One that isn't `anew` may be there already, as a constraint knows."""
    values = columns(new)
    found = value(f"{addition(type(new), tuple(values), anew)} RETURNING id", *values.values())
    new.pk, new._state.adding, new._state.db = found, found is None, connection.alias
    return found is not None


def value(statement: str, *values: Any) -> Any:
    """The first column of the first row it gives; None where it gives no row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return found and found[0]


def change(statement: str, *values: Any) -> None:
    """A statement of which nothing is wanted back; it waits for others where these go `together`."""
    waiting = what_waits()
    if waiting:
        waiting.statements.append((statement, values))
    else:
        execute(statement, values)


def execute(statement: str, values: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@contextmanager
def together() -> Iterator[None]:
    """What is changed within is sent as one at the end, as each statement is waited for; but before anything is asked,
    so that nobody has to know. Goes inside a transaction: an error leaves out what still waits. One within another
    is a part of it."""
    if what_waits():
        yield
        return
    waiting = Waiting()
    with connection.execute_wrapper(waiting):
        yield
        waiting.send()


@dataclass
class Waiting:
    """Statements that wait for the next one of another kind."""

    statements: list[tuple[str, Sequence[Any]]] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], *asked: Any) -> Any:
        self.send()
        return execute(*asked)

    def send(self) -> None:
        left, self.statements = self.statements, []
        while left:
            count = most_at_once(tuple(statement for statement, _ in left))
            now, left = left[:count], left[count:]
            execute(joined(tuple(statement for statement, _ in now)), [one for _, values in now for one in values])


def what_waits() -> Waiting | None:
    return next((one for one in connection.execute_wrappers if isinstance(one, Waiting)), None)


@cache
def most_at_once(statements: tuple[str, ...]) -> int:
    """How many of them, from the first, can be one: PostgreSQL's, which would change a row only once."""
    changed: set[str] = set()
    for number, statement in enumerate(statements):
        verb, name, *_ = statement.split(maxsplit=2)
        if number and (connection.vendor != "postgresql" or (verb == "UPDATE" and name in changed)):
            return number
        changed.add(name)
    return len(statements)


@cache
def joined(statements: tuple[str, ...]) -> str:
    *others, last = statements
    named = ", ".join(f"part{number} AS ({statement})" for number, statement in enumerate(others))
    return f"WITH {named} {last}" if named else last


@cache
def addition(model: type[Model], names: tuple[str, ...], anew: bool) -> str:
    quoted = ", ".join(map(connection.ops.quote_name, names))
    places = ", ".join(["%s"] * len(names))
    unless = "" if anew else "ON CONFLICT DO NOTHING"
    return f"INSERT INTO {table(model)} ({quoted}) VALUES ({places}) {unless}"  # noqa: S608


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
