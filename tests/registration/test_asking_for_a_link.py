"""Who asks for the link to a registration learns nothing from the answer, nor from how long it takes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.delivery import claim_due, deliver
from portal.models import Event, Mail
from registration import keys, purging
from tests.factories import make_registration
from tests.registration.ranks import are_told_apart, differ
from tests.smtp import recording_server

TRIES = 100


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
    purging.purge()

    assert sent == [["ada@example.org"]]
    assert states == {"ADA@example.org": "sent", "nobody@example.org": "withdrawn"}
    assert list(event.mails.values_list("address", flat=True)) == ["ADA@example.org"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestTime:
    """How long an answer takes says nothing of whose it is."""

    def test_it_tells_nobody_whether_an_address_is_known(self, event: Event) -> None:
        assert not are_told_apart(lambda: differs(event))

    def test_a_look_into_the_registrations_first_would_be_noticed(
        self, event: Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "mail_link", looking_first(keys.mail_link))

        assert are_told_apart(lambda: differs(event))


def looking_first(act: Callable[[Event, str], None]) -> Callable[[Event, str], None]:
    def look(event: Event, email: str) -> None:
        if event.registrations.filter(email_key=email).exists():
            act(event, email)

    return look


def differs(event: Event) -> bool:
    Mail.objects.all().delete()
    event.registrations.all().delete()
    known = [f"known{number}@example.org" for number in range(TRIES)]
    for address in known:
        make_registration(event, address, state="awaiting_approval")
    client = Client()
    ask(client, "first@example.org")
    return differ(lambda address: ask(client, address), known, (f"other{n}@example.org" for n in range(TRIES)))
