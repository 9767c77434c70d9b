"""Rows to write together: a handful of statements, however many rows, and the differences in words."""

from collections import defaultdict
from typing import Any

from django.db import models

from portal.text import clean_line
from sessions_app.importers.prose import prose, verbatim
from sessions_app.importers.rows import assign, difference
from sessions_app.models import Session

AT_ONCE = 500
UNTOLD = {"source", "sequence", "position"}


class Batch:
    """`is_loose`: a text that only lacks what readers take out of it is the same."""

    def __init__(self, *, is_loose: bool = False) -> None:
        self.is_loose = is_loose
        self.changes: list[str] = []
        self.new: list[models.Model] = []
        self.changed: dict[str, list[models.Model]] = defaultdict(list)  # by the name of a field

    def put(self, row: models.Model, values: dict[str, Any], what: str) -> None:
        """Note a row that is new or differs, and tell it."""
        changed = self.note(row, values)
        if row._state.adding:
            self.new.append(row)
            self.changes.append(f"new session {what}" if isinstance(row, Session) else f"new {what}")
            return
        told = [f"{name} {difference(old, new)}" for name, old, new in changed if name not in UNTOLD]
        self.changes += [f"{what}: {', '.join(told)}"] if told else []

    def note(self, row: models.Model, values: dict[str, Any]) -> list[tuple[str, Any, Any]]:
        """What differs, untold."""
        if self.is_loose and not row._state.adding:
            values = {name: value for name, value in values.items() if not reads_alike(row, name, value)}
        changed = assign(row, values)
        if not row._state.adding:
            for name, _, _ in changed:
                self.changed[name].append(row)
        return changed

    def write(self, model: type[models.Model]) -> None:
        """What was noted of this model. Each field by itself, so that one that didn't change here is never written."""
        model._default_manager.bulk_create((row for row in self.new if isinstance(row, model)), AT_ONCE)
        self.new = [row for row in self.new if not isinstance(row, model)]
        for name, rows in self.changed.items():
            if found := [row for row in rows if isinstance(row, model)]:
                model._default_manager.bulk_update(found, [name], AT_ONCE)
            self.changed[name] = [row for row in rows if not isinstance(row, model)]


def reads_alike(row: models.Model, name: str, value: Any) -> bool:
    before = getattr(row, name)
    if before == value or not isinstance(before, str):
        return False
    is_long = isinstance(row._meta.get_field(name), models.TextField)
    return value in ((prose(before), verbatim(before)) if is_long else (clean_line(before),))
