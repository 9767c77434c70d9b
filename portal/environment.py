"""Typed readers of the environment that fail loudly, and the trial set-up's own files."""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def text(name: str, default: str | None = None) -> str:
    """The variable's value; without a default it has to be set."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment (docs/operations.md lists all settings).")
    return value


def boolean(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "").strip().lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}; use 1 or 0.")
    return value in YES


def integer(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}; use a whole number of 0 or more.")
    return int(value)


def number(name: str, default: float) -> float:
    value = os.environ.get(name, "").strip() or str(default)
    if not PLAIN_NUMBER.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; use a number of 0 or more, such as 0.5.")
    return float(value)


def words(name: str, default: str | None = None) -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def stored_secret(path: Path) -> str:
    """A random key, made at first use and kept in a file only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def noted(path: Path, default: str) -> str:
    """What a running process has written down for others, or the default where there is none."""
    try:
        return path.read_text().strip() or default
    except OSError:
        return default


def mailer(url: str) -> dict[str, Any]:
    """Django's mailer settings for smtp://, smtp+tls:// (STARTTLS) or smtps://user:password@host:port?timeout=20."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL has to look like smtp+tls://user:password@host:587")
    return {
        "BACKEND": "portal.wire.Backend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or PORTS[parts.scheme],
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_tls": parts.scheme == "smtp+tls",
            "use_ssl": parts.scheme == "smtps",
            "timeout": int(parse_qs(parts.query).get("timeout", ["20"])[0]),
        },
    }
