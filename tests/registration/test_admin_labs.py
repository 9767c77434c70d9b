"""Labs in the organizers' admin: who has a seat, and who waits for one."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Event
from registration.models import Lab, LabSeat
from tests.factories import (
    NOON,
    make_event,
    make_lab,
    make_lab_seat,
    make_organizer,
    make_program,
    make_registration,
    make_release,
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

    assert "Part 1: seat Part 2: place 1 in line Move Part 3: place 1 in line Move" in page.words()
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


class TestTheLine:
    @pytest.fixture
    def lab(self, event: Event) -> Lab:
        """Full, with Bea, Cy and Dee in line."""
        lab = make_lab(event, make_program(event)[0], 0)
        for name in ("Bea", "Cy", "Dee"):
            make_lab_seat(make_registration(event, name=name), lab, is_waitlisted=True)
        make_release(event)
        return lab

    def seat_of(self, name: str) -> LabSeat:
        return LabSeat.objects.get(registration__name=name)

    def address(self, seat: LabSeat) -> str:
        return reverse("admin:registration-move-in-lab", args=[seat.pk])

    def narrowed(self, lab: Lab | str, event: Event) -> str:
        return f"{LIST}?event__id__exact={event.pk}&lab_line={getattr(lab, 'pk', lab)}"

    def test_somebody_is_moved_for_a_reason_that_is_kept(self, lab: Lab, browser: Client) -> None:
        address = self.address(self.seat_of("Dee"))

        shown = Page(browser.get(address))
        refused = browser.post(address, {"position": "1", "reason": " "})
        moved = browser.post(address, {"position": "1", "reason": "Teaches it at home"})

        assert "Move Dee in the waitlist for “Part 1”" in shown.words()
        assert [one["value"] for one in shown.all("input") if one.get("name") == "position"] == ["3"]
        assert (refused.status_code, moved.status_code) == (422, 302)
        line = lab.seats.order_by("place").values_list("registration__name", "place")
        assert list(line) == [("Dee", 1), ("Bea", 2), ("Cy", 3)]
        logged = LogEntry.objects.values_list("object_repr", "change_message").get()
        assert logged == ("Dee", "Moved to position 1 in line for “Part 1”: Teaches it at home")

    def test_who_may_only_come_back_late_is_not_to_be_moved(self, lab: Lab, browser: Client) -> None:
        bea = self.seat_of("Bea").registration
        bea.state = "cancelled"
        bea.save()

        page = Page(browser.get(f"{LIST}{bea.pk}/change/"))

        assert "Part 1: place 1 in line" in page.words()
        assert self.address(self.seat_of("Bea")) not in {one.get("href") for one in page.all("a")}

    def test_who_does_not_wait_is_not_moved(self, event: Event, lab: Lab, browser: Client) -> None:
        offered = make_lab_seat(make_registration(event), make_lab(event, make_program(event)[0]), hold_until=NOON)

        answer = browser.post(self.address(offered), {"position": "1", "reason": "x"})

        assert b"Only who is on the waitlist can be moved in it." in answer.content

    def test_another_events_people_are_not_to_be_found(self, browser: Client) -> None:
        other = make_event()
        seat = make_lab_seat(make_registration(other), make_lab(other, make_program(other)[0]), is_waitlisted=True)

        for one in (seat, LabSeat(pk=seat.pk + 1)):
            answers = browser.get(self.address(one)), browser.post(self.address(one))
            assert [answer.status_code for answer in answers] == [404, 404]

    def test_the_list_of_a_line_is_in_its_order_and_moves_in_it(self, event: Event, lab: Lab, browser: Client) -> None:
        for place, name in enumerate(("Cy", "Dee", "Bea"), 1):
            LabSeat.objects.filter(registration__name=name).update(place=place)
        bea = self.seat_of("Bea")

        shown = browser.get(self.narrowed(lab, event)).context["cl"].result_list
        sent = browser.post(
            self.narrowed(lab, event), {"action": "move", "_selected_action": [str(bea.registration_id)]}
        )

        assert [one.name for one in shown] == ["Cy", "Dee", "Bea"]
        assert sent["Location"] == self.address(bea)

    @pytest.mark.parametrize("number", ["x", "007", "9" * 30, "-1"])
    def test_a_line_that_is_none_narrows_nothing(self, event: Event, lab: Lab, browser: Client, number: str) -> None:
        shown = browser.get(self.narrowed(number, event)).context["cl"].result_list

        assert len(shown) == 3
