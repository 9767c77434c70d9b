"""Workers killed like by a power cut while a release is mailed. The mail server's own record decides.

`make chaos` runs it large; as part of `make test` it is small. CHAOS_MAILS and CHAOS_KILLS set the size.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from django.utils import timezone

from portal.models import Event, Mail
from registration.models import Registration
from tests.factories import make_event, make_program, make_ticket_type
from tests.services import Process, Production, wait_until
from tests.smtp import Server, recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
MAILS = int(os.environ.get("CHAOS_MAILS", "150"))
KILLS = int(os.environ.get("CHAOS_KILLS", "3"))
CONCURRENCY = 2  # of Production.start_worker
State = Mail.State


@pytest.fixture
def post(production: Production) -> Iterator[Server]:
    with recording_server() as server:
        production.environment["EMAIL_URL"] = server.url
        yield server


def make_crowd(size: int) -> Event:
    event = make_event(slug="tutorial")
    make_program(event)
    ticket_type = make_ticket_type(event, capacity=size, taken=size)
    addresses = [f"person{number}@example.org" for number in range(size)]
    Registration.objects.bulk_create(
        Registration(
            event=event,
            ticket_type=ticket_type,
            name="Grace Hopper",
            email=address,
            email_key=address,
            state=Registration.State.CONFIRMED,
            verified_at=timezone.now(),
        )
        for address in addresses
    )
    return event


def kill(worker: Process) -> set[str]:
    """Kills the worker and its children, and gives the Message-IDs of the mails that were in their hands."""
    worker.kill()
    return set(Mail.objects.filter(state=State.SENDING).values_list("message_id", flat=True))


def end_leases() -> None:
    """Let the time pass until the mails of the dead are up again."""
    Mail.objects.filter(state=State.SENDING).update(lease_until=timezone.now())


def test_everybody_is_told_whatever_happens_to_the_workers(production: Production, post: Server) -> None:
    event = make_crowd(MAILS)
    moments = random.Random(7).sample(range(1, MAILS - 1), KILLS)
    in_doubt: set[str] = set()
    worker = production.start_worker()
    production.manage("release", "tutorial", "--stage", "tentative")

    for moment in sorted(moments):
        assert wait_until(lambda at=moment: len(post.taken) >= at, patience=120), worker.output  # type: ignore[misc]
        in_doubt |= kill(worker)
        end_leases()
        worker = production.start_worker()
        production.call("portal.tasks.sweep")

    began = time.monotonic()
    is_finished = wait_until(lambda: Mail.objects.filter(state=State.SENT).count() == MAILS, patience=180)
    seconds = time.monotonic() - began

    taken = Counter(str(one.message["Message-ID"]) for one in post.taken)
    repeated = {identity for identity, times in taken.items() if times > 1}
    told = Counter({one.recipients[0]: 0 for one in post.taken})
    told.update(address for address, _ in {(one.recipients[0], one.message["Message-ID"]) for one in post.taken})
    sys.stderr.write(
        f"\n{MAILS} mails, {KILLS} kills: {MAILS - len(told)} missing, {len(repeated)} of {len(in_doubt)} in doubt "
        f"sent twice, done {seconds:.0f} s after the last restart\n"
    )
    assert is_finished, worker.output
    assert told == Counter(event.registrations.values_list("email", flat=True))
    assert repeated <= in_doubt
    assert len(in_doubt) <= KILLS * CONCURRENCY
