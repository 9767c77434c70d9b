"""iCalendar (RFC 5545 and 7986): the same bytes as a feed to subscribe to and as the attachment of mails.

Times are in UTC, which every reader understands; stamps are the release's, so that the file changes with a release
and never by itself.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar
from icalendar import Event as Entry

from portal.links import absolute
from portal.models import Event
from portal.text import clean_line, excerpt
from sessions_app.program import Item
from sessions_app.releases import Published

MEDIA_TYPE = "text/calendar; method=PUBLISH; charset=utf-8"
REFRESH = timedelta(hours=1)
LONGEST_TEXT = 2000


def calendar(
    event: Event, published: Published, *, withdrawn: Iterable[Item] = (), is_brief: bool = False
) -> bytes | None:
    """The sessions that have clock times; while there are none, the days of the event; None if those are open too.

    `withdrawn` are sessions of earlier releases, shown as cancelled: see sessions_app.releases.Published. A brief
    calendar leaves out texts.
    """
    timed = [item for item in published.program.items if item.start]
    gone = [item for item in withdrawn if item.start]
    entries = [entry_of(event, published, item, is_brief=is_brief) for item in timed + gone]
    if not timed and event.starts_on:
        entries = [entry_of_days(event, published)]
    if not entries:
        return None
    found = envelope(event, published)
    for entry in entries:
        found.add_component(entry)
    return bytes(found.to_ical(sorted=False))


def envelope(event: Event, published: Published) -> Calendar:
    found = Calendar()
    found.add("prodid", "-//Lectern//Program//EN")
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("uid", f"event-{event.pk}@{settings.SITE_HOST}")
    found.add("name", clean_line(event.title))
    found.add("x-wr-calname", clean_line(event.title))
    found.add("x-wr-timezone", event.timezone)
    found.add("url", absolute(event.get_absolute_url()))
    found.add("last-modified", published.published_at)
    found.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    return found


def entry_of(event: Event, published: Published, item: Item, *, is_brief: bool) -> Entry:
    program = published.program
    entry = new_entry(published, f"session-{item.uuid}", item.sequence)
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
    """The event as a whole, by date only. Its revision is the release's number: the days aren't released themselves."""
    first, last = event.starts_on, event.ends_on or event.starts_on
    assert first and last
    entry = new_entry(published, f"event-{event.pk}", published.number)
    entry.add("dtstart", first)
    entry.add("dtend", last + timedelta(days=1))
    entry.add("summary", clean_line(event.title))
    entry.add("location", location(event.venue))
    entry.add("status", "TENTATIVE")
    entry.add("url", absolute(event.get_absolute_url()))
    return entry


def new_entry(published: Published, name: str, sequence: int) -> Entry:
    entry = Entry()
    entry.add("uid", f"{name}@{settings.SITE_HOST}")
    entry.add("dtstamp", published.published_at)
    entry.add("last-modified", published.published_at)
    entry.add("sequence", sequence)
    entry.add("transp", "TRANSPARENT")
    entry.add("class", "PUBLIC")
    return entry


def status(published: Published, item: Item) -> str:
    if item.status == "cancelled":
        return "CANCELLED"
    return "CONFIRMED" if published.is_final else "TENTATIVE"


def location(*parts: str) -> str:
    """Never empty: some readers drop an entry without a place."""
    return ", ".join(part for one in parts if (part := clean_line(one))) or "To be announced"


def description(published: Published, item: Item, link: str) -> str:
    people = ", ".join(person.name for person in published.program.people_of(item))
    return "\n\n".join(part for part in (people, excerpt(item.abstract, LONGEST_TEXT), link) if part)
