"""The public pages in a real browser: whether everybody can use them, on a phone and on a desk, by day and by night."""

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sessions_app.models import Track
from tests.browsers import faults_at
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_material,
    make_program,
    make_release,
    make_room,
    make_session,
    make_speaker,
    make_ticket_type,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "Words on it, *with stress*, a [link](https://example.org/) and\n\n- an item\n- another\n\n> said by somebody"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
WIDTHS = [320, 390, 768, 1280]
PAGES = [
    "/",
    "/nowhere/",
    "/host/",
    "/host/schedule/",
    "/host/speakers/",
    "/coming/",
    "/tentative/",
    "/final/",
    "/final/schedule/",
    "/final/sessions/welcome-and-motivation/",
    "/final/sessions/no-such-session/",
    "/final/schedule/now/",
    "/final/schedule/mine/",
    "/final/schedule/?q=welcome",
    "/final/speakers/",
    "/final/speakers/ada-lovelace/",
    "/final/rooms/room-a/",
    "/final/tracks/systems/",
    "/final/releases/",
    "/final/releases/1/",
    "/final/releases/1..2/",
    "/final/materials/",
    "/large/",
    "/large/schedule/",
    "/large/speakers/",
]
LONGEST_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@pytest.fixture
def site(live_server: Any) -> str:
    """Events in all states of their programs, with every part a page can have."""
    host = make_event(slug="host", kind="conference", venue="Pittsburgh", starts_on=date(2026, 3, 21), hue="madder")
    due = {"host": host, "final_program_due": date(2026, 2, 17), "overview": TEXT}
    make_event(slug="coming", **due)
    make_release(make_event(slug="tentative", subtitle=LONGEST_WORD, **due))
    beside = make_event(slug="beside", title=f"Beside {LONGEST_WORD}", host=host, hue="plum")
    make_session(make_block(beside, start=NOON, room=make_room(beside, "Room B")), "At the same time")
    make_release(beside, "final")
    finish(make_event(slug="final", audience=TEXT, prerequisites=TEXT, contact_email="us@example.org", **due))
    make_long_release(make_event(slug="large", title=LONGEST_WORD, kind="conference", hue="pine"), 130)
    return live_server.url


def finish(event: Any) -> None:
    first, *_ = make_program(event, 3)
    make_release(event, note="First publication.")
    event.blocks.update(start=NOON, room=make_room(event))
    first.title, first.abstract = "Welcome and motivation", TEXT
    first.slug = "welcome-and-motivation"
    first.track = Track.objects.create(event=event, name="Systems", hue="moss")
    first.save()
    evening = make_block(event, start=NOON + timedelta(days=1), room=make_room(event, LONGEST_WORD))
    speaker = make_speaker(event, LONGEST_WORD, affiliation="Somewhere", biography=TEXT, url="https://example.org/")
    make_session(evening, f"Cancelled {LONGEST_WORD}", kind="panel", status="cancelled", speakers=(speaker,))
    make_release(event, "final", note="With clock times.")
    make_material(event, title="Slides", session=first)
    make_material(event, title="Exercises", audience="registered")
    make_ticket_type(event)


@pytest.mark.parametrize("pages", [PAGES[::2], PAGES[1::2]], ids=["one half", "the other"])
def test_axe_finds_nothing_by_night_and_by_day(site: str, browser: Browser, pages: list[str]) -> None:
    page = browser.new_page(reduced_motion="reduce")
    found = {}
    for address in pages:
        page.goto(site + address)
        found[address] = faults_at(page, PHONE, "dark") + faults_at(page, DESK)
    page.close()

    assert {name: said for name, said in found.items() if said} == {}


def test_no_page_scrolls_sideways(site: str, look: Any) -> None:
    page = look(site, PHONE)
    widths = {}
    for address in PAGES:
        page.goto(site + address)
        widths[address] = [width_at(page, width) for width in WIDTHS]

    assert widths == dict.fromkeys(PAGES, WIDTHS)


def width_at(page: Page, width: int) -> int:
    page.set_viewport_size({"width": width, "height": 800})
    return page.evaluate("document.documentElement.scrollWidth")


def test_what_one_acts_on_is_large_enough_for_a_finger(site: str, look: Any) -> None:
    page = look(f"{site}/final/", PHONE)

    heights = page.eval_on_selector_all(".button, .input", "all => all.map(one => one.getBoundingClientRect().height)")

    assert len(heights) == 5
    assert min(heights) >= 44


def test_registering_and_following_are_in_the_first_screen_of_a_phone(site: str, look: Any) -> None:
    page = look(f"{site}/final/", PHONE)

    bottoms = page.eval_on_selector_all(
        ".masthead .button", "all => all.map(one => one.getBoundingClientRect().bottom)"
    )

    assert len(bottoms) == 2
    assert max(bottoms) < PHONE["height"]


def test_the_keyboard_meets_the_skip_link_first_and_it_shows(site: str, look: Any) -> None:
    page = look(f"{site}/final/", DESK)

    page.keyboard.press("Tab")
    link = page.locator(":focus")

    assert link.inner_text() == "Skip to content"
    assert (link.bounding_box() or {})["y"] >= 0


def test_the_viewers_own_times_stand_second(site: str, look: Any) -> None:
    page = look(f"{site}/final/", PHONE, zone="Europe/Berlin")

    first = page.locator(".run-when").first.inner_text().split("\n")
    note = page.locator("[data-zone-note]").inner_text()

    assert first == ["07:00", "13:00 Berlin", "45 min"]
    assert note == "Times are New York time (EST, UTC−5). Second: your time, Berlin."


def test_a_time_on_another_day_says_which(site: str, look: Any) -> None:
    page = look(f"{site}/large/schedule/", PHONE, zone="Pacific/Auckland")

    assert page.locator("#day-2026-01-15 .when .zone").first.inner_text() == "Fri 01:00 Auckland"


def test_in_the_events_own_zone_nothing_is_added(site: str, look: Any) -> None:
    page = look(f"{site}/final/", PHONE, zone="America/Toronto")

    assert page.locator(".zone").count() == 0
    assert page.locator("[data-zone-note]").inner_text() == "Times are New York time (EST, UTC−5)."
