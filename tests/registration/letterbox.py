"""Steps of tests of letters: an event to write about, the letter a worker would write now, and what it links to."""

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from django.conf import settings
from django.utils.module_loading import import_string

from portal.mail import queue
from registration import circulars
from registration.notices import release_program
from tests.factories import make_event, make_program

START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
HELD = datetime(2026, 3, 1, 17, tzinfo=UTC)


def make_tutorial(*, start=None, **fields):
    fields = {"title": "Large models", "venue": "Omni Hotel", "starts_on": date(2026, 3, 22)} | fields
    event = make_event(**fields)
    make_program(event, start=start)
    return event


def letter_of(kind, registration, address="", **context):
    """The letter a worker would write now."""
    queue(
        kind,
        event=registration.event,
        address=address or registration.email,
        occasion="test",
        context={"registration": registration.pk} | context,
    )
    return import_string(settings.LETTERS[kind])(registration.event.mails.get(kind=kind, occasion="test"))


def release_letter(event, stage="final", **options):
    release, _ = release_program(event, stage, **options)
    return circulars.release(event.mails.filter(kind="release", occasion=f"release-{release.number}").first())


class Links(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src")]


def links_in(letter):
    """All addresses a reader of the text or the HTML could follow."""
    in_text = re.findall(r"https?://\S+|www\.\S+", letter.text)
    in_words = re.findall(r"https?://[^\s\"<]+|www\.[^\s\"<]+", re.sub(r"<[^>]*>", " ", letter.html))
    return {*in_text, *in_words, *Links(letter.html).found}
