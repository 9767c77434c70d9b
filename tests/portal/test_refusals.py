"""What a mail server's words say a refusal is about, and what becomes of mails refused one after the other."""

import pytest

from portal import delivery, mailings
from portal.models import Event, Mailing
from portal.refusals import is_about_the_address, may_be_about_us
from tests.factories import make_event
from tests.portal.outbox import crowd, write_to
from tests.smtp import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


@pytest.mark.parametrize(
    "said",
    [
        "550 5.1.1 no such user",
        "550 5.1.1 <relay@example.org>: Recipient address rejected: User unknown",
        "550 5.1.1 <sender-not@example.org>: no mailbox here by that name",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound",
        "550 5.1.1 unknown user, the mail is returned to its sender",
    ],
)
def test_a_mailbox_that_is_not_there(said: str) -> None:
    assert (is_about_the_address(said), may_be_about_us(said)) == (True, False)


@pytest.mark.parametrize(
    "said",
    [
        "554 5.7.1 <ada@example.org>: Relay access denied",
        "553 5.7.1 <us@portal.example>: Sender address rejected: not owned by user lectern",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        "550 5.1.8 <us@portal.example>: Sender address rejected: Domain not found",
        "550 5.1.1 <us@portal.example>: Sender address rejected: User unknown in local recipient table",
        "550 relay not permitted",
        "550 Sender verify failed",
        "550 5.7.1 Service unavailable, client host is on a list",
    ],
)
def test_a_sender_or_a_policy(said: str) -> None:
    assert (is_about_the_address(said), may_be_about_us(said)) == (False, True)


@pytest.mark.parametrize(
    "said", ["550", "", "550 no", "552 5.2.2 mailbox full", "450 4.7.1 too fast", "The address can't be written to."]
)
def test_what_says_neither(said: str) -> None:
    assert (is_about_the_address(said), may_be_about_us(said)) == (False, False)


# One after the other

DENIED = "554 5.7.1 <p0@example.org>: Relay access denied"


@pytest.fixture
def event() -> Event:
    return make_event(contact_email="us@example.org")


def figures(mailing: Mailing) -> dict[str, int]:
    return {state: count for state, count in mailings.progress(mailing).items() if count}


@pytest.mark.parametrize("answer", [DENIED, "550 relay not permitted", "550 5.1.8 no such sender"])
def test_refused_three_times_in_a_row_the_mailing_stops_with_those_words_and_loses_nothing(
    server: Server, event: Event, answer: str
) -> None:
    server.script("rcpt", answer)
    mailing = write_to(*crowd(4), event=event)

    delivery.drain()

    mailing.refresh_from_db()
    said = f"The mail server refused 3 mails in a row, to different people: {answer}."
    assert (mailing.state, mailing.reason) == ("stopped", said)
    assert set(mailing.mails.values_list("state", "tries")) == {("held", 0)}
    assert event.mails.filter(kind="stopped").values_list("address", flat=True).get() == "us@example.org"
    assert not event.suppressions.exists()


def test_let_go_on_once_the_server_relays_everybody_gets_it_once(server: Server, event: Event) -> None:
    server.script("rcpt", DENIED)
    mailing = write_to(*crowd(6), event=event)
    delivery.drain()
    server.rules.clear()

    mailing.refresh_from_db()
    mailings.resume(mailing)
    delivery.drain()

    assert figures(mailing) == {"sent": 6}
    assert sorted(one for one in server.recipients if one != "us@example.org") == crowd(6)


def test_let_go_on_before_it_relays_it_stops_again_and_loses_nothing(server: Server, event: Event) -> None:
    server.script("rcpt", DENIED)
    mailing = write_to(*crowd(6), event=event)

    for _ in range(2):
        delivery.drain()
        mailing.refresh_from_db()
        stopped, held = mailing.state, figures(mailing)
        mailings.resume(mailing)

    assert (stopped, held) == ("stopped", {"held": 6})


def test_three_servers_that_want_no_mail_of_ours_keep_it_from_nobody_else(server: Server, event: Event) -> None:
    server.script("rcpt", "550 5.7.1 we don't like you", match="strict")
    strict = [f"strict{number}@example.org" for number in range(3)]
    mailing = write_to(*strict, *crowd(6), event=event)
    delivery.drain()

    mailing.refresh_from_db()
    stopped = mailing.state
    mailings.resume(mailing)
    delivery.drain()

    mailing.refresh_from_db()
    assert (stopped, mailing.state, figures(mailing)) == ("stopped", "running", {"sent": 6, "failed": 3})
    assert not event.suppressions.exists()


def test_one_reader_in_between_whose_server_wants_none_stops_nothing(server: Server, event: Event) -> None:
    server.script("rcpt", "550 5.7.1 we don't like you", match="strict")
    people = [one for number, one in enumerate(crowd(6)) for one in (one, f"strict{number}@example.org")][:8]
    mailing = write_to(*people, event=event)

    delivery.drain()

    assert figures(mailing) == {"sent": 4, "failed": 4}


def test_of_a_trusted_mailing_thirty_in_a_row_are_our_fault(server: Server, event: Event) -> None:
    mailing = write_to(*crowd(40), event=event)
    mailing.context["is_trusted"] = True
    mailing.save()
    server.script("rcpt", DENIED, match="p1")
    server.script("rcpt", DENIED, match="p2")
    server.script("rcpt", DENIED, match="p3")

    delivery.drain()  # p1, then p10 to p39 after one another

    mailing.refresh_from_db()
    assert (mailing.state, figures(mailing)) == ("stopped", {"sent": 7, "failed": 3, "held": 30})
