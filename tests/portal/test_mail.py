import logging
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from portal import mail
from portal.mail import claim_due, drain, queue, queue_mass, send_again, status
from portal.models import Mail, Suppression
from tests.factories import make_event
from tests.portal.outbox import send, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
State = Mail.State


# Queueing


def test_a_mail_is_written_once_for_each_occasion():
    event = make_event()

    for occasion in ("one", "one", "two"):
        queue("plain", event=event, address="ada@example.org", occasion=occasion)

    assert sorted(event.mails.values_list("occasion", flat=True)) == ["one", "two"]


def test_writing_a_mail_again_leaves_the_transaction_usable():
    event = make_event()

    with transaction.atomic():
        queue("plain", event=event, address="ada@example.org", occasion="one")
        queue("plain", event=event, address="ada@example.org", occasion="one")
        make_event(slug="after-the-second")

    assert event.mails.count() == 1


def test_a_mail_is_undone_with_its_cause():
    event = make_event()

    with pytest.raises(RuntimeError), transaction.atomic():
        queue("plain", event=event, address="ada@example.org", occasion="one")
        raise RuntimeError

    assert event.mails.count() == 0


def test_mass_mail_goes_to_each_person_once_however_they_are_spelled():
    event = make_event()
    people = [("ada@example.org", {"n": 1}), ("ADA@example.org", {"n": 2}), ("bob@example.org", {"n": 3})]

    count = queue_mass("plain", event=event, occasion="release-1", people=people)

    assert count == 2
    assert sorted(event.mails.values_list("address", "context", "is_urgent")) == [
        ("ada@example.org", {"n": 1}, False),
        ("bob@example.org", {"n": 3}, False),
    ]


def test_mass_mail_queued_again_adds_only_who_is_new():
    event = make_event()
    queue_mass("plain", event=event, occasion="release-1", people=[("ada@example.org", {})])

    count = queue_mass(
        "plain", event=event, occasion="release-1", people=[("Ada@example.org", {}), ("bob@example.org", {})]
    )

    assert count == 1
    assert event.mails.count() == 2


def test_mass_mail_leaves_out_who_has_unsubscribed():
    event, other = make_event(), make_event()
    Suppression.objects.create(event=event, address_key="ada@example.org", reason="unsubscribed")
    people = [("Ada@example.org", {}), ("bob@example.org", {})]

    assert queue_mass("plain", event=event, occasion="release-1", people=people) == 1
    assert queue_mass("plain", event=other, occasion="release-1", people=people) == 2


def test_ten_thousand_mails_are_queued_in_fifteen_queries(django_assert_num_queries):
    event = make_event()
    people = [(f"person{n}@example.org", {"registration": n}) for n in range(10_000)]
    start = time.process_time()

    with django_assert_num_queries(15):
        count = queue_mass("plain", event=event, occasion="release-1", people=people)

    assert count == 10_000
    assert time.process_time() - start < 2


# Waking workers


def test_workers_are_woken_once_a_transaction(django_capture_on_commit_callbacks):
    event = make_event()

    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        queue("plain", event=event, address="ada@example.org", occasion="one")
        queue("plain", event=event, address="bob@example.org", occasion="one")

    assert callbacks == [mail.bell.ring]


def test_a_dead_broker_neither_fails_nor_delays_the_request(settings, caplog, django_capture_on_commit_callbacks):
    mail.bell.silent_until = mail.bell.heard_at = 0
    start = time.monotonic()

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        row = write("ada@example.org")

    assert time.monotonic() - start < 1
    assert row.state == State.WAITING
    assert [record.getMessage() for record in caplog.records] == [
        "No worker could be woken (OperationalError); the sweep will send the mails."
    ]
    assert "ada@example.org" not in caplog.text


def test_after_a_failure_the_bell_stays_silent_for_a_while(caplog):
    mail.bell.silent_until = mail.bell.heard_at = 0

    mail.bell.ring()
    mail.bell.ring()

    assert len(caplog.records) == 1


# Claiming


def test_urgent_mail_goes_before_mass_mail():
    event = make_event()
    queue_mass("plain", event=event, occasion="release-1", people=[("mass@example.org", {})])
    queue("plain", event=event, address="urgent@example.org", occasion="one")

    claimed = [claim_due().address, claim_due().address, claim_due()]

    assert claimed == ["urgent@example.org", "mass@example.org", None]


def test_a_claim_is_a_lease():
    row = write()
    now = timezone.now()

    claimed = claim_due(now)

    assert (claimed.pk, claimed.state, claimed.tries) == (row.pk, State.SENDING, 1)
    assert claimed.lease_until == now + Mail.LEASE
    assert claim_due(now + Mail.LEASE) is None
    assert claim_due(now + Mail.LEASE + timedelta(seconds=1)).tries == 2


def test_what_is_not_due_yet_is_not_claimed():
    row = write()
    Mail.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    assert claim_due() is None
    assert claim_due(timezone.now() + timedelta(minutes=2)).pk == row.pk


def unguarded_claim():
    """Claiming without the condition in the UPDATE: what the guard protects from."""
    row = Mail.objects.due(timezone.now()).first()
    if row is None:
        return None
    time.sleep(0.001)
    Mail.objects.filter(pk=row.pk).update(state=State.SENDING, lease_until=timezone.now() + Mail.LEASE)
    return row


def claimed_in_parallel(claim, threads=4):
    claimed, start = [], threading.Barrier(threads)

    def work():
        start.wait()
        try:
            while row := claim():
                claimed.append(row.pk)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return claimed


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_parallel_senders_never_claim_the_same_mail():
    event = make_event()
    queue_mass("plain", event=event, occasion="one", people=[(f"p{n}@example.org", {}) for n in range(200)])

    claimed = claimed_in_parallel(claim_due)

    assert sorted(claimed) == sorted(event.mails.values_list("pk", flat=True))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_would_be_seen_without_the_guard():
    event = make_event()
    queue_mass("plain", event=event, occasion="one", people=[(f"p{n}@example.org", {}) for n in range(200)])

    claimed = claimed_in_parallel(unguarded_claim)

    assert len(claimed) > len(set(claimed))


# Operating it


def test_failed_mails_can_be_sent_again_under_their_id(server):
    server.script("rcpt", "550 5.1.1 no such user", first=1)
    row = send(write())

    count = send_again(Mail.objects.all())
    drain()

    assert count == 1
    sent = Mail.objects.get()
    assert (sent.state, sent.tries, sent.message_id) == (State.SENT, 1, row.message_id)


def test_sending_again_leaves_sent_and_waiting_mails_alone(server):
    event = make_event()
    send(write("sent@example.org", event=event))
    write("waiting@example.org", event=event)

    assert send_again(Mail.objects.all()) == 0


def test_the_status_counts_states_and_tells_the_oldest_that_waits(server):
    event = make_event()
    send(write("sent@example.org", event=event))
    write("waiting@example.org", event=event)
    Mail.objects.filter(state=State.WAITING).update(created_at=timezone.now() - timedelta(seconds=90))

    found = status()

    assert found == {"waiting": 1, "sending": 0, "sent": 1, "failed": 0, "oldest_waiting_seconds": 90}


def test_nothing_is_oldest_in_an_empty_outbox():
    assert status()["oldest_waiting_seconds"] is None
