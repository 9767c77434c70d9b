"""What ties a person to sessions: starred ones, seats in labs, own talks. Sessions go by their uuid, as text."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from portal.mailings import Person
from portal.models import Event, Mail
from portal.text import address_key
from registration.bulletin import Bulletin, Changed
from registration.models import LabSeat, Registration, Star

AHEAD = 100  # registrations, whose mails a sender writes in about half a second
SEATS = {
    LabSeat.State.SEAT: "your lab seat",
    LabSeat.State.OFFERED: "a seat in this lab is held for you",
    LabSeat.State.WAITLISTED: "you wait for a seat in this lab",
    LabSeat.State.LOST: "your lab seat there has ended",
}


@dataclass(frozen=True)
class Concern:
    """Each session that means something to a person, with the words that say why: "your lab seat; you starred this"."""

    words: dict[str, str] = field(default_factory=dict)

    def changes(self, bulletin: Bulletin) -> list[tuple[Changed, str]]:
        """What changed about these sessions, in the order of the program."""
        return [(one, self.words[one.session]) for one in bulletin.changed if one.session in self.words]


def concern_of(mail: Mail, bulletin: Bulletin, registration: Registration | None) -> Concern:
    """What this mail's reader has starred, sits in or speaks in."""
    words: dict[str, list[str]] = {}
    for session in bulletin.talks.get(speaker_of(mail), ()):
        words.setdefault(session, []).append("your talk")
    if registration:
        if (Concern, registration.pk) not in mail.ahead:
            mail.ahead |= {(Concern, pk): ties for pk, ties in ties_from(registration.pk).items()}
        for session, why in mail.ahead[Concern, registration.pk]:
            words.setdefault(session, []).append(why)
    return Concern({session: "; ".join(parts) for session, parts in words.items()})


def ties_from(first: int) -> dict[int, list[tuple[str, str]]]:
    """The sessions of a registration, with why, and those of the next ones, since mails go out in their order."""
    span = range(first, first + AHEAD)
    ends = {"registration__gte": span[0], "registration__lte": span[-1]}
    found: dict[int, list[tuple[str, str]]] = {pk: [] for pk in span}
    for pk, uuid, state in LabSeat.objects.filter(**ends).values_list("registration", "lab__session", "state"):
        found[pk].append((str(uuid), SEATS[LabSeat.State(state)]))
    for pk, uuid in Star.objects.filter(**ends).values_list("registration", "session"):
        found[pk].append((str(uuid), "you starred this"))
    return found


def speaker_of(mail: Mail) -> str:
    """The uuid of the speaker that the reader is as well, if any."""
    speaker = mail.context.get("speaker")
    return str(mail.event.speakers.filter(pk=speaker).values_list("uuid", flat=True).first()) if speaker else ""


def concerned(registrations: QuerySet[Registration], sessions: Iterable[str]) -> QuerySet[Registration]:
    """Those of the registered who starred one of these sessions or have to do with its lab."""
    starred = Star.objects.filter(session__in=sessions).values("registration")
    seated = LabSeat.objects.filter(lab__session__in=sessions).values("registration")
    return registrations.filter(Q(pk__in=starred) | Q(pk__in=seated))


def speakers_by_address(event: Event) -> dict[str, int]:
    """The key of each speaker by the key of the address."""
    return {address_key(email): pk for pk, email in event.speakers.exclude(email="").values_list("pk", "email")}


def with_talks(event: Event, people: list[Person]) -> list[Person]:
    """With the speaker that each of them is as well, if any."""
    speakers = speakers_by_address(event)
    found = ((address, ids, speakers.get(address_key(address))) for address, ids in people)
    return [(address, ids | ({"speaker": speaker} if speaker else {})) for address, ids, speaker in found]
