"""What is listed of an event's materials. A session that isn't released in full doesn't show by its
materials either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet
from django.urls import reverse

from portal.access import NOBODY, Viewer
from portal.links import absolute
from portal.models import Event
from sessions_app import releases
from sessions_app.access import lock_on
from sessions_app.models import Material
from sessions_app.program import Item, Link
from sessions_app.releases import Published


@dataclass(frozen=True)
class Listed:
    """A material as the viewer sees it. `item` is its released session, None for one of the whole event; `lock` says
    why it can't be opened, empty when it can; `url` is its public address, which checks again."""

    material: Material
    item: Item | None
    lock: str
    url: str

    @property
    def session_title(self) -> str:
        return self.item.title if self.item else ""


def listed(event: Event, viewer: Viewer, now: datetime) -> list[Listed]:
    """The materials of the event and of its released sessions, the locked ones too; the event's first, then in the
    program's order."""
    return released(event, releases.latest(event), event.materials.all(), viewer, now)


def found(event: Event, uuid: UUID, viewer: Viewer, now: datetime) -> Listed | None:
    rows = event.materials.filter(uuid=uuid)
    return next(iter(released(event, releases.latest(event), rows, viewer, now)), None)


def attached(event: Event, published: Published, now: datetime) -> dict[str, list[Link]]:
    """What everybody may open now of each released session, by its uuid."""
    shown: dict[str, list[Link]] = {}
    for one in released(event, published, event.materials.all(), NOBODY, now):
        if one.item and not one.lock:
            shown.setdefault(one.item.uuid, []).append(Link(absolute(one.url), one.material.title))
    return shown


def released(
    event: Event, published: Published | None, rows: QuerySet[Material], viewer: Viewer, now: datetime
) -> list[Listed]:
    is_final = published is not None and published.is_final
    items = {item.uuid: item for item in published.program.items if item.is_full} if published else {}
    order = {uuid: place for place, uuid in enumerate(items)}
    shown = []
    for row in rows.annotate(session_uuid=F("session__uuid")):
        row.event = event
        session = str(row.session_uuid or "")
        if not session or session in items:
            lock = lock_on(row, viewer, now, is_final=is_final)
            shown.append((order.get(session, -1), Listed(row, items.get(session), lock, address_of(event, row))))
    return [one for _, one in sorted(shown, key=lambda pair: pair[0])]


def address_of(event: Event, material: Material) -> str:
    return reverse("sessions_app:material", args=[event.slug, material.uuid])


def opens_next(event: Event, now: datetime) -> datetime | None:
    """The moment until which what is listed now stays as it is, as far as the clock decides."""
    timed = event.materials.filter(opening=Material.Opening.AT_TIME, opens_at__gt=now)
    shown = released(event, releases.latest(event), timed, NOBODY, now) if timed.exists() else []
    return min((one.material.opens_at for one in shown if one.material.opens_at), default=None)
