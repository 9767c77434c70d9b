"""A message as the bytes that go to the mail server.

Written here rather than by the email package, which parses and folds anew for each of ten thousand mails what is the
same in all of them, and takes most of the time of a mail for it.
"""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import lru_cache
from secrets import token_hex
from smtplib import SMTP as SMTPLink
from smtplib import SMTP_SSL
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.utils.encoding import punycode

from portal.text import clean_line

TAKEN, GO_AHEAD, CLOSING = (250, 251), 354, 421  # what servers say of a recipient and to DATA, and when they hang up
PLAIN = re.compile(r"(?=.{3,70}$)[\w+-]+(\.[\w+-]+)*@[\w-]+(\.[\w-]+)*", re.ASCII)


class Wire(EmailMessage):
    """A message that is nothing but its bytes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(SMTP)
        self.content = content

    def as_bytes(self, unixfrom: bool = False, policy: Policy | None = None) -> bytes:
        return self.content


class WiredMessage(EmailMultiAlternatives):
    """A text with its HTML and attachments. `headers` are ours and stay on one line each: folding would turn a long
    address into unreadable encoded words."""

    wire: Wire | None = None

    def write(self) -> None:
        """Before it is sent; it isn't changed any more."""
        self.wire = self.message()

    def message(self, *, policy: Policy = SMTP) -> Wire:  # type: ignore[override]  # the stubs know an older Django
        return self.wire or self.written()

    def written(self) -> Wire:
        bodies = [body("plain", str(self.body)), *(body("html", str(html)) for html, _ in self.alternatives)]
        parts = [attached(part) for part in self.attachments if isinstance(part, MIMEPart)]
        content = multipart("alternative", bodies)
        return Wire(self.head() + (multipart("mixed", [content, *parts]) if parts else content))

    def head(self) -> bytes:
        date = {"Date": format_datetime(datetime.now(UTC))}
        senders = {"From": in_ascii(self.from_email), "Reply-To": in_ascii(", ".join(self.reply_to))}
        lines = [f"{name}: {clean_line(value)}\r\n" for name, value in (date | self.extra_headers).items()]
        return b"".join(
            [b"MIME-Version: 1.0\r\n", recipients(", ".join(self.to))]
            + [folded_once(name, value) for name, value in ({"Subject": self.subject} | senders).items() if value]
            + [line.encode() for line in lines]
        )


class Link(SMTPLink):
    """smtplib's, but for plain addresses, which it parses letter by letter before it says them. A server that takes
    several commands at once (RFC 2920) gets a message's only recipient with the wish to send it: one wait less."""

    is_to_one = False
    has_wished = False  # to send a message, with its recipient
    announced = ""  # the next message's sender
    announced_to = ""  # and its recipient, with the wish to send it
    answer: tuple[int, bytes] | None = None  # to what was announced, once it is read
    meanwhile: Callable[[], None] | None = None  # what is done while the server takes a message

    def announce(self, sender: str, recipient: str = "") -> None:
        """Say whom the next message is from and, if that is known, to whom it goes, for the server to think of it until
        it comes."""
        known = recipient if is_plain(recipient) and self.has_extn("pipelining") else ""
        wish = f"rcpt {spoken('TO', known, ())}\r\ndata\r\n" if known else ""
        with suppress(OSError):  # what was sent before is sent
            self.send(f"mail {spoken('FROM', sender, ())}\r\n{wish}")
            self.announced, self.announced_to, self.answer = sender, known, None

    def awaits(self, sender: str, recipients: list[str]) -> bool:
        """Whether it is for this message, or for any."""
        return not self.announced_to or (self.announced, [self.announced_to]) == (sender, recipients)

    def goes_on(self) -> bool:
        """Whether the server agrees to what was announced: many take only so many mails over a link, or wait only so
        long for the next."""
        if not self.announced:
            return True
        with suppress(OSError):
            self.answer = self.answer or self.getreply()
            return self.answer[0] == 250
        return False

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        if self.announced:
            announced, self.announced = self.announced, ""
            answer = self.answer or self.getreply()
            if announced == sender:
                return answer
            self.rset()
        if not is_plain(sender):
            return super().mail(sender, options)
        return self.docmd("mail", spoken("FROM", sender, options))

    def sendmail(
        self, from_addr: str, to_addrs: str | Sequence[str], *args: Any, **options: Any
    ) -> dict[str, tuple[int, bytes]]:
        self.is_to_one = len(to_addrs) == 1
        return super().sendmail(from_addr, to_addrs, *args, **options)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        if not is_plain(recip):
            return super().rcpt(recip, options)
        command = spoken("TO", recip, options)
        if not (self.is_to_one and self.has_extn("pipelining")):
            return self.docmd("rcpt", command)
        if self.announced_to:
            self.announced_to = ""
        else:
            self.send(f"rcpt {command}\r\ndata\r\n")
        answer = self.getreply()
        self.has_wished = answer[0] in TAKEN
        if not self.has_wished and answer[0] != CLOSING:
            self.take_back()
        return answer

    def take_back(self) -> None:
        """The wish to send what nobody is there for. A server that would take it gets nothing; one that hangs up has
        said what it says of the recipient."""
        with suppress(OSError):
            if self.getreply()[0] == GO_AHEAD:
                self.send(".\r\n")
                self.getreply()

    def send(self, s: str | bytes) -> None:  # type: ignore[override]  # the stubs know buffers
        super().send(s)
        if self.meanwhile and isinstance(s, bytes):  # a whole message; commands are texts
            self.meanwhile()

    def putcmd(self, cmd: str, args: str = "") -> None:
        if cmd == "data" and self.has_wished:
            self.has_wished = False
        else:
            super().putcmd(cmd, args)


class SecureLink(Link, SMTP_SSL):
    pass


def is_plain(address: str) -> bool:
    return bool(PLAIN.fullmatch(address))


def spoken(word: str, address: str, options: Sequence[str]) -> str:
    return " ".join([f"{word}:<{address}>", *options])


class Backend(EmailBackend):
    """Django's, but for plain addresses, likewise, and the sender's, the same in each mail. A link over which the
    server takes no more is opened anew."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.parsed = lru_cache(maxsize=8)(super().prep_address)
        self.meanwhile: Callable[[], None] | None = None

    def prep_address(self, address: str, force_ascii: bool = True) -> str:
        return address if is_plain(address) else self.parsed(address, force_ascii)

    def open(self) -> bool | None:
        if isinstance(self.connection, Link) and not self.connection.goes_on():
            self.close()
        is_new = super().open()
        if isinstance(self.connection, Link):
            self.connection.meanwhile = self.meanwhile
        return is_new

    def turn_to(self, message: EmailMultiAlternatives, meanwhile: Callable[[], None] | None) -> None:
        """The message that is sent next, and what is done while the server takes it."""
        self.meanwhile = meanwhile
        if isinstance(self.connection, Link) and not self.connection.awaits(
            self.prep_address(message.from_email), message.recipients()
        ):
            self.close()

    def announce(self, sender: str, following: EmailMultiAlternatives | None) -> None:
        address, to = self.prep_address(sender), following.recipients() if following else []
        if isinstance(self.connection, Link) and is_plain(address):
            self.connection.announce(address, to[0] if len(to) == 1 else "")

    @property
    def connection_class(self) -> type[Link]:
        return SecureLink if self.use_ssl else Link


def in_ascii(addresses: str) -> str:
    """With their domains as mail servers know them. Names are left to the folding."""
    if addresses.isascii():
        return addresses
    found = SMTP.header_factory("To", addresses).addresses
    return ", ".join(str(Address(one.display_name, one.username, punycode(one.domain))) for one in found)


def folded(name: str, value: str) -> bytes:
    """Raises ValueError for a value of several lines."""
    return SMTP.fold_binary(*SMTP.header_store_parse(name, value))


def recipients(addresses: str) -> bytes:
    """Most are a short plain address, which needs no folding and nothing put into quotes."""
    if is_plain(addresses):
        return f"To: {addresses}\r\n".encode()
    return folded("To", in_ascii(addresses))


folded_once = lru_cache(maxsize=64)(folded)  # of what many mails share


def multipart(kind: str, parts: list[bytes]) -> bytes:
    boundary = f"=_{token_hex(12)}"  # stands in no encoded text
    between = f"\r\n--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return head + b"".join(between + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()


def body(kind: str, text: str) -> bytes:
    """Quoted-printable or, for scripts that it makes longer, base64."""
    plain = b"\r\n".join([*text.encode().splitlines(), b""])
    quoted = b2a_qp(plain, istext=True)
    is_short = len(quoted) <= len(plain) * 4 / 3
    name, content = ("quoted-printable", quoted) if is_short else ("base64", encodebytes(plain))
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {name}\r\n\r\n'
    return head.encode() + (content if is_short else content.replace(b"\n", b"\r\n"))


@lru_cache(maxsize=8)
def attached(part: MIMEPart) -> bytes:
    return part.as_bytes(policy=SMTP)
