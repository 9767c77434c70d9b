"""What the chaos tests share: a crowd to write to, quick settings, and the mail server as the witness."""

import os
import random
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from portal.models import Event, Mail
from registration.models import Admission, Registration
from tests.factories import make_event, make_program, make_ticket_type
from tests.services import Process, Production, wait_until
from tests.smtp import Server

MAILS = int(os.environ.get("CHAOS_MAILS", "120"))
ROUNDS = int(os.environ.get("CHAOS_KILLS", "3"))
SEED = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(10_000)))
IS_FULL = "CHAOS_MAILS" in os.environ
in_full_only = pytest.mark.skipif(not IS_FULL, reason="takes its time; part of make chaos")
PATIENCE = 300 if IS_FULL else 120
SOON = 120  # seconds after the last restart, within which all is to be sent
CONCURRENCY = 2  # of Production.start_worker
State = Mail.State
QUICK = {  # the same rules as in production, with less time between them
    "MAIL_LEASE": "8",
    "MAIL_SWEEP": "2",
    "MAIL_FIRST_GAP": "1",
    "MAIL_LONGEST_GAP": "2",
    "MAIL_TRIES": "1000",
    "MAIL_LOST_PERCENT": "100",
}


@dataclass
class Scene:
    """A release on its way to a crowd, and what stands around it."""

    production: Production
    post: Server
    event: Event
    workers: list[Process] = field(default_factory=list)
    scheduler: Process | None = None
    in_doubt: set[str] = field(default_factory=set)
    luck: random.Random = field(default_factory=lambda: random.Random(SEED))

    def start(self, workers: int = 1, *, without: str = "", clocks: Iterable[int] = ()) -> None:
        """Starts the processes. `without` names the guard that is switched off, `clocks` how many hours those of
        further workers are ahead."""
        self.production.environment |= QUICK | {"EMAIL_URL": f"{self.post.url}?timeout=2"}
        if without or clocks:
            self.production.environment |= {
                "DJANGO_SETTINGS_MODULE": "tests.chaos.switched",
                "SWITCHED_OFF": without,
            }
        self.workers = [self.production.start_worker() for _ in range(workers)]
        for hours in clocks:
            self.production.environment["CLOCK_AHEAD_BY"] = str(hours)
            self.workers.append(self.production.start_worker())
        self.production.environment["CLOCK_AHEAD_BY"] = "0"
        self.scheduler = self.production.start_scheduler()

    def release(self) -> None:
        self.production.manage("release", self.event.slug, "--stage", "tentative")

    def wait_for(self, mails: int) -> bool:
        return wait_until(lambda: len(self.post.taken) >= mails, patience=PATIENCE, every=0.01)

    def kill_worker(self) -> None:
        """As a power cut would; what was in hand may be sent again."""
        self.workers.pop().kill()
        self.in_doubt |= set(Mail.objects.filter(state=State.SENDING).values_list("message_id", flat=True))
        self.workers.append(self.production.start_worker())

    def is_done(self, patience: float = PATIENCE) -> bool:
        """What has ended is started again, as by a process manager: a Celery worker that loses its broker at the wrong
        moment ends."""
        open_mails = self.event.mails.filter(state__in=[State.WAITING, State.SENDING])
        return wait_until(lambda: not (self.restart_ended() or open_mails.exists()), patience, every=0.2)

    def restart_ended(self) -> int:
        """How many workers."""
        ended = [one for one in self.workers if one.child.poll() is not None]
        self.workers = [self.production.start_worker() if one in ended else one for one in self.workers]
        return len(ended)


@dataclass(frozen=True)
class Testimony:
    """What the mail server saw: whom it was sent nothing for, and which mails it was sent more than once."""

    missing: set[str]
    unexpected: set[str]
    repeated: set[str]  # Message-IDs
    renamed: set[str]  # addresses that got mails under several Message-IDs


def witness(scene: Scene, expected: set[str] | None = None) -> Testimony:
    expected = set(scene.event.registrations.values_list("email", flat=True)) if expected is None else expected
    seen = [(one.recipients[0], str(one.message["Message-ID"])) for one in scene.post.taken]
    times = Counter(identity for _, identity in seen)
    names = Counter(address for address, _ in set(seen))
    told = set(names)
    return Testimony(
        missing=expected - told,
        unexpected=told - expected,
        repeated={identity for identity, count in times.items() if count > 1},
        renamed={address for address, count in names.items() if count > 1},
    )


def say(text: str) -> None:
    sys.stderr.write(f"\n[seed {SEED}] {text}\n")


def make_crowd(size: int, names: str = "person") -> Event:
    event = make_event(slug="tutorial")
    make_program(event)
    ticket_type = make_ticket_type(event, capacity=size, taken=size)
    Admission.objects.filter(event=event).update(taken=size)
    kinds = names.split()
    addresses = [f"{kinds[number % len(kinds)]}{number}@example.org" for number in range(size)]
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
