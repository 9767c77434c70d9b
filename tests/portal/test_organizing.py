from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from portal.models import Event, Mail, Suppression
from portal.organizing import places
from registration.models import Follower
from tests.factories import (
    make_block,
    make_event,
    make_material,
    make_organizer,
    make_program,
    make_registration,
    make_release,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.filling import fields_of, send

pytestmark = pytest.mark.django_db
LISTS = [
    "portal/event",
    "portal/mail",
    "portal/suppression",
    "sessions_app/session",
    "sessions_app/speaker",
    "sessions_app/material",
    "sessions_app/release",
    "registration/registration",
    "registration/tickettype",
    "registration/follower",
]


def make_full_event() -> Event:
    """An event with a row of everything an organizer sees."""
    event = make_event()
    make_program(event)
    make_release(event)
    make_material(event)
    make_registration(event)
    Follower.objects.create(event=event, email="follower@example.org")
    Suppression.objects.create(event=event, address_key="gone@example.org", reason="bounced")
    Mail.objects.create(
        event=event, kind="release", address="a@example.org", due_at=datetime.now(UTC), message_id=f"<{event.pk}>"
    )
    return event


def row_of(event: Event, name: str) -> int:
    relations = {
        "portal/event": Event.objects.filter(pk=event.pk),
        "portal/mail": event.mails,
        "portal/suppression": event.suppressions,
        "sessions_app/session": event.sessions,
        "sessions_app/speaker": event.speakers,
        "sessions_app/material": event.materials,
        "sessions_app/release": event.releases,
        "registration/registration": event.registrations,
        "registration/tickettype": event.ticket_types,
        "registration/follower": event.followers,
    }
    return relations[name].first().pk


def login(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", LISTS)
class TestRights:
    def test_an_organizer_sees_and_opens_rows_of_their_own_event(self, name: str, client: Client) -> None:
        event = make_full_event()
        login(client, make_organizer(event))

        listed = client.get(f"/admin/{name}/")
        opened = client.get(f"/admin/{name}/{row_of(event, name)}/change/")

        assert (listed.status_code, opened.status_code) == (200, 200)
        assert listed.context["cl"].result_count >= 1

    def test_nobody_sees_opens_changes_or_deletes_those_of_another(self, name: str, client: Client) -> None:
        event = make_full_event()
        login(client, make_organizer(make_event()))
        row = f"/admin/{name}/{row_of(event, name)}"

        listed = client.get(f"/admin/{name}/")
        answers = [
            client.get(f"{row}/change/"),
            client.post(f"{row}/change/", {"title": "Mine", "name": "Mine"}),
            client.get(f"{row}/delete/"),
            client.post(f"{row}/delete/", {"post": "yes"}),
            client.get(f"{row}/history/"),
        ]

        own = 1 if name == "portal/event" else 0
        assert (listed.status_code, listed.context["cl"].result_count) == (200, own)
        assert {answer.status_code for answer in answers} <= {403, 404}
        assert answers[0].status_code == 404
        assert row_of(event, name)

    @pytest.mark.sqlite
    @pytest.mark.parametrize("who", ["nobody", "staff without an event", "member who isn't staff", "retired member"])
    def test_it_is_closed_to_everybody_else(self, name: str, who: str, client: Client) -> None:
        event = make_full_event()
        users = {
            "staff without an event": lambda: User.objects.create_user("staff", is_staff=True),
            "member who isn't staff": lambda: make_organizer(event),
            "retired member": lambda: make_organizer(event),
        }
        if who in users:
            user = users[who]()
            user.is_staff, user.is_active = who != "member who isn't staff", who != "retired member"
            user.save()
            login(client, user)

        answers = [client.get(f"/admin/{name}/"), client.get(f"/admin/{name}/{row_of(event, name)}/change/")]

        assert {answer.status_code for answer in answers} <= {302, 403, 404}
        assert [row for row in answers if row.status_code == 302 and "/admin/" not in row["Location"]] == []

    @pytest.mark.sqlite
    def test_a_superuser_sees_all(self, name: str, client: Client) -> None:
        event = make_full_event()
        login(client, make_organizer())

        assert client.get(f"/admin/{name}/{row_of(event, name)}/change/").status_code == 200


class TestRowsOfOtherEvents:
    def test_a_row_for_a_foreign_event_is_refused(self, client: Client) -> None:
        foreign = make_event()
        login(client, make_organizer(make_event()))

        response = send(client, "/admin/sessions_app/speaker/add/", event=foreign.pk, name="Ada")

        assert "Select a valid choice." in response.text
        assert not foreign.speakers.exists()

    def test_nor_can_a_row_be_moved_to_another_event(self, client: Client) -> None:
        event, other = make_event(), make_event()
        user = make_organizer(event)
        user.memberships.create(event=other)
        speaker = make_speaker(event)
        login(client, user)

        send(client, f"/admin/sessions_app/speaker/{speaker.pk}/change/", event=other.pk)

        speaker.refresh_from_db()
        assert speaker.event == event

    def test_rows_of_two_own_events_can_not_be_tied_together(self, client: Client) -> None:
        event, other = make_event(), make_event()
        user = make_organizer(event)
        user.memberships.create(event=other)
        session, *_ = make_program(other)
        login(client, user)

        response = send(
            client,
            "/admin/sessions_app/material/add/",
            event=event.pk,
            session=session.pk,
            title="Slides",
            url="https://example.org/",
        )

        assert "Select a valid choice." in response.text
        assert not event.materials.exists()

    def test_drop_downs_offer_rows_of_the_event_only(self, client: Client) -> None:
        event, other = make_event(), make_event()
        make_program(event)
        make_program(other)
        material = make_material(event)
        login(client, make_organizer())

        form = client.get(f"/admin/sessions_app/material/{material.pk}/change/").context["adminform"].form

        assert set(form.fields["session"].queryset) == set(event.sessions.all())

    def test_as_long_as_the_event_is_not_known_each_row_says_whose_it_is(self, client: Client) -> None:
        event, other = make_event(), make_event()
        user = make_organizer(event)
        user.memberships.create(event=other)
        rows = [make_session(make_block(one), "Opening") for one in (event, other)]
        make_ticket_type(event)
        login(client, user)

        pages = [
            client.get(f"/admin/{name}/add/").text
            for name in ("sessions_app/material", "registration/lab", "registration/question")
        ]
        known = client.get(f"/admin/sessions_app/material/add/?event={event.pk}").text

        assert all(f"Opening · {row.event}</option>" in page for page in pages[:2] for row in rows)
        assert f"Attendee · {event}" in pages[2]
        assert "Opening</option>" in known
        assert f"· {other}" not in known


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("portal/event", "release"),
        ("portal/mail", "send_again"),
        ("registration/registration", "cancel"),
        ("registration/registration", "export"),
        ("sessions_app/session", "delete_selected"),
    ],
)
@pytest.mark.parametrize("row", ["one", "", "\0", "-1", "²"])
def test_an_action_on_what_is_no_row_is_refused(name: str, action: str, row: str, client: Client) -> None:
    client.force_login(make_organizer(make_full_event()))

    response = client.post(f"/admin/{name}/", {"action": action, "_selected_action": ["1", row]})

    assert response.status_code == 400


@pytest.mark.sqlite
def test_the_event_is_chosen_already_where_there_is_one_or_one_list_was_open(client: Client) -> None:
    event, other = make_event(), make_event()
    one, two = make_organizer(event), make_organizer(event)
    two.memberships.create(event=other)

    def chosen(user: User, query: str = "") -> str:
        page = login(client, user).get(f"/admin/sessions_app/speaker/add/{query}")
        return fields_of(page)["event"]

    queries = [
        "",
        f"?event={other.pk}",
        f"?_changelist_filters=event__id__exact%3D{other.pk}",
        "?event=999999999999999999",
    ]
    assert chosen(one) == str(event.pk)
    assert [chosen(two, query) for query in queries] == ["", str(other.pk), str(other.pk), ""]


@pytest.mark.sqlite
def test_the_navigation_of_an_event_leads_to_its_lists(client: Client, rf) -> None:
    event = make_event()
    user = make_organizer(event)
    request = rf.get("/admin/portal/mail/")
    request.user = user

    shown = places(request, event)

    addresses = [place.address for entries in shown.values() for place in entries]
    assert [place.label for entries in shown.values() for place in entries if place.is_here] == ["Outbox"]
    assert {login(client, user).get(address).status_code for address in addresses} == {200}


def test_the_first_page_lists_the_events_of_the_organizer(client: Client) -> None:
    event = make_event(title="My tutorial")
    make_event(title="Their tutorial")

    page = login(client, make_organizer(event)).get("/admin/")

    assert [one.title for one in page.context["events"]] == ["My tutorial"]


@pytest.mark.sqlite
@pytest.mark.parametrize("wished", ["", "https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_who_logs_in_comes_to_the_own_events_unless_another_page_of_ours_was_asked_for(
    wished: str, client: Client
) -> None:
    make_organizer(make_event(), "ada")

    response = client.post("/admin/login/", {"username": "ada", "password": "secret", "next": wished})

    assert (response.status_code, response["Location"]) == (302, "/admin/")
