"""What the page of an event offers when it is over."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.factories import NOON, make_event, make_material, make_program, make_release
from tests.pages import Page

pytestmark = pytest.mark.django_db


def test_its_materials_come_first_and_nothing_is_left_to_wait_for(client: Client, time_machine: Any) -> None:
    event = make_event(slug="event")
    make_program(event, start=NOON)
    make_release(event, "final")
    end, said = NOON + timedelta(hours=2), []

    for moment in (end - timedelta(minutes=1), end):
        time_machine.move_to(moment, tick=False)
        page, session = client.get("/event/"), client.get("/event/sessions/part-2/")
        said.append((Page(page).words("row"), page.holds_until, "Add to a calendar" in session.text))
    make_material(event, title="Slides")

    assert said == [("Add to calendar", end, True), ("", None, False)]
    assert Page(client.get("/event/")).words("row") == "Materials"


def test_while_its_sessions_have_no_times_it_is_over_with_its_last_day(client: Client, time_machine: Any) -> None:
    make_release(make_event(slug="event", starts_on=NOON.date()))
    said = []

    for day in (15, 16):
        time_machine.move_to(NOON.replace(day=day), tick=False)
        said.append(Page(client.get("/event/")).words("row"))

    assert said == ["Tell me when it is final", ""]
