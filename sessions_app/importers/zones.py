"""The zone of a file's clock times: asked for, said by the file, the event's own, or at least an offset."""

from collections.abc import Iterable

from sessions_app.importers.entries import Gathered
from sessions_app.importers.report import Known, Place
from sessions_app.importers.times import zone_named, zone_of

NOT_NAMED = "No time zone by its full name, such as Europe/Berlin. --timezone sets it."
ONLY_OFFSET = "The file has no time zone, only an offset: {}. --timezone names the zone."
NO_ZONE = "The file has no time zone: its clock times are read as UTC. The event’s or --timezone goes before."


def chosen(found: Gathered, known: Known, named: str, where: Place, *, moments: Iterable[str] = ()) -> str:
    """`named` is what the file says, `moments` are its times as text. Tells what is doubtful."""
    said = zone_named(named)
    if named and not said and not known.timezone:
        found.remark(where, NOT_NAMED, named)
    sure = known.timezone or said or known.event_timezone
    fixed = "" if sure else zone_of(moments)
    if fixed:
        found.remark(where, ONLY_OFFSET.format(fixed))
    elif not sure:
        found.remark(where, NO_ZONE)
    return sure or fixed or "UTC"
