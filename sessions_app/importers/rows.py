"""What a row takes of an imported shape, and how a difference is told."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from sessions_app import program as shape
from sessions_app.models import Speaker


def session_values(item: shape.Item) -> dict[str, Any]:
    """What every file says comes as it is; of the rest only what isn't empty."""
    certain = {
        "title": item.title,
        "duration": item.duration,
        "start": item.start if item.is_pinned else None,
    }
    return certain | said(
        subtitle=item.subtitle,
        kind=item.kind,
        abstract=item.abstract,
        prerequisites=item.prerequisites,
        links=[asdict(link) for link in item.links],
        level=item.level,
        language=item.language,
        status=item.status,
        visibility="" if item.is_full else item.visibility,  # no file lifts a veil
    )


def person_values(person: shape.Person, email: str = "") -> dict[str, Any]:
    return {"name": person.name} | said(
        affiliation=person.affiliation, biography=person.biography, url=person.url, email=email
    )


def said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def uuid_of(text: str) -> str:
    """The text if it is a UUID as it is stored; else empty, as the names that readers make up."""
    try:
        return text if str(UUID(text)) == text else ""
    except ValueError:
        return ""


def assign(row: models.Model, values: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """Set the attributes that differ; gives name, old and new value of each."""
    changed = [(name, getattr(row, name, None), value) for name, value in values.items() if is_other(row, name, value)]
    for name, _, value in changed:
        setattr(row, name, value)
    return changed


def is_other(row: models.Model, name: str, value: Any) -> bool:
    return row._state.adding or getattr(row, name) != value


def difference(old: Any, new: Any) -> str:
    before, after = shown(old), shown(new)
    return f"{before} → {after}" if before != after else "differs further on"


def shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M %Z}"
    if isinstance(value, list):
        return shown(" ".join(link["url"] for link in value))
    text = value.isoformat() if isinstance(value, date) else str(value if value not in (None, "") else "none")
    return " ".join(text.split()) if len(text) <= 60 else f"{' '.join(text[:57].split())} …"


def listed(speakers: Iterable[Speaker]) -> str:
    return ", ".join(speaker.name for speaker in speakers)
