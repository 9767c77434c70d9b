"""The cookie of who is logged in to the admin: when it changes, when it ends, and to whom it goes."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from tests.factories import make_event, make_organizer
from tests.filling import send

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
SESSION, TOKEN = "__Host-sessionid", "__Host-csrftoken"


@pytest.fixture
def ada() -> User:
    return make_organizer(make_event(), "ada")


@pytest.fixture
def theirs(ada: User) -> Client:
    """Ada's browser."""
    client = Client()
    log_in(client)
    return client


def log_in(client: Client, **options: Any) -> HttpResponse:
    return client.post("/admin/login/", {"username": "ada", "password": "secret"}, **options)


def holder(session: str) -> Client:
    """Somebody else who has got hold of a cookie."""
    client = Client()
    client.cookies[SESSION] = session
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def session_of(client: Client) -> str:
    return client.cookies[SESSION].value


def test_a_session_from_before_the_login_opens_nothing(ada: User) -> None:
    planted = Client().session  # an anonymous one, stored
    planted["mark"] = "planted"
    planted.save()
    client = holder(str(planted.session_key))

    log_in(client)

    assert is_in(client)
    assert not is_in(holder(str(planted.session_key)))


def test_a_made_up_session_is_not_taken_over(ada: User) -> None:
    made_up = "a" * 32
    client = holder(made_up)

    log_in(client)

    assert session_of(client) != made_up
    assert not is_in(holder(made_up))


def test_a_second_login_ends_what_the_first_session_opened(theirs: Client) -> None:
    first = session_of(theirs)

    log_in(theirs)

    assert session_of(theirs) != first
    assert (is_in(theirs), is_in(holder(first))) == (True, False)


def test_logging_out_ends_the_session_not_the_cookie_alone(theirs: Client) -> None:
    session = session_of(theirs)
    assert is_in(holder(session))

    theirs.post("/admin/logout/")

    assert not is_in(holder(session))


def test_it_takes_a_button_to_log_out(theirs: Client) -> None:
    assert theirs.get("/admin/logout/").status_code == 405

    assert is_in(theirs)


@pytest.mark.parametrize("lost", [{"is_active": False}, {"is_staff": False}])
def test_who_is_no_organizer_any_more_is_out_at_once(ada: User, theirs: Client, lost: dict[str, bool]) -> None:
    User.objects.filter(pk=ada.pk).update(**lost)

    assert not is_in(theirs)


def test_a_new_password_ends_all_other_sessions(theirs: Client) -> None:
    first = session_of(theirs)
    other = Client()
    log_in(other)

    words = {"old_password": "secret", "new_password1": "quite-another-1", "new_password2": "quite-another-1"}
    answer = theirs.post("/admin/password_change/", words)

    assert answer.status_code == 302
    assert (is_in(theirs), is_in(other), is_in(holder(first))) == (True, False, False)


def test_one_set_by_a_superuser_ends_them_too(ada: User, theirs: Client) -> None:
    superuser = Client()
    superuser.force_login(make_organizer())

    words = {"usable_password": "true", "password1": "quite-another-1", "password2": "quite-another-1"}
    answer = send(superuser, f"/admin/auth/user/{ada.pk}/password/", **words)

    assert answer.status_code == 302
    assert not is_in(theirs)


@pytest.mark.parametrize("site", ["https://evil.example", "null"])
def test_another_site_logs_nobody_in(ada: User, site: str) -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get("/admin/login/", secure=True).cookies[TOKEN].value

    answer = log_in(client, secure=True, headers={"Origin": site, "X-CSRFToken": token})

    assert answer.status_code == 403
    assert SESSION not in client.cookies


def test_nor_does_a_post_without_the_token_of_the_page(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/admin/login/", secure=True)

    answer = log_in(client, secure=True, headers={"Origin": "https://portal.example"})

    assert answer.status_code == 403
    assert SESSION not in client.cookies


def test_our_own_page_does(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    token = client.get("/admin/login/", secure=True).cookies[TOKEN].value

    answer = log_in(client, secure=True, headers={"Origin": "https://portal.example", "X-CSRFToken": token})

    assert answer.status_code == 302


def test_the_cookies_go_to_this_host_alone_and_to_no_script(ada: User, client: Client) -> None:
    log_in(client)

    for name in (SESSION, TOKEN):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
