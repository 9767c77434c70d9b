"""A mail server in a process of its own that takes everything and counts it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import services

spawn = get_context("spawn")


@dataclass(frozen=True)
class Sink:
    port: int
    counter: Any
    sample: Any  # the first mail; its length stands in the last four bytes

    @property
    def taken(self) -> int:
        return int(self.counter.value)

    @property
    def first(self) -> bytes:
        length = int.from_bytes(bytes(self.sample[-4:]), "big")
        return bytes(self.sample[:length])


class Handler:
    def __init__(self, counter: Any, sample: Any) -> None:
        self.counter, self.sample = counter, sample

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = bytes(envelope.content or b"")
        if self.counter.value == 0:
            self.sample[: len(content)] = content
            self.sample[-4:] = len(content).to_bytes(4, "big")
        self.counter.value += 1
        return "250 taken"


@contextmanager
def running() -> Iterator[Sink]:
    port, counter, sample = services.free_port(), spawn.Value("i", 0, lock=False), spawn.Array("B", 1 << 20, lock=False)
    process = spawn.Process(target=serve, args=(port, counter, sample), daemon=True)
    process.start()
    services.wait_until(lambda: services.answers(port))
    try:
        yield Sink(port, counter, sample)
    finally:
        process.terminate()


def serve(port: int, counter: Any, sample: Any) -> None:
    loop = asyncio.new_event_loop()
    handler = Handler(counter, sample)
    loop.run_until_complete(loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", port))
    loop.run_forever()
