"""A real browser for tests, and what it finds wrong with a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

QUIET = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync", "--no-first-run"]
STILL = ["--no-sandbox", "--disable-gpu"]
# Axe would fetch imported sheets at wrong addresses, for one rule alone: see tests/portal/test_sheets.py.
RUN = """async (options) => {
  const { passes, violations } = await axe.run({ preload: false, resultTypes: ["violations"], ...options });
  return [passes.length, violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`)];
}"""
AT_REST = """Promise.all(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished))"""


@contextmanager
def launched(chromium: str, flags: list[str]) -> Iterator[Browser]:
    """The browser of this path, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


def enter(context: BrowserContext, user: User, site: str) -> None:
    """Lets the context in as this user, without the page where one logs in."""
    client = Client()
    client.force_login(user)
    name, site = settings.SESSION_COOKIE_NAME, site.replace("http:", "https:")  # to which alone a secure one is given
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site, "secure": True}])


def violations(page: Page, **options: Any) -> list[str]:
    """What axe finds, each with the first element that has it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    passes, found = page.evaluate(RUN, options)
    assert passes
    return found


def faults(page: Page, **options: Any) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return violations(page, **options) + ([f"{over} px too wide"] if over > 0 else [])


def faults_at(page: Page, size: Any, scheme: Any = "light", **options: Any) -> list[str]:
    """The same once the page that is loaded already has this size and these colors."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AT_REST)
    return [f"{size['width']} px wide: {one}" for one in faults(page, **options)]


def faint_by_night(page: Page) -> list[str]:
    """What can't be read in dark colors on a page that is seen in light ones."""
    page.emulate_media(color_scheme="dark")
    page.evaluate(AT_REST)
    found = violations(page, runOnly=["color-contrast"])
    page.emulate_media(color_scheme="light")
    return found
