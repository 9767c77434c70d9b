"""Overruns and empty time are explained before anything is saved."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from portal.models import Event
from sessions_app.models import Session
from tests.factories import NOON, make_block, make_event, make_organizer, make_session, make_speaker
from tests.filling import fields_of, send
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
CHECK = {"_check": "Check times"}


@pytest.fixture
def event(client: Client) -> Event:
    """A morning that begins at noon in UTC: the intro of an hour, and the lab, pinned to its end."""
    event = make_event(timezone="UTC")
    client.force_login(make_organizer(event))
    block = make_block(event, title="Morning", start=NOON)
    ada, grace = make_speaker(event, "Ada"), make_speaker(event, "Grace")
    make_session(block, "Intro", duration=60, speakers=(ada,))
    make_session(block, "Lab", duration=90, start=NOON + timedelta(hours=1), speakers=(grace,))
    make_session(block, "Questions", duration=15, kind="break")
    return event


def form_of(event: Event) -> str:
    return f"/admin/portal/event/{event.pk}/change/"


def page_of(title: str) -> str:
    return f"/admin/sessions_app/session/{Session.objects.get(title=title).pk}/change/"


def notices(response: HttpResponse) -> str:
    return Page(response).words("notice")


def table(response: HttpResponse) -> list[tuple[Any, ...]]:
    review = response.context["review"]
    return [(row.title, row.before, row.after, row.note) for block in review.blocks for row in block.rows]


def lengths(event: Event) -> list[int]:
    return list(event.sessions.values_list("duration", flat=True))


class TestReview:
    def test_an_overrun_is_explained_and_nothing_is_saved(self, client: Client, event: Event) -> None:
        response = send(client, form_of(event), **{"sessions-0-duration": "80", "title": "Renamed"})

        said = "“Lab” is pinned to 13:00, but “Intro” before it ends at 13:20: 20 min too long."
        assert notices(response) == said
        assert table(response) == [
            ("Intro", "Thu 12:00–13:00", "Thu 12:00–13:20", ""),
            ("Lab", "Thu 13:00–14:30", "Thu 13:00–14:30", "what is before it is 20 min too long"),
            ("Questions", "Thu 14:30–14:45", "Thu 14:30–14:45", ""),
        ]
        event.refresh_from_db()
        assert (lengths(event), event.title != "Renamed", LogEntry.objects.count()) == ([60, 90, 15], True, 0)

    def test_so_is_empty_time(self, client: Client, event: Event) -> None:
        response = send(client, form_of(event), **{"sessions-0-duration": "45"})

        assert notices(response) == "Nothing happens for 15 min before “Lab”."
        assert table(response)[1] == ("Lab", "Thu 13:00–14:30", "Thu 13:00–14:30", "15 min of empty time before it")
        assert response.context["review"].blocks[0].whole == "Thursday, January 15, 12:00–14:45, 2 h 45 min in all"

    def test_confirmed_it_is_saved(self, client: Client, event: Event) -> None:
        asked = send(client, form_of(event), **{"sessions-0-duration": "80"})

        response = client.post(form_of(event), fields_of(asked) | {"_reviewed": "1"})

        assert (response.status_code, response["Location"]) == (302, f"/admin/portal/event/{event.pk}/home/")
        assert lengths(event) == [80, 90, 15]

    def test_what_was_there_before_does_not_ask_again(self, client: Client, event: Event) -> None:
        event.sessions.filter(title="Intro").update(duration=80)

        response = send(client, form_of(event), **{"sessions-2-duration": "20"})

        assert response.status_code == 302
        assert lengths(event) == [80, 90, 20]

    def test_back_in_the_form_is_what_was_typed(self, client: Client, event: Event) -> None:
        asked = send(client, form_of(event), **{"sessions-0-duration": "80", "sessions-0-title": "“Intro” <1>"})

        response = client.post(form_of(event), fields_of(asked) | {"_edit": "1"})

        assert "Nothing is saved yet." in response.text
        assert fields_of(response)["sessions-0-duration"] == "80"
        assert fields_of(response)["sessions-0-title"] == "“Intro” <1>"
        assert lengths(event) == [60, 90, 15]

    def test_a_change_of_order_that_fits_is_saved_at_once(self, client: Client, event: Event) -> None:
        response = send(client, form_of(event), **{"sessions-2-start": "", "sessions-1-start": ""})

        assert response.status_code == 302
        assert event.sessions.filter(start=None).count() == 3

    def test_somebody_in_two_places_is_explained_too(self, client: Client, event: Event) -> None:
        other = make_block(event, title="Cellar")
        make_session(other, "Panel", duration=30, speakers=(event.speakers.get(name="Ada"),))

        response = send(client, form_of(event), **{"blocks-1-start": "2026-01-15T12:30"})

        assert notices(response) == "Ada is in “Intro” and “Panel” at once, Thu 12:30–13:00."
        assert table(response) == [("Panel", "+0:00", "Thu 12:30–13:00", "")]


class TestCheckTimes:
    def test_it_shows_the_times_of_what_is_in_the_form(self, client: Client, event: Event) -> None:
        event.sessions.update(start=None)

        response = send(client, form_of(event), **CHECK, **{"sessions-0-duration": "30"})

        assert "Nothing gets in each other’s way" in notices(response)
        assert table(response) == [
            ("Intro", "Thu 12:00–13:00", "Thu 12:00–12:30", ""),
            ("Lab", "Thu 13:00–14:30", "Thu 12:30–14:00", ""),
            ("Questions", "Thu 14:30–14:45", "Thu 14:00–14:15", ""),
        ]
        assert lengths(event) == [60, 90, 15]

    def test_without_a_change_it_shows_all(self, client: Client, event: Event) -> None:
        response = send(client, form_of(event), **CHECK)

        assert notices(response) == "No session moves."
        assert [row[0] for row in table(response)] == ["Intro", "Lab", "Questions"]

    def test_bad_values_are_said_in_the_form(self, client: Client, event: Event) -> None:
        response = send(client, form_of(event), **CHECK, **{"sessions-0-duration": "0"})

        assert "Between 1 and 1440 minutes." in response.text

    def test_a_new_session_is_told_as_new(self, client: Client, event: Event) -> None:
        block = event.blocks.get()
        values = {"event": event.pk, "title": "Extra", "duration": "10", "block": block.pk, "position": ""}

        response = send(client, f"/admin/sessions_app/session/add/?event={event.pk}", **CHECK, **values)

        assert table(response)[-1] == ("Extra", "", "Thu 14:45–14:55", "")
        assert event.sessions.count() == 3


class TestSessionPage:
    def test_an_overrun_is_explained_and_nothing_is_saved(self, client: Client, event: Event) -> None:
        response = send(client, page_of("Intro"), duration="80")

        assert notices(response) == "“Lab” is pinned to 13:00, but “Intro” before it ends at 13:20: 20 min too long."
        assert lengths(event) == [60, 90, 15]

    def test_confirmed_it_is_saved(self, client: Client, event: Event) -> None:
        asked = send(client, page_of("Intro"), duration="80", _continue="on")

        response = client.post(page_of("Intro"), fields_of(asked) | {"_reviewed": "1"})

        assert response["Location"] == page_of("Intro")
        assert lengths(event) == [80, 90, 15]

    def test_back_in_the_form_is_what_was_typed(self, client: Client, event: Event) -> None:
        asked = send(client, page_of("Intro"), duration="80", abstract="Line 1\nLine 2")

        response = client.post(page_of("Intro"), fields_of(asked) | {"_edit": "1"})

        found = fields_of(response)
        assert (found["duration"], found["abstract"]) == ("80", "Line 1\nLine 2")
