"""Who asks for the link to a registration learns nothing from the answer, nor from how long it takes."""

import time
from collections.abc import Callable
from random import Random
from statistics import NormalDist
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.delivery import claim_due, deliver
from portal.models import Event, Mail
from registration import booking, privacy
from tests.factories import make_registration
from tests.smtp import recording_server

TRIES = 100
UNLIKELY = 0.01  # that equals are ranked so differently


def ask(client: Client, address: str) -> Any:
    return client.post("/tutorial/link/", {"email": address})


@pytest.mark.django_db
def test_the_same_is_done_and_said_for_all(event: Event, client: Client) -> None:
    make_registration(event, "ada@example.org")
    make_registration(event, "bea@example.org", state="cancelled")
    seen = []

    for address in ("ada@example.org", "bea@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as queries:
            answer = ask(client, address)
        statements = [one["sql"].partition("VALUES")[0] for one in queries if "SAVEPOINT" not in one["sql"]]
        seen.append((answer.status_code, dict(answer.headers), answer.content, statements))

    assert seen[0] == seen[1] == seen[2]
    assert sum("portal_mail" in one for one in seen[0][3]) == 1


@pytest.mark.django_db
def test_only_who_is_registered_gets_it_where_they_registered_and_the_others_are_forgotten(
    event: Event, client: Client, settings: Any
) -> None:
    make_registration(event, "ada@example.org")
    for address in ("ADA@example.org", "ada@example.org", "nobody@example.org"):
        ask(client, address)

    with recording_server() as post:
        settings.MAILERS = post.mailers()
        while mail := claim_due():
            deliver(mail)
        sent = [one.recipients for one in post.taken]
    states = dict(event.mails.values_list("address", "state"))
    privacy.purge()

    assert sent == [["ada@example.org"]]
    assert states == {"ADA@example.org": "sent", "nobody@example.org": "withdrawn"}
    assert list(event.mails.values_list("address", flat=True)) == ["ADA@example.org"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestTime:
    """By ranks: how long an answer takes says nothing of whose it is. Equals are told apart once in a hundred times, so
    it takes three in a row."""

    def test_it_tells_nobody_whether_an_address_is_known(self, event: Event) -> None:
        assert any(likelihood(event) > UNLIKELY for _ in range(3))

    def test_a_look_into_the_registrations_first_would_be_noticed(
        self, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(booking, "mail_link", looking_first(booking.mail_link))

        assert all(likelihood(event) < UNLIKELY for _ in range(3))


def looking_first(act: Callable[[Event, str], None]) -> Callable[[Event, str], None]:
    def look(event: Event, email: str) -> None:
        if event.registrations.filter(email_key=email).exists():
            act(event, email)

    return look


def likelihood(event: Event) -> float:
    """That known and unknown addresses would be answered in such an order if it made no difference which they are."""
    Mail.objects.all().delete()
    event.registrations.all().delete()
    known = [f"known{number}@example.org" for number in range(TRIES)]
    for address in known:
        make_registration(event, address, state="awaiting_approval")
    tries = [(address, True) for address in known] + [(f"other{n}@example.org", False) for n in range(TRIES)]
    Random(timezone.now().microsecond).shuffle(tries)
    client = Client()
    ask(client, "first@example.org")
    took = []
    for address, is_known in tries:
        began = time.perf_counter()
        ask(client, address)
        took.append((time.perf_counter() - began, is_known))
    return by_ranks([is_known for _, is_known in sorted(took)])


def by_ranks(order: list[bool]) -> float:
    """Of Mann and Whitney, by the normal distribution: two-sided."""
    first, second = sum(order), len(order) - sum(order)
    ranks = sum(rank for rank, is_known in enumerate(order, 1) if is_known)
    middle, width = first * second / 2, (first * second * (len(order) + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(ranks - first * (first + 1) / 2 - middle) / width)
