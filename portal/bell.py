"""Waking workers through the broker. A lost ring costs half a minute, no mail: the sweep finds every row."""

import logging
import time

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class Bell:
    """Of the rings within a gap the second is put off to its end, where it speaks for all others. After a failure it
    stays silent for a while, so that a dead broker delays one request and not each of them.
    """

    SILENCE = 10  # seconds
    GAP = 0.25  # seconds
    PATIENCE: dict[str, float] = {
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "socket_connect_timeout": 0.5,
        "socket_timeout": 1,
    }

    def __init__(self) -> None:
        self.silent_until = 0.0
        self.heard_at = float("-inf")

    def ring(self) -> None:
        now = time.monotonic()
        if now < max(self.silent_until, self.heard_at):
            return
        delay = self.GAP if now < self.heard_at + self.GAP else 0
        self.heard_at = now + delay
        options = current_app.conf.broker_transport_options | self.PATIENCE
        try:
            with current_app.connection_for_write(connect_timeout=1, transport_options=options) as link:
                current_app.send_task(
                    "portal.tasks.deliver_due", countdown=delay, connection=link, retry=False, ignore_result=True
                )
        except (KombuError, RedisError, OSError) as error:
            self.silent_until = time.monotonic() + self.SILENCE
            logger.warning("No worker could be woken (%s); the sweep will send the mails.", type(error).__name__)


bell = Bell()


def wake() -> None:
    """Ring the bell after the commit, once a transaction."""
    waiting = connection.run_on_commit
    if not any(entry[1] == bell.ring for entry in waiting):
        transaction.on_commit(bell.ring, robust=True)
