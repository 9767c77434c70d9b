"""Reads a calendar as XML, as Pentabarf, frab and pretalx write it beside their schedule.xml."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.text import clean_line
from sessions_app.importers import markup, zones
from sessions_app.importers.entries import Entry, Gathered, Named
from sessions_app.importers.markup import Node
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.source import check_size
from sessions_app.importers.times import Unreadable, minutes_between, moment_in
from sessions_app.program import Facts

LIMIT = 20_000_000
OTHER = "A calendar as XML begins with <iCalendar> and has <vcalendar> in it."


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    check_size(data, LIMIT)
    root = markup.parse(data)
    calendar = root.first("vcalendar")
    if calendar is None:
        raise ImportFailed(Remark(root.line, f"<{root.tag}>", OTHER))
    return File(calendar, known).read()


class File:
    def __init__(self, calendar: Node, known: Known) -> None:
        self.calendar, self.known = calendar, known
        self.found = Gathered()
        self.timezone = zones.chosen(self.found, known, calendar.text("x-wr-timezone"), calendar.line)
        self.zone = ZoneInfo(self.timezone)

    def read(self) -> Reading:
        for entry in self.calendar.all("vevent"):
            self.take(entry)
        title = clean_line(self.calendar.text("x-wr-calname"))[:200]
        facts = Facts(title, kind=self.known.event_kind, timezone=self.timezone)
        return self.found.reading(facts, self.known)

    def take(self, entry: Node) -> None:
        title = entry.text("pentabarf:title") or entry.text("summary")
        try:
            start, end = self.moment(entry, "dtstart"), self.moment(entry, "dtend")
            minutes = minutes_between(start, end)
        except Unreadable as error:
            self.found.fail(entry.line, str(error), title)
            return
        self.found.add(
            Entry(
                where=entry.line,
                title=title,
                minutes=minutes,
                start=start,
                source=entry.text("uid"),
                room=entry.text("location"),
                type=entry.text("category"),
                subtitle=entry.text("pentabarf:subtitle"),
                abstract=entry.text("description"),
                language=entry.text("pentabarf:language-code"),
                status="cancelled" if entry.text("status").upper() == "CANCELLED" else "planned",
                people=tuple(people_of(entry)),
            )
        )

    def moment(self, entry: Node, tag: str) -> datetime:
        """Raises Unreadable."""
        return moment_in(entry.text(tag), self.zone)


def people_of(entry: Node) -> Iterable[Named]:
    return (Named(one.content) for one in entry.all("attendee") if "@" not in one.content)
