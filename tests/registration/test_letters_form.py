import re
from datetime import UTC, datetime, timedelta

import pytest

from portal.delivery import drain
from portal.mail import Letter
from registration import letters
from registration.notices import release_program
from tests.factories import make_registration, make_ticket_type
from tests.registration.letterbox import START, links_in, make_tutorial, release_letter
from tests.registration.post import ADA, post_all
from tests.smtp import recording_server

pytestmark = pytest.mark.django_db
TO_ORGANIZERS = ("due", "stopped", "unreleased", "unsent", "proof")  # which come with the job, or because they asked

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


@pytest.mark.sqlite
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_what_users_type_cannot_speak_for_us(settings, text):
    event = post_all(text)
    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    sent = [taken for taken in server.taken if taken.recipients == [ADA]]
    assert set(event.mails.filter(address=ADA, state="sent").values_list("kind", flat=True)) == set(settings.LETTERS)
    for taken in sent:
        assert (taken.message["To"], taken.message["Bcc"], taken.message.defects) == (ADA, None, [])
        assert max(len(line) for line in taken.raw.split(b"\r\n")) <= 998
        assert len(taken.message["Subject"]) <= 998
    for words in (words_of(taken) for taken in sent):
        assert {link for link in links_in(words) if not link.startswith("https://portal.example/")} == set()
        assert "only for tests" not in words.subject + words.text + words.html
        assert "\u202e" not in words.subject + words.text + words.html


def words_of(taken):
    """What its reader sees, as a letter."""
    text, html = (taken.message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return Letter(taken.message["Subject"], text, html)


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


@pytest.mark.sqlite
def test_every_kind_of_mail_is_well_formed(settings):
    event = post_all("Large models")
    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    assert set(event.mails.filter(address=ADA, state="sent").values_list("kind", flat=True)) == set(settings.LETTERS)
    assert len({taken.message["Message-ID"] for taken in server.taken}) == len(server.taken) == event.mails.count()
    kinds = dict(event.mails.values_list("message_id", "kind"))
    found = {(kinds[one.message["Message-ID"]], *faults_of(one)) for one in server.taken}
    assert {one for one in found if one[1:]} == {(kind, "one click", "a link to end it") for kind in TO_ORGANIZERS}


def faults_of(taken):
    """What of the form of every mail this one doesn't keep to."""
    message = taken.message
    parts = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    kept = {
        "one recipient": taken.recipients == [message["To"]] and not message["Cc"] and not message["Bcc"],
        "an id of our own": re.fullmatch(r"<\w+@portal\.example>", message["Message-ID"]),
        "the time": abs(message["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=1),
        "nobody answers by itself": message["Auto-Submitted"] == "auto-generated",
        "one click": message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click",
        "a link to end it": re.fullmatch(
            r"<https://portal\.example/[\w/-]+/unsubscribe/[\w~-]+/>", message["List-Unsubscribe"] or ""
        ),
        "text and HTML": parts[:2] == ["text/plain", "text/html"],
        "short lines": max(len(line) for line in taken.raw.split(b"\r\n")) <= 998,
        "no defects": message.defects == [],
    }
    return [name for name, is_kept in kept.items() if not is_kept]


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
    assert {tuple(faults_of(taken)) for taken in server.taken} == {()}
    for message in messages:
        assert message["Reply-To"] == "organizers@example.org"
        assert [part.get_content_type() for part in message.iter_attachments()] == ["text/calendar"]


def test_lines_of_the_text_part_are_short_except_for_addresses():
    event = make_tutorial(title="A title of many words, " * 8)
    make_registration(event)

    lines = release_letter(event, note="A note of very many words. " * 30).text.splitlines()

    assert max(len(line) for line in lines if "https://" not in line) <= 76
