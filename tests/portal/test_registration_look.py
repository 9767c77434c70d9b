"""Registering and what comes after it in a real browser: by axe, by keyboard alone, and without scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Browser, Page

from portal.models import Event
from registration import booking, labs, links, transfers
from registration.models import Registration
from tests.browsers import faults_at
from tests.factories import (
    make_event,
    make_lab,
    make_lab_seat,
    make_program,
    make_question,
    make_release,
    make_ticket_type,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
BELOW = ["", "edit/", "labs/", "pass-on/", "cancel/", "resend/", "new-link/", "new-calendar/"]


@pytest.fixture
def event() -> Event:
    start = timezone.now() + timedelta(days=9)
    event = make_event(slug="tutorial", starts_on=start.date())
    make_program(event, 3, start=start)
    make_release(event, "final")
    for session in event.sessions.exclude(kind="break")[:2]:
        make_lab(event, session, 1)
    make_ticket_type(event, 2, name="On site", description="Seat and coffee")
    make_ticket_type(event, None, name="Interest", mode="interest")
    make_ticket_type(event, None, name="Insiders", access_code="Sesame")
    lunch = make_question(event, "Lunch?", kind="yes_no")
    make_question(event, "Diet?", kind="many", choices=("Fish", "Nuts"), depends_on=lunch, depends_value="yes")
    make_question(event, "Agreed?", kind="consent", is_required=True)
    make_question(event, "Card?", kind="file", help="A scan is enough.")
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    ada = booking.register(event, name="Ada", email="ada@example.org", lab_seats=[event.labs.earliest("pk").pk])
    return booking.confirm(ada)


def test_axe_finds_nothing(live_server: Any, browser: Browser, event: Event, ada: Registration) -> None:
    page = browser.new_page(reduced_motion="reduce")
    waiting = booking.register(event, name="Bea", email="bea@example.org")
    soldering, weaving = event.labs.order_by("pk")
    make_lab_seat(ada, weaving, hold_until=timezone.now() + timedelta(hours=6))
    taken = links.transfer_path(transfers.begin(ada, name="Cy", email="cy@example.org"))
    public = ["/tutorial/register/", "/tutorial/register/sent/", "/tutorial/link/", "/tutorial/link/sent/", taken]
    own = [*BELOW, f"labs/{soldering.pk}/", f"labs/{weaving.pk}/"]
    personal = [links.manage_path(ada) + one for one in own] + [links.manage_path(waiting)]

    found = {}
    for path in [*public, *personal]:
        page.goto(live_server.url + path)
        found[path] = faults_at(page, PHONE, "dark") + faults_at(page, DESK)
    page.goto(live_server.url + "/tutorial/register/")
    page.get_by_role("button", name="Register").click()
    found["with errors"] = faults_at(page, PHONE, "dark") + faults_at(page, DESK)

    assert {path: said for path, said in found.items() if said} == {}


def test_everything_is_done_by_keyboard_alone(live_server: Any, browser: Browser, event: Event) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(live_server.url + "/tutorial/register/")

    to(page, "name").type("Ada")
    to(page, "email").type("ada@example.org")
    to(page, "ticket_type").press(" ")
    to(page, "lab_seats").press(" ")
    to(page, "q-lunch").press(" ")
    to(page, "q-diet").press(" ")
    to(page, "q-agreed").press(" ")
    to(page, "", "Register").press("Enter")
    page.wait_for_url("**/sent/")

    ada = event.registrations.get()
    assert (ada.name, ada.ticket_type.name, ada.lab_seats.count()) == ("Ada", "On site", 1)
    assert {one.question.label: one.value for one in ada.answers.select_related("question")} == {
        "Lunch?": True,
        "Diet?": ["Fish"],
        "Agreed?": True,
    }


def to(page: Page, name: str, words: str = "") -> Any:
    """Press the tabulator until the field of this name, or the button with these words, has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate("[document.activeElement.name, document.activeElement.textContent.trim()]")
        if (name and found[0] == name) or (words and found[1] == words):
            return page.locator(":focus")
    raise AssertionError(f"{name or words} is not reached")


def test_a_question_shows_itself_once_it_is_asked(live_server: Any, browser: Browser, event: Event) -> None:
    page = browser.new_page()
    page.goto(live_server.url + "/tutorial/register/")
    diet = page.get_by_text("Diet?")

    before = diet.is_visible()
    page.get_by_label("Yes", exact=True).check()

    assert (before, diet.is_visible()) == (False, True)


CONDITIONS = [  # the kind of a question, after which answer another is asked, and what is answered
    ("choice", "", "no"),
    ("choice", "Tea", "tea"),
    ("choice", "Tea", "Tea"),
    ("many", "Tea", "Tea"),
    ("many", "", ""),
    ("yes_no", "", "no"),
    ("yes_no", "", "yes"),
    ("yes_no", "no", "no"),
    ("yes_no", "no", ""),
    ("consent", "no", ""),
    ("consent", "", ""),
    ("consent", "yes", "on"),
    ("text", "", "no"),
    ("text", "", ""),
]


def test_what_the_page_shows_is_what_the_server_asks(live_server: Any, browser: Browser) -> None:
    event = make_event(slug="tutorial")
    make_ticket_type(event)
    page = browser.new_page()
    for number, (kind, wanted, _) in enumerate(CONDITIONS):
        choices = ("no", "tea", "Tea") if kind in ("choice", "many") else ()
        above = make_question(event, f"Above {number}", key=f"above-{number}", kind=kind, choices=choices)
        make_question(event, f"Below {number}.", is_required=True, depends_on=above, depends_value=wanted)
    page.goto(live_server.url + "/tutorial/register/")

    for number, (kind, _, answer) in enumerate(CONDITIONS):
        give(page, f"[name='q-above-{number}']", kind, answer)
    belows = {number: page.get_by_label(f"Below {number}.") for number in range(len(CONDITIONS))}
    shown = [number for number, field in belows.items() if field.is_visible()]
    page.get_by_role("button", name="Register").click()
    page.get_by_role("alert").wait_for()
    asked = [number for number in belows if page.get_by_text(f"Below {number}. – Answer this.").count()]

    assert shown == asked == [0, 2, 3, 6, 7, 9, 11, 12]


def give(page: Page, field: str, kind: str, answer: str) -> None:
    if kind == "text":
        page.fill(field, answer)
        page.locator(field).blur()
    elif answer:
        page.check(field if kind == "consent" else f"{field}[value='{answer}']")


def test_what_is_asked_with_another_ticket_asks_for_nothing_more(live_server: Any, browser: Browser) -> None:
    event = make_event(slug="tutorial")
    student, _ = make_ticket_type(event, name="Student"), make_ticket_type(event, name="Regular")
    below = make_question(event, "Below", is_required=True)
    below.depends_on = make_question(event, "Above", kind="yes_no")
    below.depends_on.ticket_types.set([student])
    below.save()
    page = browser.new_page()
    page.goto(live_server.url + "/tutorial/register/")

    page.get_by_label("Student").check()
    page.get_by_label("Yes").check()
    with_it = page.get_by_label("Below").is_visible()
    page.get_by_label("Regular").check()

    assert (with_it, page.get_by_label("Below").is_visible()) == (True, False)


def test_a_file_that_is_there_already_is_an_answer(live_server: Any, browser: Browser) -> None:
    event = make_event(slug="tutorial")
    make_ticket_type(event)
    card = make_question(event, "Card", kind="file")
    make_question(event, "Below", depends_on=card)
    file = SimpleUploadedFile("card.pdf", b"%PDF-1.4 one")
    ada = booking.confirm(booking.register(event, name="Ada", email="ada@example.org", answers={card: file}))
    page = browser.new_page()

    page.goto(live_server.url + links.manage_path(ada) + "edit/")

    assert page.get_by_label("Below").is_visible()


def test_without_scripts_all_is_there_with_a_line_that_says_when(
    live_server: Any, browser: Browser, event: Event
) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(live_server.url + "/tutorial/register/")

    assert page.get_by_text("Only if you answered “Lunch?” with “yes”.").is_visible()
    page.get_by_label("Access code").fill("sesame")
    page.get_by_role("button", name="Show what it opens").click()
    page.get_by_label("Insiders").wait_for()


def test_an_offered_lab_seat_is_taken_and_another_declined_without_scripts(
    live_server: Any, browser: Browser, event: Event, ada: Registration
) -> None:
    until = timezone.now() + timedelta(hours=6)
    ada.lab_seats.update(state="offered", hold_until=until)
    make_lab_seat(ada, event.labs.latest("pk"), hold_until=until)
    page = browser.new_context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto(live_server.url + links.manage_path(ada))

    page.get_by_role("button", name="Take the seat").first.click()
    page.get_by_text("; a seat is yours").wait_for()
    page.get_by_role("link", name="Decline it").click()
    page.get_by_role("button", name="Decline it").click()
    page.get_by_role("heading", name="Your registration").wait_for()

    assert [one.state for one in ada.lab_seats.all()] == ["seat"]
    assert page.get_by_text("a seat is held for you").count() == 0


def test_stars_of_the_browser_are_kept_by_a_button(live_server: Any, browser: Browser, ada: Registration) -> None:
    starred = str(ada.event.sessions.get(title="Part 3").uuid)
    page = browser.new_page()
    page.goto(live_server.url + "/tutorial/")
    page.evaluate("uuid => localStorage.setItem('lectern-stars', JSON.stringify([uuid]))", starred)
    page.goto(live_server.url + links.manage_path(ada))

    before = ada.stars.count()
    page.get_by_role("button", name="Keep my stars here").click()
    page.wait_for_url("**/#starred")

    assert (before, [str(one.session) for one in ada.stars.all()]) == (0, [starred])
    assert labs.released(ada.event) != []
