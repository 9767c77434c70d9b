"""An organizer releases and announces in a real browser: reads, tries, sends, watches, and corrects an address that
was wrong."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, Page, expect

from portal.models import Event
from registration.notices import release_program
from tests.browsers import QUIET, launched
from tests.factories import make_event, make_organizer, make_program, make_registration
from tests.registration.letterbox import START
from tests.services import Production, wait_until
from tests.smtp import Server, recording_server
from tests.test_journey import open_page

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    with launched(chromium, QUIET) as browser:
        yield browser


@pytest.fixture
def post(production: Production) -> Iterator[Server]:
    with recording_server() as server:
        server.script("rcpt", "550 5.1.1 no such user", match="wrong")
        production.environment |= {"EMAIL_URL": server.url, "MAIL_RATE": "1"}  # slow enough to be watched
        yield server


@pytest.fixture
def event(post: Server, production: Production) -> Event:
    """A tutorial, tentative so far, with three registered people, one of whom mistyped the address."""
    event = make_event(slug="tutorial", title="Large models")
    make_program(event, start=START)
    for name in ("ada", "bob", "wrong"):
        make_registration(event, f"{name}@example.org", name=name.title())
    release_program(event, "tentative", is_mailed=False)
    organizer = make_organizer(event, "olga")
    organizer.email = "olga@example.org"
    organizer.password = PBKDF2PasswordHasher().encode("secret", "salt")  # which production knows
    organizer.save()
    production.start_web()
    production.start_worker()
    return event


def log_in(page: Page, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("Username").fill("olga")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Log in").click()


def write(page: Page, url: str) -> None:
    page.get_by_role("link", name="Large models").first.click()
    page.get_by_role("link", name="Announcements").click()
    page.get_by_role("link", name="Add announcement").click()
    page.get_by_label("Subject").fill("Bring a laptop, {nmae}")
    page.get_by_label("Text").fill("Dear {name},\n\nthe lab needs **a laptop**. {link}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Is {name} meant?").wait_for()
    page.get_by_label("Subject").fill("Bring a laptop, {name}")
    page.get_by_role("button", name="Save", exact=True).click()


def subjects(post: Server, address: str) -> list[str]:
    return [str(one.message["Subject"]) for one in post.taken if address in one.recipients]


def came(post: Server, address: str) -> bool:
    return wait_until(lambda: bool(subjects(post, address)))


def retitle(page: Page) -> None:
    page.get_by_role("link", name="Large models").first.click()
    page.goto(page.url.replace("/home/", "/change/"))
    page.locator("#id_sessions-0-title").fill("Welcome")
    page.get_by_role("button", name="Save", exact=True).click()


def review(page: Page) -> tuple[str, ...]:
    """What the page says of the final release: its changes, and who is told."""
    page.get_by_role("link", name="Review release 2").click()
    page.get_by_role("link", name="Final", exact=True).click()
    return tuple(" ".join(page.locator(place).inner_text().split()) for place in (".changes", "tbody", "tfoot"))


def try_it(page: Page) -> str:
    """Reads the mail as one of its people will, with the note; the test goes to the organizer."""
    page.get_by_label("Note to readers").fill("See you soon.")
    page.get_by_role("button", name="Read the mail").click()
    note = page.frame_locator("iframe").first.get_by_text("See you soon.").inner_text()
    page.get_by_role("button", name="Test: send it to me").click()
    page.get_by_text("A test is on its way to olga@example.org.").wait_for()
    return note


def watch(page: Page) -> bool:
    """Whether the figures, the lists and what can be done move while the page stays."""
    page.evaluate("document.body.dataset.isSame = true")
    for sent in ("[2-9]", "[5-9]"):
        expect(page.locator("[data-figure=sent]")).to_have_text(re.compile(sent), timeout=30_000)
    page.get_by_role("rowheader", name="person5@example.org").wait_for()
    page.get_by_role("button", name="Pause").wait_for(state="detached")
    return bool(page.evaluate("document.body.dataset.isSame"))


def correct(page: Page) -> None:
    page.get_by_text("550 5.1.1 no such user").wait_for()
    page.get_by_label("Correct address").fill("carl@example.org")
    page.get_by_role("button", name="Correct and send").click()
    page.get_by_text("The address is corrected").wait_for()


def lost(page: Page) -> str:
    page.reload()
    return page.get_by_role("heading", name="Could not be reached").inner_text()


def picture(page: Page, name: str, directory: Path) -> None:
    page.screenshot(path=Path(os.environ.get("SCREENSHOTS", directory)) / f"{name}.png", full_page=True)


def test_from_a_draft_to_the_corrected_address(
    event: Event, production: Production, post: Server, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = open_page(browser, complaints)
    page.set_default_timeout(90_000)
    for number in range(6):
        make_registration(event, f"person{number}@example.org", name="Grace")

    log_in(page, production.url)
    retitle(page)
    seen = review(page)
    note = try_it(page)
    is_tried = came(post, "olga@example.org")
    picture(page, "release", tmp_path)
    page.get_by_role("button", name="Release 2 as final and mail 9 people").click()
    page.get_by_text("Release 2 is public, as final.").wait_for()
    has_moved = watch(page)
    page.get_by_text("Done", exact=True).wait_for()
    correct(page)
    is_mended = came(post, "carl@example.org")

    assert seen == ("Retitled Part 1 → Welcome", "Registered 9 Followers 0 Speakers 0", "One mail each 9")
    assert (note, is_tried, has_moved, is_mended, lost(page)) == (
        "See you soon.",
        True,
        True,
        True,
        "Could not be reached: 0",
    )
    assert subjects(post, "olga@example.org") == ["Test: Final program: Large models"]
    assert subjects(post, "ada@example.org") == subjects(post, "carl@example.org") == ["Final program: Large models"]
    assert sorted(post.recipients) == sorted([*event.registrations.values_list("email", flat=True), "olga@example.org"])
    assert complaints == []


def test_from_an_announcement_to_the_corrected_address(
    event: Event, production: Production, post: Server, browser: Browser, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = open_page(browser, complaints)
    page.set_default_timeout(90_000)

    log_in(page, production.url)
    write(page, production.url)
    preview = page.frame_locator("iframe").first.locator("strong", has_text="a laptop").inner_text()
    page.get_by_role("button", name="Test: send it to me").click()
    is_tried = came(post, "olga@example.org")
    page.get_by_role("button", name="Send it now to 3 people").click()
    page.get_by_text("Done", exact=True).wait_for()
    picture(page, "mailing", tmp_path)
    correct(page)
    is_mended = came(post, "carl@example.org")

    assert (preview, is_tried, is_mended, lost(page)) == ("a laptop", True, True, "Could not be reached: 0")
    assert subjects(post, "ada@example.org") == ["Bring a laptop, Ada"]
    assert subjects(post, "carl@example.org") == ["Bring a laptop, Wrong"]
    assert [row.email for row in event.registrations.order_by("pk")][-1] == "carl@example.org"
    assert complaints == []
