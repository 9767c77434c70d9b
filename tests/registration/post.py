"""A mail of each kind that there is, on its way to one person."""

from datetime import timedelta

from django.utils import timezone

from portal.mail import queue
from portal.models import Event
from registration import announcements, digests, proofs, transfers
from registration.models import Announcement, Follower, Lab, Registration
from registration.notices import release_program
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_lab_seat,
    make_material,
    make_registration,
    make_session,
    make_speaker,
    make_star,
)
from tests.registration.letterbox import HELD, START

ADA = "ada@example.org"
SHORT = ("confirm", "confirmed", "waitlisted", "promoted", "cancelled", "again", "awaiting", "declined", "lapsed")


def post_all(text: str) -> Event:
    """Each field that others than the organizers of the event may have filled holds this text."""
    event = make_event(title=text[:200], venue=text[:200], final_program_due=timezone.localdate() + timedelta(days=1))
    transfers.begin(make_registration(event, "bob@example.org"), name=text[:200], email=ADA)
    speaker = make_speaker(event, text[:200])
    session = make_session(make_block(event, start=START), text[:250], speakers=(speaker,))
    ada = make_registration(event, ADA, name=text[:200], hold_until=HELD, place=1)
    make_star(ada, session)
    release_program(event, "tentative", is_mailed=False)
    session.title = f"New: {text}"[:250]
    session.save()
    proofs.send(event, "tentative", "", ADA)
    release_program(event, "tentative")
    announce(event)
    post_short(event, ada, make_lab(event, session))
    post_to_organizers(event)
    return event


def announce(event: Event) -> None:
    row = Announcement.objects.create(
        event=event,
        subject="{name}, {event}",
        text="{name} {event} {when} {where} {ticket} {session} {sessions} {link}",
    )
    announcements.send(row)
    material = make_material(event, title=event.title)
    digests.tell(event, [str(material.uuid)], timezone.now())


def post_short(event: Event, ada: Registration, lab: Lab) -> None:
    """What answers something that somebody did."""
    make_lab_seat(ada, lab, hold_until=HELD)
    ids = {"registration": ada.pk}
    follower = Follower.objects.create(event=event, email=ADA)
    for kind in (*SHORT, "link", "passed_on"):
        queue(kind, event=event, address=ADA, occasion="test", context=ids)
    for kind in ("lab_seat", "lapsed"):
        queue(kind, event=event, address=ADA, occasion="lab", context=ids | {"lab": lab.pk})
    queue("follow", event=event, address=ADA, occasion="test", context={"follower": follower.pk})


def post_to_organizers(event: Event) -> None:
    stopped = event.mailings.create(kind="x", occasion="x", title=event.title, category="news", state="stopped")
    timed = event.timed_releases.create(stage="final", at=timezone.now(), state="failed", reason="Nothing changed.")
    lapsed = event.announcements.create(subject=event.title[:150], text="Hello", state="lapsed", reason="Nobody.")
    queue("stopped", event=event, address=ADA, occasion="test", context={"mailing": stopped.pk})
    queue("unreleased", event=event, address=ADA, occasion="test", context={"timed": timed.pk})
    queue("unsent", event=event, address=ADA, occasion="test", context={"announcement": lapsed.pk})
    queue("due", event=event, address=ADA, occasion="test")
