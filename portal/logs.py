"""The id of the current request, in each line of the log."""

import logging
from contextvars import ContextVar

current = ContextVar("current request", default="-")


class RequestFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request = current.get()
        return True
