"""The check-in desk in a real browser of a phone's size: with a network, without one, and when it is back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from portal.models import Event
from registration import checkin, tickets
from registration.checkin import Desk
from registration.models import CheckIn, Registration
from tests.browsers import STILL, enter, faint_by_night, faults, launched
from tests.factories import make_event, make_organizer, make_program, make_registration, make_release, make_ticket_type

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    flags = [*STILL, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with launched(chromium, flags) as browser:
        yield browser


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", title="Large models")
    make_ticket_type(event, None, name="On site")
    make_program(event)
    make_release(event)
    return event


@pytest.fixture
def people(event: Event) -> list[Registration]:
    return [make_registration(event, name=name) for name in ("Ada Lovelace", "Grace Hopper", "Jürgen Süß")]


MAKE_OLD = """
async () => {
  const done = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(indexedDB.open(document.querySelector("[data-door]").dataset.door));
  const kept = database.transaction("kept", "readwrite").objectStore("kept");
  const list = await done(kept.get("list"));
  list.people.forEach((one) => delete one.holds_seat);
  await done(kept.put(list, "list"));
  database.close();
}
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def desk(live_server: Any, context: BrowserContext, event: Event, people: list[Registration]) -> Page:
    """The desk, opened by a member whose role is the door alone."""
    enter(context, make_organizer(event, "ursula", role="check-in"), live_server.url)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(f"{live_server.url}{reverse('admin:event-door', args=[event.pk])}")
    ready(page)
    return page


def log_in(page: Page, address: str) -> None:
    page.goto(address)
    page.fill("[name=username]", "ursula")
    page.fill("[name=password]", "secret")
    page.keyboard.press("Enter")
    ready(page)


def ready(page: Page) -> None:
    page.wait_for_selector("[data-door][data-ready]", state="attached")


def scan(page: Page, text: str) -> None:
    """As a person types it, or a scanner that is a keyboard."""
    page.locator("[data-field]").fill(text)
    page.keyboard.press("Enter")


def says(page: Page, heading: str, who: str = "") -> None:
    expect(page.locator("[data-heading]")).to_have_text(heading)
    expect(page.locator("[data-result] [data-who]")).to_have_text(who)


def inside() -> list[str]:
    return sorted(CheckIn.objects.standing().values_list("registration__name", flat=True))


def test_a_ticket_lets_in_once_and_an_unknown_one_does_not(desk: Page, people: list[Registration]) -> None:
    scan(desk, tickets.code_of(people[0]).lower())
    says(desk, "Come in", "Ada Lovelace")
    scan(desk, tickets.code_of(people[0]))
    says(desk, "Already in", "Ada Lovelace")
    scan(desk, "1-" + "A" * 24)
    says(desk, "Not on the list")

    expect(desk.locator("[data-count]")).to_have_text("1")
    assert inside() == ["Ada Lovelace"]


def test_a_name_is_found_by_the_keyboard_alone_whatever_its_accents(desk: Page) -> None:
    desk.locator("[data-field]").press_sequentially("jurgen suß")
    found = desk.locator("[data-matches] button")
    expect(found).to_have_count(1)
    is_within = found.evaluate("one => one.scrollWidth <= one.clientWidth && one.offsetWidth > 200")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    says(desk, "Come in", "Jürgen Süß")

    assert is_within
    assert inside() == ["Jürgen Süß"]


def test_the_desk_says_at_once_that_there_is_no_network(desk: Page, context: BrowserContext) -> None:
    expect(desk.locator("[data-state]")).to_contain_text("synced")

    context.set_offline(True)

    expect(desk.locator("[data-state]")).to_have_text("offline", timeout=2000)


def test_a_desk_whose_first_list_got_lost_has_it_with_the_next_look(
    live_server: Any, context: BrowserContext, event: Event, people: list[Registration]
) -> None:
    enter(context, make_organizer(event, "ursula", role="check-in"), live_server.url)
    page = context.new_page()
    lists = "**/people/"
    page.route(lists, lambda route: route.abort())
    page.goto(f"{live_server.url}{reverse('admin:event-door', args=[event.pk])}")
    ready(page)
    expect(page.locator("[data-state]")).to_have_text("offline")
    page.unroute(lists)

    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.locator("[data-state]")).to_contain_text("synced")
    page.locator("[data-field]").fill("Jurgen")
    expect(page.get_by_text("Jürgen Süß")).to_be_visible()


def test_a_check_in_is_taken_back(desk: Page, people: list[Registration]) -> None:
    scan(desk, "hopper")
    says(desk, "Come in", "Grace Hopper")

    desk.get_by_role("button", name="Undo the check-in of Grace Hopper").click()
    says(desk, "Taken back", "Grace Hopper")
    expect(desk.locator("[data-scans] li").first).to_contain_text("taken back")

    assert inside() == []


def test_what_another_desk_did_is_taken_back_here(desk: Page, people: list[Registration]) -> None:
    checkin.check_in(people[0], Desk("Desk B"))
    scan(desk, "ada")
    says(desk, "Already in", "Ada Lovelace")

    desk.get_by_role("button", name="Undo the check-in of Ada Lovelace").click()
    says(desk, "Taken back", "Ada Lovelace")

    assert inside() == []


def test_each_day_lets_in_anew_with_or_without_a_network(
    desk: Page, context: BrowserContext, event: Event, people: list[Registration]
) -> None:
    ada, grace, _ = people
    today, yesterday = timezone.now(), timezone.now() - timedelta(days=1)
    Event.objects.update(starts_on=yesterday.date(), ends_on=today.date())
    for person in (ada, grace):
        checkin.check_in(person, Desk("Desk B"), at=yesterday)
    desk.reload()
    ready(desk)
    expect(desk.locator("header [role=status]")).to_contain_text("0 of 3 in today")

    scan(desk, "ada")
    says(desk, "Come in", "Ada Lovelace")
    desk.get_by_role("button", name="Undo the check-in of Ada Lovelace").click()
    says(desk, "Taken back", "Ada Lovelace")
    assert inside() == ["Ada Lovelace", "Grace Hopper"]

    context.set_offline(True)
    for heading in ("Come in, offline", "Already in"):
        scan(desk, "grace")
        says(desk, heading, "Grace Hopper")
    expect(desk.locator("[data-count]")).to_have_text("1")


def test_who_has_shown_interest_only_is_not_let_in_with_or_without_a_network(
    desk: Page, context: BrowserContext, event: Event
) -> None:
    interest = make_ticket_type(event, None, name="Interest", mode="interest")
    make_registration(event, name="Ida Noether", ticket_type=interest)
    desk.reload()
    ready(desk)

    for is_offline in (False, True):
        context.set_offline(is_offline)
        scan(desk, "ida")
        says(desk, "No seat", "Ida Noether")
        expect(desk.locator("[data-said]")).to_have_text("Ida Noether has shown interest only and holds no ticket.")

    expect(desk.locator("[data-total]")).to_have_text("3")
    assert inside() == []


def test_after_logging_in_anew_in_another_tab_the_desk_goes_on(desk: Page, context: BrowserContext) -> None:
    context.clear_cookies()
    scan(desk, "ada")
    says(desk, "Come in, offline", "Ada Lovelace")
    expect(desk.locator("[data-state]")).to_contain_text("log in again")

    log_in(context.new_page(), desk.url)

    expect(desk.locator("[data-state]")).to_contain_text("synced", timeout=20_000)
    assert inside() == ["Ada Lovelace"]


def test_people_come_in_without_a_network_and_it_is_told_when_it_is_back(
    desk: Page, context: BrowserContext, event: Event, people: list[Registration]
) -> None:
    ada, grace, _ = people
    desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    desk.reload()
    expect(desk.locator("h1")).to_have_text("Door, Large models")
    expect(desk.locator("[data-total]")).to_have_text("3")
    scan(desk, tickets.code_of(ada))
    says(desk, "Come in, offline", "Ada Lovelace")
    scan(desk, tickets.code_of(ada))
    says(desk, "Already in", "Ada Lovelace")
    scan(desk, "grace")
    says(desk, "Come in, offline", "Grace Hopper")
    expect(desk.locator("[data-said]")).to_contain_text("It is sent when the network is back.")
    expect(desk.locator("[data-state]")).to_contain_text("2 wait to be sent")
    checkin.check_in(grace, Desk("Desk B"))
    assert inside() == ["Grace Hopper"]

    context.set_offline(False)
    expect(desk.locator("[data-state]")).to_contain_text("synced", timeout=20_000)

    assert inside() == ["Ada Lovelace", "Grace Hopper"]
    expect(desk.locator("[data-said]")).to_contain_text("it has been sent since. See “To look into”.")
    expect(desk.locator("[data-scans] li").first).to_contain_text("Grace Hopper sent, to look into")
    expect(desk.locator("[data-conflicts] li")).to_have_count(1)
    expect(desk.locator("[data-conflicts]")).to_contain_text("by Desk B")


def test_what_is_to_look_into_stays_until_somebody_has(
    desk: Page, context: BrowserContext, people: list[Registration]
) -> None:
    context.set_offline(True)
    scan(desk, "grace")
    says(desk, "Come in, offline", "Grace Hopper")
    checkin.check_in(people[1], Desk("Desk B"))
    context.set_offline(False)
    expect(desk.locator("[data-conflicts] li")).to_have_count(1, timeout=20_000)

    desk.reload()
    expect(desk.locator("[data-conflicts]")).to_contain_text("by Desk B")
    desk.get_by_role("button", name="All looked into").click()
    expect(desk.get_by_text("To look into")).to_be_hidden()

    desk.reload()
    ready(desk)
    expect(desk.get_by_text("To look into")).to_be_hidden()
    expect(desk.locator("[data-conflicts] li")).to_have_count(0)


def test_a_list_kept_from_before_it_told_who_holds_a_seat_lets_in_by_state(
    desk: Page, context: BrowserContext, event: Event
) -> None:
    make_registration(event, name="Wanda Waiting", state="waitlisted", place=1)
    desk.reload()
    ready(desk)
    desk.evaluate("navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    desk.evaluate(MAKE_OLD)
    desk.reload()
    expect(desk.locator("[data-total]")).to_have_text("3")

    scan(desk, "ada")
    says(desk, "Come in, offline", "Ada Lovelace")
    scan(desk, "wanda")
    says(desk, "No seat", "Wanda Waiting")


def test_what_waits_survives_the_page(desk: Page, context: BrowserContext, people: list[Registration]) -> None:
    context.set_offline(True)
    scan(desk, "ada")
    says(desk, "Come in, offline", "Ada Lovelace")
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.close()

    context.set_offline(False)
    again = context.new_page()
    again.goto(desk.url)
    ready(again)

    expect(again.locator("[data-count]")).to_have_text("1")
    assert inside() == ["Ada Lovelace"]


def test_a_session_is_checked_in_to(desk: Page, event: Event) -> None:
    desk.locator("summary").click()
    desk.locator("[data-session]").select_option(label="Part 2")

    scan(desk, "ada")
    says(desk, "Come in", "Ada Lovelace")

    assert CheckIn.objects.get().session == event.sessions.get(title="Part 2").uuid
    expect(desk.locator("[data-count]")).to_have_text("0")


def test_the_list_is_forgotten_on_request(desk: Page) -> None:
    desk.locator("summary").click()

    desk.get_by_role("button", name="Forget the list").click()
    desk.wait_for_url("**/home/")

    left = desk.evaluate(
        "async () => [(await indexedDB.databases()).length, (await caches.keys()).length,"
        " (await navigator.serviceWorker.getRegistrations()).length]"
    )
    assert left == [0, 0, 0]


def test_a_code_is_read_by_the_decoder_that_comes_along(desk: Page, people: list[Registration]) -> None:
    drawing, code = tickets.drawing(tickets.code_of(people[0])), tickets.code_of(people[0])

    read = desk.evaluate(
        """async ([drawing, decoder]) => {
          const image = Object.assign(new Image(), { src: drawing, width: 400, height: 400 });
          await image.decode();
          const canvas = Object.assign(document.createElement("canvas"), { width: 400, height: 400 });
          canvas.getContext("2d").drawImage(image, 0, 0, 400, 400);
          const { BarcodeDetector } = await import(decoder);
          return (await new BarcodeDetector({ formats: ["qr_code"] }).detect(canvas)).map((one) => one.rawValue);
        }""",
        [drawing, "/static/portal/vendor/qr/decode.js"],
    )

    assert read == [code]


def test_the_camera_is_switched_on_and_off(desk: Page) -> None:
    desk.get_by_role("button", name="Camera").click()
    expect(desk.locator("video")).to_be_visible()
    desk.get_by_role("button", name="Camera").click()
    expect(desk.locator("video")).to_be_hidden()


def test_axe_finds_nothing_at_the_desk(desk: Page, people: list[Registration]) -> None:
    found = []
    desk.locator("summary").click()
    for text in (tickets.code_of(people[0]), tickets.code_of(people[0]), "1-" + "A" * 24):
        scan(desk, text)
        expect(desk.locator("[data-field]")).to_have_value("")
        found += faults(desk) + faint_by_night(desk)

    assert found == []
