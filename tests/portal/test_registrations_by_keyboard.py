"""What people and organizers do with registrations, by the keyboard alone, with the focus always in sight; and all of
the organizers' pages of registrations by axe."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, Page

from portal.models import Event
from registration import booking, labs, links
from registration.models import Registration, Transfer
from tests.browsers import enter, faults_at
from tests.factories import (
    make_event,
    make_lab,
    make_organizer,
    make_program,
    make_question,
    make_release,
    make_ticket_type,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]  # Django's own pages
HAS_OUTLINE = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1 || style.boxShadow !== "none";
}"""


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_program(event, 2, start=now() + timedelta(days=30))
    make_release(event, "final")
    make_lab(event, event.sessions.exclude(kind="break")[0], 1)
    make_ticket_type(event, 2, name="On site")
    make_ticket_type(event, None, name="Remote")
    make_question(event, "Diet?", kind="many", choices=("Fish", "Nuts"))
    make_question(event, "Card", kind="file")
    make_question(event, "Photos", kind="consent")
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    return booking.register(event, name="Ada", email="ada@example.org", ticket_type=event.ticket_types.first())


def go(page: Page, words: str = "", name: str = "") -> None:
    """Press the tabulator until what has these words, or the field of this name, has the focus, and it shows."""
    for _ in range(150):
        page.keyboard.press("Tab")
        found = page.evaluate("[document.activeElement.innerText?.trim(), document.activeElement.name]")
        if (words and found[0] == words) or (name and found[1] == name):
            assert page.evaluate(HAS_OUTLINE), f"the focus on {words or name} doesn't show"
            return
    raise AssertionError(f"{words or name} is not reached")


def press(page: Page, words: str) -> None:
    go(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def log_in(page: Page, address: str) -> None:
    page.goto(address)
    go(page, name="username")
    page.keyboard.type("kim")
    go(page, name="password")
    page.keyboard.type("secret")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_person_does_everything_with_a_registration(live_server: Any, browser: Browser, ada: Registration) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(live_server.url + links.confirm_path(ada))

    press(page, "Confirm my seat")
    press(page, "Edit")
    go(page, name="affiliation")
    page.keyboard.type("ACME")
    go(page, name="q-diet")
    page.keyboard.press("Space")
    press(page, "Save")
    press(page, "Choose lab seats")
    go(page, name="lab_seats")
    page.keyboard.press("Space")
    press(page, "Save")
    press(page, "Pass it on")
    go(page, name="name")
    page.keyboard.type("Cy")
    go(page, name="email")
    page.keyboard.type("cy@example.org")
    press(page, "Mail the link")
    press(page, "Which mails you get")
    go(page, name="category")
    page.keyboard.press("Space")
    press(page, "Save")
    before = Registration.objects.get()
    held = [
        before.state,
        before.affiliation,
        before.answers.get(question__kind="many").value,
        before.lab_seats.get().state,
        before.transfer.email,
    ]
    page.goto(live_server.url + links.manage_path(before))
    press(page, "Cancel registration")
    press(page, "Cancel registration")

    assert held == ["confirmed", "ACME", ["Fish"], "seat", "cy@example.org"]
    assert (Registration.objects.get().state, Transfer.objects.count()) == ("cancelled", 0)


def test_an_organizer_edits_answers_and_takes_in_a_list(
    live_server: Any, browser: Browser, event: Event, ada: Registration, tmp_path: Any
) -> None:
    make_organizer(event, "kim")
    file = tmp_path / "people.csv"
    file.write_text("name,email,diet?\nBea,bea@example.org,Fish\n")
    page = browser.new_page(viewport=DESK)
    page.on("filechooser", lambda _: None)  # told now: the browser hears of it too late with the key already on its way
    log_in(page, live_server.url + reverse("admin:registration_registration_change", args=[ada.pk]))

    press(page, "Edit")
    go(page, name="q-diet")
    page.keyboard.press("Space")
    press(page, "Save")
    page.goto(live_server.url + reverse("admin:event-take-in", args=[event.pk]))
    go(page, name="file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
    press(page, "Check only")
    checked = (page.get_by_role("status").inner_text(), event.registrations.count())
    go(page, name="file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file)
    press(page, "Register them all")

    assert checked == ("All is well: 1 would be registered", 1)
    assert {one.name: one.answers.get(question__kind="many").value for one in event.registrations.all()} == {
        "Ada": ["Fish"],
        "Bea": ["Fish"],
    }


def test_axe_finds_nothing_on_the_pages_of_organizers(
    live_server: Any, browser: Browser, event: Event, ada: Registration
) -> None:
    labs.choose(booking.confirm(ada), [event.labs.get().pk])
    for number in range(6):
        booking.register(event, name=f"Eve {number}", email=f"eve+{number}@mailinator.com", client="c" * 12)
    waiting = event.registrations.filter(state="waitlisted").earliest("pk")
    page = browser.new_page(reduced_motion="reduce")
    enter(page.context, make_organizer(event, "kim"), live_server.url)
    own = [reverse(f"admin:event-{name}", args=[event.pk]) for name in ("home", "alike", "figures", "door", "walk-in")]
    deeds = [
        reverse("admin:registration-answers", args=[ada.pk]),
        reverse("admin:registration-move", args=[waiting.pk]),
        reverse("admin:registration-move-in-lab", args=[ada.lab_seats.get().pk]),
    ]
    rows = {
        "registration": ada,
        "question": event.questions.first(),
        "lab": event.labs.get(),
        "tickettype": event.ticket_types.first(),
    }
    stock = [reverse(f"admin:registration_{name}_change", args=[row.pk]) for name, row in rows.items() if row]
    stock += [reverse(f"admin:registration_{name}_changelist") for name in (*rows, "device", "follower", "admission")]

    found = {}
    for path in (*own, *deeds, *stock):
        page.goto(live_server.url + path)
        rules = {"runOnly": WCAG} if path in stock else {}
        found[path] = faults_at(page, PHONE, "dark", **rules) + faults_at(page, DESK, **rules)

    assert {path: said for path, said in found.items() if said} == {}
