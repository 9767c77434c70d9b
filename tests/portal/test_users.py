"""Users in the admin, by superusers: who has done something can't be deleted."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from portal.models import Event
from tests.factories import make_event, make_organizer
from tests.filling import send
from tests.pages import Page

pytestmark = pytest.mark.django_db
LIST = "/admin/auth/user/"


@pytest.fixture(autouse=True)
def superuser(client: Client) -> User:
    superuser = make_organizer()
    client.force_login(superuser)
    return superuser


@pytest.fixture
def event() -> Event:
    return make_event()


@pytest.fixture
def ada(event: Event) -> User:
    """Has released a program."""
    ada = make_organizer(event, "ada")
    LogEntry.objects.log_actions(ada.pk, [event], CHANGE, change_message="Released the program.")
    return ada


def delete(client: Client, *users: User) -> HttpResponse:
    if len(users) == 1:
        return client.post(f"{LIST}{users[0].pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [user.pk for user in users]}
    return client.post(LIST, chosen | {"post": "yes"})


def test_who_is_in_the_history_is_not_deleted(client: Client, ada: User) -> None:
    page = Page(delete(client, ada))

    said = "ada is in the history or the audit log. Open ada and untick “Active” instead: that ends their login."
    assert said in page.words("#content")
    assert f"{LIST}{ada.pk}/change/" in page.links
    assert LogEntry.objects.get().user == ada


def test_nor_among_others(client: Client, ada: User) -> None:
    bea = make_organizer(make_event())

    page = Page(delete(client, ada, bea))

    assert "ada is in the history or the audit log." in page.words("#content")
    assert User.objects.filter(pk__in=[ada.pk, bea.pk]).count() == 2


def test_who_has_done_nothing_is_deleted(client: Client, ada: User) -> None:
    bea = make_organizer(make_event())

    assert delete(client, bea).status_code == 302

    assert not User.objects.filter(pk=bea.pk).exists()


def test_who_is_deactivated_is_out_at_once_and_stays_in_the_history(client: Client, ada: User, event: Event) -> None:
    theirs = Client()
    theirs.force_login(ada)
    page = f"/admin/portal/event/{event.pk}/home/"
    before = theirs.get(page).status_code

    send(client, f"{LIST}{ada.pk}/change/", is_active="")

    assert (before, theirs.get(page).status_code) == (200, 302)
    assert "ada" in Page(client.get(f"/admin/portal/event/{event.pk}/history/")).words("#change-history")
