"""Rows that count at once, without a release: each is checked with its place in the file, written, and told."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from sessions_app.importers.outline import Part
from sessions_app.importers.report import ImportFailed, Remark
from sessions_app.importers.rows import assign, difference


class LiveRows:
    def __init__(self) -> None:
        self.changes: list[str] = []
        self.kept: list[str] = []
        self.errors: list[Remark] = []

    def put(self, row: models.Model, values: dict[str, Any], part: Part, what: str) -> bool:
        """Write what differs. Whether it could be written."""
        is_new, changed = row._state.adding, assign(row, values)
        if not self.check(row, values, part):
            return False
        if is_new:
            row.save()
            self.changes.append(f"new {what}")
        elif changed:
            row.save(update_fields=[name for name, _, _ in changed])
            self.tell(what, *changed)
        return True

    def tell(self, what: str, *changed: tuple[str, Any, Any]) -> None:
        told = [f"{name.replace('_', ' ')} {difference(old, new)}" for name, old, new in changed]
        self.changes.append(f"{what}: {', '.join(told)}")

    def check(self, row: models.Model, values: dict[str, Any], part: Part) -> bool:
        others = {field.name for field in row._meta.fields} - values.keys()
        try:
            row.clean_fields(exclude=others)
            row.clean()
        except ValidationError as error:
            for name, errors in error.update_error_dict({}).items():
                reason = " ".join(message for one in errors for message in one.messages)
                self.fail(part[name], reason if name == NON_FIELD_ERRORS else f"{name}: {reason}")
            return False
        return True

    def fail(self, part: Part, reason: str) -> None:
        self.errors.append(Remark(part.line, part.text, reason))

    def done(self) -> tuple[list[str], list[str]]:
        """The changes, and what was left as it is. Raises ImportFailed."""
        if self.errors:
            raise ImportFailed(*sorted(self.errors, key=lambda remark: remark.number))
        return self.changes, self.kept
