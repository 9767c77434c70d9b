"""Switches guards off, and puts clocks wrong, in the processes of a test that wants to see the failure."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import time_machine
from django.db import transaction
from django.utils import timezone

from portal import delivery
from portal.delivery import Outcome
from portal.models import Mail
from registration import booking
from tests.portal.outbox import by_own_clock

honest = delivery.message_of
notify = booking.notify


def claim() -> None:
    """Two senders may take the same mail."""
    delivery.CLAIM = delivery.CLAIM.replace("WHERE {due} AND id", "WHERE id", 1).replace("{skip}", "")


def lease() -> None:
    """What a dead sender had in hand stays there."""
    delivery.DUE = "(state = 'waiting' AND due_at <= {now})"


def clock() -> None:
    """Each sender goes by its own clock."""
    delivery.from_now, delivery.claiming = by_own_clock, delivery.claiming.__wrapped__


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


ALL = (claim, lease, clock, patience, identity, persistence, togetherness)
SWITCHES: dict[str, Callable[[], None]] = {one.__name__: one for one in ALL}
if guard := os.environ.get("SWITCHED_OFF"):
    SWITCHES[guard]()
if hours := os.environ.get("CLOCK_AHEAD_BY"):
    time_machine.travel(timezone.now() + timedelta(hours=int(hours))).start()
