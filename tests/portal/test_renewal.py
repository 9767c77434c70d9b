"""What renews the public pages of an event, and what doesn't, lest anybody learn from them that there is a draft."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import Event
from registration import booking, labs
from registration.models import Admission, TicketType
from sessions_app.models import Material, Session
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_material,
    make_organizer,
    make_program,
    make_question,
    make_release,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.pages import Page

pytestmark = pytest.mark.django_db

type Change = Callable[[], Any]


@pytest.fixture
def event() -> Event:
    """With a session of each visibility, released once, and then one more in the draft."""
    event = make_event(slug="tutorial")
    make_program(event)
    for visibility in Session.Visibility.values:
        make_session(event.blocks.get(), visibility, visibility=visibility)
    make_release(event)
    make_session(event.blocks.get(), "draft")
    return event


def renewals(change: Change, event: Event) -> int:
    before = Event.objects.get(pk=event.pk).version
    change()
    return Event.objects.get(pk=event.pk).version - before


def changes_of(row: Any, **values: Any) -> list[Change]:
    """Saved, deleted, and deleted with others."""

    def save() -> None:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()

    return [save, type(row).objects.filter(pk=row.pk).delete]


class TestMaterials:
    @pytest.mark.parametrize(
        ("title", "count"), [("full", 1), ("title_only", 0), ("tba", 0), ("hidden", 0), ("draft", 0)]
    )
    def test_those_of_sessions_count_once_these_are_released_in_full(
        self, event: Event, title: str, count: int
    ) -> None:
        session = event.sessions.get(title=title)
        made: list[Material] = []

        counts = [renewals(lambda: made.append(make_material(event, session=session)), event)]
        counts += [renewals(change, event) for change in changes_of(made[0], title="Other")]
        counts.append(renewals(make_material(event, session=session).delete, event))

        assert counts == [count] * 4

    def test_those_of_the_event_count(self, event: Event) -> None:
        assert renewals(lambda: make_material(event), event) == 1

    def test_one_that_moves_counts_on_both_ways(self, event: Event) -> None:
        draft, full = (event.sessions.get(title=title) for title in ("draft", "full"))
        material = make_material(event, session=draft)

        counts = [renewals(changes_of(material, session=session)[0], event) for session in (full, draft, None, draft)]

        assert counts == [1, 1, 1, 1]

    def test_what_the_database_has_counts_and_not_what_was_read_before(self, event: Event) -> None:
        draft, full = (event.sessions.get(title=title) for title in ("draft", "full"))
        material = make_material(event, session=draft)
        Material.objects.filter(pk=material.pk).update(session=full)

        assert renewals(changes_of(material, title="Other")[0], event) == 1

    def test_before_the_first_release_those_of_sessions_are_nobodys(self) -> None:
        event = make_event()
        session, *_ = make_program(event)

        assert renewals(lambda: make_material(event, session=session), event) == 0

    def test_a_session_taken_back_takes_its_materials_along(self, event: Event) -> None:
        session = event.sessions.get(title="full")
        material = make_material(event, session=session)
        Session.objects.filter(pk=session.pk).update(visibility="hidden")
        make_release(event)

        assert renewals(material.save, event) == 0


class TestTicketTypes:
    def test_one_behind_a_code_does_not_count_beside_another(self, event: Event) -> None:
        make_ticket_type(event)
        made: list[TicketType] = []

        counts = [renewals(lambda: made.append(make_ticket_type(event, name="Guest", access_code="OPEN")), event)]
        counts += [renewals(change, event) for change in changes_of(made[0], opens_at=timezone.now())]

        assert counts == [0, 0, 0]

    def test_the_only_one_counts_since_the_page_says_that_there_is_registration(self, event: Event) -> None:
        made: list[TicketType] = []

        counts = [renewals(lambda: made.append(make_ticket_type(event, access_code="OPEN")), event)]
        counts += [renewals(change, event) for change in changes_of(made[0], opens_at=timezone.now())]

        assert counts == [1, 1, 1]

    def test_a_code_that_comes_or_goes_counts(self, event: Event) -> None:
        make_ticket_type(event)
        ticket_type = make_ticket_type(event, name="Student")

        counts = [renewals(changes_of(ticket_type, access_code=code)[0], event) for code in ("OPEN", "")]

        assert counts == [1, 1]

    def test_the_last_one_for_everybody_counts_whatever_is_left(self, event: Event) -> None:
        ticket_type = make_ticket_type(event)
        make_ticket_type(event, name="Guest", access_code="OPEN")

        assert renewals(ticket_type.delete, event) == 1


def test_what_no_page_that_is_kept_tells_does_not_count(event: Event) -> None:
    ticket_type = make_ticket_type(event, 5)
    lab = make_lab(event, event.sessions.get(title="full"))
    question = make_question(event)
    changes = [
        lambda: make_question(event),
        question.delete,
        lambda: make_lab(event, event.sessions.get(title="draft")),
        lambda: labs.set_capacity(lab, 7),
        lambda: booking.set_capacity(ticket_type, 7),
        lambda: booking.set_event_capacity(event, 70),
        Admission.objects.get(event=event).save,
        lambda: make_session(make_block(event), "Another", speakers=(make_speaker(event, "Grace"),)),
        lambda: make_organizer(event),
    ]

    assert [renewals(change, event) for change in changes] == [0] * len(changes)


class TestHosts:
    def test_a_guest_that_is_not_public_leaves_its_host_as_it_is(self, event: Event) -> None:
        made: list[Event] = []

        counts = [renewals(lambda: made.append(make_event(host=event, is_public=False)), event)]
        counts += [renewals(changes_of(made[0], title="Other")[0], event)]

        assert counts == [0, 0]

    def test_one_that_becomes_public_or_was_so_does_not(self, event: Event) -> None:
        guest = make_event(host=event, is_public=False)

        counts = [renewals(changes_of(guest, is_public=is_public)[0], event) for is_public in (True, False, False)]

        assert counts == [1, 1, 0]

    def test_a_host_that_is_not_public_leaves_its_guests_as_they_are(self) -> None:
        host = make_event(is_public=False)
        guest = make_event(host=host)

        counts = [renewals(changes_of(host, **one)[0], guest) for one in ({"title": "Other"}, {"is_public": True})]

        assert counts == [0, 1]


def test_what_opens_in_a_draft_is_no_moment_of_a_public_page(event: Event, client: Client) -> None:
    Event.objects.update(changed_at=timezone.now() - timedelta(days=1))
    make_ticket_type(event)
    paths = [f"/tutorial/{path}" for path in ("", "materials/", "sessions/full/")]
    before = [client.get(path)["ETag"] for path in paths]
    soon = timezone.now() + timedelta(minutes=1)

    make_material(event, session=event.sessions.get(title="draft"), opening="at_time", opens_at=soon)
    make_ticket_type(event, name="Guest", access_code="OPEN", opens_at=soon)

    assert [client.get(path)["ETag"] for path in paths] == before


def test_a_ticket_behind_a_code_is_not_what_the_page_goes_by(client: Client) -> None:
    event = make_event(slug="event")
    make_ticket_type(event, closes_at=timezone.now() - timedelta(days=1))
    before = client.get("/event/")

    make_ticket_type(event, name="Guest", access_code="OPEN", opens_at=timezone.now() - timedelta(hours=1))

    after = client.get("/event/")
    assert "Registration closed on" in Page(before).words("panel")
    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_where_all_are_behind_codes_registering_is_offered_to_who_has_one(client: Client) -> None:
    make_ticket_type(make_event(slug="event"), name="Guest", access_code="OPEN")

    page = Page(client.get("/event/"))

    assert page.words("row") == "Register Tell me when it is final"
    assert "Guest" not in page.words()
