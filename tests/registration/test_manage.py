import re
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.test import Client

from portal.models import Event
from registration import links
from tests.factories import make_event, make_program, make_registration, make_release

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial", title="Fast models", venue="Pittsburgh", starts_on=date(2026, 3, 22))


def page_of(event: Event) -> str:
    address = links.manage_url(make_registration(event)).removeprefix(settings.SITE_URL)
    return Client().get(address).content.decode()


def facts(page: str) -> list[str]:
    words = [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)]
    return words[: words.index("Grace Hopper")]


def parts(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*>(.*?)</h2>", page)


def titles(page: str) -> list[str]:
    found = re.findall(r"<h3>(.*?)</h3>", page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", one) for one in found]


def calendars(page: str) -> list[str]:
    return re.findall(r'href="([^"]*\.ics)"', page)


class TestTheProgramOnThePersonalPage:
    def test_without_a_release_it_says_that_the_program_is_to_come(self, event: Event) -> None:
        make_program(event)

        page = page_of(event)

        assert facts(page) == ["Sunday, March 22, 2026 clock times to be announced", "Pittsburgh"]
        assert (parts(page), titles(page)) == (["What you told us", "Your mails", "Your data", "Program"], [])
        assert "The program isn’t out yet." in page

    def test_a_tentative_one_shows_order_and_length_and_no_calendar_yet(self, event: Event) -> None:
        make_program(event)
        make_release(event)

        page = page_of(event)

        assert facts(page)[2] == "2 h 2 parts, 1 break"
        assert titles(page) == ["1. Part 1", "Coffee break", "2. Part 2"]
        assert "<strong>Tentative program</strong>" in page
        assert calendars(page) == []

    def test_once_times_are_known_it_says_when_and_offers_the_calendar(self, event: Event) -> None:
        make_program(event, start=MORNING)
        make_release(event, "final")

        page = page_of(event)

        assert facts(page)[0] == "Sunday, March 22, 2026 08:30–10:30 New York time (EDT, UTC−4)"
        assert parts(page) == ["Starred", "What you told us", "Your mails", "Your data", "Your calendar", "Program"]
        address = links.calendar_path(event.registrations.get())
        assert calendars(page) == ["webcal:" + (settings.SITE_URL + address).split(":", 1)[1], address]

    def test_it_leads_to_the_event_and_not_to_the_form_one_has_filled_in(self, event: Event) -> None:
        page = page_of(event)

        tabs = re.findall(r'<a href="[^"]*">(.*?)</a>', page.split("</nav>")[0])
        assert tabs == ["Program", "Speakers", "Materials", "Releases"]
