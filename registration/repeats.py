"""Requests that clients may repeat: the same key gets the same answer and has one effect."""

from collections.abc import Callable
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


def stored(event: Event, scope: str, key: str, body: bytes, act: Callable[[], Answer]) -> Answer:
    """What `act` answers within a transaction, or what was answered to this key before.

    The answer is stored with the effect. Of two, the later one's effect is rolled back when its answer can't be stored;
    or it is refused what the first one has taken. Raises RepeatError where the key came with another body.
    """
    try:
        with transaction.atomic(), together():
            status, answer = act()
            new = IdempotencyKey(
                event=event, scope=scope, key=key, body_hash=digest_of(body), status=status, answer=answer
            )
            insert(IdempotencyKey, [columns(new)])
    except Exception:
        found = earlier(event, scope, key, body)
        if found is None:
            raise
        return found
    return status, answer


def sent(event: Event, form: QueryDict, client: str, act: Callable[[], Any]) -> None:
    """Do what a form asks for. Of a double click the second is refused what the first has taken, perhaps the last there
    was: then the first one counts for both.

    It is the same form if all that was filled in is the same and came from the same client: so nobody learns from it
    what others have sent.
    """
    key = salted_hmac("registration.form", repr([client, *form.lists()]), algorithm="sha256").hexdigest()
    try:
        with transaction.atomic(), together():
            act()
            new = IdempotencyKey(event=event, scope=PAGE, key=key, status=302, answer={})
            insert(IdempotencyKey, [columns(new)], anew=False)
    except BookingError:
        just_now = timezone.now() - DOUBLE_CLICK
        if not event.idempotency_keys.filter(scope=PAGE, key=key, created_at__gt=just_now).exists():
            raise


def forget(now: datetime) -> None:
    """The keys of forms, once no double click can come any more."""
    IdempotencyKey.objects.filter(scope=PAGE, created_at__lt=now - DOUBLE_CLICK).delete()


def earlier(event: Event, scope: str, key: str, body: bytes) -> Answer | None:
    """What was answered to this key. Raises RepeatError where it came with another body."""
    found = rows(IdempotencyKey, "event_id = %s AND scope = %s AND key = %s", event.pk, scope, key)
    if not found:
        return None
    [row] = found
    if row.body_hash != digest_of(body):
        raise RepeatError("This Idempotency-Key came with another request before. Use a new one for each.")
    return row.status, row.answer


def digest_of(body: bytes) -> str:
    return sha256(body).hexdigest()
