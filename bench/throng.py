"""Many who send at once, each again when it is answered. One thread does it for all of them, so that it is the product
that has the processors."""

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

type Tries = deque[tuple[bytes, bool]]  # requests of one of them, and whether the link is cut before the answer


@dataclass(frozen=True)
class Answer:
    request: bytes
    wait: float  # seconds
    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def said(self) -> dict[str, Any]:
        return cast(dict[str, Any], json.loads(self.raw.partition(b"\r\n\r\n")[2]))


class Throng:
    """Each tries again when answered, or at once where the link was cut. Their requests close the connection."""

    def __init__(self, port: int, people: Iterable[Tries]) -> None:
        self.port, self.people = port, iter(people)
        self.selector = selectors.DefaultSelector()
        self.answers: list[Answer] = []

    def come(self, at_once: int) -> list[Answer]:
        """What all of them were answered, in this order, when nobody is left."""
        for tries in islice(self.people, at_once):
            self.go_on(tries)
        while self.selector.get_map():
            for key, _ in self.selector.select():
                self.read(key)
        return self.answers

    def go_on(self, tries: Tries) -> None:
        """With the next try, or the next of them."""
        while tries or (tries := next(self.people, deque())):
            request, is_cut = tries.popleft()
            start = time.monotonic()
            connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            connection.sendall(request)
            if not is_cut:
                self.selector.register(connection, selectors.EVENT_READ, (request, start, tries, bytearray()))
                return
            connection.close()

    def read(self, key: selectors.SelectorKey) -> None:
        """A piece of an answer; with its end the server closes."""
        connection, (request, start, tries, answer) = cast(socket.socket, key.fileobj), key.data
        if piece := connection.recv(1 << 16):
            answer += piece
            return
        self.selector.unregister(connection)
        connection.close()
        self.answers.append(Answer(request, time.monotonic() - start, bytes(answer)))
        self.go_on(tries)
