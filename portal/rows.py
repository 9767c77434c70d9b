"""Rows read, added and changed by SQL that stands as it is written.

Django puts a query together each time anew, which takes longer than the database needs for it. That counts where a lock
is held meanwhile or thousands of mails are written; everywhere else a queryset reads better.
"""

from typing import Any

from django.db import connection
from django.db.models import Model

LOCK = "FOR UPDATE"

type Columns = dict[str, Any]  # values by the names of the columns


def rows[M: Model](model: type[M], where: str, *values: Any, select: str = "*", locked: bool = False) -> list[M]:
    """Those of which this is true, with what is selected beside their columns; ours until the transaction ends.

    `where` and `select` are SQL of our own, with a %s for each value.
    """
    lock = LOCK if locked and connection.features.has_select_for_update else ""
    found = model._default_manager.raw(f"SELECT {select} FROM {table(model)} WHERE {where} {lock}", values)  # noqa: S608
    return list(found)


def row[M: Model](model: type[M], where: str, *values: Any, locked: bool = False) -> M:
    """The only one. Raises DoesNotExist."""
    found = rows(model, where, *values, locked=locked)
    if not found:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return found[0]


def columns(new: Model) -> Columns:
    fields = (field for field in new._meta.concrete_fields if not field.primary_key)
    return {str(one.column): one.get_db_prep_save(one.pre_save(new, True), connection) for one in fields}


def insert(model: type[Model], new: list[Columns], *, anew: bool = True) -> None:
    """Add rows that have the same columns. Where one of them is there already it is left out, unless all are `anew`."""
    names = ", ".join(connection.ops.quote_name(name) for name in new[0])
    places = ", ".join(["%s"] * len(new[0]))
    unless = "" if anew else "ON CONFLICT DO NOTHING"
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table(model)} ({names}) VALUES ({places}) {unless}",  # noqa: S608
            [tuple(one.values()) for one in new],
        )


def changing(model: type[Model], values: Columns, where: str, *given: Any) -> tuple[str, list[Any]]:
    """The statement that gives those of which this is true these values, and what it is given itself."""
    changes = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in values)
    ready = [prepared(model, name, value) for name, value in values.items()]
    return f"UPDATE {table(model)} SET {changes} WHERE {where}", [*ready, *given]  # noqa: S608


def prepared(model: type[Model], name: str, value: Any) -> Any:
    """The value of a field as the database is given it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)  # type: ignore[union-attr]


def table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
