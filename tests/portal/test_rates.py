from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.test import Client, RequestFactory

from portal import rates
from portal.rates import Counter, Rate, TooOften, check, client_of, take_back
from registration import limits, links
from tests.factories import make_event, make_registration, make_ticket_type

THREE = Rate("three", 3, 60)


@pytest.mark.services
class TestCounting:
    def test_more_than_the_rate_is_refused_with_the_time_to_wait(self, counting: None) -> None:
        for _ in range(3):
            check((THREE, "ada"))

        with pytest.raises(TooOften) as refusal:
            check((THREE, "ada"))

        assert 0 < refusal.value.wait <= 60

    def test_each_is_counted_alone(self, counting: None) -> None:
        for who in ("ada", "bea"):
            for rate in (THREE, Rate("other", 3, 60)):
                for _ in range(3):
                    check((rate, who))

    def test_what_is_taken_back_uses_nothing_up(self, counting: None) -> None:
        for _ in range(10):
            check((THREE, "ada"))
            take_back((THREE, "ada"))

    def test_after_its_window_it_is_allowed_again(self, counting: None) -> None:
        for _ in range(3):
            check((THREE, "ada"))
        rates.counter.client.expire(rates.key_of(THREE, "ada"), 0)

        check((THREE, "ada"))

    def test_no_address_is_kept(self, counting: None) -> None:
        check((THREE, "ada@example.org"))

        assert b"ada" not in b"".join(rates.counter.client.keys())

    def test_threads_that_all_count_for_the_first_time_get_on(self, redis_url: str, settings: Any) -> None:
        settings.REDIS_URL = redis_url

        for number in range(20):
            counter, together = Counter(), Barrier(8)
            with ThreadPoolExecutor(8) as pool:
                futures = [pool.submit(count_together, counter, together, str(number)) for _ in range(8)]
                refused = [future.result() for future in futures]
            counter.client.close()

            assert sorted(map(len, refused)) == [0] * THREE.most + [1] * (8 - THREE.most)


def count_together(counter: Counter, together: Barrier, who: str) -> list[int]:
    together.wait()
    return counter.waits([(THREE, who)])


@pytest.mark.parametrize(("wait", "said"), [(99, "99 seconds"), (100, "2 minutes"), (3600, "60 minutes")])
def test_a_long_wait_is_said_in_minutes(wait: int, said: str) -> None:
    assert str(TooOften(wait)) == f"This was tried too often. Please wait {said} and try again."


def test_without_redis_nobody_is_refused(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(rates, "counter", Counter())

    for _ in range(10):
        check((THREE, "ada"))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.7", "192.0.2.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "nonsense", "unknown"),
        (1, "", "192.0.2.1"),
    ],
)
def test_the_client_is_whom_our_own_proxies_name(settings: Any, proxies: int, forwarded: str, found: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)

    assert client_of(request) == found


@pytest.mark.parametrize("address", ["ada@example.org", "ADA@example.org", "ada+1@example.org", "ada+a+b@Example.org"])
def test_a_mailbox_is_one_however_it_is_written(address: str) -> None:
    assert limits.mailbox_of(address) == "ada@example.org"


def look(client: Client, code: str, address: str = "") -> Any:
    return client.post("/other/register/", {"show": "1", "access_code": code})


def register(client: Client, code: str, address: str = "ada@example.org") -> Any:
    return client.post("/other/register/", {"name": "Ada", "email": address, "access_code": code})


def register_by_api(client: Client, code: str, address: str = "ada@example.org") -> Any:
    sent = {"name": "Ada", "email": address, "access_code": code}
    return client.post("/api/v1/events/other/registrations/", sent, content_type="application/json")


TRIES = {"page": look, "all of the page": register, "api": register_by_api}


@pytest.mark.services
@pytest.mark.django_db
class TestTheForms:
    ADA = {"name": "Ada", "email": "ada@example.org"}

    @pytest.fixture
    def few(self, counting: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "BY_ADDRESS", THREE)
        make_ticket_type(make_event(slug="tutorial"))

    @pytest.mark.parametrize("page", ["/tutorial/register/", "/tutorial/follow/", "/tutorial/link/"])
    def test_they_answer_429_and_when_to_come_back(self, few: None, client: Client, page: str) -> None:
        answers = [client.post(page, self.ADA | {"email": f"ada+{n}@example.org"}) for n in range(4)]

        assert [one.status_code for one in answers] == [302, 302, 302, 429]
        assert 0 < int(answers[3]["Retry-After"]) <= 60

    def test_so_does_the_api_as_a_problem(self, few: None, client: Client) -> None:
        address = "/api/v1/events/tutorial/registrations/"

        answers = [client.post(address, self.ADA, content_type="application/json") for _ in range(4)]

        assert [one.status_code for one in answers] == [201, 201, 201, 429]
        assert answers[3]["Content-Type"] == "application/problem+json"
        assert 0 < int(answers[3]["Retry-After"]) <= 60

    def test_what_is_only_sent_again_is_answered_and_counts_as_no_try(self, few: None, client: Client) -> None:
        address = "/api/v1/events/tutorial/registrations/"
        again = {"content_type": "application/json", "headers": {"Idempotency-Key": "one"}}

        same = [client.post(address, self.ADA, **again) for _ in range(5)]
        others = [client.post(address, self.ADA, content_type="application/json") for _ in range(3)]
        last = client.post(address, self.ADA, **again)

        assert [one.status_code for one in (*same, *others, last)] == [201] * 7 + [429, 201]
        assert {one.content for one in (*same, last)} == {same[0].content}

    def test_guesses_of_an_access_code_are_counted(
        self, few: None, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "CODES_BY_CLIENT", THREE)
        make_ticket_type(make_event(slug="other"), access_code="Sesame")

        answers = [client.post("/other/register/", {"show": "1", "access_code": str(n)}).status_code for n in range(4)]

        assert answers == [422, 422, 422, 429]

    @pytest.mark.parametrize("used_up_by", ["page", "api"])
    def test_who_has_used_them_up_learns_nothing_from_a_right_one(
        self, counting: None, client: Client, monkeypatch: pytest.MonkeyPatch, used_up_by: str
    ) -> None:
        monkeypatch.setattr(limits, "CODES_BY_CLIENT", THREE)
        make_ticket_type(make_event(slug="other"), access_code="Sesame")
        for number in range(3):
            TRIES[used_up_by](client, f"wrong {number}")

        answers = [tries(client, code) for tries in TRIES.values() for code in ("wrong", "sesame", "Sesame")]

        assert {one.status_code for one in answers} == {429}
        assert all(0 < int(one["Retry-After"]) <= 60 for one in answers)

    @pytest.mark.parametrize("how", ["page", "api", "all of the page"])
    def test_a_class_with_the_right_code_uses_nothing_up(
        self, counting: None, client: Client, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        monkeypatch.setattr(limits, "CODES_BY_CLIENT", THREE)
        make_ticket_type(make_event(slug="other"), access_code="Sesame")

        answers = [TRIES[how](client, "Sesame", f"{number}@example.org").status_code for number in range(5)]

        assert set(answers) <= {200, 201, 302}

    def test_so_are_those_where_a_registration_is_edited(
        self, few: None, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "CODES_BY_CLIENT", THREE)
        ada = make_registration(make_event())
        make_ticket_type(ada.event, name="Insiders", access_code="Sesame")
        page = f"{links.manage_path(ada)}edit/"

        codes = ["0", "1", "2", "Sesame"]
        answers = [client.post(page, {"show": "1", "access_code": code}).status_code for code in codes]

        assert answers == [422, 422, 422, 429]

    def test_no_code_at_all_is_no_guess(self, few: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "CODES_BY_CLIENT", THREE)
        make_ticket_type(make_event(slug="other"), access_code="Sesame")

        answers = [client.post("/other/register/", {"show": "1"}).status_code for _ in range(4)]

        assert answers == [422] * 4
