import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.delivery import drain
from registration import circulars, letters
from registration.notices import release_program
from tests.factories import (
    make_block,
    make_event,
    make_registration,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.registration.letterbox import HELD, START, letter_of, links_in, make_tutorial, release_letter
from tests.smtp import recording_server

pytestmark = pytest.mark.django_db

# What users typed


HOSTILE = [
    "Ada\r\nBcc: eve@example.org",
    '<a href="http://evil.example">x</a>',
    "[x](http://evil.example)",
    "http://evil.example",
    "www.evil.example",
    "{event.__class__}",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\u202eevil\u202c",
    "x" * 10_000,
]


@pytest.mark.parametrize("kind", ["confirm", "confirmed", "waitlisted", "promoted", "cancelled", "again", "release"])
def test_what_users_type_cannot_speak_for_us(settings, kind):
    written = [hostile_letter(kind, text) for text in HOSTILE]
    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    assert len(server.taken) == len(HOSTILE)
    for taken in server.taken:
        assert taken.recipients == ["ada@example.org"]
        assert (taken.message["To"], taken.message["Bcc"], taken.message.defects) == ("ada@example.org", None, [])
        assert max(len(line) for line in taken.raw.split(b"\r\n")) <= 998
    for letter in written:
        assert {link for link in links_in(letter) if not link.startswith("https://portal.example/")} == set()
        assert "only for tests" not in letter.text + letter.html
        assert "\u202e" not in letter.subject + letter.text + letter.html


def hostile_letter(kind, text):
    """The letter where each field that users and organizers fill holds this text."""
    event = make_event(title=text[:200], venue=text[:200])
    make_session(make_block(event), text[:250], speakers=(make_speaker(event, text[:200]),))
    registration = make_registration(event, "ada@example.org", name=text[:200], hold_until=HELD, place=1)
    release_program(event, "final", is_mailed=kind == "release")
    if kind != "release":
        return letter_of(kind, registration)
    return circulars.release(event.mails.get())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "Hello Ada Lovelace,"),
        ("J. R. R. Tolkien", "Hello J. R. R. Tolkien,"),
        ("Zoë O'Brien-Müller", "Hello Zoë O'Brien-Müller,"),
        ("李明", "Hello 李明,"),
        ("win at evil.example", "Hello,"),
        ("http://evil.example", "Hello,"),
        ("<b>Ada</b>", "Hello,"),
        ("ada@example.org", "Hello,"),
        ("x" * 61, "Hello,"),
        ("", "Hello,"),
    ],
)
def test_only_what_looks_like_a_name_is_greeted(name, expected):
    assert letters.greeting(name) == expected


# The form of every mail


def test_every_mail_of_a_release_is_well_formed(settings):
    event = make_tutorial(start=START, contact_email="organizers@example.org")
    ticket_type = make_ticket_type(event, 20)
    for number in range(20):
        make_registration(event, f"p{number}@example.org", ticket_type=ticket_type)
    release_program(event, "final")

    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    messages = [taken.message for taken in server.taken]
    assert sorted(message["To"] for message in messages) == sorted(f"p{n}@example.org" for n in range(20))
    assert len({message["Message-ID"] for message in messages}) == 20
    for message in messages:
        assert message["Message-ID"].endswith("@portal.example>")
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Reply-To"] == "organizers@example.org"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<https://portal\.example/[\w/-]+/unsubscribe/[\w~-]+/>", message["List-Unsubscribe"])
        assert abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1)
        assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
            "text/plain",
            "text/html",
            "text/calendar",
        ]
        assert message.defects == []


def test_lines_of_the_text_part_are_short_except_for_addresses():
    event = make_tutorial(title="A title of many words, " * 8)
    make_registration(event)

    lines = release_letter(event, note="A note of very many words. " * 30).text.splitlines()

    assert max(len(line) for line in lines if "https://" not in line) <= 76
