"""What a page is about in the vocabulary of schema.org, as search engines and assistants read it in its head.

Only what is known and true: a date without a clock time while that is open, a place only if there is one, no
price, since whether it costs something isn't ours to know.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from portal.links import absolute
from portal.models import Event
from portal.text import clean_line, excerpt
from sessions_app.program import Item, Person, Program
from sessions_app.releases import Published

TYPES = {"tutorial": "EducationEvent", "workshop": "EducationEvent", "lab": "EducationEvent", "social": "SocialEvent"}
STATES = {"planned": "https://schema.org/EventScheduled", "cancelled": "https://schema.org/EventCancelled"}
MOVED = "https://schema.org/EventRescheduled"
MOST = 100  # sessions and people on the page of an event; a larger program has its pages and feeds
LONGEST_TEXT = 1000
ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})

type Node = dict[str, Any]


def script(node: Node | None) -> SafeString:
    """A block of data, which browsers neither run nor, so, forbid. Nothing in it can end it."""
    if not node:
        return SafeString("")
    text = json.dumps({"@context": "https://schema.org"} | node, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')


def event(event: Event, published: Published | None, guests: Iterable[Event] = ()) -> Node | None:
    """None while not even a date is known: an event has to have one."""
    program = published.program if published else Program(event.timezone)
    brief = event_brief(event, program)
    is_short = len(program.items) <= MOST
    sessions = session_briefs(event, published) if published and is_short else []
    parts = [part for guest in guests if (part := other_brief(guest))]
    return brief and filled(
        {
            **brief,
            "alternateName": clean_line(event.subtitle),
            "description": excerpt(event.overview, LONGEST_TEXT),
            "location": place(event.venue),
            "performer": [person(event, one) for one in program.people] if is_short else [],
            "superEvent": other_brief(event.public_host) if event.public_host else None,
            "subEvent": parts + sessions,
        }
    )


def session(event: Event, published: Published, item: Item) -> Node | None:
    """None while not even its day is known."""
    program = published.program
    brief = session_brief(event, published, item)
    return brief and filled(
        {
            **brief,
            "alternateName": clean_line(item.subtitle),
            "description": excerpt(item.abstract, LONGEST_TEXT),
            "inLanguage": item.language,
            "keywords": clean_line(program.track_name(item)),
            "location": room(program.room_name(item), event.venue),
            "performer": [person(event, one) for one in program.people_of(item)],
            "superEvent": event_brief(event, program),
        }
    )


def event_brief(event: Event, program: Program) -> Node | None:
    starts, ends = event.starts_on, event.ends_on
    times: Node = {"startDate": starts and starts.isoformat(), "endDate": ends and ends.isoformat()}
    if found := timed(program):
        times = {
            "startDate": local(program, min(item.start for item in found if item.start)),
            "endDate": local(program, max(item.end for item in found if item.end)),
        }
    facts = {
        "@type": TYPES.get(event.kind, "Event"),
        "@id": identity(event),
        "name": clean_line(event.title),
        "url": absolute(event.get_absolute_url()),
        "eventStatus": STATES["planned"],
        **times,
    }
    return filled(facts) if times["startDate"] else None


def timed(program: Program) -> list[Item]:
    """The sessions that take place, once each of them has its clock time."""
    found = [item for item in program.items if item.status != "cancelled"]
    return found if all(item.start for item in found) else []


def other_brief(event: Event) -> Node | None:
    """Another event, by name, address and days."""
    return event_brief(event, Program(event.timezone))


def session_briefs(event: Event, published: Published) -> list[Node]:
    briefs = (session_brief(event, published, item) for item in published.program.items if not item.is_break)
    return [brief for brief in briefs if brief]


def session_brief(event: Event, published: Published, item: Item) -> Node | None:
    program = published.program
    start = local(program, item.start) or only_day(event)
    if not start:
        return None
    page = absolute(reverse("sessions_app:session", args=[event.slug, item.slug]))
    return filled(
        {
            "@type": TYPES.get(item.kind, "Event"),
            "@id": f"{page}#session",
            "name": clean_line(item.title),
            "url": page,
            "eventStatus": STATES[item.status],
            **moved_from(published, item),
            "startDate": start,
            "endDate": local(program, item.end),
            "duration": f"PT{item.duration}M",
        }
    )


def moved_from(published: Published, item: Item) -> Node:
    """For one that is on, at another time than before."""
    before = published.earlier_starts.get(item.uuid)
    if not (before and item.start) or before == item.start or item.status == "cancelled":
        return {}
    return {"eventStatus": MOVED, "previousStartDate": local(published.program, before)}


def only_day(event: Event) -> str:
    """The day of each of its sessions, where it has no other."""
    is_one = event.starts_on and event.ends_on in (None, event.starts_on)
    return event.starts_on.isoformat() if event.starts_on and is_one else ""


def identity(event: Event) -> str:
    return f"{absolute(event.get_absolute_url())}#event"


def place(venue: str) -> Node | None:
    """Of its address we know what the organizers write there."""
    name = clean_line(venue)
    return {"@type": "Place", "name": name, "address": name} if name else None


def room(name: str, venue: str) -> Node | None:
    around = place(venue)
    if not name:
        return around
    found = {"@type": "Place", "name": clean_line(name), "address": clean_line(venue), "containedInPlace": around}
    return filled(found)


def person(event: Event, one: Person) -> Node:
    employer = clean_line(one.affiliation)
    return filled(
        {
            "@type": "Person",
            "@id": absolute(reverse("sessions_app:speaker", args=[event.slug, one.slug])) + "#person",
            "name": clean_line(one.name),
            "affiliation": {"@type": "Organization", "name": employer} if employer else None,
            "url": one.url,
        }
    )


def local(program: Program, moment: Any) -> str:
    return moment.astimezone(program.zone).isoformat(timespec="seconds") if moment else ""


def filled(node: Node) -> Node:
    """Without what isn't known."""
    return {name: value for name, value in node.items() if value}
