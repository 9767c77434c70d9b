"""One person from registering to the certificate, on a phone; and the pages on the way as everybody can use them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.models import Event
from registration import certificates, links, tickets, transfers
from registration.models import Question, Registration
from tests.browsers import enter, faint_by_night, faults
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_organizer,
    make_question,
    make_registration,
    make_release,
    make_session,
    make_ticket_type,
)
from tests.portal.test_door_journey import PHONE, browser, context, ready, says, scan

__all__ = ["browser", "context"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = timedelta(minutes=40)


@pytest.fixture
def event() -> Event:
    """Begins now with a lab and is over in 40 minutes."""
    event = make_event(slug="tutorial", title="Large models", timezone="UTC", retention_days=30)
    event.starts_on = timezone.now().date()
    event.save()
    make_ticket_type(event, 5, name="On site")
    make_lab(event, make_session(make_block(event, start=timezone.now()), "Hands-on", kind="lab", duration=40), 1)
    make_release(event)
    return event


def personal(name: str, registration: Registration) -> str:
    token = links.token_of(registration, links.MANAGE)
    return reverse(f"registration:{name}", args=[registration.event.slug, token])


def log_in(page: Page, username: str) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", "secret")
    page.keyboard.press("Enter")


def test_from_registering_to_the_certificate(live_server: Any, context: BrowserContext, event: Event) -> None:
    site, page = live_server.url, context.new_page()
    page.goto(f"{site}/tutorial/register/")
    expect(page.locator("#h-personal")).to_have_text("Your data")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("E-mail").fill("ada@example.org")
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/sent/")
    ada = Registration.objects.get()
    page.goto(site + links.confirm_path(ada))
    page.get_by_role("button").click()
    page.get_by_role("link", name="Choose lab seats").click()
    page.get_by_label("Hands-on").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#h-labs + .stack")).to_contain_text("a seat is yours")
    page.get_by_role("link", name="your ticket").click()
    expect(page.locator(".ticket-name")).to_have_text("Ada Lovelace")
    expect(page.locator("#h-certificate + .stack")).to_contain_text("for those who were checked in")

    make_organizer(event, "ursula", role="check-in")
    desk = context.new_page()
    desk.goto(site + reverse("admin:event-door", args=[event.pk]))
    log_in(desk, "ursula")
    ready(desk)
    context.set_offline(True)
    scan(desk, tickets.code_of(ada))
    says(desk, "Come in, offline", "Ada Lovelace")
    context.set_offline(False)
    expect(desk.locator("[data-state]")).to_contain_text("synced", timeout=20_000)
    assert ada.check_ins.count() == 1

    with time_machine.travel(timezone.now() + SOON):
        page.reload()
        is_pdf = lambda answer: answer.status == 200 and answer.url.endswith("/certificate.pdf")  # noqa: E731
        with page.expect_response(is_pdf) as answer:
            page.get_by_role("button", name="Make my certificate").click()
    certificate = ada.certificates.get()
    assert answer.value.headers["content-type"] == "application/pdf"
    page.goto(certificates.address_of(certificate).replace("https://portal.example", site))
    expect(page.locator(".notice")).to_contain_text("Valid.")


def test_who_takes_over_a_registration_fills_in_the_form_without_scripts(
    live_server: Any, browser: Browser, event: Event
) -> None:
    make_question(event, "Rules?", kind="consent", is_required=True)
    ada = make_registration(event, name="Ada")
    page = browser.new_context(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(live_server.url + links.transfer_path(transfers.begin(ada, name="Grace", email="grace@example.org")))
    expect(page.locator("#h-personal")).to_have_text("Your data")

    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".error")).to_contain_text("Please tick this")
    page.get_by_label("Name").fill("Grace Hopper")
    page.get_by_label("Rules?").check()
    page.get_by_role("button", name="Take it").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your registration")
    ada.refresh_from_db()
    assert (ada.name, ada.email, ada.answers.get().value) == ("Grace Hopper", "grace@example.org", True)


def test_axe_finds_nothing_on_the_pages_of_a_person_and_of_the_desk(
    live_server: Any, context: BrowserContext, event: Event
) -> None:
    Question.objects.create(event=event, label="Diet", kind="text", retention_days=1)
    ticket_type = event.ticket_types.get()
    ada = Registration.objects.create(
        event=event, ticket_type=ticket_type, name="Ada", email="a@b.org", state="confirmed"
    )
    made = ada.certificates.create(event=event, name="Ada", minutes=90, words={"title": "T", "when": "W"})
    enter(context, make_organizer(event, "ursula"), live_server.url)
    page = context.new_page()
    organizers = [
        reverse(f"admin:event-{name}", args=[event.pk]) for name in ("figures", "take-in", "badges", "walk-in")
    ]
    people = [personal(name, ada) for name in ("ticket", "manage", "erase")]
    paths = [*organizers, *people, f"/tutorial/certificates/{made.code}/", "/tutorial/register/", "/tutorial/erased/"]

    found = {}
    for path in paths:
        page.goto(live_server.url + path)
        found[path] = faults(page) + faint_by_night(page)

    assert {name: said for name, said in found.items() if said} == {}
