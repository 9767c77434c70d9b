"""Waking workers through the broker. A lost ring costs half a minute, no mail: the sweep finds every row."""

import logging
import time
from threading import Lock

from celery import current_app
from django.db import connection, transaction
from kombu import Connection
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

FAULTS = (KombuError, RedisError, OSError)

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
        self.link: Connection | None = None
        self.lock = Lock()

    def lift(self) -> None:
        """Load what the first ring would, without connecting yet."""
        current_app.backend  # noqa: B018
        current_app.amqp.send_task_message  # noqa: B018
        self.opened().transport  # noqa: B018

    def ring(self) -> None:
        if self.is_heard():
            return
        with self.lock:
            if self.is_heard():
                return
            now = time.monotonic()
            delay = self.GAP if now < self.heard_at + self.GAP else 0
            self.heard_at = now + delay
            try:
                self.send(delay)
            except FAULTS as error:
                self.silent_until = time.monotonic() + self.SILENCE
                logger.warning("No worker could be woken (%s); the sweep will send the mails.", type(error).__name__)

    def is_heard(self) -> bool:
        """By a ring still to come, or not at all for a while."""
        return time.monotonic() < max(self.silent_until, self.heard_at)

    def send(self, delay: float) -> None:
        """Over a link that is kept, since to open one takes longer than to register. An old one may have been cut."""
        is_old = self.link is not None
        try:
            self.link = self.link or self.opened()
            current_app.send_task(
                "portal.tasks.deliver_due", countdown=delay, connection=self.link, retry=False, ignore_result=True
            )
        except FAULTS:
            self.hang_up()
            if not is_old:
                raise
            self.send(delay)

    def opened(self) -> Connection:
        options = current_app.conf.broker_transport_options | self.PATIENCE
        link: Connection = current_app.connection_for_write(connect_timeout=1, transport_options=options)
        return link

    def hang_up(self) -> None:
        if self.link:
            self.link.release()
            self.link = None


bell = Bell()


def wake() -> None:
    """Ring the bell after the commit, once a transaction."""
    waiting = connection.run_on_commit
    if not any(entry[1] == bell.ring for entry in waiting):
        transaction.on_commit(bell.ring, robust=True)
