"""Signed links by purpose: a token made for one purpose is refused for every other."""

from datetime import timedelta

from django.conf import settings
from django.core import signing


class LinkError(Exception):
    """A link that was altered, is of another purpose, or is too old; its message is shown to the user."""


class ExpiredLink(LinkError):
    """A link of ours that is too old."""


def sign(purpose: str, value: str) -> str:
    return signing.TimestampSigner(salt=f"lectern.{purpose}", sep="~").sign(value)


def unsign(purpose: str, token: str, max_age: timedelta | None = None) -> str:
    """The signed value. Raises LinkError."""
    try:
        return signing.TimestampSigner(salt=f"lectern.{purpose}", sep="~").unsign(token, max_age)
    except signing.SignatureExpired as error:
        raise ExpiredLink("This link has expired.") from error
    except signing.BadSignature as error:
        raise LinkError("This link isn't complete. Copy all of it from the mail.") from error


def absolute(path: str) -> str:
    """The address for use outside our pages: always the configured site, never the request's host."""
    return settings.SITE_URL + path
