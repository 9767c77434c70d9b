import logging
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from portal import delivery
from portal.bell import bell
from portal.delivery import claim_due, drain
from portal.mail import queue, send_again, status
from portal.models import Mail
from tests.factories import make_event
from tests.portal.outbox import by_own_clock, crowd, let_pass, send, write, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
State = Mail.State
HOURS = timedelta(hours=3)
LEASE, SECOND = timedelta(seconds=settings.MAIL_LEASE), timedelta(seconds=1)


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


# Waking workers


def test_workers_are_woken_once_a_transaction(django_capture_on_commit_callbacks):
    event = make_event()

    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        queue("plain", event=event, address="ada@example.org", occasion="one")
        queue("plain", event=event, address="bob@example.org", occasion="one")

    assert callbacks == [bell.ring]


def test_a_dead_broker_neither_fails_nor_delays_the_request(monkeypatch, caplog, django_capture_on_commit_callbacks):
    bell.silent_until = bell.heard_at = 0
    waits = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits.append)

    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        row = write("ada@example.org")

    assert sum(waits) == 0
    assert row.state == State.WAITING
    assert [record.getMessage() for record in caplog.records] == [
        "No worker could be woken (OperationalError); the sweep will send the mails."
    ]
    assert "ada@example.org" not in caplog.text


def test_after_a_failure_the_bell_stays_silent_for_a_while(caplog):
    bell.silent_until = bell.heard_at = 0

    bell.ring()
    bell.ring()

    assert len(caplog.records) == 1


# Claiming


def test_urgent_mail_goes_before_mass_mail():
    event = make_event()
    write_to("mass@example.org", event=event)
    queue("plain", event=event, address="urgent@example.org", occasion="one")

    claimed = [claim_due().address, claim_due().address, claim_due()]

    assert claimed == ["urgent@example.org", "mass@example.org", None]


def test_a_claim_is_a_lease():
    row = write()

    claimed = claim_due()

    assert (claimed.pk, claimed.state, claimed.tries) == (row.pk, State.SENDING, 1)
    assert claimed.lease_until - claimed.changed_at == LEASE
    let_pass(LEASE - SECOND)
    assert claim_due() is None
    let_pass(SECOND)
    assert claim_due().tries == 2


def test_what_is_not_due_yet_is_not_claimed():
    row = write()
    let_pass(-timedelta(minutes=1))

    assert claim_due() is None
    let_pass(timedelta(minutes=1))
    assert claim_due().pk == row.pk


def test_the_next_mail_is_found_by_an_index():
    write_to(*crowd(1000), event=make_event())
    explain = {"postgresql": "EXPLAIN", "sqlite": "EXPLAIN QUERY PLAN"}[connection.vendor]

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"{explain} {delivery.claiming('')}", [settings.MAIL_LEASE, 0])
        plan = str(cursor.fetchall())

    assert [word in plan for word in ("mail_due", "Sort", "B-TREE")] == [True, False, False]


def unguarded_claim():
    """Claiming without the condition in the UPDATE: what the guard protects from."""
    row = Mail.objects.filter(state=State.WAITING).first()
    if row is None:
        return None
    time.sleep(0.001)
    Mail.objects.filter(pk=row.pk).update(state=State.SENDING, lease_until=timezone.now() + LEASE)
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
    write_to(*crowd(200), event=event)

    claimed = claimed_in_parallel(claim_due)

    assert sorted(claimed) == sorted(event.mails.values_list("pk", flat=True))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_race_would_be_seen_without_the_guard():
    event = make_event()
    write_to(*crowd(200), event=event)

    claimed = claimed_in_parallel(unguarded_claim)

    assert len(claimed) > len(set(claimed))


# Clocks


@pytest.fixture
def own_clocks(monkeypatch):
    """Without the guard: senders go by their own clocks."""
    monkeypatch.setattr(delivery, "from_now", by_own_clock)
    monkeypatch.setattr(delivery, "claiming", delivery.claiming.__wrapped__)


def claimed_by_who_is_off(by):
    """By a machine whose clock is off, which writes a mail too: one is in another's hand, one waits."""
    event = make_event()
    write("in-hand@example.org", event=event)
    claim_due()
    write("waits@example.org", event=event)
    with time_machine.travel(timezone.now() + by):
        write("new@example.org", event=event)
        return [mail.address for mail in iter(claim_due, None)]


@pytest.mark.parametrize("by", [HOURS, -HOURS])
def test_a_machine_whose_clock_is_off_takes_what_waits_and_no_more(by):
    assert claimed_by_who_is_off(by) == ["waits@example.org", "new@example.org"]


@pytest.mark.usefixtures("own_clocks")
def test_by_its_own_clock_one_that_is_ahead_would_send_what_another_is_sending():
    assert "in-hand@example.org" in claimed_by_who_is_off(HOURS)


@pytest.mark.usefixtures("own_clocks")
def test_by_its_own_clock_one_that_is_behind_would_send_nothing():
    assert claimed_by_who_is_off(-HOURS) == []


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

    assert {name: figure for name, figure in found.items() if figure} == {
        "waiting": 1,
        "sent": 1,
        "oldest_waiting_seconds": 90,
        "sent_per_second": 0.02,
    }


def test_nothing_is_oldest_in_an_empty_outbox():
    assert status()["oldest_waiting_seconds"] is None
