"""The page of a mailing in a real browser, as it moves."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from portal import mailings
from portal.models import Mailing
from registration.notices import release_program
from tests.factories import make_event, make_organizer, make_program, make_registration

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mailing() -> Mailing:
    """To eight people, of whom one has got it."""
    event = make_event()
    make_program(event)
    for number in range(8):
        make_registration(event, f"person{number}@example.org")
    make_organizer(event, "ursula")
    release_program(event, "final")
    mailing = event.mailings.get()
    send_one(mailing)
    return mailing


def send_one(mailing: Mailing) -> None:
    row = mailing.mails.filter(state="waiting").order_by("pk")[0]
    mailing.mails.filter(pk=row.pk).update(state="sent", sent_at=timezone.now())


def look_again(page: Page, sent: int) -> None:
    page.clock.run_for(2000)
    expect(page.locator("[data-figure=sent]")).to_have_text(str(sent))


def test_the_figures_move_and_the_page_is_fetched_only_for_what_else_is_new(
    mailing: Mailing, live_server: Any, browser: Browser
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(live_server.url + mailing.get_absolute_url())
    page.fill("[name=username]", "ursula")
    page.fill("[name=password]", "secret")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-moving]")
    fetched: list[str] = []
    page.on("requestfinished", lambda one: fetched.append(one.url) if one.resource_type == "fetch" else None)

    for sent in (2, 3, 4):
        send_one(mailing)
        with page.expect_request_finished(lambda one: one.url.endswith(".json")):
            look_again(page, sent)
    by_numbers = [url.endswith(".json") for url in fetched]
    mailings.pause(mailing)
    page.clock.run_for(2000)
    page.get_by_role("button", name="Let it go on").wait_for()
    page.close()

    assert by_numbers == [True, False, True, True]
