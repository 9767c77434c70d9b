"""What of the program is somebody's own: lab seats, stars, and the calendar made of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.models import Event
from registration import seating
from registration.models import LabSeat, Registration, Star
from sessions_app.exports import ical
from sessions_app.program import Item
from sessions_app.releases import Published, unreleased

MOST = 1000  # stars taken over at a time
UUID_TEXT = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """A session of somebody's own. `item` is None where it has left the program."""

    uuid: UUID
    item: Item | None
    when: str


@dataclass(frozen=True)
class LabChoice(Choice):
    """With the seat or place there, and how many are ahead."""

    seat: LabSeat
    ahead: int
    held_until: str


def lab_seats(registration: Registration, release: Published | None) -> list[LabChoice]:
    """Seats, offers, places in line, and seats lost with their session."""
    rows = list(registration.lab_seats.select_related("lab"))
    items = {item.uuid: item for item in release.program.items} if release and rows else {}
    own = {str(seat.lab.session) for seat in rows if seat.state != LabSeat.State.LOST}
    others = seating.clashes([item for uuid, item in items.items() if uuid in own])
    return [lab_seat(seat, items, others.get(str(seat.lab.session), [])) for seat in rows]


def lab_seat(seat: LabSeat, items: dict[str, Item], others: Sequence[str]) -> LabChoice:
    one = choice(seat.event, seat.lab.session, items, others)
    return LabChoice(one.uuid, one.item, one.when, seat, seating.ahead_of(seat), seating.held_until(seat))


def starred(registration: Registration, release: Published | None) -> list[Choice]:
    """In the order of the program."""
    stars = {str(uuid) for uuid in registration.stars.values_list("session", flat=True)}
    items = {item.uuid: item for item in release.program.items if item.uuid in stars} if release else {}
    return [choice(registration.event, UUID(uuid), items) for uuid in items]


def choice(event: Event, uuid: UUID, items: dict[str, Item], others: Sequence[str] = ()) -> Choice:
    item = items.get(str(uuid))
    return Choice(uuid, item, seating.when(item, event, others) if item else "")


def star(registration: Registration, uuids: str) -> None:
    """Take over the uuids in this text; what isn't in the program is shown nowhere."""
    found = dict.fromkeys(UUID(text) for text in UUID_TEXT.findall(uuids)[:MOST])
    Star.objects.bulk_create((Star(registration=registration, session=uuid) for uuid in found), ignore_conflicts=True)


def unstar(registration: Registration, uuids: str) -> None:
    registration.stars.filter(session__in=UUID_TEXT.findall(uuids)[:MOST]).delete()


def calendar(registration: Registration, release: Published | None) -> bytes | None:
    """None while neither clock times nor days are known."""
    event = registration.event
    share = (event, release, chosen(registration, release)) if release else (event, unreleased(event), ())
    return ical.personal(share, name=f"{event.title}, yours", uid=f"person-{registration.uuid}")


def chosen(registration: Registration, release: Published) -> Sequence[Item]:
    """What somebody starred or has a lab seat in; the whole program while that is nothing. What of it is off stays, so
    that calendars strike it."""
    items = (*release.program.items, *release.withdrawn)
    seats = list(registration.lab_seats.values_list("lab__session", "state"))
    stars = {str(uuid) for uuid in registration.stars.values_list("session", flat=True)}
    own = stars | {str(uuid) for uuid, state in seats if state == LabSeat.State.SEAT}
    lost = {str(uuid) for uuid, state in seats if state == LabSeat.State.LOST}
    if not own:
        return items
    return [item for item in items if item.uuid in own or (item.uuid in lost and item.status == "cancelled")]
