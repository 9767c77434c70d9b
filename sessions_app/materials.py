"""What is listed of an event's materials. A session that isn't released doesn't show by its materials either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Min
from django.urls import reverse

from portal.access import Viewer
from portal.models import Event
from sessions_app import releases
from sessions_app.access import lock_on
from sessions_app.models import Material
from sessions_app.program import Item
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
    published = releases.latest(event)
    rows = materials_of(event, published)
    is_final = published is not None and published.is_final
    return [
        Listed(one, item, lock_on(one, viewer, now, is_final=is_final), address_of(event, one)) for one, item in rows
    ]


def found(event: Event, uuid: UUID, viewer: Viewer, now: datetime) -> Listed | None:
    return next((one for one in listed(event, viewer, now) if one.material.uuid == uuid), None)


def materials_of(event: Event, published: Published | None) -> list[tuple[Material, Item | None]]:
    items = {item.uuid: item for item in published.program.items} if published else {}
    order = {uuid: place for place, uuid in enumerate(items)}
    rows = []
    for material in event.materials.annotate(session_uuid=F("session__uuid")):
        material.event = event
        session = str(material.session_uuid) if material.session_uuid else None
        if session is None or session in items:
            rows.append((order.get(session or "", -1), material, items.get(session or "")))
    rows.sort(key=lambda row: row[0])
    return [(material, item) for _, material, item in rows]


def address_of(event: Event, material: Material) -> str:
    return reverse("sessions_app:material", args=[event.slug, material.uuid])


def opens_next(event: Event, now: datetime) -> datetime | None:
    """The moment until which what is listed now stays as it is, as far as the clock decides."""
    timed = event.materials.filter(opening=Material.Opening.AT_TIME, opens_at__gt=now)
    moment: datetime | None = timed.aggregate(next=Min("opens_at"))["next"]
    return moment
