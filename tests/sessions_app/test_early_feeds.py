"""Feeds, and the links to them, while an event has no release yet or none of its times are known."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.test import Client

from tests.factories import NOON, make_event, make_program, make_release
from tests.pages import Page

pytestmark = pytest.mark.django_db


class TestTheCalendarBeforeTheFirstRelease:
    PATH = "/tutorial/schedule.ics"
    DAY = date(2026, 3, 22)

    def ask(self, client: Client, tag: str = "") -> Any:
        return client.get(self.PATH, headers={"If-None-Match": tag})

    def test_it_has_the_days_and_nothing_of_the_draft(self, client: Client) -> None:
        event = make_event(slug="tutorial", title="Tutorial", starts_on=self.DAY)
        make_program(event, start=NOON)

        (entry,) = icalendar.Calendar.from_ical(self.ask(client).content).events

        assert {name: str(entry[name]) for name in ("SUMMARY", "STATUS")} == {
            "SUMMARY": "Tutorial",
            "STATUS": "TENTATIVE",
        }
        assert (entry["DTSTART"].dt, entry["DTSTAMP"].dt) == (self.DAY, event.changed_at.replace(microsecond=0))

    def test_other_days_and_the_release_change_it_and_a_draft_does_not(self, client: Client) -> None:
        event = make_event(slug="tutorial", title="Tutorial", starts_on=self.DAY)
        first = self.ask(client)

        make_program(event, start=NOON)
        same = self.ask(client, first["ETag"])
        event.starts_on += timedelta(days=1)
        event.save()
        moved = self.ask(client, first["ETag"])
        make_release(event)
        released = self.ask(client, moved["ETag"])

        assert [one.status_code for one in (first, same, moved, released)] == [200, 304, 200, 200]
        before, after = (icalendar.Calendar.from_ical(one.content).events[0] for one in (first, moved))
        assert (after["UID"], after["DTSTART"].dt) == (before["UID"], self.DAY + timedelta(days=1))
        assert after["SEQUENCE"] > before["SEQUENCE"] and after["DTSTAMP"].dt > before["DTSTAMP"].dt
        names = [str(one["SUMMARY"]) for one in icalendar.Calendar.from_ical(released.content).events]
        assert names == ["Part 1", "Coffee break", "Part 2"]

    @pytest.mark.parametrize("day", [None, DAY])
    def test_it_is_named_where_there_is_one(self, client: Client, day: date | None) -> None:
        make_event(slug="tutorial", starts_on=day)

        head = client.get("/api/v1/events/tutorial/schedule/")["Link"]
        page = Page(client.get("/tutorial/"))

        linked = {link["href"] for link in page.all("link") if link["rel"] == "alternate"}
        assert set(re.findall("<https://portal.example(.+?)>", head)) == linked
        assert linked == {"/tutorial/releases.atom"} | ({self.PATH} if day else set())
        assert [client.get(path).status_code for path in linked] == [200] * len(linked)


@pytest.mark.parametrize(
    ("is_released", "start", "day", "absent"),
    [
        (False, None, None, {"ical", "c3voc", "frab", "sessionize", "csv"}),
        (False, None, NOON.date(), {"c3voc", "frab", "sessionize", "csv"}),
        (True, None, None, {"ical", "c3voc", "frab"}),
        (True, NOON, None, set()),
    ],
)
def test_forms_that_there_are_not_yet_are_null(
    client: Client, is_released: bool, start: datetime | None, day: date | None, absent: set[str]
) -> None:
    event = make_event(slug="tutorial", starts_on=day)
    make_program(event, start=start)
    if is_released:
        make_release(event)

    found = client.get("/api/v1/events/tutorial/").json()["links"]

    assert {name for name, link in found.items() if link is None} == absent
    paths = [link.removeprefix("https://portal.example") for name, link in found.items() if link]
    refused = [path for path in paths if client.get(path).status_code != 200]
    assert refused == ([] if start else ["/tutorial/merged.ics"])
