"""iCalendar (RFC 5545 and 7986): the same bytes as a feed to subscribe to and as the attachment of mails.

Times are in UTC, which every reader understands; stamps are the release's or, once the event's venue or the like has
changed, that change's, so that calendars take what is new and the file never changes by itself. A session has the same
UID in every calendar, and keeps it wherever the portal moves.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain

from django.urls import reverse
from icalendar import Calendar, vCalAddress, vText
from icalendar import Event as Entry

from portal.links import absolute
from portal.models import Event
from portal.text import clean_line, excerpt, plain, shortened
from sessions_app.program import Item
from sessions_app.releases import Published, print_of

MEDIA_TYPE = "text/calendar; charset=utf-8"
PUBLISHED = "text/calendar; method=PUBLISH; charset=utf-8"
REFRESH = timedelta(hours=1)
LONGEST_TEXT = 2000
COLORS = {
    "lagoon": "teal",
    "prussian": "steelblue",
    "indigo": "slateblue",
    "plum": "purple",
    "madder": "brown",
    "umber": "chocolate",
    "moss": "olivedrab",
    "pine": "seagreen",
}  # the hues of tokens.css by the names of CSS, which the format wants

type Share = tuple[Event, Published, Sequence[Item]]  # some sessions of an event


def calendar(event: Event, published: Published, *, is_brief: bool = False) -> bytes | None:
    """The sessions that have clock times, and as cancelled those withdrawn from earlier releases; while there are
    none, the days of the event; None if those are open too. A brief calendar leaves out texts."""
    moment, zone = stamp(event, published), published.program.timezone
    found = envelope(event, moment, zone, event.title, f"event-{identity(event)}")
    locate(found, reverse("sessions_app:schedule_ics", args=[event.slug]))
    return joined(found, entries_of_event(event, published, is_brief=is_brief))


def merged(host: Event, family: list[tuple[Event, Published]]) -> bytes | None:
    """The calendars of a host event and of those that belong to it, as one."""
    moment = max((stamp(event, published) for event, published in family), default=host.created_at)
    zones = {event.pk: published.program.timezone for event, published in family}
    zone = zones.get(host.pk, host.timezone)
    found = envelope(host, moment, zone, f"{host.title}, all events", f"family-{identity(host)}")
    locate(found, reverse("sessions_app:merged_ics", args=[host.slug]))
    return joined(found, (entry for event, published in family for entry in entries_of_event(event, published)))


def session(event: Event, published: Published, item: Item) -> bytes | None:
    """None while it has no clock time."""
    title = f"{item.title} · {event.title}"
    found = envelope(event, stamp(event, published), published.program.timezone, title, f"calendar-{item.uuid}")
    locate(found, reverse("sessions_app:session_ics", args=[event.slug, item.slug]))
    return joined(found, entries_of((event, published, [item])))


def personal(share: Share, *, name: str, uid: str) -> bytes | None:
    """What somebody has chosen, which takes up the time of its owner; while none of it has a clock time, the days of
    the event; None if those are open too. It doesn't say its own address, which is a secret."""
    event, published, items = share
    found = envelope(event, stamp(event, published), published.program.timezone, name, uid)
    return joined(found, chain(entries_of_days(event, published, items), entries_of(share, is_opaque=True)))


def joined(found: Calendar, entries: Iterable[Entry]) -> bytes | None:
    """Entry by entry: a thousand of them as objects would take ten times the memory of their text. The method is one of
    entries that all name their organizer (RFC 5546)."""
    texts = [entry.to_ical(sorted=False) for entry in entries]
    if all(b"\r\nORGANIZER" in text for text in texts):
        found.add("method", "PUBLISH")
    head, end, _ = found.to_ical(sorted=False).rpartition(b"END:VCALENDAR\r\n")
    return b"".join([head, *texts, end]) if texts else None


def media_type(calendar: bytes) -> str:
    """With the method that the calendar has, which has to be the same."""
    return PUBLISHED if b"\r\nMETHOD:PUBLISH\r\n" in calendar else MEDIA_TYPE


def envelope(event: Event, moment: datetime, zone: str, name: str, uid: str) -> Calendar:
    """`zone` is that of the release, which has the times; the event may have got another since."""
    found = Calendar()
    found.add("prodid", "-//Lectern//Program//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("uid", uid)
    for title in ("name", "x-wr-calname"):
        found.add(title, vText(clean_line(name)))  # as such, or its commas and semicolons wouldn't be escaped
    found.add("x-wr-timezone", zone)
    if event.overview:
        found.add("description", excerpt(event.overview))
    found.add("url", absolute(event.get_absolute_url()))
    found.add("color", COLORS.get(event.hue, COLORS["prussian"]))
    found.add("last-modified", moment)
    found.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    return found


def locate(found: Calendar, path: str) -> None:
    """Where the newest state of this calendar is."""
    found.add("source", absolute(path), parameters={"value": "URI"})


def identity(event: Event) -> str:
    """The event's own for ever, in all portals: its slug and the portal's address may change."""
    return f"{event.pk}-{event.created_at:%Y%m%d%H%M%S%f}"


def entries_of_event(event: Event, published: Published, *, is_brief: bool = False) -> Iterator[Entry]:
    yield from entries_of_days(event, published, published.program.items)
    yield from entries_of((event, published, published.program.items), is_brief=is_brief)
    yield from entries_of((event, published, published.withdrawn))


def entries_of_days(event: Event, published: Published, items: Sequence[Item]) -> Iterator[Entry]:
    """While none of these sessions has a clock time; those withdrawn have none any more."""
    timed = {item.uuid for item in items if item.start}
    if event.starts_on and timed <= {item.uuid for item in published.withdrawn}:
        yield entry_of_days(event, published)


def entries_of(share: Share, *, is_brief: bool = False, is_opaque: bool = False) -> Iterator[Entry]:
    """Sessions without a clock time have none."""
    event, published, items = share
    for item in items:
        if item.start:
            entry = entry_of(event, published, item, is_brief=is_brief)
            entry.add("transp", "OPAQUE" if is_opaque else "TRANSPARENT")
            yield entry


def entry_of(event: Event, published: Published, item: Item, *, is_brief: bool) -> Entry:
    program = published.program
    entry = new_entry(event, published, f"session-{item.uuid}@lectern", item.sequence)
    entry.add("dtstart", item.start)
    entry.add("dtend", item.end)
    entry.add("summary", clean_line(item.title))
    entry.add("location", location(program.room_name(item), event.venue))
    entry.add("status", status(published, item))
    if item.status != "cancelled":
        link = absolute(reverse("sessions_app:session", args=[event.slug, item.slug]))
        entry.add("url", link)
        if not is_brief:
            entry.add("description", description(published, item, link))
            entry.add("categories", [program.track_name(item) or item.kind])
    return entry


def entry_of_days(event: Event, published: Published) -> Entry:
    """The event as a whole, by date only. Its revision is the event's version: the days aren't released."""
    first, last = event.starts_on, event.ends_on or event.starts_on
    assert first and last
    entry = new_entry(event, published, f"event-{identity(event)}@lectern", event.version)
    entry.add("dtstart", first)
    entry.add("dtend", last + timedelta(days=1))
    entry.add("summary", clean_line(event.title))
    entry.add("location", location(event.venue))
    entry.add("status", "TENTATIVE")
    entry.add("transp", "TRANSPARENT")
    entry.add("url", absolute(event.get_absolute_url()))
    return entry


def new_entry(event: Event, published: Published, uid: str, sequence: int) -> Entry:
    entry = Entry()
    entry.add("uid", uid)
    moment = stamp(event, published)
    entry.add("dtstamp", moment)
    entry.add("last-modified", moment)
    entry.add("sequence", sequence)
    entry.add("class", "PUBLIC")
    if event.contact_email:
        organizer = vCalAddress(f"mailto:{event.contact_email}")
        organizer.params["CN"] = clean_line(event.title).replace('"', "'")  # which the format can't quote
        entry.add("organizer", organizer)
    return entry


def stamp(event: Event, published: Published) -> datetime:
    """The release's or, if what an entry says of the event itself has changed since, as its venue, that change's."""
    is_as_then = published.event_print in ("", print_of(event))
    return published.published_at if is_as_then else max(published.published_at, event.changed_at)


def status(published: Published, item: Item) -> str:
    if item.status == "cancelled":
        return "CANCELLED"
    return "CONFIRMED" if published.is_final else "TENTATIVE"


def location(*parts: str) -> str:
    """Never empty: some readers drop an entry without a place."""
    return ", ".join(part for one in parts if (part := clean_line(one))) or "To be announced"


def description(published: Published, item: Item, link: str) -> str:
    people = ", ".join(person.name for person in published.program.people_of(item))
    needed = f"Prerequisites:\n{shortened(plain(item.prerequisites), LONGEST_TEXT)}" if item.prerequisites else ""
    parts = (item.subtitle, people, shortened(plain(item.abstract), LONGEST_TEXT), needed, link)
    return "\n\n".join(part for part in parts if part)
