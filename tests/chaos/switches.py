"""Switches guards off, in the processes of a test that wants to see the failure."""

import os
import time
from collections.abc import Callable
from functools import partial

from django.db import transaction

from portal import delivery
from portal.delivery import Outcome
from portal.models import Mail
from registration import booking

honest = delivery.message_of
notify = booking.notify


def claim() -> None:
    """Two senders may take the same mail."""
    delivery.CLAIM = delivery.CLAIM.replace("WHERE {due} AND id", "WHERE %s >= %s AND id", 1).replace("{skip}", "")


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


def togetherness() -> None:
    """A mail is written after what it tells, as long after it as a mail server takes to answer."""

    def tell(*about: object) -> None:
        time.sleep(0.1)
        notify(*about)  # type: ignore[arg-type]

    booking.notify = lambda *about: transaction.on_commit(partial(tell, *about))


ALL = (claim, lease, patience, identity, persistence, togetherness)
SWITCHES: dict[str, Callable[[], None]] = {one.__name__: one for one in ALL}
SWITCHES[os.environ["SWITCHED_OFF"]]()
