"""What is public of an event's program: its releases. Public code reads the program here and nowhere else."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from portal.models import Event
from sessions_app.models import Release
from sessions_app.program import Item, Program, item_from_json


@dataclass(frozen=True)
class Published:
    """A release as pages, API and feeds read it. `withdrawn` are sessions that had a clock time in an earlier release
    and are gone in this one, as calendars are told of it: cancelled, with a higher revision and without a room."""

    number: int
    stage: str
    published_at: datetime
    note: str
    digest: str
    program: Program
    withdrawn: tuple[Item, ...] = ()

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
    gone = tuple(item_from_json(row) for row in release.withdrawn)
    return Published(release.number, release.stage, release.published_at, release.note, release.digest, program, gone)
