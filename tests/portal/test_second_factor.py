"""The second factor of a login: which codes are taken, and how often."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from portal import second_factor
from portal.models import AuditEntry, RecoveryCode, SecondFactor
from tests.factories import make_event, make_organizer
from tests.pages import Page
from tests.portal.factors import SECRET, code_at, make_factor

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 22, 12, 30, 10, tzinfo=UTC)
HERE = "192.0.2.1"


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(second_factor.COST, "n", 2)  # not as slow as for real
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ada() -> User:
    return make_organizer(make_event(), "ada")


class TestCodes:
    @pytest.mark.parametrize(("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
    def test_clocks_may_differ_by_half_a_minute(self, ada: User, seconds: int, is_taken: bool) -> None:
        factor, _ = make_factor(ada)

        assert second_factor.takes(factor, code_at(NOW + timedelta(seconds=seconds))) == is_taken

    def test_a_code_is_taken_once(self, ada: User) -> None:
        factor, _ = make_factor(ada)

        assert [second_factor.takes(factor, code_at(NOW)) for _ in range(2)] == [True, False]

    def test_nor_is_an_earlier_one_afterwards(self, ada: User) -> None:
        factor, _ = make_factor(ada)
        second_factor.takes(factor, code_at(NOW))

        assert not second_factor.takes(factor, code_at(NOW - timedelta(seconds=30)))

    def test_the_one_it_was_switched_on_with_is_used_up(self, ada: User) -> None:
        step = second_factor.step_of(SECRET, code_at(NOW))
        assert step is not None
        second_factor.switch_on(ada, SECRET, step)

        assert not second_factor.takes(ada.second_factor, code_at(NOW))

    def test_it_may_be_typed_as_apps_show_it(self, ada: User) -> None:
        factor, _ = make_factor(ada)
        code = code_at(NOW)

        assert second_factor.takes(factor, f" {code[:3]} {code[3:]} ")

    @pytest.mark.parametrize("code", ["", "12345", "١٢٣٤٥٦", "x" * 16, "�" * 40, "123456" * 6])
    def test_anything_else_is_refused(self, ada: User, code: str) -> None:
        factor, _ = make_factor(ada)

        assert not second_factor.takes(factor, code)

    def test_each_recovery_code_is_taken_once_however_it_is_typed(self, ada: User) -> None:
        factor, codes = make_factor(ada)

        taken = [second_factor.takes(factor, code) for code in (codes[0], codes[0], codes[1].replace(" ", "-"))]

        assert taken == [True, False, True]
        assert factor.recovery_codes.count() == 8

    def test_new_recovery_codes_void_the_old_ones(self, ada: User) -> None:
        factor, old = make_factor(ada)

        new = second_factor.renew(factor)

        assert not second_factor.takes(factor, old[0])
        assert len(set(new)) == factor.recovery_codes.count() == 10
        assert second_factor.takes(factor, new[0])

    def test_there_are_no_new_ones_where_it_was_switched_off_meanwhile(self, ada: User) -> None:
        factor, _ = make_factor(ada)
        SecondFactor.objects.all().delete()

        assert second_factor.renew(factor) == []

    def test_they_open_no_other_account(self, ada: User) -> None:
        _, codes = make_factor(ada)
        factor, _ = make_factor(make_organizer(make_event()), secret=pyotp.random_base32())

        assert not second_factor.takes(factor, codes[0])
        assert not second_factor.takes(factor, code_at(NOW))

    def test_of_a_recovery_code_only_a_print_is_kept(self, ada: User) -> None:
        _, codes = make_factor(ada)

        kept = RecoveryCode.objects.values_list("digest", flat=True)
        assert [digest for digest in kept if any(code.replace(" ", "") in digest for code in codes)] == []
        assert {len(digest) for digest in kept} == {64}

    def test_the_app_is_told_whose_code_it_is(self) -> None:
        user = User(username="ada&bea@example.org")

        said = second_factor.address_of(user, SECRET)

        assert said == f"otpauth://totp/Lectern:ada%26bea%40example.org?secret={SECRET}&issuer=Lectern"


def log_in(code: str = "", password: str = "secret", client: str = HERE) -> HttpResponse:
    sent = {"username": "ada", "password": password, "code": code}
    return Client(REMOTE_ADDR=client).post("/admin/login/", sent)


class TestLogin:
    def test_it_takes_both(self, ada: User) -> None:
        make_factor(ada)

        answers = [log_in(), log_in("123456"), log_in(code_at(NOW), "wrong"), log_in(code_at(NOW))]

        assert [one.status_code for one in answers] == [200, 200, 200, 302]
        said = "This account asks for a code as well: the one its app shows now"
        assert [said in Page(one).words("errorlist") for one in answers] == [True, True, False, False]

    def test_a_code_that_let_somebody_in_lets_nobody_in_again(self, ada: User) -> None:
        make_factor(ada)
        log_in(code_at(NOW))

        assert log_in(code_at(NOW)).status_code == 200

    def test_a_recovery_code_does_as_well(self, ada: User) -> None:
        _, codes = make_factor(ada)

        assert [log_in(codes[0]).status_code for _ in range(2)] == [302, 200]

    def test_who_has_none_is_asked_for_none(self, ada: User) -> None:
        assert (log_in().status_code, log_in("123456").status_code) == (302, 302)

    def test_no_code_and_no_secret_is_logged(self, ada: User, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("DEBUG")
        _, codes = make_factor(ada)

        log_in("123456")
        log_in(codes[0])

        told = [*AuditEntry.objects.values_list("what", flat=True), *map(str, LogEntry.objects.all()), caplog.text]
        assert [word for word in (SECRET, "123456", codes[0], codes[0].replace(" ", "")) if word in str(told)] == []
        assert [one.kind for one in AuditEntry.objects.order_by("pk")] == ["failed", "login"]


@pytest.mark.services
@pytest.mark.usefixtures("counting")
class TestTooOften:
    def test_codes_are_tried_as_often_as_passwords(self, ada: User) -> None:
        make_factor(ada)

        assert [log_in("123456").status_code for _ in range(11)] == [200] * 10 + [429]
        assert log_in(code_at(NOW)).status_code == 429

    def test_and_for_one_account_not_much_more_from_everywhere(self, ada: User) -> None:
        """Only who knows the password gets as far as that."""
        _, codes = make_factor(ada)
        wrong = [log_in("123456", client=f"198.51.100.{number}").status_code for number in range(21)]

        right, recovered = log_in(code_at(NOW)), log_in(codes[0])

        assert wrong == [200] * 20 + [429]
        assert (right.status_code, 300 < int(right["Retry-After"]) <= 3600) == (429, True)
        assert recovered.status_code == 302

    def test_wrong_passwords_from_elsewhere_keep_nobody_from_using_codes(self, ada: User) -> None:
        make_factor(ada)
        for number in range(30):
            log_in("123456", "wrong", client=f"198.51.100.{number}")

        assert log_in(code_at(NOW)).status_code == 302

    def test_a_right_one_uses_nothing_up(self, ada: User) -> None:
        make_factor(ada)

        answers = []
        for minutes in range(25):
            with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
                answers.append(log_in(code_at(NOW + timedelta(minutes=minutes))).status_code)

        assert answers == [302] * 25


def test_deleting_the_user_deletes_it(ada: User) -> None:
    make_factor(ada)

    ada.delete()

    assert (SecondFactor.objects.count(), RecoveryCode.objects.count()) == (0, 0)
