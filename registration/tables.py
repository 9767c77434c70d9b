"""Registrations as CSV."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from portal.text import cell_text
from registration.models import Registration

HEADER = ["name", "email", "affiliation", "event", "ticket type", "state", "place", "registered at"]
MARK = "\ufeff"  # Excel reads the file as UTF-8 by it


class Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(registrations: Iterable[Registration]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield MARK + writer.writerow(HEADER)
    for one in registrations:
        yield writer.writerow([cell_text(value) if isinstance(value, str) else value for value in row(one)])


def row(registration: Registration) -> list[Any]:
    return [
        registration.name,
        registration.email,
        registration.affiliation,
        registration.event.slug,
        registration.ticket_type.name,
        registration.state,
        registration.place,
        registration.created_at.astimezone(registration.event.zone).isoformat(timespec="minutes"),
    ]
