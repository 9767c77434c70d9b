"""Whom we were asked to forget, kept outside the database too: a restored older backup is held against the list.

An address is there as a print keyed by SECRET_KEY, which tells nobody the address but knows it again.
"""

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


@dataclass(frozen=True)
class Entry:
    """An empty `event` stands for all of them."""

    erased_at: datetime
    event: str
    print: str


def prints(address: str) -> set[str]:
    """By the present key and those before it."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return {print_of(address, key) for key in keys}


def print_of(address: str, key: str) -> str:
    return salted_hmac("lectern.erasure", address_key(address), secret=key, algorithm="sha256").hexdigest()


def remember(address: str, event: Event | None) -> None:
    """In the transaction of the erasure; in the file once that is done."""
    now = timezone.now()
    mark = print_of(address, settings.SECRET_KEY)
    Erasure.objects.create(event=event, print=mark, erased_at=now)
    line = f"{now.isoformat()} {event.slug if event else '*'} {mark}\n"
    transaction.on_commit(lambda: append(line))


def append(line: str) -> None:
    path = Path(settings.ERASURES_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write(line)


def unknown() -> list[Entry]:
    """What the file has and the database hasn't: after an older backup was restored."""
    known = {(one.erased_at, one.print) for one in Erasure.objects.all()}
    return [entry for entry in entries() if (entry.erased_at, entry.print) not in known]


def entries() -> Iterator[Entry]:
    path = Path(settings.ERASURES_FILE)
    for line in path.read_text().splitlines() if path.exists() else []:
        moment, event, mark = line.split()
        yield Entry(datetime.fromisoformat(moment), "" if event == "*" else event, mark)


def adopt(entry: Entry) -> None:
    """Put it into the database again."""
    event = Event.objects.filter(slug=entry.event).first() if entry.event else None
    Erasure.objects.create(event=event, print=entry.print, erased_at=entry.erased_at)
