import logging
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone

from portal import delivery
from portal.delivery import Outcome, Post, claim_due, claim_next, compose, deliver, drain
from portal.models import Mail
from tests import smtp
from tests.factories import make_event
from tests.portal.outbox import crowd, let_pass, send, write, write_to
from tests.smtp import recording_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
State = Mail.State
LEASE, SECOND = timedelta(seconds=settings.MAIL_LEASE), timedelta(seconds=1)


# What the mail server says


def test_a_mail_is_sent_with_its_own_id_and_recorded(server):
    row = send(write())

    assert (row.state, row.tries, row.lease_until, row.answer) == (State.SENT, 1, None, "")
    assert row.sent_at is not None
    assert server.recipients == ["ada@example.org"]
    assert server.taken[0].message["Message-ID"] == row.message_id


@pytest.mark.parametrize("command", ["mail", "rcpt", "data"])
def test_a_temporary_refusal_is_tried_again_after_growing_gaps(server, command):
    server.script(command, "451 4.3.0 try later", first=2)
    row = write()
    gaps = []

    for _ in range(3):
        row = send(row)
        gaps.append(round((row.due_at - timezone.now()).total_seconds()))

    assert gaps[:2] == [10, 20]
    assert (row.state, row.tries) == (State.SENT, 3)
    assert server.recipients == ["ada@example.org"]


def test_what_the_server_said_is_kept_while_a_mail_waits(server):
    server.script("rcpt", "450 4.2.0 greylisted")

    row = send(write())

    assert (row.state, row.answer) == (State.WAITING, "450 4.2.0 greylisted")


@pytest.mark.parametrize("command", ["rcpt", "data"])
def test_a_final_refusal_ends_it_after_one_try(server, command):
    server.script(command, "550 5.1.1 no such user")

    row = send(write())

    assert (row.state, row.tries, row.answer) == (State.FAILED, 1, "550 5.1.1 no such user")
    let_pass(timedelta(days=9))
    assert claim_due() is None


def test_a_server_that_wants_a_login_first_is_no_fault_of_the_mail(server):
    server.script("mail", "530 5.7.0 authentication required")

    row = send(write())

    assert (row.state, row.answer) == (State.WAITING, "530 5.7.0 authentication required")


@pytest.mark.parametrize("command", ["mail", "rcpt", "data"])
def test_a_dropped_link_is_tried_again_with_the_same_id(server, command):
    server.script(command, smtp.DROP, first=1)
    row = write()

    states = [send(row).state, send(row).state]

    assert states == [State.WAITING, State.SENT]
    assert {taken.message["Message-ID"] for taken in server.taken} == {row.message_id}


def test_a_server_that_hangs_is_left_after_the_timeout(server, settings):
    settings.MAILERS = server.mailers(timeout=0.3)
    server.script("data", smtp.HANG, first=1)

    row = send(write())

    assert (row.state, row.answer) == (State.WAITING, "The mail server didn't answer in time.")


def test_a_server_that_refuses_the_link_loses_no_mail(settings):
    with recording_server() as gone:
        settings.MAILERS = gone.mailers()

    row = send(write())

    assert (row.state, row.answer) == (State.WAITING, "The mail server takes no connections at the moment.")


def test_after_three_days_of_tries_it_is_over(server):
    server.script("rcpt", "450 4.2.0 busy")
    row = write()
    Mail.objects.update(tries=settings.MAIL_TRIES - 1)

    row = send(row)

    assert (row.state, row.tries) == (State.FAILED, settings.MAIL_TRIES)


def test_the_gaps_add_up_to_three_days():
    gaps = [delivery.gap_after(tries) for tries in range(1, settings.MAIL_TRIES)]

    assert 2.9 < timedelta(seconds=sum(gaps)) / timedelta(days=1) < 3.1


def test_a_mail_that_kills_its_senders_is_given_up(server):
    row = write()
    Mail.objects.update(tries=settings.MAIL_TRIES)

    row = send(row)

    assert (row.state, server.asked) == (State.FAILED, [])


def test_an_address_that_cannot_be_written_to_fails_at_once(server):
    row = send(write("grüße@example.org"))

    assert (row.state, row.answer, server.asked) == (State.FAILED, "The address can't be written to.", [])


def test_a_domain_in_other_letters_is_written_in_its_ascii_form(server):
    row = send(write("ada@exämple.org"))

    assert (row.state, server.recipients) == (State.SENT, ["ada@xn--exmple-cua.org"])


def test_a_crash_between_the_server_and_the_commit_repeats_with_the_same_id(server):
    row = write()
    claimed = claim_due()
    Post().send(compose(claimed))  # and then the worker is gone
    let_pass(LEASE + SECOND)

    deliver(claim_due())

    assert [taken.message["Message-ID"] for taken in server.taken] == [row.message_id] * 2
    row.refresh_from_db()
    assert row.state == State.SENT


def test_a_sender_whose_lease_ended_does_not_undo_what_the_next_one_did(server):
    row = write()
    late = claim_due()
    let_pass(LEASE + SECOND)
    deliver(claim_due())
    server.script("rcpt", "550 5.0.0 no")

    deliver(late)

    row.refresh_from_db()
    assert row.state == State.SENT


# Draining


def test_what_was_sent_late_is_not_taken_once_more_in_the_same_moment(server):
    write()
    late = claim_due()
    Mail.objects.update(lease_until=timezone.now() - LEASE)
    late.refresh_from_db()

    following = claim_next(Outcome(late, State.SENT, values={"sent_at": timezone.now()}))

    assert following is None
    late.refresh_from_db()
    assert late.state == State.SENT


def test_a_drain_sends_all_that_is_due_over_one_link(server):
    event = make_event()
    write_to(*crowd(5), event=event)

    drain()

    assert sorted(server.recipients) == [f"p{n}@example.org" for n in range(5)]
    assert server.links == 1


def test_one_bad_mail_does_not_stop_the_others(server, caplog):
    event = make_event()
    broken = write("broken@example.org", "broken", event)
    write("gone@example.org", "pointless", event)
    write("dead@example.org", "plain", event)
    write("fine@example.org", "plain", event)
    server.script("rcpt", "550 5.1.1 no such user", match="dead")

    drain()

    assert server.recipients == ["fine@example.org"]
    assert dict(event.mails.values_list("address", "answer")) == {
        "broken@example.org": f"It couldn't be written: see mail {broken.pk} in the log.",
        "gone@example.org": "The registration no longer exists.",
        "dead@example.org": "550 5.1.1 no such user",
        "fine@example.org": "",
    }
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [KeyError]


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_not_given_up_when_the_database_goes_away_while_it_is_written(server):
    row = write(kind="interrupted", context={"subject": "Hello"})

    drain()

    row.refresh_from_db()
    assert (server.recipients, row.state, row.answer) == (["ada@example.org"], State.SENT, "")


def test_nor_when_the_workers_time_is_up(server):
    row = write(kind="overdue")

    with pytest.raises(SoftTimeLimitExceeded):
        drain()

    row.refresh_from_db()
    assert (row.state, row.lease_until > timezone.now()) == (State.SENDING, True)


def test_a_drain_stops_at_the_first_mail_when_the_server_is_away(settings):
    with recording_server() as gone:
        settings.MAILERS = gone.mailers()
    event = make_event()
    write_to(*crowd(3), event=event)

    drain()

    assert sorted(event.mails.values_list("tries", "answer")) == [
        (0, ""),
        (0, ""),
        (0, "The mail server takes no connections at the moment."),
    ]


def test_a_drain_ends_when_its_time_is_up(server):
    event = make_event()
    write_to(*crowd(3), event=event)

    drain(seconds=0)

    assert len(server.taken) == 1


def test_a_link_the_server_closed_between_two_mails_is_opened_anew(server):
    event = make_event()
    server.script("mail", "421 4.7.0 too many on this link", first=1)
    write("one@example.org", "plain", event)
    write("two@example.org", "plain", event)

    drain()

    assert server.recipients == ["two@example.org"]
    assert server.links == 2


@pytest.mark.parametrize("end", ["421 4.7.0 too many on this link", "452 4.5.3 too many on this link", smtp.DROP])
def test_a_server_that_takes_so_many_mails_over_one_link_delays_none(server, end):
    event = make_event()
    server.script("mail", "250 taken", first=2)
    server.script("mail", end, first=1)
    write_to(*crowd(3), event=event)

    drain()

    assert [*event.mails.values_list("state", "tries")] == [("sent", 1)] * 3
    assert (len(server.taken), server.links) == (3, 2)


def test_no_address_gets_into_the_log(server, caplog):
    caplog.set_level(logging.INFO, "portal.delivery")
    event = make_event()
    server.script("rcpt", "550 5.1.1 <dead@example.org> unknown", match="dead")
    for address, kind in (("dead@example.org", "plain"), ("odd@example.org", "broken"), ("ok@example.org", "plain")):
        write(address, kind, event)

    drain()

    said = [record.getMessage() for record in caplog.records if record.name == "portal.delivery"]
    assert len(said) == 3
    assert "@example.org" not in " ".join(said)


# The message


def test_the_message_has_both_parts_the_attachment_and_the_headers_of_a_mass_mail(server):
    event = make_event(contact_email="organizers@example.org")

    row = send(write(kind="rich", event=event))
    message = server.taken[0].message

    assert row.state == State.SENT
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert {name: message[name] for name in ("To", "Reply-To", "Auto-Submitted", "List-Unsubscribe-Post")} == {
        "To": "ada@example.org",
        "Reply-To": "organizers@example.org",
        "Auto-Submitted": "auto-generated",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert message["Date"].datetime - timezone.now() < timedelta(minutes=1)
    assert message.defects == []


def test_the_unsubscribe_address_stays_whole_in_its_header(server):
    send(write(kind="rich"))

    lines = server.taken[0].raw.decode().split("\r\n")

    assert f"List-Unsubscribe: <https://portal.example/stop/{'x' * 120}>" in lines


def test_the_calendar_part_says_its_method(server):
    send(write(kind="rich"))
    (part,) = server.taken[0].message.iter_attachments()

    assert (part.get_filename(), part["Content-Type"].params["method"]) == ("program.ics", "PUBLISH")
    assert part.get_payload(decode=True) == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def test_a_subject_cannot_add_headers(server):
    send(write(context={"subject": "Hello\r\nBcc: eve@example.org\r\n\r\nbody"}))
    message = server.taken[0].message

    assert message["Subject"] == "Hello Bcc: eve@example.org body"
    assert message["Bcc"] is None
    assert server.recipients == ["ada@example.org"]


def test_a_long_subject_is_cut(server):
    send(write(context={"subject": "Ünïcödé " * 1000}))
    taken = server.taken[0]

    assert len(taken.message["Subject"]) <= 200
    assert max(len(line) for line in taken.raw.split(b"\r\n")) <= 998
