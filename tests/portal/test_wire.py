from email import message_from_bytes, policy
from smtplib import SMTP, SMTPSenderRefused, SMTPServerDisconnected
from socket import SHUT_RDWR

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
