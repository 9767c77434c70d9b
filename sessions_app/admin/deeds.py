"""What can be done to all ticked sessions at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.audit import note
from portal.models import Event
from sessions_app.drafts import program_of
from sessions_app.models import Session
from sessions_app.review import review

TOLD = 3  # new conflicts that are told one by one


@dataclass(frozen=True)
class Deed:
    """`values` are what the fields of the sessions become; `event` the one whose track or room it is."""

    group: str
    label: str
    name: str
    values: dict[str, Any] = field(hash=False)

    def __call__(self, model_admin: Any, request: HttpRequest, ticked: QuerySet[Session]) -> None:
        """As an action of the admin."""
        with transaction.atomic():
            conflicts = self.do(request, ticked)
        for one in conflicts[:TOLD]:
            messages.warning(request, one)
        if len(conflicts) > TOLD:
            messages.warning(request, f"And {len(conflicts) - TOLD} more new conflicts.")

    def do(self, request: HttpRequest, ticked: QuerySet[Session]) -> list[str]:
        """Set the values and log it. Gives the conflicts of time that come of it, where one event is listed."""
        event: Event | None = getattr(request, "edited", None)
        before = program_of(event) if event else None
        rows = list(ticked)
        Session.objects.filter(pk__in=[row.pk for row in rows]).update(**self.values)
        said = f"{self.group}: {self.label}."
        note(request, rows, said)
        messages.success(request, f"{said} {len(rows)} session{'' if len(rows) == 1 else 's'}.")
        return [one.text for one in review(before, program_of(event)).news] if event and before else []


def deeds(event: Event | None) -> Iterator[Deed]:
    """All there are; tracks and rooms only for the sessions of one event."""
    for value, label in Session.Visibility.choices:
        yield Deed("Made public", str(label), f"visibility-{value}", {"visibility": value})
    yield Deed("Status", "cancel", "cancel", {"status": Session.Status.CANCELLED})
    yield Deed("Status", "reinstate", "reinstate", {"status": Session.Status.PLANNED})
    if event:
        for track in event.tracks.all():
            yield Deed("Track", track.name, f"track-{track.pk}", {"track": track})
        yield Deed("Track", "none", "track-none", {"track": None})
        for room in event.rooms.all():
            yield Deed("Room", room.name, f"room-{room.pk}", {"room": room})
        yield Deed("Room", "the block's", "room-none", {"room": None})
