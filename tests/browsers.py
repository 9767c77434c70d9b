"""A real browser for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

QUIET = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-sync", "--no-first-run"]
STILL = ["--no-sandbox", "--disable-gpu"]


@contextmanager
def launched(chromium: str, flags: list[str]) -> Iterator[Browser]:
    """The browser of this path, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()
