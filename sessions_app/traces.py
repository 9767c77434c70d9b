"""What became of a session, as the changes of the releases tell it."""

from dataclasses import dataclass

from portal.models import Event
from sessions_app.history import Mark, mark


@dataclass(frozen=True)
class Trace:
    """The session an address was of. `number` is the release that took it off the program, 0 if none did."""

    uuid: str
    title: str
    number: int


def trace(event: Event, slug: str) -> Trace | None:
    """None where no release ever had such a session."""
    found = None
    for number, changes in event.releases.order_by("number").values_list("number", "changes"):
        for one in changes:
            if one["slug"] == slug:
                found = Trace(one["session"], one["title"], number if one["kind"] == "removed" else 0)
    return found


def news_of(event: Event, uuid: str) -> list[Mark]:
    """What the newest release changed of a session."""
    newest = event.releases.values_list("number", "changes").first()
    if newest is None or newest[0] == 1:
        return []
    return [mark(event, one) for one in newest[1] if one["session"] == uuid and one["kind"] != "added"]
