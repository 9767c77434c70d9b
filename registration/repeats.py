"""Requests that clients may repeat: the same key gets the same answer and has one effect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.models import Event
from portal.rows import columns, insert, rows, together
from registration.ledger import DOUBLE_CLICK, BookingError
from registration.models import IdempotencyKey

LONGEST = 200  # characters of a key
PAGE = "page"  # the scope of forms

type Answer = tuple[int, dict[str, Any]]


class RepeatError(Exception):
    """A key that can't be taken; its message is shown to the client."""


@dataclass(frozen=True)
class Attempt:
    """A request that may come again, as its `key` tells within the event and the scope; without a key, always anew.
    A form that comes again acts again."""

    event: Event
    scope: str
    key: str
    body: bytes = b""

    @property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()

    @property
    def is_form(self) -> bool:
        return self.scope == PAGE


def form_of(event: Event, data: QueryDict, client: str) -> Attempt:
    """It is the same form if all that was filled in is the same and came from the same client: so nobody learns from it
    what others have sent."""
    key = salted_hmac("registration.form", repr([client, *data.lists()]), algorithm="sha256").hexdigest()
    return Attempt(event, PAGE, key)


def stored(attempt: Attempt, act: Callable[[], Answer]) -> Answer:
    """What `act` answers within a transaction, or what was answered to this attempt before.

    The answer is stored with the effect. Of two, the later one's effect is rolled back when its answer can't be stored;
    or it is refused what the first one has taken, perhaps the last there was: then the first one counts for both.
    Raises RepeatError where the key came with another body.
    """
    try:
        with transaction.atomic(), together():
            answer = act()
            Answered().keep(attempt, answer)
    except Exception as error:
        if attempt.is_form and not isinstance(error, BookingError):
            raise
        found = earlier(attempt)
        if found is None:
            raise
        return found
    return answer


def forget(now: datetime) -> None:
    """The keys of forms, once no double click can come any more."""
    IdempotencyKey.objects.filter(scope=PAGE, created_at__lt=now - DOUBLE_CLICK).delete()


def earlier(attempt: Attempt) -> Answer | None:
    """What was answered to it before; to a form, just now. Raises RepeatError where the key came with another body."""
    return Answered([attempt]).find(attempt)


class Answered:
    """What was answered to attempts of one event and scope, before and here."""

    def __init__(self, attempts: Sequence[Attempt] = ()) -> None:
        keys = [one.key for one in attempts if one.key]
        where = f"event_id = %s AND scope = %s AND key IN ({', '.join(['%s'] * len(keys))})"
        found = rows(IdempotencyKey, where, attempts[0].event.pk, attempts[0].scope, *keys) if keys else []
        self.known = {one.key: one for one in found}

    def find(self, attempt: Attempt) -> Answer | None:
        found = self.known.get(attempt.key)
        if found is None or (attempt.is_form and found.created_at < timezone.now() - DOUBLE_CLICK):
            return None
        if not attempt.is_form and found.body_hash != attempt.digest:
            raise RepeatError("This Idempotency-Key came with another request before. Use a new one for each.")
        return found.status, found.answer

    def keep(self, attempt: Attempt, answer: Answer) -> None:
        if not attempt.key:
            return
        (status, said), event = answer, attempt.event
        new = IdempotencyKey(event=event, scope=attempt.scope, key=attempt.key, status=status, answer=said)
        new.body_hash = attempt.digest
        insert(IdempotencyKey, [columns(new)], anew=not attempt.is_form)
        self.known[attempt.key] = new
