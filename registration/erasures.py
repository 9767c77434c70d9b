"""Whom we were asked to forget, kept outside the database too: a restored older backup is held against the list.

An address, or the id of a speaker, is there as a print keyed by SECRET_KEY, which tells nobody who it is but knows
them again.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.models import Event
from portal.text import address_key
from registration.models import Erasure

logger = logging.getLogger(__name__)
LINE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.+]+) (\S+) ([0-9a-f]{64})")


@dataclass(frozen=True)
class Entry:
    """An empty `event` stands for all of them."""

    erased_at: datetime
    event: str
    print: str

    def __str__(self) -> str:
        return f"{self.erased_at.isoformat()} {self.event or '*'} {self.print}"


def prints(name: str) -> set[str]:
    """By the present key and those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return {print_of(name, key) for key in keys}


def print_of(name: str, key: str) -> str:
    return salted_hmac("lectern.erasure", address_key(name), secret=key, algorithm="sha256").hexdigest()


def remember(name: str, event: Event | None) -> None:
    """In the transaction of the erasure; in the file once that is done."""
    row = Erasure.objects.create(event=event, print=print_of(name, settings.SECRET_KEY), erased_at=timezone.now())
    transaction.on_commit(lambda: append([entry_of(row)]))


def entry_of(row: Erasure) -> Entry:
    return Entry(row.erased_at, row.event.slug if row.event else "", row.print)


def append(new: list[Entry]) -> None:
    """The person is forgotten already, so it is no failure of theirs where this fails: `complete` makes up for it."""
    path = Path(settings.ERASURES_FILE)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(f"{entry}\n" for entry in new)
    except OSError:
        logger.exception("The list of erasures can't be written; it lacks %d.", len(new))


def complete() -> None:
    """Put into the file what only the database has, since the file couldn't be written then."""
    listed = {(entry.erased_at, entry.print) for entry in entries()}
    rows = Erasure.objects.select_related("event").order_by("pk")
    if lacking := [entry_of(row) for row in rows if (row.erased_at, row.print) not in listed]:
        append(lacking)


def unknown() -> set[Entry]:
    """What the file has and the database hasn't: after an older backup was restored."""
    known = {(one.erased_at, one.print) for one in Erasure.objects.all()}
    return {entry for entry in entries() if (entry.erased_at, entry.print) not in known}


def entries() -> Iterator[Entry]:
    """But for lines that were cut off when the disk was full."""
    path = Path(settings.ERASURES_FILE)
    for line in path.read_text().splitlines() if path.exists() else []:
        if found := LINE.fullmatch(line):
            moment, event, mark = found.groups()
            yield Entry(datetime.fromisoformat(moment), "" if event == "*" else event, mark)


def adopt(entry: Entry) -> None:
    """Put it into the database again."""
    event = Event.objects.filter(slug=entry.event).first() if entry.event else None
    Erasure.objects.create(event=event, print=entry.print, erased_at=entry.erased_at)
