"""People who wait for their turn at the same time and are let in together."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.invariants import problems
from portal.models import Event
from registration import booking, ledger, turns
from registration.models import Choice
from registration.turns import Join, Wish, turn
from tests.factories import make_event, make_lab, make_program, make_question, make_release, make_ticket_type
from tests.services import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
PAGE, API = "/tutorial/register/", "/api/v1/events/{}/registrations/"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 2)
    return event


def by_api(name: str, key: str = "", slug: str = "tutorial", **more: Any) -> Callable[[], HttpResponse]:
    body = {"name": name, "email": f"{name.casefold()}@example.org"} | more
    headers = {"Idempotency-Key": key} if key else {}
    return lambda: Client().post(API.format(slug), json.dumps(body), content_type="application/json", headers=headers)


def by_page(name: str, **more: Any) -> Callable[[], HttpResponse]:
    return lambda: Client().post(PAGE, {"name": name, "email": f"{name.casefold()}@example.org"} | more)


def visit(act: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return act()
    finally:
        connections.close_all()


def come(*visits: Callable[[], HttpResponse]) -> tuple[list[HttpResponse], list[int]]:
    """What those are answered who come one after the other while somebody else has the turn; and how many were let in
    together, each time."""
    companies, coming, let_in = [], [], turns.let_in

    def watched(company: list[Wish], join: Join) -> None:
        let_in(company, join)
        companies.append(len(company))

    with patch.object(turns, "let_in", watched), ThreadPoolExecutor(len(visits)) as threads:
        turn.is_taken = True
        for number, act in enumerate(visits, 1):
            coming.append(threads.submit(visit, act))
            assert wait_until(lambda count=number: len(turn.waiting) == count)
        turn.end([])
        answers = [one.result() for one in coming]
    assert (turn.waiting, turn.is_taken) == ([], False)
    return answers, companies


def said(answers: list[HttpResponse]) -> list[tuple[int, str | None, int | None]]:
    """Status, state and place in line."""
    found = [(one.status_code, one.json()) for one in answers]
    return [(status, one.get("state"), one.get("position")) for status, one in found]


def test_all_who_wait_are_let_in_at_once_in_the_order_they_came(event: Event) -> None:
    names = ["Ada", "Bea", "Cleo", "Dora", "Edda"]

    answers, companies = come(*(by_api(name, key=name) for name in names))

    assert companies == [5]
    assert said(answers) == [
        (201, "pending", None),
        (201, "pending", None),
        (201, "waitlisted", 1),
        (201, "waitlisted", 2),
        (201, "waitlisted", 3),
    ]
    line = event.registrations.filter(state="waitlisted").order_by("place")
    assert list(line.values_list("name", flat=True)) == names[2:]
    assert Counter(event.mails.values_list("kind", flat=True)) == {"confirm": 2, "waitlisted": 3}
    assert event.idempotency_keys.count() == 5
    assert problems() == []


def test_who_comes_while_they_wait_for_the_lock_goes_with_them(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, late = ledger.opened, []

    def awaited(event: Event) -> Any:
        if not late:
            late.append(thread.submit(visit, by_api("Cleo")))
            assert wait_until(lambda: len(turn.waiting) == 1)
        return opened(event)

    with ThreadPoolExecutor(1) as thread:
        monkeypatch.setattr(ledger, "opened", awaited)
        answers, companies = come(by_api("Ada"), by_api("Bea"))
        answers.append(late[0].result())

    assert companies == [3]
    assert said(answers) == [(201, "pending", None), (201, "pending", None), (201, "waitlisted", 1)]


def test_the_page_and_the_api_let_people_in_alike_but_not_together(event: Event) -> None:
    answers, companies = come(by_page("Ada"), by_api("Bea"), by_page("Cleo"), by_api("Dora"))

    assert [one.status_code for one in answers] == [302, 201, 302, 201]
    assert companies == [2, 2]
    assert Counter(event.registrations.values_list("state", flat=True)) == {"pending": 2, "waitlisted": 2}
    assert problems() == []


def test_each_event_has_a_company_of_its_own(event: Event) -> None:
    make_ticket_type(make_event(slug="other"))

    answers, companies = come(by_api("Ada"), by_api("Bea", slug="other"), by_api("Cleo"))

    assert [one.status_code for one in answers] == [201] * 3
    assert companies == [2]
    assert Counter(Event.objects.values_list("slug", "registrations__name")) == Counter(
        [("tutorial", "Ada"), ("tutorial", "Cleo"), ("other", "Bea")]
    )


def test_who_brings_a_file_goes_alone(event: Event) -> None:
    make_question(event, "Photo?", kind="file")

    def photo() -> dict[str, SimpleUploadedFile]:
        return {"q-photo": SimpleUploadedFile("photo.txt", b"A text")}

    answers, companies = come(by_page("Ada"), by_page("Bea", **photo()), by_page("Cleo"), by_page("Dora", **photo()))

    assert [one.status_code for one in answers] == [302] * 4
    assert companies == [2]
    assert event.registrations.count() == 4


def test_the_same_request_twice_has_one_effect_and_one_answer(event: Event) -> None:
    answers, companies = come(by_api("Ada", key="one"), by_api("Bea", key="two"), by_api("Ada", key="one"))

    assert companies == [3]
    assert answers[0].content == answers[2].content != answers[1].content
    assert (event.registrations.count(), event.mails.count()) == (2, 2)


def test_a_form_sent_twice_has_one_effect_and_one_mail_to_be_sent(event: Event) -> None:
    answers, companies = come(by_page("Ada"), by_page("Ada"))

    assert companies == [2]
    assert [one.status_code for one in answers] == [302, 302]
    assert event.registrations.count() == 1
    assert [one.context.get("twice") for one in event.mails.order_by("pk")] == [None, True]


def test_the_same_address_twice_is_one_registration_and_told_to_nobody(event: Event) -> None:
    answers, companies = come(by_api("Ada", key="one"), by_api("Ada L.", key="two", email="ADA@example.org"))

    assert companies == [2]
    assert said(answers) == [(201, "pending", None)] * 2
    assert event.registrations.get().name == "Ada"
    assert sorted(event.mails.values_list("kind", flat=True)) == ["again", "confirm"]
    assert problems() == []


def test_who_came_back_after_cancelling_is_let_in_among_others(event: Event) -> None:
    ada = booking.cancel(booking.register(event, name="Ada", email="ada@example.org"))

    answers, _ = come(by_api("Bea"), by_api("Ada"))

    ada.refresh_from_db()
    assert (ada.state, ada.round) == ("pending", 2)
    assert said(answers) == [(201, "pending", None)] * 2
    assert problems() == []


class TestARefusal:
    """Of one keeps nobody else from being let in, and leaves nothing of their company behind."""

    def test_what_was_taken_up_by_the_first_is_refused_to_the_second(self, event: Event) -> None:
        shirt = make_question(event, "Shirt", kind="choice", choices=("M", "L"))
        Choice.objects.filter(text="M").update(limit=1)
        wishes = [by_api(name, answers={shirt.key: size}) for name, size in (("Ada", "M"), ("Bea", "M"), ("Cleo", "L"))]

        answers, companies = come(*wishes)

        assert companies == [2]
        assert [one.status_code for one in answers] == [201, 400, 201]
        assert answers[1].json()["fields"] == {
            f"answers.{shirt.key}": ["“M” is no longer free. Choose something else."]
        }
        assert sorted(event.registrations.values_list("name", flat=True)) == ["Ada", "Cleo"]
        assert (event.mails.count(), Choice.objects.get(text="M").taken) == (2, 1)
        assert problems() == []

    def test_what_is_filled_in_wrongly_is_told_to_that_one(self, event: Event) -> None:
        answers, companies = come(by_api("Ada"), by_api("Bea", email="bea@"), by_api("Cleo"))

        assert companies == [2]
        assert [one.status_code for one in answers] == [201, 400, 201]
        assert event.registrations.count() == event.mails.count() == 2

    def test_a_key_with_another_body_is_told_to_that_one(self, event: Event) -> None:
        answers, _ = come(by_api("Ada", key="one"), by_api("Bea", key="one"), by_api("Cleo", key="two"))

        assert [one.status_code for one in answers] == [201, 422, 201]
        assert sorted(event.registrations.values_list("name", flat=True)) == ["Ada", "Cleo"]

    def test_a_fault_that_nobody_thought_of_hits_that_one_only(
        self, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        book = booking.book

        def fail(*args: Any, **said: Any) -> object:
            if said["name"] == "Bea":
                raise RuntimeError("out of order")
            return book(*args, **said)

        monkeypatch.setattr(booking, "book", fail)
        client = Client(raise_request_exception=False)
        monkeypatch.setattr("tests.registration.test_turns.Client", lambda: client)

        answers, _ = come(by_api("Ada"), by_api("Bea"), by_api("Cleo"))

        assert [one.status_code for one in answers] == [201, 500, 201]
        assert sorted(event.registrations.values_list("name", flat=True)) == ["Ada", "Cleo"]

    def test_several_of_a_company_are_refused_and_the_others_let_in(self, event: Event) -> None:
        wrong = [by_api(name, email=name) for name in ("b", "d", "e", "g")]
        visits = [by_api("Ada"), *wrong[:2], by_api("Cleo"), *wrong[2:], by_api("Finn")]

        answers, companies = come(*visits)

        assert [one.status_code for one in answers] == [201, 400, 400, 201, 400, 400, 201]
        assert companies == []  # of which too many were refused: all went alone
        assert event.registrations.count() == event.mails.count() == 3

    def test_a_fault_of_all_together_is_told_to_the_operators_and_to_nobody_else(
        self, event: Event, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("out of order")

        monkeypatch.setattr(turns, "Answered", fail)

        answers, companies = come(by_page("Ada"), by_page("Bea"))

        assert ([one.status_code for one in answers], companies) == ([302, 302], [])
        told = [one.message for one in caplog.records if one.name == "registration.turns"]
        assert told == ["2 people couldn't be let in together, so each goes alone."]

    def test_an_event_without_tickets_is_no_fault(self, caplog: pytest.LogCaptureFixture) -> None:
        make_event(slug="bare")

        answers, _ = come(by_api("Ada", slug="bare"), by_api("Bea", slug="bare"))

        assert [one.status_code for one in answers] == [409, 409]
        assert not [one for one in caplog.records if one.name == "registration.turns"]


@pytest.mark.services
def test_who_asks_again_meanwhile_has_tried_once(event: Event, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.rates.counter.client", redis.Redis.from_url(redis_url))
    monkeypatch.setattr("portal.rates.counter.silent_until", 0.0)

    come(*[by_api("Ada", key="one")] * 4)

    with redis.Redis.from_url(redis_url) as counts:
        assert {int(counts.get(key)) for key in counts.keys("lectern:rate:*")} == {1}


def test_seats_in_labs_are_given_in_turn_too(event: Event) -> None:
    session = make_program(event)[0]
    make_lab(event, session, 1)
    make_release(event)

    answers, companies = come(*(by_api(name, lab_seats=[str(session.uuid)]) for name in ("Ada", "Bea")))

    assert [one.status_code for one in answers] == [201, 201]
    assert companies == [2]
    seats = event.registrations.order_by("pk").values_list("name", "lab_seats__state")
    assert list(seats) == [("Ada", "seat"), ("Bea", "waitlisted")]
    assert problems() == []


def test_a_company_costs_few_statements_more_than_one_person(event: Event) -> None:
    """The lock, who is known, what was answered and all that is written are theirs together."""

    def count(*names: str) -> int:
        wishes = []
        with patch("registration.turns.Turn.take", lambda _, wish: wishes.append(wish) or (201, {})):
            for name in names:
                by_api(name, key=name)()
        with CaptureQueriesContext(connection) as queries:
            turns.grant(wishes)
        return len(queries)

    count("Zoe")  # what a process does once
    alone, four, eight = count("Ada"), count("Bea", "Cleo", "Dora", "Edda"), count(*"abcdefgh")

    assert (alone, four, eight) == ((7, 8, 8) if connection.vendor == "postgresql" else (11, 15, 19))
