"""Where organizers work on a program, in a real browser: by axe, by day and by night, on a phone and on a desk."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portal.models import Event
from tests.browsers import enter, faults_at
from tests.factories import NOON, make_event, make_organizer, make_program, make_registration, make_release, make_room

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
TABLE = b"title,start,duration\nPart 1,2026-01-15 13:00,0:45\nLate news,2026-01-15 15:00,0:30\n"
HOME = "/admin/portal/event/{}/"


@pytest.fixture
def event() -> Event:
    """Released, and then edited so that there is something to see on each page."""
    event = make_event(title="Large models", timezone="UTC")
    first, _, last = make_program(event, start=NOON)
    make_release(event)
    make_registration(event)
    first.title, first.room, first.duration = "Welcome", make_room(event, "Hall", capacity=1), 50
    first.save()
    last.appearances.all().delete()
    return event


def looked_at(page: Page) -> list[str]:
    return faults_at(page, PHONE, "dark") + faults_at(page, DESK)


def test_axe_finds_nothing_where_a_program_is_made(event: Event, live_server: Any, browser: Browser) -> None:
    home = live_server.url + HOME.format(event.pk)
    page = browser.new_page(reduced_motion="reduce")
    enter(page.context, make_organizer(event, "ursula"), live_server.url)

    found = {}
    for name in ("home", "conflicts", "release", "import"):
        page.goto(f"{home}{name}/")
        found[name] = looked_at(page)
    page.set_input_files("[name=file]", {"name": "table.csv", "mimeType": "text/csv", "buffer": TABLE})
    page.get_by_role("button", name="Show what it changes").click()
    page.wait_for_selector("text=Not in the file, and kept")
    found["report"] = looked_at(page)
    page.goto(f"{live_server.url}/admin/sessions_app/session/{event.sessions.get(title='Welcome').pk}/change/")
    page.fill("[name=duration]", "400")
    page.click("[name=_check]")
    page.wait_for_selector("text=Nothing is saved yet")
    found["times"] = looked_at(page)
    page.close()

    assert {name: said for name, said in found.items() if said} == {}
