"""What scripts add to the program in a real browser, and that nothing is missing without them."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.models import Event
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_long_release,
    make_release,
    make_room,
    make_session,
    make_speaker,
)
from tests.services import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (sum += one.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(sum), 300);
})"""
BEGINS = "all => all.map((one) => getComputedStyle(one, '::before').content)"


@pytest.fixture
def event() -> Event:
    """Two rooms at the same time for one hour, one after it."""
    event = make_event(slug="event", kind="conference", timezone="Europe/Rome")
    hall, annex = make_block(event, start=NOON, room=make_room(event, "Hall")), make_block(event, start=NOON)
    annex.room = make_room(event, "Annex")
    annex.save()
    for block, title in ((hall, "Opening"), (annex, "Lab"), (hall, "Closing")):
        make_session(block, title, duration=60)
    make_release(event)
    return event


def star(page: Page, title: str) -> Any:
    return page.get_by_role("button", name=f"Star {title}", exact=True)


def at(moment: datetime, page: Page, address: str) -> Page:
    page.clock.install(time=moment)
    page.goto(address)
    return page


class TestStars:
    def test_they_stay_over_pages_releases_and_events(self, event: Event, live_server: Any, look: Any) -> None:
        guest = make_event(slug="guest", title="Guest", host=event)
        make_session(make_block(guest, start=NOON, room=make_room(guest, "Hall")), "Workshop")
        make_release(guest)
        page = look(f"{live_server.url}/event/schedule/", PHONE)
        star(page, "Closing").click()
        event.sessions.filter(title="Closing").update(title="Farewell", slug="farewell")
        make_release(event)
        page.goto(f"{live_server.url}/guest/sessions/workshop/")
        page.get_by_role("button", name="Star it").click()

        page.goto(f"{live_server.url}/event/schedule/")

        pressed = {
            title: star(page, title).get_attribute("aria-pressed")
            for title in ("Opening", "Lab", "Farewell", "Workshop")
        }
        assert pressed == {"Opening": "false", "Lab": "false", "Farewell": "true", "Workshop": "true"}

    def test_my_schedule_shows_them_with_what_overlaps(self, event: Event, live_server: Any, look: Any) -> None:
        page = look(f"{live_server.url}/event/schedule/", DESK)
        for title in ("Opening", "Lab"):
            star(page, title).click()

        page.goto(f"{live_server.url}/event/schedule/mine/")

        page.wait_for_selector(".slot")
        assert page.locator("h1").inner_text() == "My schedule"
        assert page.locator(".slot h4").all_inner_texts() == ["Opening", "Lab"]
        assert [text.strip() for text in page.locator(".slot-clash").all_inner_texts()] == [
            "At the same time as Lab, 13:00–14:00",
            "At the same time as Opening, 13:00–14:00",
        ]
        assert page.get_by_role("button", name="Print").is_visible()

    def test_a_shared_link_shows_and_stars_them_elsewhere(self, event: Event, live_server: Any, look: Any) -> None:
        mine = look(f"{live_server.url}/event/schedule/", DESK)
        star(mine, "Closing").click()
        mine.goto(f"{live_server.url}/event/schedule/mine/")
        mine.wait_for_selector(".slot")
        link = mine.get_by_role("link", name="Link to share").evaluate("one => one.href")

        theirs = look(link, PHONE)
        theirs.get_by_role("button", name="Star all of these").click()
        theirs.goto(f"{live_server.url}/event/schedule/")

        assert star(theirs, "Closing").get_attribute("aria-pressed") == "true"

    def test_spoilt_storage_counts_as_none(self, event: Event, live_server: Any, look: Any) -> None:
        page = look(f"{live_server.url}/event/schedule/", PHONE)
        page.evaluate("localStorage.setItem('lectern-stars', '{broken')")

        page.reload()

        assert star(page, "Opening").get_attribute("aria-pressed") == "false"


class TestNow:
    def test_what_is_on_is_marked_in_words_and_color(self, event: Event, live_server: Any, look: Any) -> None:
        page = at(NOON + timedelta(minutes=20), look("about:blank", DESK), f"{live_server.url}/event/schedule/")

        assert page.locator(".slot-now h4").all_inner_texts() == ["Opening", "Lab"]
        assert page.locator(".slot-live").all_text_contents() == ["Now", "Now"]
        assert page.locator("#now").inner_text() == "Now 13:20"

    def test_on_another_day_nothing_is(self, event: Event, live_server: Any, look: Any) -> None:
        page = at(NOON + timedelta(days=3), look("about:blank", DESK), f"{live_server.url}/event/schedule/")

        assert page.locator(".slot-now").count() + page.locator("#now").count() == 0


class TestForms:
    def test_rooms_stand_side_by_side_where_there_is_room_for_them(
        self, event: Event, live_server: Any, look: Any
    ) -> None:
        page = look(f"{live_server.url}/event/schedule/", DESK)
        tops = "all => all.map(one => Math.round(one.getBoundingClientRect().top))"
        grid = page.eval_on_selector_all(".slot", tops)

        page.get_by_label("List").check()
        listed = page.eval_on_selector_all(".slot", tops)

        assert grid[0] == grid[1] < grid[2]
        assert listed[0] < listed[1] < listed[2]

    def test_where_no_label_fits_beside_the_grid_sessions_and_breaks_say_when_they_begin(
        self, live_server: Any, look: Any
    ) -> None:
        event = make_event(slug="event", timezone="Europe/Rome")
        hall = make_block(event, start=NOON, room=make_room(event, "Hall"))
        for title, kind in (("Opening", "talk"), ("Coffee", "break"), ("Talk", "talk")):
            make_session(hall, title, kind=kind, duration=5)
        make_session(make_block(event, start=NOON, room=make_room(event, "Annex")), "Lab", duration=60)
        make_release(event)
        page = look(f"{live_server.url}/event/schedule/", DESK)

        times = page.eval_on_selector_all(".slot h4", BEGINS)

        titles = page.locator(".slot h4").all_inner_texts()
        assert dict(zip(titles, times, strict=True)) == {
            "Opening": "none",
            "Lab": "none",
            "Coffee": '"13:05 "',
            "Talk": '"13:10 "',
        }

    def test_two_taps_lead_from_the_event_to_what_begins_at_an_hour(self, live_server: Any, look: Any) -> None:
        make_long_release(make_event(slug="large", kind="conference"), 150)
        page = look(f"{live_server.url}/large/", PHONE, "America/New_York")

        page.get_by_role("link", name="Program", exact=True).click()
        page.get_by_role("link", name="16:00", exact=True).click()

        page.wait_for_timeout(300)
        assert 0 <= page.get_by_role("heading", name="16:00").bounding_box()["y"] < 150

    def test_without_scripts_all_is_read_and_searched(self, event: Event, live_server: Any, look: Any) -> None:
        page = look(f"{live_server.url}/event/schedule/", DESK, java_script_enabled=False)

        page.get_by_label("Words").fill("clos")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**/?q=*")

        assert page.locator(".slot h4").all_inner_texts() == ["Closing"]
        assert page.url.endswith("/event/schedule/?q=clos&room=")

    def test_the_grid_is_reached_and_scrolled_by_keys(self, live_server: Any, look: Any) -> None:
        make_long_release(make_event(slug="large", kind="conference"), 30)
        page = look(f"{live_server.url}/large/schedule/", DESK)
        region = page.get_by_role("region", name="Program of Thursday, January 15, 2026")

        region.focus()
        page.keyboard.press("End")

        assert wait_until(lambda: page.locator(".timetable").first.evaluate("grid => grid.scrollTop") > 0)

    @pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
    @pytest.mark.parametrize("address", ["", "schedule/", "sessions/opening/"])
    def test_nothing_jumps_while_a_page_comes_up(
        self, event: Event, live_server: Any, look: Any, address: str, size: dict[str, int]
    ) -> None:
        page = look(f"{live_server.url}/event/{address}", size, "Pacific/Auckland")

        assert page.evaluate(SHIFT) < 0.01

    def test_no_title_takes_another_line_when_its_star_comes(self, live_server: Any, look: Any) -> None:
        event = make_event(slug="event")
        block, ada = make_block(event, start=NOON), make_speaker(event)
        for length in range(30, 46):
            make_session(block, "A talk of " + "i " * (length - 10), speakers=(ada,))
        make_release(event)

        page = look(f"{live_server.url}/event/speakers/ada-lovelace/", PHONE)

        page.wait_for_selector(".star")
        assert page.evaluate(SHIFT) == 0

    def test_on_paper_the_program_stands_without_controls(self, event: Event, live_server: Any, look: Any) -> None:
        page = look(f"{live_server.url}/event/schedule/", DESK)

        page.emulate_media(media="print")

        shown = {
            name: page.locator(name).first.is_visible() for name in (".slot", ".star", ".fold", ".hours", ".bar nav")
        }
        assert shown == {".slot": True, ".star": False, ".fold": False, ".hours": False, ".bar nav": False}
