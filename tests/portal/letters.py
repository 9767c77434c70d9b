"""Stand-ins for the letters of the product, so that the outbox is tested without what stands above it."""

from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError

from portal.mail import Attachment, Letter, MailError
from portal.models import Mail

LETTERS = {
    name: f"tests.portal.letters.{name}"
    for name in ("plain", "rich", "linked", "broken", "pointless", "interrupted", "overdue")
} | {"stopped": "tests.portal.letters.plain"}


def plain(mail: Mail) -> Letter:
    return Letter(mail.context.get("subject", "Hello"), "Hello there\n", "<p>Hello there</p>")


def rich(mail: Mail) -> Letter:
    calendar = Attachment("program.ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar; method=PUBLISH")
    stop = f"https://portal.example/stop/{'x' * 120}"
    return Letter("Rich", "Text\n", "<p>Text</p>", (calendar,), stop)


def broken(mail: Mail) -> Letter:
    raise KeyError("what the text needs is missing")


def pointless(mail: Mail) -> Letter:
    raise MailError("The registration no longer exists.")


def interrupted(mail: Mail) -> Letter:
    """As while the database restarts: written at the second attempt."""
    if mail.context.pop("subject", ""):
        raise OperationalError("the server went away")
    return plain(mail)


def overdue(mail: Mail) -> Letter:
    raise SoftTimeLimitExceeded


def linked(mail: Mail) -> Letter:
    address = "https://portal.example/confirm/x"
    html = f'<html><head></head><body><a href="{address}">Confirm</a></body></html>'
    return Letter("Linked", f"Confirm here:\n{address}\n", html)
