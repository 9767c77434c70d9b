"""Where a word is found that only one person brought."""

from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from pathlib import Path
from re import findall
from threading import Thread

import redis
from django.db import connection


def in_tables(word: str) -> dict[str, list[str]]:
    """Every value of every table in which it is, by table."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            hits = [text for row in cursor.fetchall() for value in row if has(word, text := as_text(value))]
            if hits:
                found[table] = hits
    return found


def as_text(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def in_files(word: str, directory: Path) -> list[Path]:
    """Those that have it in their name or in what is in them."""
    files = (one for one in directory.rglob("*") if one.is_file())
    return [one for one in files if has(word, one.name) or has(word, one.read_bytes().decode(errors="replace"))]


def has(word: str, text: str) -> bool:
    return word in text.casefold() or any(word in part.casefold() for part in unpacked(text))


def unpacked(text: str) -> Iterator[str]:
    """What a queue wraps up."""
    for part in findall(r"[A-Za-z0-9+/]{16,}=*", text):
        try:
            yield b64decode(part, validate=True).decode(errors="replace")
        except Error:
            continue


class Listener:
    """Hears every command that a Redis is given, from the start of the block to its end."""

    def __init__(self, url: str) -> None:
        self.commands: list[str] = []
        self.client = redis.Redis.from_url(url, socket_timeout=None)

    def __enter__(self) -> "Listener":
        self.monitor = self.client.monitor().__enter__()
        self.thread = Thread(target=self.listen, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.client.publish("listener", "the end")
        self.thread.join(10)
        self.monitor.__exit__(None, None, None)

    def listen(self) -> None:
        for heard in self.monitor.listen():
            self.commands.append(heard["command"])
            if "listener" in heard["command"]:
                return

    def heard(self, word: str) -> list[str]:
        return [one for one in self.commands if has(word, one)]
