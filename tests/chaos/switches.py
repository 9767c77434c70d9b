"""Switches guards of the outbox off, in the workers of a test that wants to see the failure."""

import os
from collections.abc import Callable

from portal import delivery
from portal.delivery import Outcome
from portal.models import Mail

honest = delivery.message_of


def claim() -> None:
    """Two senders may take the same mail."""
    delivery.CLAIM = delivery.CLAIM.replace("WHERE {due} AND id", "WHERE %s >= %s AND id").replace("{skip}", "")


def lease() -> None:
    """What a dead sender had in hand stays there."""
    delivery.DUE = "(state = 'waiting' AND due_at <= %s AND lease_until IS DISTINCT FROM %s)"


def patience() -> None:
    """A failure of any kind is the end."""
    delivery.put_back = lambda mail, error, is_down: Outcome(mail, Mail.State.FAILED, str(error))


def identity() -> None:
    """A mail sent again looks like another one."""

    def renamed(mail: Mail, *rest: object) -> object:
        mail.message_id = Mail.new_message_id()
        return honest(mail, *rest)  # type: ignore[arg-type]

    delivery.message_of = renamed  # type: ignore[assignment]


def persistence() -> None:
    """What was sent is forgotten if the database is away for a moment."""
    delivery.persist = lambda act: act()


SWITCHES: dict[str, Callable[[], None]] = {one.__name__: one for one in (claim, lease, patience, identity, persistence)}
SWITCHES[os.environ["SWITCHED_OFF"]]()
