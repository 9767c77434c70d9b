"""Django's PostgreSQL, whose connections are looked at instead of asked whether they still work."""

from select import POLLIN, poll

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

READY = (TransactionStatus.IDLE, TransactionStatus.INTRANS)


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """This comes before a request's first query, when a server says nothing but that it hangs up."""
        if self.connection is None or self.connection.info.transaction_status not in READY:
            return False
        unread = poll()
        unread.register(self.connection.fileno(), POLLIN)
        return not unread.poll(0)
