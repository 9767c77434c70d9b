"""Mail through a real broker, real worker processes and a real mail server."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.models import Event, Mail
from registration import timer
from registration.notices import release_program
from tests import smtp
from tests.factories import make_event, make_program, make_registration, make_ticket_type
from tests.services import Production, wait_until
from tests.smtp import Server, recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def post(production: Production) -> Iterator[Server]:
    """The mail server that the processes send by. The scheduler looks for mails sooner than in production."""
    with recording_server() as server:
        production.environment |= {"EMAIL_URL": server.url, "MAIL_SWEEP": "2"}
        yield server


@pytest.fixture
def event() -> Event:
    """A tutorial with a program and twelve registered people."""
    event = make_event(slug="tutorial")
    make_program(event)
    make_ticket_type(event, capacity=100)
    for number in range(12):
        make_registration(event, f"person{number}@example.org")
    return event


def everybody(event: Event) -> Counter[str]:
    return Counter(event.registrations.values_list("email", flat=True))


def test_a_release_by_command_reaches_everybody_once(production: Production, post: Server, event: Event) -> None:
    worker = production.start_worker()

    said = production.manage("release", "tutorial", "--stage", "tentative")

    assert wait_until(lambda: len(post.recipients) == 12), worker.output
    assert Counter(post.recipients) == everybody(event)
    assert said == "release 1 (tentative): 3 added, 0 moved, 0 removed; 12 mails\n"
    assert wait_until(lambda: Mail.objects.filter(state=Mail.State.SENT).count() == 12)


def test_the_scheduler_makes_good_for_a_message_that_never_came(
    production: Production, post: Server, event: Event
) -> None:
    _, queued = release_program(event, "tentative")  # by this process, which has no broker to ring at
    worker = production.start_worker()

    production.start_scheduler()

    assert queued == 12
    assert wait_until(lambda: len(post.recipients) == 12, patience=60), worker.output
    assert Counter(post.recipients) == everybody(event)


def test_a_worker_that_is_told_to_stop_finishes_the_mail_in_hand_and_leaves_the_rest(
    production: Production, post: Server, event: Event
) -> None:
    post.script("data", smtp.SLOW)
    for number in range(12, 100):
        make_registration(event, f"person{number}@example.org")
    worker = production.start_worker()
    production.manage("release", "tutorial", "--stage", "tentative")
    assert wait_until(lambda: bool(post.taken)), worker.output

    status = worker.stop()

    assert status == 0
    sent = set(Mail.objects.filter(state=Mail.State.SENT).values_list("message_id", flat=True))
    assert {taken.message["Message-ID"] for taken in post.taken} == sent
    assert not Mail.objects.filter(state=Mail.State.SENDING).exists()
    assert Mail.objects.filter(state=Mail.State.WAITING).exists()


def test_a_mail_for_somebody_who_waits_overtakes_a_release(production: Production, post: Server, event: Event) -> None:
    release_program(event, "tentative")
    first = Mail.objects.order_by("pk")[0]
    urgent = Mail.objects.get(pk=first.pk)
    urgent.pk, urgent.kind, urgent.address, urgent.is_urgent = None, "confirm", "waiting@example.org", True
    urgent.address_key = urgent.address
    urgent.context = {"registration": make_registration(event, urgent.address).pk}
    urgent.message_id = Mail.new_message_id()
    urgent.save(force_insert=True)

    production.start_worker()
    production.call("portal.tasks.sweep")

    assert wait_until(lambda: len(post.recipients) == 13)
    assert post.recipients.index("waiting@example.org") < 2  # another sender may have claimed one at that moment


def test_the_scheduler_releases_at_the_set_time_once_and_tells_everybody(
    production: Production, post: Server, event: Event
) -> None:
    timer.set_time(event, timezone.now() + timedelta(seconds=2), "final")
    workers = [production.start_worker(), production.start_worker()]

    for _ in range(2):
        production.start_scheduler()

    assert wait_until(lambda: len(post.recipients) == 12, patience=90), workers[0].output
    assert [release.stage for release in event.releases.all()] == ["final"]
    assert Counter(post.recipients) == everybody(event)
    assert [timed.state for timed in event.timed_releases.all()] == ["done"]
