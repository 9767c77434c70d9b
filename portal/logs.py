"""The log's lines: each with the id of its request, none with a personal link, an address or a row of a table."""

import logging
import re
from contextvars import ContextVar

current = ContextVar("current request", default="-")
LEFT_OUT = (
    (re.compile(r"[^/~\s]*~\w+~[\w-]{43}"), "[link]"),  # what portal.links.sign makes
    (re.compile(r"^DETAIL:.*?(?=\n\n|\Z)", re.MULTILINE | re.DOTALL), "DETAIL: [row]"),  # of PostgreSQL's errors
    (re.compile(r"(?<![\w.+-])(?!celery@)[\w.!#$%&'*+/=?^`{|}~-]+@(?:[\w-]+\.)+[^\W\d][\w-]*"), "[address]"),
)


class RequestFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request = current.get()
        if record.name.startswith("django.security."):
            record.exc_info = None  # a line says what a bad request was; where it was met is ours, and no news
        return True


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for pattern, said in LEFT_OUT:
            line = pattern.sub(said, line)
        return line
