"""Requests that clients may repeat: the same key gets the same answer and has one effect."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.db import transaction

from portal.models import Event
from portal.rows import columns, insert, rows
from registration.models import IdempotencyKey

LONGEST = 200  # characters of a key

type Answer = tuple[int, dict[str, Any]]


class RepeatError(Exception):
    """A key that can't be taken; its message is shown to the client."""


def once(event: Event, scope: str, key: str, body: bytes, act: Callable[[], Answer]) -> Answer:
    """What `act` answers within a transaction, or what was answered to this key before.

    Raises RepeatError where the key came with another body.
    """
    found = earlier(event, scope, key, sha256(body).hexdigest())
    return found or stored(event, scope, key, body, act)


def stored(event: Event, scope: str, key: str, body: bytes, act: Callable[[], Answer]) -> Answer:
    """The same for what seldom comes again and is never refused: it is done first, and looked up if that was before.

    The answer is stored with the effect. Of two, the later one's effect is rolled back when its answer can't be stored;
    or it is refused what the first one has taken.
    """
    digest = sha256(body).hexdigest()
    try:
        with transaction.atomic():
            status, answer = act()
            new = IdempotencyKey(event=event, scope=scope, key=key, body_hash=digest, status=status, answer=answer)
            insert(IdempotencyKey, [columns(new)])
    except Exception:
        found = earlier(event, scope, key, digest)
        if found is None:
            raise
        return found
    return status, answer


def earlier(event: Event, scope: str, key: str, digest: str) -> Answer | None:
    found = rows(IdempotencyKey, "event_id = %s AND scope = %s AND key = %s", event.pk, scope, key)
    if not found:
        return None
    [row] = found
    if row.body_hash != digest:
        raise RepeatError("This Idempotency-Key came with another request before. Use a new one for each.")
    return row.status, row.answer
