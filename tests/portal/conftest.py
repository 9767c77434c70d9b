"""What tests of the portal share: plain letters, a real mail server, a real Redis, and a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portal import rates
from portal.rates import Counter
from tests.browsers import STILL, launched
from tests.portal.letters import LETTERS
from tests.smtp import recording_server


@pytest.fixture
def plain_letters(settings):
    settings.LETTERS = LETTERS
    settings.AUDIENCES = dict.fromkeys(LETTERS, "tests.portal.outbox.people_of")


@pytest.fixture
def server(settings):
    with recording_server() as running:
        settings.MAILERS = running.mailers()
        yield running


@pytest.fixture
def counting(redis_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tries are counted, in a real Redis."""
    settings.REDIS_URL = redis_url
    counter = Counter()
    monkeypatch.setattr(rates, "counter", counter)
    yield
    counter.client.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium, STILL) as browser:
        yield browser


@pytest.fixture
def look(browser: Browser) -> Iterator[Any]:
    """Opens a page as somebody with this screen and zone sees it; fails on anything the browser complains about."""
    contexts, complaints = [], []

    def open_page(address: str, size: dict[str, int], zone: str = "Europe/Berlin", **options: Any) -> Page:
        contexts.append(browser.new_context(viewport=size, timezone_id=zone, reduced_motion="reduce", **options))
        page = contexts[-1].new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [said for said in complaints if "404 (Not Found)" not in said] == []
