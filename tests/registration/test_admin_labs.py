"""Labs in the organizers' admin: who has a seat, and who waits for one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Event
from tests.factories import (
    NOON,
    make_event,
    make_lab,
    make_lab_seat,
    make_organizer,
    make_program,
    make_registration,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db
LIST = "/admin/registration/registration/"


@pytest.fixture
def event() -> Event:
    return make_event()


@pytest.fixture
def browser(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def test_lab_seats_are_told_of_each_person(event: Event, browser: Client) -> None:
    first, _, *others = make_program(event, 3)
    ada = make_registration(event, name="Ada")
    told = []
    browser.get(f"{LIST}{ada.pk}/change/")
    for session in (first, *others):
        make_lab_seat(ada, make_lab(event, session), is_waitlisted=session != first)
        with CaptureQueriesContext(connection) as queries:
            page = Page(browser.get(f"{LIST}{ada.pk}/change/"))
        told.append(len(queries))

    assert "Part 1: seat Part 2: place 1 in line Part 3: place 1 in line" in page.words()
    assert told == [10, 10, 10]


def test_a_lab_tells_how_many_have_a_seat_and_wait_and_links_to_them(event: Event, browser: Client) -> None:
    lab = make_lab(event, make_program(event)[0], 3)
    make_lab_seat(make_registration(event), lab, hold_until=NOON)
    for is_waitlisted in (False, True, True):
        make_lab_seat(make_registration(event), lab, is_waitlisted=is_waitlisted)
    address = reverse("admin:registration_lab_changelist")

    for page in (Page(browser.get(address)), Page(browser.get(f"{address}{lab.pk}/change/"))):
        links = {one["href"] for one in page.all("a") if one.get("href", "").startswith(LIST)}
        here = f"{LIST}?event__id__exact={event.pk}&"
        assert {f"{here}{name}={lab.pk}" for name in ("lab", "lab_offer", "lab_line")} <= links

    assert Page(browser.get(address)).words("results") == "Session Seats Taken Offered In line Part 1 3 1 1 2"
