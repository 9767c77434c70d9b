"""Reads a frab or Pentabarf schedule.xml, in the dialects met in the wild."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from portal.text import clean_line
from sessions_app.importers import markup, zones
from sessions_app.importers.entries import GENERATOR, MOST, Entry, Gathered, Named
from sessions_app.importers.markup import Node
from sessions_app.importers.prose import parted
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.source import check_size
from sessions_app.importers.times import Unreadable, clock_in, day_in, minutes_in, moment_in, on_day
from sessions_app.program import Facts, Link

LIMIT = 20_000_000
EVENT = re.compile(rb"<event[\s>]")
NO_ID = {"", "0"}  # as merged exports write it


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    check_size(data, LIMIT)
    check_count(data)
    root = markup.parse(data)
    if root.tag != "schedule":
        raise ImportFailed(Remark(root.line, f"<{root.tag}>", "A schedule begins with <schedule>."))
    return Schedule(root, known).read()


def check_count(data: bytes) -> None:
    """Before all of it is read. Raises ImportFailed."""
    if beyond := next(islice(EVENT.finditer(data), MOST, None), None):
        line = data.count(b"\n", 0, beyond.start()) + 1
        raise ImportFailed(Remark(line, "", f"More than {MOST} sessions: that is beyond any program."))


class Schedule:
    def __init__(self, root: Node, known: Known) -> None:
        self.root, self.known = root, known
        self.conference = root.first("conference") or Node("conference", root.line)
        self.found = Gathered(is_ours=any(one.get("name") == GENERATOR for one in root.all("generator")))
        self.events = [(day, room, event) for day in root.all("day") for room, event in events_of(day)]
        named, moments = self.conference.text("time_zone_name"), [event.text("date") for _, _, event in self.events]
        self.timezone = zones.chosen(self.found, known, named, self.conference.line, moments=moments)
        self.clock_zone = ZoneInfo(self.timezone)
        self.day_change = self.changes_at()

    def read(self) -> Reading:
        for track in self.conference.all("track"):
            self.found.track(track.get("name") or track.content)
        for place in (room for day in self.root.all("day") for room in day.all("room")):
            self.found.room(place.get("name"), source=place.get("guid"))
        for day, room, event in self.events:
            self.take(day, room, event)
        return self.found.reading(self.facts(), self.known)

    def changes_at(self) -> time:
        said = self.conference.text("day_change")
        try:
            return clock_in(said) if said else time()
        except Unreadable as error:
            self.found.remark(self.conference.line, str(error), said)
            return time()

    def facts(self) -> Facts:
        conference = self.conference
        venue = [clean_line(conference.text(tag)) for tag in ("venue", "city")]
        first, last = self.day(conference, "start"), self.day(conference, "end")
        return Facts(
            title=clean_line(conference.text("title")),
            subtitle=clean_line(conference.text("subtitle")),
            kind=self.known.event_kind or "conference",
            timezone=self.timezone,
            starts_on=first,
            ends_on=last if first and last and last > first else None,
            venue=", ".join(one for one in venue if one),
        )

    def day(self, node: Node, tag: str) -> date | None:
        try:
            return day_in(node.text(tag)) if node.text(tag) else None
        except Unreadable as error:
            self.found.remark(node.line, str(error), node.text(tag))
            return None

    def take(self, day: Node, room: str, event: Node) -> None:
        try:
            minutes, start = minutes_in(event.text("duration")), self.start(day, event)
        except Unreadable as error:
            self.found.fail(event.line, str(error), event.text("title"))
            return
        abstract, prerequisites = parted(event.text("abstract"), event.text("description"))
        self.found.add(
            Entry(
                where=event.line,
                title=event.text("title"),
                minutes=minutes,
                start=start,
                source=event.get("guid") or id_of(event),
                room=event.text("room") or room,
                track=event.text("track"),
                type=event.text("type"),
                subtitle=event.text("subtitle"),
                abstract=abstract,
                prerequisites=prerequisites,
                links=tuple(links_of(event, "link")),
                attachments=tuple(links_of(event, "attachment")),
                language=event.text("language"),
                people=tuple(people_of(event)),
            )
        )

    def start(self, day: Node, event: Node) -> datetime:
        if moment := event.text("date"):
            return moment_in(moment, self.clock_zone)
        clock = clock_in(event.text("start"))
        return on_day(day_in(day.get("date")), clock, self.clock_zone, self.day_change)


def events_of(day: Node) -> Iterable[tuple[str, Node]]:
    for room in day.all("room"):
        yield from ((room.get("name"), event) for event in room.all("event"))


def id_of(node: Node) -> str:
    return "" if node.get("id") in NO_ID else node.get("id")


def links_of(event: Node, name: str) -> Iterable[Link]:
    return (Link(one.get("href"), one.content) for around in event.all(f"{name}s") for one in around.all(name))


def people_of(event: Node) -> Iterable[Named]:
    for persons in event.all("persons"):
        for person in persons.all("person"):
            name = person.content or person.get("name")
            yield Named(name, person.get("guid") or id_of(person), biography=person.text("biography"))
