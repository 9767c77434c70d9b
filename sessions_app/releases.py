"""What is public of an event's program: its releases. Public code reads the program here and nowhere else."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.http import Http404

from portal.models import Event
from sessions_app.models import Release
from sessions_app.models.releases import ReleaseQuerySet
from sessions_app.program import Item, Program, item_from_json

KEPT = 2000  # sessions, of all programs in memory together
programs: dict[str, Program] = {}  # read before, by the digest of their release


@dataclass(frozen=True)
class Published:
    """A release as pages, API and feeds read it. `withdrawn` are sessions that had a clock time in an earlier release
    and have none in this one, or are gone, as calendars are told of it: cancelled, with a higher revision and without
    a room. `earlier_starts` are the clock times that sessions had before they were last moved, by uuid. `event_print`
    is that of the event as it was then, empty where nobody remembers."""

    number: int
    stage: str
    published_at: datetime
    note: str
    digest: str
    program: Program
    withdrawn: tuple[Item, ...] = ()
    earlier_starts: Mapping[str, datetime] = field(default_factory=dict)
    event_print: str = ""

    @property
    def is_final(self) -> bool:
        return self.stage == Release.Stage.FINAL


def latest(event: Event) -> Published | None:
    """The newest release, or None while there is none."""
    release = with_text(event.releases.all()).first()
    return from_text(release) if release else None


def unreleased(event: Event) -> Published:
    """What there is before the first release, for calendars: the event itself, as it is now."""
    return Published(0, Release.Stage.TENTATIVE, event.changed_at, "", "", Program(event.timezone))


def numbered(event: Event, number: int) -> Published:
    """Raises Http404 where there is no such release."""
    release = with_text(event.releases.filter(number=number)).first()
    if release is None:
        raise Http404("There is no such release.")
    return from_text(release)


def family(host: Event) -> list[tuple[Event, Published]]:
    """The public events of a host, itself first, each with its newest release; without those that have none."""
    found = with_text(newest_of_family(host)).select_related("event")
    pairs = [
        (release.event, from_text(release))
        for release in found.order_by(F("event__starts_on").asc(nulls_first=True), "event__slug")
    ]
    return sorted(pairs, key=lambda pair: pair[0].pk != host.pk)


def newest_of_family(host: Event) -> QuerySet[Release]:
    return newest_of(Event.objects.public().filter(Q(pk=host.pk) | Q(host=host.pk)))


def newest_of(events: Iterable[Event]) -> ReleaseQuerySet:
    """The last of each of these events."""
    newest = Release.objects.filter(event=OuterRef("event")).order_by("-number").values("number")[:1]
    return Release.objects.filter(event__in=events, number=Subquery(newest))


def slugs(published: Published | None) -> dict[str, str]:
    """Where its sessions are, by uuid."""
    return {item.uuid: item.slug for item in published.program.items} if published else {}


def addressed(program: Program, slugs: dict[str, str]) -> Program:
    """An earlier program whose sessions stand where they are now, those that are gone nowhere."""
    items = tuple(replace(item, slug=slugs.get(item.uuid, "")) for item in program.items)
    return replace(program, items=items)


def published(release: Release) -> Published:
    return made_of(release, lambda: release.data)


def with_text(releases: QuerySet[Release]) -> QuerySet[Release]:
    """With their documents as text, which is read only if it hasn't been before."""
    return releases.defer("data", "changes", "earlier_addresses").annotate(text=Cast("data", TextField()))


def from_text(release: Release) -> Published:
    return made_of(release, lambda: json.loads(release.text))  # type: ignore[attr-defined]


def made_of(release: Release, read: Callable[[], dict[str, Any]]) -> Published:
    program = programs.get(release.digest)
    if program is None:
        program = programs[release.digest] = Program.from_json(read())
        while len(programs) > 1 and sum(len(one.items) for one in list(programs.values())) > KEPT:
            programs.pop(next(iter(programs)), None)
    gone = tuple(item_from_json(row) for row in release.withdrawn)
    starts = {uuid: datetime.fromisoformat(start) for uuid, start in release.earlier_starts.items()}
    said = (release.number, release.stage, release.published_at, release.note, release.digest)
    return Published(*said, program, gone, starts, release.event_print)


def print_of(event: Event) -> str:
    """Tells whether what calendars say of the event itself has changed; it is live."""
    said = [event.title, event.venue, str(event.starts_on), str(event.ends_on), event.contact_email]
    return sha256(json.dumps(said).encode()).hexdigest()[:16]
