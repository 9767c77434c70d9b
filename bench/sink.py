"""A mail server in a process of its own that takes everything and counts it, slowly if it is told so."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests import services

spawn = get_context("spawn")
AWAITED = "awaited"  # how addresses begin whose mails are counted apart


@dataclass(frozen=True)
class Sink:
    port: int
    counter: Any
    sample: Any  # the first mail; its length stands in the last four bytes
    apart: Any

    @property
    def taken(self) -> int:
        return int(self.counter.value)

    @property
    def awaited(self) -> int:
        return int(self.apart.value)

    @property
    def first(self) -> bytes:
        length = int.from_bytes(bytes(self.sample[-4:]), "big")
        return bytes(self.sample[:length])


class Handler:
    def __init__(self, counter: Any, sample: Any, apart: Any, delay: float) -> None:
        self.counter, self.sample, self.apart, self.delay = counter, sample, apart, delay

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        """Takes several commands at once, as nearly all servers do."""
        session.host_name = name
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = bytes(envelope.content or b"")
        if self.counter.value == 0:
            self.sample[: len(content)] = content
            self.sample[-4:] = len(content).to_bytes(4, "big")
        if self.delay:
            await asyncio.sleep(self.delay)
        self.counter.value += 1
        self.apart.value += sum(one.startswith(AWAITED) for one in envelope.rcpt_tos)
        return "250 taken"


@contextmanager
def running(delay: float = 0) -> Iterator[Sink]:
    """`delay` in seconds for each mail."""
    port, counter, apart = services.free_port(), spawn.Value("i", 0, lock=False), spawn.Value("i", 0, lock=False)
    sample = spawn.Array("B", 1 << 20, lock=False)
    process = spawn.Process(target=serve, args=(port, counter, sample, apart, delay), daemon=True)
    process.start()
    services.wait_until(lambda: services.answers(port))
    try:
        yield Sink(port, counter, sample, apart)
    finally:
        process.terminate()


def serve(port: int, counter: Any, sample: Any, apart: Any, delay: float) -> None:
    loop = asyncio.new_event_loop()
    handler = Handler(counter, sample, apart, delay)
    loop.run_until_complete(loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", port))
    loop.run_forever()
