"""Rows to write together: a handful of statements, however many rows, and the differences in words."""

from collections import defaultdict
from typing import Any

from django.db import models

from sessions_app.importers.rows import assign, difference
from sessions_app.models import Session

AT_ONCE = 500
UNTOLD = {"source", "sequence", "position"}


class Batch:
    def __init__(self) -> None:
        self.changes: list[str] = []
        self.new: list[models.Model] = []
        self.changed: dict[str, list[models.Model]] = defaultdict(list)  # by the name of a field

    def put(self, row: models.Model, values: dict[str, Any], what: str) -> None:
        """Note a row that is new or differs."""
        changed = assign(row, values)
        if row._state.adding:
            self.new.append(row)
            self.changes.append(f"new session {what}" if isinstance(row, Session) else f"new {what}")
            return
        for name, _, _ in changed:
            self.changed[name].append(row)
        told = [f"{name} {difference(old, new)}" for name, old, new in changed if name not in UNTOLD]
        self.changes += [f"{what}: {', '.join(told)}"] if told else []

    def write(self, model: type[models.Model]) -> None:
        """What was noted of this model. Each field by itself, so that one that didn't change here is never written."""
        model._default_manager.bulk_create((row for row in self.new if isinstance(row, model)), AT_ONCE)
        self.new = [row for row in self.new if not isinstance(row, model)]
        for name, rows in self.changed.items():
            if found := [row for row in rows if isinstance(row, model)]:
                model._default_manager.bulk_update(found, [name], AT_ONCE)
            self.changed[name] = [row for row in rows if not isinstance(row, model)]
