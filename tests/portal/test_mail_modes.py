"""Each way in which a mail server misbehaves, and what exactly becomes of the mail: after one try, and in the end."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from portal import delivery, mailings, refusals
from portal.environment import mailer
from portal.models import Event, Mail
from portal.tasks import LIMIT, SOFT_LIMIT
from tests import smtp
from tests.factories import make_event
from tests.portal.outbox import crowd, let_pass, write, write_to
from tests.services import free_port
from tests.smtp import Server, recording_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
REFUSED = "550 5.7.1 sender not allowed"
LATER = [
    ("mail", "421 4.7.0 too many on this link"),
    ("mail", REFUSED),
    ("rcpt", "450 4.2.0 greylisted"),
    ("rcpt", "554 5.7.1 relay access denied"),
    ("data", "451 4.3.0 disk full"),
]
DEAD = [("rcpt", "550 5.1.1 no such user"), ("rcpt", "553 5.1.3 bad address"), ("data", "554 5.7.1 looks like spam")]
CUT = "The mail server cut the connection before it answered."


@pytest.fixture
def row() -> Mail:
    return write()


def become(row: Mail) -> tuple[str, int, str]:
    """What the sender makes of it now: the state, the tries, and the words that are kept."""
    Mail.objects.filter(pk=row.pk).update(due_at=timezone.now())
    delivery.drain()
    row.refresh_from_db()
    assert row.lease_until is None
    return row.state, row.tries, row.answer


def identities(server: Server) -> list[str]:
    return [str(taken.message["Message-ID"]) for taken in server.taken]


@pytest.mark.parametrize(("command", "answer"), LATER)
def test_refused_for_now_it_is_sent_by_the_next_try(server: Server, row: Mail, command: str, answer: str) -> None:
    server.script(command, answer, first=1)

    assert become(row) == ("waiting", 1, answer)
    assert become(row) == ("sent", 2, "")
    assert identities(server) == [row.message_id]


@pytest.mark.parametrize(("command", "answer"), DEAD)
def test_refused_for_good_it_fails_at_the_first_try(server: Server, row: Mail, command: str, answer: str) -> None:
    server.script(command, answer)

    assert become(row) == ("failed", 1, answer)
    assert become(row) == ("failed", 1, answer)
    assert (server.taken, len(server.asked)) == ([], 1)


@pytest.mark.parametrize("command", ["mail", "rcpt"])
def test_cut_before_the_content_it_is_sent_by_the_next_try(server: Server, row: Mail, command: str) -> None:
    server.script(command, smtp.DROP, first=1)

    assert become(row) == ("waiting", 1, CUT)
    assert become(row) == ("sent", 2, "")
    assert identities(server) == [row.message_id]


@pytest.mark.parametrize(("fault", "times"), [(smtp.DROP, 2), (smtp.LOSE, 1)], ids=["taken", "lost"])
def test_cut_after_the_content_it_is_sent_again_as_the_same_mail(
    server: Server, row: Mail, fault: str, times: int
) -> None:
    server.script("data", fault, first=1)

    assert become(row) == ("waiting", 1, CUT)
    assert become(row) == ("sent", 2, "")
    assert identities(server) == [row.message_id] * times


@pytest.mark.parametrize(("command", "times"), [("mail", 1), ("rcpt", 1), ("data", 2)])
def test_without_an_answer_it_is_left_after_the_timeout(
    server: Server, row: Mail, settings: object, command: str, times: int
) -> None:
    settings.MAILERS = server.mailers(timeout=0.3)  # type: ignore[attr-defined]
    server.script(command, smtp.HANG, first=1)

    assert become(row) == ("waiting", 1, "The mail server didn't answer in time.")
    assert become(row) == ("sent", 2, "")
    assert identities(server) == [row.message_id] * times


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "mail.invalid"}, "There is no mail server of the name that is set."),
        ({"use_ssl": True}, "The connection to the mail server couldn't be secured: WRONG_VERSION_NUMBER."),
        ({"use_tls": True}, "STARTTLS extension not supported by server."),
        ({"host": "255.255.255.255"}, "The mail server can't be reached."),
    ],
)
def test_why_no_server_is_reached_is_said_in_words(
    server: Server, row: Mail, settings: Any, options: dict[str, object], said: str
) -> None:
    mailers = server.mailers()
    mailers["default"]["OPTIONS"] |= options  # type: ignore[index]
    settings.MAILERS = mailers

    assert become(row) == ("waiting", 0, said)
    assert server.asked == []


def test_a_certificate_that_is_not_trusted_is_no_fault_of_the_address() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"

    said = "The mail server's certificate isn't trusted: self-signed certificate."
    assert refusals.answer_of(error) == (0, said)


def test_a_sender_waits_for_no_server_as_long_as_its_time_for_a_mail() -> None:
    assert mailer("smtp://mail.example")["OPTIONS"]["timeout"] == 20 < SOFT_LIMIT < LIMIT < settings.MAIL_LEASE


@pytest.mark.parametrize("command", ["mail", "rcpt", "data"])
def test_a_slow_server_is_waited_for(server: Server, row: Mail, command: str) -> None:
    server.script(command, smtp.SLOW)

    assert become(row) == ("sent", 1, "")
    assert identities(server) == [row.message_id]


def test_a_login_that_is_refused_is_no_try(server: Server, settings: object) -> None:
    settings.MAILERS = server.mailers()  # type: ignore[attr-defined]
    settings.MAILERS["default"]["OPTIONS"] |= {"username": "lectern", "password": "old"}  # type: ignore[attr-defined]
    server.script("login", "no")
    mailing = write_to(*crowd(3), event=make_event())

    delivery.drain()
    refused = sorted(mailing.mails.values_list("state", "tries", "answer"))
    Mail.objects.update(due_at=timezone.now())
    server.rules.clear()
    delivery.drain()

    said = "535 5.7.8 Authentication credentials invalid"
    assert refused == [("waiting", 0, ""), ("waiting", 0, ""), ("waiting", 0, said)]
    assert sorted(mailing.mails.values_list("state", "tries", "answer")) == [("sent", 1, "")] * 3
    assert sorted(server.recipients) == crowd(3)


def test_a_mail_that_was_taken_after_its_sender_had_left_was_not_told_so(server: Server, settings: object) -> None:
    settings.MAILERS = server.mailers(timeout=0.05)  # type: ignore[attr-defined]
    server.script("data", smtp.SLOW, first=1)
    write()

    delivery.drain()
    let_pass(timedelta(minutes=1))
    settings.MAILERS = server.mailers()  # type: ignore[attr-defined]
    delivery.drain()

    assert [taken.is_told for taken in server.taken] == [False, True]


# Addresses that can't be


def test_of_malformed_addresses_each_fails_by_itself(server: Server) -> None:
    bad = [
        "two words@example.org",
        "ada@",
        "@example.org",
        "grüße@example.org",
        "ada@a..b",
        "a\r\nBcc: b@c.d",
    ]
    mailing = write_to(*crowd(120), *bad, event=make_event())

    delivery.drain()

    ends = dict(mailing.mails.values_list("address", "state"))
    assert {address for address, state in ends.items() if state == "sent"} == set(crowd(120))
    assert set(mailing.mails.exclude(state="sent").values_list("address", "state", "tries")) == {
        (address, "failed", 1) for address in bad
    }
    assert sorted(server.recipients) == sorted(crowd(120))


# Refused as a sender


@pytest.fixture
def event() -> Event:
    return make_event(contact_email="us@example.org")


def test_a_server_that_will_not_have_us_as_a_sender_stops_the_mailing_at_once(server: Server, event: Event) -> None:
    server.script("mail", REFUSED)
    mailing = write_to(*crowd(3), event=event)

    delivery.drain()

    mailing.refresh_from_db()
    said = f"The mail server refused to send anything of ours: {REFUSED}."
    assert (mailing.state, mailing.reason) == ("stopped", said)
    assert set(mailing.mails.values_list("state", "tries")) == {("held", 0)}
    assert set(mailing.mails.values_list("answer", flat=True)) == {"", REFUSED}
    assert event.mails.filter(kind="stopped").values_list("address", flat=True).get() == "us@example.org"
    assert server.taken == []


def test_let_go_on_it_is_sent_to_everybody_once(server: Server, event: Event) -> None:
    server.script("mail", REFUSED, first=1)
    mailing = write_to(*crowd(3), event=event)
    delivery.drain()

    mailings.resume(mailing)
    delivery.drain()

    assert set(mailing.mails.values_list("state", "tries")) == {("sent", 1)}
    assert sorted(server.recipients) == [*crowd(3), "us@example.org"]


def test_let_go_on_too_early_it_stops_again_and_loses_nothing(server: Server, event: Event) -> None:
    server.script("mail", REFUSED)
    mailing = write_to(*crowd(3), event=event)
    delivery.drain()

    mailing.refresh_from_db()
    mailings.resume(mailing)
    delivery.drain()
    mailing.refresh_from_db()
    again = (mailing.state, set(mailing.mails.values_list("state", "tries")))
    server.rules.clear()
    mailings.resume(mailing)
    delivery.drain()

    assert again == ("stopped", {("held", 0)})
    assert set(mailing.mails.values_list("state", "tries")) == {("sent", 1)}


def test_what_somebody_waits_for_and_the_word_to_organizers_arrive_after_an_hour_of_refusals(
    server: Server, event: Event
) -> None:
    server.script("mail", REFUSED)
    write_to(*crowd(3), event=event)
    write(event=event)

    for _ in range(120):  # as often as the scheduler calls
        delivery.drain()
        let_pass(timedelta(seconds=30))
    urgent = event.mails.filter(is_urgent=True)
    waiting = set(urgent.values_list("state", "tries", "answer"))
    server.rules.clear()
    let_pass(timedelta(hours=1))
    delivery.drain()

    assert waiting == {("waiting", 9, REFUSED)}
    assert sorted(server.recipients) == ["ada@example.org", "us@example.org"]


def test_after_three_days_of_refusals_it_is_over(server: Server, row: Mail) -> None:
    server.script("mail", REFUSED)
    Mail.objects.update(tries=settings.MAIL_TRIES - 1)

    assert become(row) == ("failed", settings.MAIL_TRIES, REFUSED)


def test_a_mail_that_is_too_large_is_one_mails_fault(server: Server, event: Event) -> None:
    server.script("mail", "552 5.3.4 message too big", first=1)
    mailing = write_to(*crowd(3), event=event)

    delivery.drain()

    assert sorted(mailing.mails.values_list("state", "answer")) == [
        ("failed", "552 5.3.4 message too big"),
        ("sent", ""),
        ("sent", ""),
    ]


def test_a_refusal_of_many_words_is_told_as_far_as_there_is_room(server: Server, event: Event) -> None:
    server.script("mail", f"550 5.7.1 {'very ' * 90}sorry")
    mailing = write_to(*crowd(3), event=event)

    delivery.drain()

    mailing.refresh_from_db()
    assert (mailing.state, len(mailing.reason)) == ("stopped", 500)


# Away


@pytest.fixture
def gone(settings: object) -> Iterator[int]:
    """The port of a server that isn't there."""
    port = free_port()
    settings.MAILERS = Server(port=port).mailers()  # type: ignore[attr-defined]
    yield port


def test_an_hour_without_a_server_costs_no_try_and_no_mail(gone: int) -> None:
    mailing = write_to(*crowd(3), event=make_event())

    for _ in range(120):  # as often as the scheduler calls
        delivery.drain()
        let_pass(timedelta(seconds=30))
    waiting = set(mailing.mails.values_list("state", "tries", "answer"))
    with recording_server(gone) as server:
        delivery.drain()

    assert waiting == {("waiting", 0, "The mail server takes no connections at the moment.")}
    assert set(mailing.mails.values_list("state", "tries", "answer")) == {("sent", 1, "")}
    assert sorted(server.recipients) == crowd(3)
