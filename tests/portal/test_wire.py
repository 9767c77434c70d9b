from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from smtplib import SMTP, SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected
from socket import SHUT_RDWR, create_server
from threading import Thread

import pytest
from django.core.mail.backends.smtp import EmailBackend

from portal.wire import Backend, Link, WiredMessage


def parsed(text="Hello\n", html="<p>Hello</p>\n", **options):
    message = WiredMessage("Greetings", text, "Lectern <lectern@example.org>", ["ada@example.org"], **options)
    message.attach_alternative(html, "text/html")
    raw = message.message().as_bytes()
    return raw, message_from_bytes(raw, policy=policy.default)


def content(part):
    return part.get_content().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n",
        "Two\n\nparagraphs and a space at the end \n",
        ".\n..\nFrom me\n",
        "= and =20 and --=_\n",
        "word" * 400 + "\n",
        "Grüße, 😀\u2028and more\n",
        "プログラムが変わりました。" * 40 + "\n",
    ],
)
def test_a_text_arrives_as_it_was_written(text):
    raw, message = parsed(text, text)

    assert [content(part) for part in message.iter_parts()] == [text, text]
    assert message.defects == []
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Viele Grüße und bis bald in unserem Saal\n", "quoted-printable"), ("プログラム\n", "base64")],
)
def test_a_text_is_written_in_the_encoding_that_suits_its_script(text, encoding):
    _, message = parsed(text)

    assert message.get_body("plain")["Content-Transfer-Encoding"] == encoding


def test_line_ends_of_all_kinds_become_those_of_mail():
    _, message = parsed("one\rtwo\r\nthree")

    assert content(message.get_body("plain")) == "one\ntwo\nthree\n"


def test_headers_in_other_letters_are_encoded_and_domains_too():
    message = WiredMessage(
        "Grüße", "Hello\n", "Böll <b@bücher.example>", ["ada@bücher.example"], reply_to=["c@example.org"]
    )

    found = message_from_bytes(message.message().as_bytes(), policy=policy.default)

    assert (found["Subject"], str(found["From"])) == ("Grüße", "Böll <b@xn--bcher-kva.example>")
    assert (found["To"], found["Reply-To"]) == ("ada@xn--bcher-kva.example", "c@example.org")


def test_an_address_cannot_add_headers():
    message = WiredMessage("Hello", "Hello\n", "a@example.org", ["ada@example.org\r\nBcc: eve@example.org"])

    with pytest.raises(ValueError, match="linefeed"):
        message.message()


@pytest.mark.parametrize(
    ("address", "prepared"),
    [
        ("ada@example.org", "ada@example.org"),
        ("ada.l+talks@mail.example.org", "ada.l+talks@mail.example.org"),
        ("Ada Lovelace <ada@example.org>", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ('"ada lovelace"@example.org', '"ada lovelace"@example.org'),
    ],
)
def test_an_address_goes_to_the_server_as_django_has_it(address: str, prepared: str) -> None:
    ours, django = Backend(alias="default", host="localhost"), EmailBackend(alias="default", host="localhost")

    assert ours.prep_address(address) == django.prep_address(address) == prepared


@pytest.mark.parametrize(
    "address", ["ada", "ada@", "@example.org", "ada..l@example.org", "ada@example.org\nBcc: b@c.d"]
)
def test_what_django_says_of_an_odd_address_stays(address: str) -> None:
    assert said_by(Backend, address) == said_by(EmailBackend, address)


def said_by(backend: type[EmailBackend], address: str) -> str:
    try:
        return backend(alias="default", host="localhost").prep_address(address)
    except ValueError as error:
        return f"refused: {error}"


@pytest.mark.parametrize("address", ["ada@example.org", '"ada lovelace"@example.org', "Ada <ada@example.org>", ""])
def test_a_server_is_told_an_address_as_smtplib_would_say_it(address: str) -> None:
    ours, theirs = told(Link, address), told(SMTP, address)

    assert ours == theirs


def told(link: type[SMTP], address: str) -> list[str]:
    """What it says to a server about this sender and this recipient."""
    said: list[str] = []

    class Listener(link):  # type: ignore[misc, valid-type]
        def send(self, text: str) -> None:
            said.append(text.casefold())

        def getreply(self) -> tuple[int, bytes]:
            return 250, b"OK"

    with_size = Listener()
    with_size.does_esmtp = True
    with_size.mail(address, ["size=1000", "BODY=8BITMIME"])
    with_size.rcpt(address)
    return said


FIRST, OTHER = "first@example.org", "other@example.org"


@pytest.mark.parametrize("then", [FIRST, OTHER])
def test_the_sender_of_the_next_message_may_be_said_ahead(server, then: str) -> None:
    with Link("127.0.0.1", server.port) as link:
        link.sendmail(FIRST, ["ada@example.org"], b"one")
        link.announce(FIRST)
        link.sendmail(then, ["bob@example.org"], b"two")

    assert [(mail.sender, mail.recipients) for mail in server.taken] == [
        (FIRST, ["ada@example.org"]),
        (then, ["bob@example.org"]),
    ]


def test_a_server_that_hangs_up_after_a_message_has_taken_it(server) -> None:
    with Link("127.0.0.1", server.port) as link:
        link.sendmail(FIRST, ["ada@example.org"], b"one")
        link.sock.shutdown(SHUT_RDWR)

        link.announce(FIRST)

        with pytest.raises(SMTPServerDisconnected):
            link.sendmail(FIRST, ["bob@example.org"], b"two")

    assert server.recipients == ["ada@example.org"]


def test_a_sender_said_ahead_may_be_refused(server) -> None:
    server.script("mail", "550 5.7.1 not you", match=OTHER)

    with Link("127.0.0.1", server.port) as link, pytest.raises(SMTPSenderRefused):
        link.ehlo()
        link.announce(OTHER)
        link.sendmail(OTHER, ["ada@example.org"], b"one")

    assert server.taken == []


class TestServersThatTakeSeveralCommandsAtOnce:
    @pytest.fixture(params=[True, False], ids=["several", "one"])
    def link(self, request, server) -> Iterator[Link]:
        server.is_pipelining = request.param
        with Link("127.0.0.1", server.port) as link:
            yield link

    def test_a_recipient_is_said_with_the_wish_to_send(self, server) -> None:
        waits = [self.waits(server, is_pipelining=is_pipelining) for is_pipelining in (True, False)]

        assert waits == [3, 4]  # for the sender, the recipient, leave to send, and the message
        assert server.recipients == ["ada@example.org"] * 2

    def waits(self, server, *, is_pipelining: bool) -> int:
        """How often something is sent to the server for a message."""
        server.is_pipelining = is_pipelining
        with Link("127.0.0.1", server.port) as link:
            link.ehlo()
            said, send = [], link.send
            link.send = lambda text: said.append(text) or send(text)  # type: ignore[method-assign]
            link.sendmail(FIRST, ["ada@example.org"], b"one")
        return len(said) - 1  # without its farewell

    @pytest.mark.parametrize("answer", ["450 4.2.0 later", "550 5.1.1 no such user"])
    def test_one_refused_leaves_the_link_to_the_next(self, link: Link, server, answer: str) -> None:
        server.script("rcpt", answer, match="ada")

        with pytest.raises(SMTPRecipientsRefused) as refusal:
            link.sendmail(FIRST, ["ada@example.org"], b"one")
        link.sendmail(FIRST, ["bob@example.org"], b"two")

        assert list(refusal.value.recipients) == ["ada@example.org"]
        assert [(mail.recipients, mail.raw.strip()) for mail in server.taken] == [(["bob@example.org"], b"two")]

    def test_a_message_refused_leaves_the_link_to_the_next(self, link: Link, server) -> None:
        server.script("data", "554 5.6.0 not this", match="ada")

        with pytest.raises(SMTPDataError, match="not this"):
            link.sendmail(FIRST, ["ada@example.org"], b"one")
        link.sendmail(FIRST, ["bob@example.org"], b"two")

        assert server.recipients == ["bob@example.org"]

    def test_a_message_is_awaited_whose_recipient_was_said_ahead(self, link: Link, server) -> None:
        link.ehlo()
        link.announce(FIRST, "bob@example.org")
        link.sendmail(FIRST, ["bob@example.org"], b"one")

        assert (server.recipients, server.asked) == (["bob@example.org"], ["bob@example.org"])

    def test_who_awaits_a_message_is_left_without_one(self, link: Link, server) -> None:
        link.ehlo()
        link.announce(FIRST, "bob@example.org")

        link.quit()

        assert link.sock is None
        assert server.taken == []

    def test_of_several_recipients_one_may_be_refused(self, link: Link, server) -> None:
        server.script("rcpt", "550 5.1.1 no such user", match="ada")

        refused = link.sendmail(FIRST, ["ada@example.org", "bob@example.org"], b"one")

        assert (list(refused), server.recipients) == (["ada@example.org"], ["bob@example.org"])

    @pytest.mark.parametrize(
        ("then", "words"), [(["354 go on", "250 taken", "250 reset"], ["data", ".", "rset"]), ([], [])]
    )
    def test_one_that_would_take_a_message_to_nobody_gets_none_and_one_may_hang_up(
        self, then: list[str], words: list[str]
    ) -> None:
        said = ["220 hello", "250-me\r\n250 PIPELINING", "250 ok", "550 nobody", *then]
        heard: list[str] = []

        with Scripted(said, heard) as port, Link("127.0.0.1", port) as link:
            with pytest.raises(SMTPRecipientsRefused, match="nobody"):
                link.sendmail(FIRST, ["ada@example.org"], b"one")
            link.close()

        assert [line.split(":")[0] for line in heard[1:]] == ["mail FROM", "rcpt TO", *words]


class Scripted:
    """A server that says these lines in turn: the first as a greeting, each other one to a line it hears."""

    def __init__(self, said: Sequence[str], heard: list[str]) -> None:
        self.said, self.heard = said, heard

    def __enter__(self) -> int:
        self.listener = create_server(("127.0.0.1", 0))
        self.thread = Thread(target=self.talk, daemon=True)
        self.thread.start()
        return int(self.listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.thread.join(10)
        self.listener.close()

    def talk(self) -> None:
        connection, _ = self.listener.accept()
        with connection, connection.makefile("rw", newline="\r\n") as lines:
            for answer in self.said:
                if answer != self.said[0]:
                    self.heard.append(lines.readline().strip())
                lines.write(f"{answer}\r\n")
                lines.flush()
