"""Which role opens which page of the admin. A page without a rule fails."""

import pytest
from django.contrib import admin
from django.test import Client

from portal.models import Event, Role
from portal.organizing import Organized
from tests.factories import make_event, make_organizer, make_program, make_registration, make_release
from tests.test_urls_access import ADMIN

pytestmark = pytest.mark.django_db

ALL, PROGRAM, REGISTRATIONS, MATERIALS, CHECK_IN = Role
PAGES = {
    "portal/event/{pk}/home/": set(Role),
    "portal/event/{pk}/release/": {ALL, PROGRAM},
    "portal/event/{pk}/release/changes/": {ALL, PROGRAM},
    "portal/event/{pk}/import/": {ALL, PROGRAM},
    "portal/event/{pk}/conflicts/": {ALL, PROGRAM},
    "portal/event/{pk}/change/": {ALL, PROGRAM},
    "portal/event/{pk}/door/": {ALL, REGISTRATIONS, CHECK_IN},
    "portal/event/{pk}/door/worker.js": {ALL, REGISTRATIONS, CHECK_IN},
    "portal/event/{pk}/walk-in/": {ALL, REGISTRATIONS, CHECK_IN},
    "portal/event/{pk}/badges/": {ALL, REGISTRATIONS},
    "portal/event/{pk}/figures/": {ALL, REGISTRATIONS},
    "portal/event/{pk}/take-in/": {ALL, REGISTRATIONS},
    "portal/event/{pk}/alike/": {ALL, REGISTRATIONS},
    "portal/event/{pk}/unreached/": {ALL, REGISTRATIONS},
}
LISTS = {
    "portal/event": {ALL, PROGRAM},
    "portal/mail": {ALL, REGISTRATIONS},
    "portal/suppression": {ALL, REGISTRATIONS},
    "sessions_app/session": {ALL, PROGRAM},
    "sessions_app/block": {ALL, PROGRAM},
    "sessions_app/speaker": {ALL, PROGRAM},
    "sessions_app/material": {ALL, PROGRAM, MATERIALS},
    "sessions_app/release": {ALL, PROGRAM},
    "registration/tickettype": {ALL, REGISTRATIONS},
    "registration/registration": {ALL, REGISTRATIONS},
    "registration/admission": {ALL, REGISTRATIONS},
    "registration/question": {ALL, REGISTRATIONS},
    "registration/lab": {ALL, REGISTRATIONS},
    "registration/follower": {ALL, REGISTRATIONS},
    "registration/device": {ALL, REGISTRATIONS},
    "registration/announcement": {ALL, REGISTRATIONS},
}


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_release(event)
    make_registration(event)
    return event


def organizers_pages(name: str) -> dict[str, set[Role]]:
    """The addresses of all rows' pages with the roles that open them."""
    return {f"{name}/": LISTS[name]} | ({f"{name}/add/": LISTS[name]} if name in ADDED else {})


ADDED = {
    "sessions_app/session",
    "sessions_app/speaker",
    "sessions_app/material",
    "registration/tickettype",
    "registration/question",
    "registration/lab",
    "registration/device",
}
RULES = PAGES | {path: roles for name in LISTS for path, roles in organizers_pages(name).items()}


def test_each_list_of_an_events_rows_has_a_rule() -> None:
    found = {
        f"{model._meta.app_label}/{model._meta.model_name}"
        for model, page in admin.site._registry.items()
        if isinstance(page, Organized)
    }

    assert found == set(LISTS)


def test_each_page_of_an_event_that_opens_has_a_rule(event: Event, client: Client) -> None:
    client.force_login(make_organizer(event))
    own = [route.removeprefix("admin/") for route in ADMIN if route.startswith("admin/portal/event/<int:pk>/")]
    found = {one.replace("<int:pk>", "{pk}") for one in own if one.count("<") == 1}
    opened = {one for one in found if client.get(f"/admin/{one.format(pk=event.pk)}").status_code == 200}

    assert opened == PAGES.keys() - {"portal/event/{pk}/change/"}  # Django's own


@pytest.mark.sqlite
@pytest.mark.parametrize("path", RULES)
def test_a_page_opens_for_its_roles_only(path: str, event: Event) -> None:
    opened = set()
    for role in Role:
        client = Client()
        client.force_login(make_organizer(event, role=role))
        if client.get(f"/admin/{path.format(pk=event.pk)}").status_code == 200:
            opened.add(role)

    assert opened == RULES[path]


@pytest.mark.parametrize("path", PAGES)
def test_a_role_at_one_event_opens_nothing_of_another(path: str, event: Event, client: Client) -> None:
    client.force_login(make_organizer(make_event()))

    response = client.get(f"/admin/{path.format(pk=event.pk)}")

    assert response.status_code == 404


def test_the_navigation_shows_what_the_role_may_open(event: Event, client: Client) -> None:
    client.force_login(make_organizer(event, role=MATERIALS))

    response = client.get(f"/admin/portal/event/{event.pk}/home/")

    shown = {heading: [one.label for one in entries] for heading, entries in response.context["places"].items()}
    assert shown == {"Event": ["Overview"], "Program": ["Materials"]}


def test_a_member_for_the_door_sees_the_door_and_nothing_else(client: Client) -> None:
    event = make_event(title="Large models")
    make_program(event)
    make_registration(event, name="Ada")
    client.force_login(make_organizer(event, role=CHECK_IN))

    home, index = client.get(f"/admin/portal/event/{event.pk}/home/"), client.get("/admin/")

    places = ["Overview", "Door", "Register at the door"]
    assert {heading: [one.label for one in found] for heading, found in home.context["places"].items()} == {
        "Event": places
    }
    assert [secret for secret in ("Part 1", "draft", "Pending", "Ada") if secret in home.text] == []
    assert "All lists" not in index.text


def test_a_role_for_registrations_chooses_from_its_own_events_only(event: Event, client: Client) -> None:
    organizer = make_organizer(event, role=REGISTRATIONS)
    organizer.memberships.create(event=make_event(), role=PROGRAM)
    client.force_login(organizer)

    response = client.get("/admin/registration/tickettype/add/")

    assert list(response.context["adminform"].form.fields["event"].queryset) == [event]
