"""What is public of an event's program: its releases. Public code reads the program here and nowhere else."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404

from portal.models import Event
from sessions_app.models import Release
from sessions_app.program import Item, Program


@dataclass(frozen=True)
class Published:
    """A release as pages, API and feeds read it."""

    number: int
    stage: str
    published_at: datetime
    note: str
    digest: str
    program: Program

    @property
    def is_final(self) -> bool:
        return self.stage == Release.Stage.FINAL


def latest(event: Event) -> Published | None:
    """The newest release, or None while there is none."""
    release = event.releases.first()
    return published(release) if release else None


def numbered(event: Event, number: int) -> Published:
    """Raises Http404 where there is no such release."""
    release = event.releases.filter(number=number).first()
    if release is None:
        raise Http404("There is no such release.")
    return published(release)


def published(release: Release) -> Published:
    program = Program.from_json(release.data)
    return Published(release.number, release.stage, release.published_at, release.note, release.digest, program)


def withdrawn(event: Event, release: Published) -> list[Item]:
    """Sessions that had a clock time in an earlier release and are gone in this one, as calendars are told of it:
    cancelled, with a higher revision, and without a room, since rooms belong to a release."""
    here = {item.uuid for item in release.program.items}
    found: dict[str, Item] = {}
    for data in event.releases.filter(number__lt=release.number).order_by("number").values_list("data", flat=True):
        found |= {item.uuid: item for item in Program.from_json(data).items if item.start and item.uuid not in here}
    return [
        replace(item, status="cancelled", sequence=item.sequence + 1, room="", speakers=()) for item in found.values()
    ]
