"""Reads the schedule.json of the c3voc, version 1, as frab, pretalx and others write it."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.text import clean_line
from sessions_app.importers import objects, zones
from sessions_app.importers.entries import GENERATOR, Entry, Gathered, Named
from sessions_app.importers.objects import Value
from sessions_app.importers.prose import parted
from sessions_app.importers.report import Known, Reading
from sessions_app.importers.times import Unreadable, clock_in, day_in, minutes_in, moment_in, on_day
from sessions_app.program import Facts, Link

OTHER = "A schedule of the c3voc is an object with “schedule”, and “conference” with “days” in it."


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    document = objects.parse(data)
    conference = document["schedule"]["conference"]
    objects.expect(conference["days"], list, OTHER)
    return Schedule(conference, known, is_ours=document["generator"]["name"].text == GENERATOR).read()


class Schedule:
    def __init__(self, conference: Value, known: Known, *, is_ours: bool) -> None:
        self.conference, self.known = conference, known
        self.found = Gathered(is_ours=is_ours)
        self.events = [
            (day, room, event)
            for day in conference["days"]
            for room, events in day["rooms"].members()
            for event in events
        ]
        named, moments = conference["time_zone_name"], [event["date"].text for _, _, event in self.events]
        self.timezone = zones.chosen(self.found, known, named.text, named.path, moments=moments)
        self.clock_zone = ZoneInfo(self.timezone)

    def read(self) -> Reading:
        for track in self.conference["tracks"]:
            self.found.track(track["name"].text)
        for room in self.conference["rooms"]:
            self.found.room(room["name"].text, source=room["guid"].text, capacity=capacity(room["capacity"]))
        for name in (name for day in self.conference["days"] for name, _ in day["rooms"].members()):
            self.found.room(name)
        for day, name, event in self.events:
            self.take(day, name, event)
        return self.found.reading(self.facts(), self.known)

    def facts(self) -> Facts:
        first, last = self.day("start"), self.day("end")
        return Facts(
            title=clean_line(self.conference["title"].text),
            kind=self.known.event_kind or "conference",
            timezone=self.timezone,
            starts_on=first,
            ends_on=last if first and last and last > first else None,
        )

    def day(self, name: str) -> date | None:
        said = self.conference[name]
        try:
            return day_in(said.text) if said else None
        except Unreadable as error:
            self.found.remark(said.path, str(error), said.text)
            return None

    def take(self, day: Value, room: str, event: Value) -> None:
        try:
            minutes, start = minutes_in(event["duration"].text), self.start(day, event)
        except Unreadable as error:
            self.found.fail(event.path, str(error), event["title"].text)
            return
        abstract, prerequisites = parted(event["abstract"].text, event["description"].text)
        self.found.add(
            Entry(
                where=event.path,
                title=event["title"].text,
                minutes=minutes,
                start=start,
                source=event["guid"].text or event["id"].text,
                room=event["room"].text or room,
                track=event["track"].text,
                type=event["type"].text,
                subtitle=event["subtitle"].text,
                abstract=abstract,
                prerequisites=prerequisites,
                links=links_of(event["links"]),
                attachments=links_of(event["attachments"]),
                language=event["language"].text,
                people=tuple(people_of(event)),
            )
        )

    def start(self, day: Value, event: Value) -> datetime:
        if moment := event["date"].text:
            return moment_in(moment, self.clock_zone)
        return on_day(day_in(day["date"].text), clock_in(event["start"].text), self.clock_zone)


def links_of(said: Value) -> tuple[Link, ...]:
    return tuple(Link(link["url"].text, link["title"].text) for link in said)


def people_of(event: Value) -> Iterable[Named]:
    for person in event["persons"]:
        yield Named(
            person["name"].text or person["public_name"].text or person["full_public_name"].text,
            person["guid"].text or person["code"].text or person["id"].text,
            biography=person["biography"].text or person["abstract"].text,
            url=person["url"].text,
        )


def capacity(said: Value) -> int | None:
    is_number = isinstance(said.data, int) and not isinstance(said.data, bool)
    return said.data if is_number and 0 < said.data < 1_000_000 else None
