"""The whole main job in a real browser, against the web server, the worker and a mail server."""

import json
import os
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browsers import QUIET, launched
from tests.services import Production, wait_until
from tests.smtp import Server, recording_server

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
TUTORIAL = "deepspeed-tutorial"
ADA = "ada@example.org"
CHANGES = ["Retitled: Ray + DeepSpeed for LLM Training → Ray and DeepSpeed, hand in hand"]
TIMES = ["13:00", "13:45", "14:30", "15:00", "15:45"]  # no changes: the program has them


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium, QUIET) as browser:
        yield browser


@pytest.fixture
def site(production: Production, tmp_path: Path) -> Iterator["Site"]:
    with recording_server() as post:
        production.environment["EMAIL_URL"] = post.url
        production.manage("seed_demo", "--actors", str(tmp_path / "actors.json"))
        production.start_worker()
        production.start_web()
        yield Site(production, post, json.loads((tmp_path / "actors.json").read_text()))


class Site:
    """The running portal, and what was mailed from it."""

    def __init__(self, production: Production, post: Server, actors: dict[str, Any]) -> None:
        self.url = production.url
        self.post = post
        self.actors = actors

    def mail(self, address: str, subject: str) -> str:
        """The text of the one mail to this address with this subject, once it is there."""
        assert wait_until(lambda: bool(self.mails(address, subject))), f"no mail “{subject}” came to {address}"
        (message,) = self.mails(address, subject)
        body = message.get_body(("plain",))
        assert body
        return str(body.get_content())

    def mails(self, address: str, subject: str) -> list[EmailMessage]:
        messages = [taken.message for taken in self.post.taken if address in taken.recipients]
        return [message for message in messages if subject in message["Subject"]]

    def json(self, path: str) -> dict[str, Any]:
        with urlopen(f"{self.url}{path}") as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def open_page(browser: Browser, complaints: list[str]) -> Page:
    """A page of a browser of its own; what the browser complains of, blocked scripts too, is collected."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"{message.text} ({message.location})")

    page = browser.new_context(timezone_id="Europe/Berlin", viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def register(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/{TUTORIAL}/")
    page.get_by_role("link", name=re.compile("^Register")).first.click()
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label(re.compile("E-?mail", re.IGNORECASE)).fill(ADA)
    page.get_by_role("button", name="Register").click()


def log_in(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill(site.actors["organizer"]["username"])
    page.get_by_label("Password").fill(site.actors["organizer"]["password"])
    page.get_by_role("button", name="Log in").click()


def edit_program(page: Page, site: Site) -> None:
    """Gives the block its start and the second part another title."""
    page.goto(f"{site.url}/admin/portal/event/")
    page.get_by_role("link", name="Building Efficient Large-Scale").click()
    page.goto(page.url.replace("/home/", "/change/"))
    page.locator("#id_timezone").fill("America/New_York")
    page.locator("#id_starts_on").fill("2026-03-22")
    page.locator("#id_blocks-0-start").fill("2026-03-22T13:00")
    page.locator("#id_sessions-1-title").fill("Ray and DeepSpeed, hand in hand")
    page.get_by_role("button", name="Save", exact=True).click()


def release_final(page: Page) -> None:
    page.get_by_role("link", name="Review release 2").click()
    page.get_by_role("link", name="Final", exact=True).click()
    page.get_by_role("button", name="Release 2 as final").click()
    page.get_by_text("Release 2 is public, as final.").wait_for()


def download(page: Page, link: str) -> bytes:
    page.goto(link)
    with page.expect_download() as started:
        page.get_by_role("link", name="Slides", exact=True).click()
    return Path(started.value.path()).read_bytes()


def link_in(text: str, place: str) -> str:
    found = re.search(rf"http\S+/{place}/\S+", text)
    assert found, text
    return found[0]


def changes_in(text: str) -> list[str]:
    """What the mail lists as changed, each change on one line."""
    listed = text.partition("WHAT CHANGED SINCE RELEASE 1")[2].partition("Your registration")[0]
    return [" ".join(change.split()) for change in listed.split("\n* ") if change.strip()]


def test_from_registering_to_the_slides(site: Site, browser: Browser, tmp_path: Path) -> None:
    complaints: list[str] = []
    attendee, organizer = open_page(browser, complaints), open_page(browser, complaints)

    register(attendee, site)
    attendee.goto(link_in(site.mail(ADA, "Confirm your registration"), "confirm"))
    attendee.get_by_role("button", name="Confirm my seat").click()
    mine = link_in(site.mail(ADA, "You are registered"), "my")
    log_in(organizer, site)
    edit_program(organizer, site)
    release_final(organizer)
    told = site.mail(ADA, "inal program")
    schedule = site.json(f"/api/v1/events/{TUTORIAL}/schedule/")
    slides = download(attendee, mine)
    attendee.goto(f"{site.url}/{TUTORIAL}/")
    picture = Path(os.environ.get("SCREENSHOTS", tmp_path)) / "journey.png"
    attendee.screenshot(path=picture, full_page=True)

    assert changes_in(told) == CHANGES
    assert [time for time in TIMES if time not in told] == []
    assert schedule["release"]["stage"] == "final"
    assert [one["start"] for one in schedule["sessions"]][:2] == [
        "2026-03-22T13:00:00-04:00",
        "2026-03-22T13:45:00-04:00",
    ]
    assert schedule["sessions"][1]["title"] == "Ray and DeepSpeed, hand in hand"
    assert slides.startswith(b"%PDF-")
    assert "Final program" in attendee.inner_text("main")
    assert picture.stat().st_size > 10_000
    assert complaints == []
