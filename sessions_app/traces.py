"""What became of a session, a speaker or a room that isn't at an address any more, as the releases tell it."""

from dataclasses import dataclass

from portal.models import Event
from sessions_app.history import Mark, mark
from sessions_app.merging import Shown
from sessions_app.releases import family, newest_of_family


@dataclass(frozen=True)
class Removal:
    """The session as it was called last, and the release that took it off the program."""

    title: str
    number: int


def former(event: Event, kind: str, slug: str) -> str:
    """The uuid of the one of "sessions", "speakers" or "rooms" that stood there last; empty where none ever did."""
    return earlier_addresses(event).get(kind, {}).get(slug, "")


def earlier_addresses(event: Event) -> dict[str, dict[str, str]]:
    return event.releases.values_list("earlier_addresses", flat=True).first() or {}


def room_now(shown: Shown, slug: str) -> str:
    """Where the room that stood there last, of the event or else of a guest, is now; empty where it isn't in use any
    more."""
    earlier = dict(newest_of_family(shown.event).values_list("event", "earlier_addresses"))
    rooms = (
        release.program.room_by_uuid.get(earlier.get(event.pk, {}).get("rooms", {}).get(slug, ""))
        for event, release in family(shown.event)
    )
    addresses = (shown.agenda.slug_by_room.get(room.name, "") for room in rooms if room)
    return next(filter(None, addresses), "")


def removal_of(event: Event, uuid: str) -> Removal | None:
    for number, changes in event.releases.values_list("number", "changes"):
        for one in changes:
            if one["session"] == uuid and one["kind"] == "removed":
                return Removal(one["title"], number)
    return None


def news_of(event: Event, uuid: str) -> list[Mark]:
    """What the newest release changed of a session, for its own page: without its title."""
    newest = event.releases.values_list("number", "changes").first()
    if newest is None or newest[0] == 1:
        return []
    return [mark(event, one | {"title": ""}) for one in newest[1] if one["session"] == uuid and one["kind"] != "added"]
