"""A real SMTP server on loopback that records what it took and misbehaves as it is told."""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from random import Random
from time import monotonic

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

logging.getLogger("mail.log").setLevel(logging.WARNING)
DROP = "drop the link without an answer"
LOSE = "drop the link and forget the mail"
HANG = "never answer"
SLOW = "take 0.1 s to say yes"


@dataclass
class Rule:
    """What to answer at a command ("login", "mail", "rcpt", "data") instead of yes: `first` times, to addresses with
    `match`, in `rate` of all cases, to those beyond `allowed` in a second."""

    command: str
    answer: str
    match: str = ""
    first: int = 1_000_000
    rate: float = 1
    allowed: int = 0
    asked: Counter[int] = field(default_factory=Counter)  # by the second

    def is_too_fast(self) -> bool:
        second = int(monotonic())
        self.asked[second] += 1
        return self.asked[second] > self.allowed


@dataclass
class Taken:
    """A mail as it came in, after its envelope. `is_told`: the client has read the answer that it was taken, as it
    went on over the link; one that no longer waited for it has not."""

    recipients: list[str]
    raw: bytes
    is_told: bool = False
    sender: str = ""

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)  # type: ignore[return-value]


@dataclass
class Server:
    """`taken` are the mails stored, whether or not the client was told; `asked` all addresses of RCPT commands."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    answered: dict[Session, Taken] = field(default_factory=dict)
    links: int = 0
    is_pipelining: bool = True  # as nearly all servers of today
    luck: Random = field(default_factory=lambda: Random(7))

    def script(self, command: str, answer: str, **details: object) -> None:
        self.rules.append(Rule(command, answer, **details))  # type: ignore[arg-type]

    def mailers(self, timeout: float = 2) -> dict[str, object]:
        """Django's MAILERS that send here."""
        return {
            "default": {
                "BACKEND": "portal.wire.Backend",
                "OPTIONS": {"host": "127.0.0.1", "port": self.port, "timeout": timeout},
            }
        }

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [address for taken in self.taken for address in taken.recipients]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, name: str, answers: list[str]
    ) -> list[str]:
        session.host_name = name
        self.links += 1
        return [*answers[:-1], *["250-PIPELINING"] * self.is_pipelining, answers[-1]]

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, way: str, login: object) -> AuthResult:
        return AuthResult(success=self.rule("login", "") is None, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.hear(session)
        answer = await self.answer(server, "mail", address)
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append(address)
        answer = await self.answer(server, "rcpt", address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        rule = self.rule("data", " ".join(envelope.rcpt_tos))
        if rule is None or rule.answer in (DROP, HANG, SLOW):
            content, sender = bytes(envelope.content or b""), envelope.mail_from or ""
            self.taken.append(Taken(list(envelope.rcpt_tos), content, sender=sender))
        if rule is None or rule.answer == SLOW:
            self.answered[session] = self.taken[-1]
        return await self.act(server, rule)

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.hear(session)
        return "221 Bye"

    def hear(self, session: Session) -> None:
        """A client that says something else has read the answer about its mail."""
        if taken := self.answered.pop(session, None):
            taken.is_told = True

    async def answer(self, server: SMTP, command: str, address: str) -> str:
        return await self.act(server, self.rule(command, address))

    def rule(self, command: str, address: str) -> Rule | None:
        for rule in self.rules:
            is_meant = rule.command == command and rule.match in address and rule.first > 0
            if is_meant and self.luck.random() < rule.rate and rule.is_too_fast():
                rule.first -= 1
                return rule
        return None

    async def act(self, server: SMTP, rule: Rule | None) -> str:
        if rule and rule.answer == SLOW:
            await asyncio.sleep(0.1)
        if rule is None or rule.answer == SLOW:
            return "250 taken"
        if rule.answer in (DROP, LOSE):
            server.transport.abort()
        if rule.answer == HANG:
            await asyncio.sleep(600)
        return rule.answer


@contextmanager
def recording_server(port: int = 0) -> Iterator[Server]:
    """Runs in a thread of its own, so that clients of this process and of others reach it alike."""
    server, loop = Server(), asyncio.new_event_loop()
    names = count(1)
    listener = loop.run_until_complete(
        loop.create_server(lambda: speaker(server, f"mx{next(names)}.example", loop), "127.0.0.1", port)
    )
    server.port = listener.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="smtp server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop, loop, listener)
        thread.join(5)
        loop.close()


def speaker(server: Server, name: str, loop: asyncio.AbstractEventLoop) -> SMTP:
    """Who talks to one client. A login is offered, and needed by nobody."""
    return SMTP(server, hostname=name, loop=loop, authenticator=server.authenticate, auth_require_tls=False)


def stop(loop: asyncio.AbstractEventLoop, listener: asyncio.Server) -> None:
    listener.close()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.call_soon(loop.stop)
