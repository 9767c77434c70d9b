"""Logging in to the admin: how often it can be tried, and what the log says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import forms
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from portal import logins, rates
from tests.factories import make_event, make_organizer
from tests.pages import Page

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@pytest.fixture
def ada() -> User:
    return make_organizer(make_event(), "ada")


def log_in(username: str, password: str, client: str = HERE, **headers: str) -> HttpResponse:
    sent = {"username": username, "password": password}
    return Client(REMOTE_ADDR=client).post("/admin/login/", sent, headers=headers)


def statuses(count: int, *tried: str) -> list[int]:
    return [log_in(*tried).status_code for _ in range(count)]


@pytest.mark.services
@pytest.mark.usefixtures("counting", "ada")
class TestTooOften:
    def test_after_ten_wrong_passwords_the_page_says_when_to_come_back(self) -> None:
        assert statuses(10, "ada", "wrong") == [200] * 10

        refused = log_in("ada", "wrong")

        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 300
        assert Page(refused).words("errornote").startswith("This was tried too often. Please wait ")
        assert {"name": "username", "value": "ada"}.items() <= Page(refused).all("input")[1].items()

    def test_the_right_one_is_refused_as_well(self) -> None:
        statuses(10, "ada", "wrong")

        assert log_in("ada", "secret").status_code == 429

    def test_its_owner_gets_in_from_elsewhere(self) -> None:
        statuses(11, "ada", "wrong")

        assert log_in("ada", "secret", ELSEWHERE).status_code == 302

    def test_a_made_up_client_makes_no_difference(self) -> None:
        claims = [f"203.0.113.{number}" for number in range(11)]

        answers = [log_in("ada", "wrong", **{"X-Forwarded-For": claim}).status_code for claim in claims]

        assert answers == [200] * 10 + [429]

    def test_other_accounts_are_counted_alone(self) -> None:
        make_organizer(make_event(), "bea")
        statuses(11, "ada", "wrong")

        assert log_in("bea", "secret").status_code == 302

    def test_an_account_that_does_not_exist_looks_the_same(self) -> None:
        known, unknown = (
            [(one.status_code, Page(one).words("errornote")) for one in (log_in(name, "wrong") for _ in range(11))]
            for name in ("ada", "nobody")
        )

        assert known == unknown

    def test_a_right_one_uses_nothing_up(self) -> None:
        assert statuses(12, "ada", "secret") == [302] * 12

    def test_nor_does_it_give_new_tries(self) -> None:
        statuses(9, "ada", "wrong")

        answers = [log_in("ada", word).status_code for word in ("secret", "wrong", "wrong")]

        assert answers == [302, 200, 429]

    def test_the_password_of_somebody_who_is_no_organizer_is_counted_too(self) -> None:
        User.objects.create_user("carl", password="secret")

        assert statuses(11, "carl", "secret") == [200] * 10 + [429]

    def test_a_form_without_a_password_is_no_try(self) -> None:
        statuses(11, "ada", "")

        assert log_in("ada", "secret").status_code == 302

    @pytest.mark.parametrize(("guard", "looked_at"), [(rates.check, 10), (rates.look, 15)])
    def test_tries_at_the_same_time_are_no_more_than_one_after_another(
        self, guard: Callable[..., None], looked_at: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each comes while the password of the one before is looked at. To look at the count alone, and to count
        afterwards, would let all of them pass."""
        passed = []

        def authenticate(*args: Any, **kwargs: Any) -> None:
            passed.append(kwargs["username"])
            if len(passed) < 15:
                log_in("ada", "wrong")

        monkeypatch.setattr(logins, "check", guard)
        monkeypatch.setattr(forms, "authenticate", authenticate)

        log_in("ada", "wrong")

        assert passed == ["ada"] * looked_at

    def test_refusals_are_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        statuses(10, "ada", "wrong")
        caplog.clear()

        log_in("ada", "secret")

        number = User.objects.get(username="ada").pk
        assert said(caplog) == [f"WARNING Login refused, tried too often: user {number} from {HERE}."]


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [f"{one.levelname} {one.getMessage()}" for one in caplog.records if one.name == "portal.logins"]


def test_each_try_is_logged_without_what_was_typed(ada: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "portal.logins")

    log_in("ada", "mistyped")
    log_in("my-password", "")
    log_in("my-password", "mistyped")
    log_in("ada", "secret", ELSEWHERE)

    assert said(caplog) == [
        f"WARNING Login failed: user {ada.pk} from {HERE}.",
        f"WARNING Login failed: no user from {HERE}.",
        f"INFO Logged in: user {ada.pk} from {ELSEWHERE}.",
    ]
    assert [word for word in ("ada", "mistyped", "my-password", "secret") if word in caplog.text] == []


def test_without_redis_nobody_is_locked_out(ada: User) -> None:
    assert statuses(12, "ada", "wrong") == [200] * 12

    assert log_in("ada", "secret").status_code == 302
