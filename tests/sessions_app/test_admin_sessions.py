"""The list of sessions: what it shows, how it narrows, and what can be done to many at once."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client

from portal.models import Event
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_organizer,
    make_release,
    make_room,
    make_session,
    make_speaker,
)
from tests.filling import send
from tests.pages import Page

pytestmark = pytest.mark.django_db
LIST = "/admin/sessions_app/session/"


@pytest.fixture
def event(client: Client) -> Event:
    """Two days in UTC: Opening and Lab in the hall, Dinner elsewhere, and an untimed block with Outlook."""
    event = make_event(timezone="UTC")
    client.force_login(make_organizer(event))
    hall, cellar = make_room(event, "Hall"), make_room(event, "Cellar")
    day = make_block(event, title="Day 1", start=NOON, room=hall)
    make_session(day, "Opening", speakers=(make_speaker(event, "Ada"),), abstract="Hello")
    make_session(day, "Lab", kind="lab", room=cellar, track=event.tracks.create(name="Systems"))
    make_session(make_block(event, title="Day 2", start=NOON + timedelta(days=1)), "Dinner", kind="social")
    make_session(make_block(event, title="Some day"), "Outlook", abstract="Later", visibility="tba")
    return event


def titles(client: Client, query: str = "") -> list[str]:
    return [session.title for session in client.get(LIST + query).context["cl"].result_list]


def act(client: Client, action: str, *names: str, event: Event) -> HttpResponse:
    ticked = event.sessions.filter(title__in=names).values_list("pk", flat=True)
    return client.post(LIST, {"action": action, "_selected_action": list(ticked), "index": "0"}, follow=True)


def values(event: Event, field: str) -> dict[str, Any]:
    return dict(event.sessions.values_list("title", field))


class TestList:
    def test_it_shows_when_and_where_and_what_is_public(self, client: Client, event: Event) -> None:
        event.sessions.filter(title="Lab").update(status="cancelled")

        page = Page(client.get(LIST))

        assert page.words("tbody") == (
            "Opening Thu 12:00–12:45 Talk Ada Hall - "
            "Lab Thu 12:45–13:30 Hands-on lab - Cellar Systems cancelled "
            "Dinner Fri 12:00–12:45 Social - - - "
            "Outlook +0:00, 45 min Talk - - - to be announced"
        )

    def test_sessions_of_several_events_are_listed_without_times(self, client: Client, event: Event) -> None:
        make_session(make_block(make_event(), start=NOON), "Foreign")
        client.force_login(make_organizer())

        page = Page(client.get(LIST))

        assert "12:00" not in page.words("tbody")
        assert "Foreign" in page.words("tbody")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?day=2026-01-15", ["Opening", "Lab"]),
            ("?day=2026-01-16", ["Dinner"]),
            ("?day=none", ["Outlook"]),
            ("?room={Hall}", ["Opening"]),
            ("?room={Cellar}", ["Lab"]),
            ("?room=none", ["Dinner", "Outlook"]),
            ("?track={Systems}", ["Lab"]),
            ("?track=none", ["Opening", "Dinner", "Outlook"]),
            ("?block={Day 2}", ["Dinner"]),
            ("?missing=speaker", ["Lab", "Outlook"]),
            ("?missing=abstract", ["Lab"]),
            ("?missing=room", ["Dinner", "Outlook"]),
            ("?missing=track", ["Opening", "Outlook"]),
            ("?missing=time", ["Outlook"]),
            ("?visibility__exact=tba", ["Outlook"]),
            ("?kind__exact=social", ["Dinner"]),
            ("?q=ada", ["Opening"]),
            ("?q=out", ["Outlook"]),
        ],
    )
    def test_it_narrows(self, client: Client, event: Event, query: str, found: list[str]) -> None:
        rows = [*event.rooms.all(), *event.tracks.all(), *event.blocks.all()]
        named = {str(row): row.pk for row in rows}
        query = query.format_map({name: str(pk) for name, pk in named.items()})

        assert titles(client, query) == found

    def test_a_pin_makes_the_day_of_its_session_and_times_its_block(self, client: Client, event: Event) -> None:
        session = event.sessions.get(title="Outlook")
        session.start = NOON + timedelta(days=5)
        session.save()

        assert titles(client, "?day=2026-01-20") == ["Outlook"]
        assert titles(client, "?missing=time") == []

    @pytest.mark.parametrize("query", ["?day=soon", "?room=0", "?block=x", "?track=99999", "?missing=all"])
    def test_a_filter_it_does_not_know_narrows_nothing(self, client: Client, event: Event, query: str) -> None:
        assert titles(client, query) == ["Opening", "Lab", "Dinner", "Outlook"]

    def test_rooms_of_other_events_are_not_offered(self, client: Client, event: Event) -> None:
        foreign = make_room(make_event(), "Foreign room")

        page = client.get(LIST)

        assert "Foreign room" not in page.text
        assert titles(client, f"?room={foreign.pk}") == ["Opening", "Lab", "Dinner", "Outlook"]


class TestManyAtOnce:
    def test_they_are_put_in_a_room_and_a_track(self, client: Client, event: Event) -> None:
        room, track = event.rooms.get(name="Hall"), event.tracks.get()

        act(client, f"room-{room.pk}", "Lab", "Dinner", event=event)
        response = act(client, f"track-{track.pk}", "Opening", event=event)

        assert values(event, "room") == {"Opening": None, "Lab": room.pk, "Dinner": room.pk, "Outlook": None}
        assert values(event, "track")["Opening"] == track.pk
        assert "Track: Systems. 1 session." in response.text

    def test_and_out_of_them_again(self, client: Client, event: Event) -> None:
        act(client, "room-none", "Lab", event=event)
        act(client, "track-none", "Lab", event=event)

        assert (values(event, "room")["Lab"], values(event, "track")["Lab"]) == (None, None)

    def test_they_are_hidden_cancelled_and_reinstated(self, client: Client, event: Event) -> None:
        act(client, "visibility-hidden", "Lab", "Dinner", event=event)
        act(client, "cancel", "Lab", "Opening", event=event)
        act(client, "reinstate", "Opening", event=event)

        shown = {"Opening": "full", "Lab": "hidden", "Dinner": "hidden", "Outlook": "tba"}
        assert values(event, "visibility") == shown
        assert values(event, "status")["Lab"] == "cancelled"
        assert values(event, "status")["Opening"] == "planned"

    def test_it_is_logged_for_each(self, client: Client, event: Event) -> None:
        act(client, "cancel", "Lab", "Dinner", event=event)

        logged = LogEntry.objects.values_list("object_repr", "change_message")
        assert set(logged) == {("Lab", "Status: cancel."), ("Dinner", "Status: cancel.")}

    def test_new_conflicts_are_told(self, client: Client, event: Event) -> None:
        block = make_block(event, title="Beside", start=NOON, room=event.rooms.get(name="Cellar"))
        make_session(block, "Panel", kind="panel")

        response = act(client, f"room-{event.rooms.get(name='Hall').pk}", "Panel", event=event)

        assert "Hall has “Opening” and “Panel” at once, Thu 12:00–12:45." in response.text
        assert values(event, "room")["Panel"] == event.rooms.get(name="Hall").pk

    def test_rooms_of_other_events_can_not_be_taken(self, client: Client, event: Event) -> None:
        foreign = make_room(make_event(), "Foreign room")

        response = act(client, f"room-{foreign.pk}", "Lab", event=event)

        assert values(event, "room")["Lab"] == event.rooms.get(name="Cellar").pk
        assert "No action selected." in response.text

    def test_sessions_of_other_events_stay_as_they_are(self, client: Client, event: Event) -> None:
        foreign = make_session(make_block(make_event()), "Foreign")

        client.post(LIST, {"action": "cancel", "_selected_action": [foreign.pk], "index": "0"})

        foreign.refresh_from_db()
        assert foreign.status == "planned"

    def test_choices_stand_in_groups(self, client: Client, event: Event) -> None:
        groups = [one["label"] for one in Page(client.get(LIST)).all("optgroup")]

        assert groups == ["Made public", "Status", "Track", "Room"]

    @pytest.mark.parametrize("count", [1, 3, pytest.param(100, marks=pytest.mark.sqlite)])
    def test_it_takes_as_many_queries_for_any_number(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        block = event.blocks.get(title="Some day")
        ticked = [make_session(block, speakers=(make_speaker(event, f"S {n}"),)).pk for n in range(count)]

        with django_assert_num_queries(45):
            client.post(LIST, {"action": "cancel", "_selected_action": ticked, "index": "0"})

        assert event.sessions.filter(status="cancelled").count() == count


class TestBadInput:
    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("duration", "0", "Between 1 and 1440 minutes."),
            ("duration", "14400", "Between 1 and 1440 minutes."),
            ("duration", "-5", "Between 1 and 1440 minutes."),
            ("duration", "1e9", "Enter a whole number."),
            ("title", "\x07 \x1b", "This field cannot be blank."),
            ("title", "a\x00b", "Null characters are not allowed."),
            ("title", "x" * 251, "Ensure this value has at most 250 characters (it has 251)."),
            ("start", "2026-03-29T02:30", "2026-03-29 02:30:00 couldn’t be interpreted in time zone Europe/Berlin"),
            ("start", "2026-10-25T02:30", "2026-10-25 02:30:00 couldn’t be interpreted in time zone Europe/Berlin"),
            ("start", "2026-13-01T00:00", "Enter a valid date/time."),
            ("language", "English!", "Ensure this value has at most 2 characters (it has 8)."),
            ("kind", "concert", "Select a valid choice. concert is not one of the available choices."),
            ("visibility", "secret", "Select a valid choice. secret is not one of the available choices."),
            ("links", "see javascript:alert(1)", "“javascript:alert(1)” is not a web address"),
            ("position", "-1", "Ensure this value is greater than or equal to 0."),
        ],
    )
    def test_it_is_said_at_the_field_and_nothing_is_saved(
        self, client: Client, event: Event, field: str, typed: str, said: str
    ) -> None:
        Event.objects.update(timezone="Europe/Berlin")
        session = event.sessions.get(title="Opening")

        response = send(client, f"{LIST}{session.pk}/change/", **{"subtitle": "New", field: typed})

        errors = response.context["adminform"].form.errors
        assert (list(errors), said in " ".join(errors[field])) == ([field], True)
        session.refresh_from_db()
        assert session.subtitle == ""

    def test_control_characters_are_taken_out_of_every_text(self, client: Client, event: Event) -> None:
        session = event.sessions.get(title="Opening")
        line, text = "A\x07 \u202e b\x1b\u2066", "A\x07\r\n\r\n- b\x1b"

        send(
            client,
            f"{LIST}{session.pk}/change/",
            title=line,
            subtitle=line,
            names=f"{line} ({line})",
            abstract=text,
            prerequisites=text,
            links=f"{line} https://example.org/",
        )

        session.refresh_from_db()
        appearance = session.appearances.get()
        assert {session.title, session.subtitle, appearance.speaker.name, appearance.role} == {"A b"}
        assert {session.abstract, session.prerequisites} == {"A\n\n- b"}
        assert session.links == [{"url": "https://example.org/", "title": "A b"}]

    def test_markup_is_shown_as_it_was_typed(self, client: Client, event: Event) -> None:
        session, evil = event.sessions.get(title="Opening"), "<script>alert(1)</script>"
        fields = dict.fromkeys(("title", "subtitle", "names", "abstract", "prerequisites"), evil)
        send(client, f"{LIST}{session.pk}/change/", **fields, links=f"{evil} https://example.org/?<script>")
        event.sessions.update(title=evil)
        event.tracks.update(name=evil)
        event.rooms.filter(name="Hall").update(name=evil)
        event.blocks.update(title=evil)
        make_release(event)
        session.refresh_from_db()

        admin = [LIST, f"{LIST}{session.pk}/change/", f"/admin/portal/event/{event.pk}/change/"]
        home = f"/admin/portal/event/{event.pk}"
        pages = [*admin, f"{home}/conflicts/", f"{home}/home/", f"{home}/release/", f"/{event.slug}/schedule/"]
        pages += [f"/{event.slug}/sessions/{session.slug}/", f"/{event.slug}/speakers/"]
        texts = {page: client.get(page).text for page in pages}
        assert [page for page, text in texts.items() if "<script>alert" in text] == []
        assert [page for page, text in texts.items() if "&lt;script&gt;" not in text] == []


class TestBlocks:
    def test_where_they_are_many_they_have_pages_of_their_own(self, client: Client, event: Event) -> None:
        for number in range(100):
            make_session(make_block(event), f"S{number}")

        form = client.get(f"/admin/portal/event/{event.pk}/change/")

        assert [one.formset.prefix for one in form.context["inline_admin_formsets"]] == ["rooms", "tracks"]
        assert f"/admin/sessions_app/block/?event__id__exact={event.pk}" in form.text

    def test_a_start_that_makes_a_conflict_is_shown_before_it_is_saved(self, client: Client, event: Event) -> None:
        block, ada = event.blocks.get(title="Day 2"), event.speakers.get()
        make_session(block, "Panel", speakers=(ada,))

        response = send(client, f"/admin/sessions_app/block/{block.pk}/change/", start="2026-01-15T11:30")

        assert Page(response).words("notice") == "Ada is in “Opening” and “Panel” at once, Thu 12:15–12:45."
        block.refresh_from_db()
        assert block.start == NOON + timedelta(days=1)

    @pytest.mark.parametrize("count", [1, 3, pytest.param(100, marks=pytest.mark.sqlite)])
    def test_their_list_takes_as_many_queries_for_any_number(
        self, client: Client, event: Event, count: int, django_assert_num_queries
    ) -> None:
        for _ in range(count):
            make_session(make_block(event, room=event.rooms.first()))

        with django_assert_num_queries(10):
            client.get("/admin/sessions_app/block/")
