"""The mail of a release before there is one: as some of its people would read it, and for organizers to try."""

from dataclasses import replace

from django.utils import timezone

from portal.mail import Letter, MailError, queue
from portal.mailings import Person
from portal.models import Event, Mail
from registration import audiences, notices
from registration.bulletin import Bulletin, whole
from registration.circulars import release_letter
from registration.concerns import concerned, with_talks
from sessions_app.publishing import Preview, draw_up, preview

KINDS = {"registration": "somebody who is registered", "follower": "a follower", "speaker": "a speaker"}


def letters(event: Event, stage: str, note: str) -> list[tuple[str, Letter]]:
    """What a few of those who would get it read, each after what its reader is. Raises MailError."""
    seen = preview(event)
    bulletin = bulletin_of(event, seen, stage, note)
    people = readers(event, stage, seen)
    return [(kind_of(reader), letter_for(event, bulletin, reader)) for reader in people]


def readers(event: Event, stage: str, seen: Preview, size: int = 3) -> list[Person]:
    """A few of those who would get it; first of the registered is one whom it concerns."""
    reach = notices.reach_of(event, stage, seen)
    people = notices.groups(event, reach)
    first = {"registration": concerned(people["registration"], reach.changed)} if "registration" in people else {}
    found = dict(audiences.sample(first, 1)) | dict(audiences.sample(people, size))
    return with_talks(event, list(found.items())[:size])


def kind_of(reader: Person) -> str:
    """What the reader is, without a name: who releases a program needn't be one who may see registrations."""
    return next(words for name, words in KINDS.items() if name in reader[1])


def bulletin_of(event: Event, seen: Preview, stage: str, note: str) -> Bulletin:
    """Of the release that the draft would become now. Raises MailError."""
    if not seen.program.items:
        raise MailError("The program has no sessions to show.")
    return whole(event, draw_up(event, seen, stage, note=note))


def letter_for(event: Event, bulletin: Bulletin, reader: Person) -> Letter:
    """The letter this person would get, without the links that are theirs alone."""
    address, ids = reader
    row = Mail(pk=0, event=event, kind="proof", address=address, context=ids, is_urgent=False)
    return release_letter(row, bulletin, is_proof=True)


def send(event: Event, stage: str, note: str, address: str) -> None:
    """To an organizer, as the first of its readers would get it."""
    first = readers(event, stage, preview(event), 1)
    context = (first[0][1] if first else {}) | {"stage": stage, "note": note}
    queue("proof", event=event, address=address, occasion=f"{timezone.now():%Y%m%d%H%M%S%f}", context=context)


def proof(mail: Mail) -> Letter:
    bulletin = bulletin_of(mail.event, preview(mail.event), mail.context["stage"], mail.context["note"])
    letter = release_letter(mail, bulletin, is_proof=True)
    return replace(letter, subject=f"Test: {letter.subject}", unsubscribe="")
