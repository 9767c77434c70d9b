"""The log's lines: each with the id of its request, none with a personal link."""

import logging
import re
from contextvars import ContextVar

current = ContextVar("current request", default="-")
TOKEN = re.compile(r"[^/~\s]*~\w+~[\w-]{43}")  # what portal.links.sign makes


class RequestFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request = current.get()
        return True


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return TOKEN.sub("[link]", super().format(record))
