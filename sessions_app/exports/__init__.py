"""A released program in the formats other programs read: pure functions to bytes."""

from collections.abc import Callable

from django.utils import timezone

from portal.models import Event
from sessions_app.exports import atom, c3voc, csv, frab, ical, sessionize
from sessions_app.history import history
from sessions_app.materials import attached
from sessions_app.releases import Published, unreleased

type Export = Callable[[Event, Published], bytes | None]


def releases(event: Event, published: Published) -> bytes:
    return atom.releases(event, history(event))


def frab_schedule(event: Event, published: Published) -> bytes | None:
    return frab.schedule(event, published, attached(event, published, timezone.now()))


def c3voc_schedule(event: Event, published: Published) -> bytes | None:
    return c3voc.schedule(event, published, attached(event, published, timezone.now()))


def exported(event: Event, published: Published | None, form: str) -> bytes | None:
    """The program in one of FORMATS; None while that has nothing to tell. Before the first release calendars have the
    days of the event."""
    known = published or (unreleased(event) if form == "ical" else None)
    return FORMATS[form][0](event, known) if known else None


def untimely(event: Event, published: Published | None) -> set[str]:
    """The names of the addresses below which there is nothing before the first release, or while the program lacks the
    clock times they tell."""
    has_dates = event.starts_on or (published and (published.program.days or published.withdrawn))
    found = set() if has_dates else {"schedule_ics"}
    if not published:
        return found | {"schedule_json", "schedule_xml", "schedule_csv", "sessionize"}
    return found if c3voc.days_of(published.program) else found | {"schedule_json", "schedule_xml"}


# By the name `export_event --format` takes: what makes it, and its media type. None is made while the program
# doesn't have the clock times the format needs.
FORMATS: dict[str, tuple[Export, str]] = {
    "ical": (ical.calendar, ical.MEDIA_TYPE),
    "frab": (frab_schedule, frab.MEDIA_TYPE),
    "c3voc": (c3voc_schedule, c3voc.MEDIA_TYPE),
    "csv": (csv.schedule, csv.MEDIA_TYPE),
    "sessionize": (sessionize.schedule, sessionize.MEDIA_TYPE),
    "atom": (releases, atom.MEDIA_TYPE),
}
NAME_MATERIALS = {"frab", "c3voc"}  # these change when a material opens
