"""From the text of a calendar to its entries, each with its line. Nothing is believed of their values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, vRecur
from icalendar.error import BrokenCalendarProperty
from icalendar.parser import Contentline

from sessions_app.importers.entries import MOST
from sessions_app.importers.report import ImportFailed, Remark

MOST_LINES = 500_000
MOST_PARTS = 30_000  # components of every kind
BEGIN = re.compile(r"BEGIN:(\w+)\s*$", re.I)
ESCAPED = re.compile(r"\\([\\;,nN])")
OTHER = "A calendar begins with BEGIN:VCALENDAR."
CUT_OFF = "The file ends before END:VCALENDAR: a part of it is missing."


@dataclass(frozen=True)
class Happening:
    """An entry (VEVENT) of a calendar."""

    line: int
    component: Component

    def text(self, name: str) -> str:
        value = self.first(name)
        return "" if value is None else str(value)

    def first(self, name: str) -> Any:
        value = self.component.get(name)
        return value[0] if isinstance(value, list) and value else value

    def time(self, name: str) -> Any:
        """A datetime, date or timedelta; None where there is none that can be read."""
        return part(self.first(name), "dt")

    def times(self, name: str) -> Iterator[Any]:
        """Those of a property that is a list, and may stand there several times; of periods the beginning."""
        found = self.component.get(name)
        for value in found if isinstance(found, list) else [found]:
            for one in part(value, "dts") or []:
                yield one.dt[0] if isinstance(one.dt, tuple) else one.dt

    @property
    def rule(self) -> vRecur | None:
        found = self.first("RRULE")
        return found if isinstance(found, vRecur) else None

    @property
    def unknown_zone(self) -> str:
        """The zone its beginning names and that nobody knows; its time is read as one of the program's zone."""
        start = self.time("DTSTART")
        name = (part(self.first("DTSTART"), "params") or {}).get("TZID", "")
        return str(name) if isinstance(start, datetime) and start.tzinfo is None else ""

    @property
    def is_all_day(self) -> bool:
        start = self.time("DTSTART")
        return isinstance(start, date) and not isinstance(start, datetime)

    def all(self, name: str) -> list[Any]:
        found = self.component.get(name, [])
        return found if isinstance(found, list) else [found]


def part(value: Any, name: str) -> Any:
    """An attribute of a value that may be broken."""
    try:
        return getattr(value, name, None)
    except BrokenCalendarProperty:
        return None


def unescaped(text: str) -> str:
    """A text of a property that the library doesn't know for one."""
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text)


def wall_clock(value: Any, zone: ZoneInfo) -> datetime | None:
    """A date as its midnight, a floating time as one of this zone; None for anything else."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    return datetime.combine(value, time(), zone) if isinstance(value, date) else None


def length(happening: Happening, start: datetime) -> timedelta:
    """From its beginning to its end, whichever repetition this is, or its own; a day without either where it has no
    clock time, else nothing."""
    zone = start.tzinfo if isinstance(start.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    begin, end = (wall_clock(happening.time(name), zone) for name in ("DTSTART", "DTEND"))
    if begin and end:  # days by the clock, which may be 23 or 25 hours long
        return end - begin if happening.is_all_day else end.astimezone(UTC) - begin.astimezone(UTC)
    said = happening.time("DURATION")
    return said if isinstance(said, timedelta) else timedelta(days=happening.is_all_day)


def parse(text: str) -> tuple[list[Calendar], list[Happening]]:
    """Raises ImportFailed."""
    begins = begin_lines(text)
    if not begins.get("VCALENDAR"):
        raise ImportFailed(Remark(1, "", OTHER))
    if len(re.findall(r"^END:VCALENDAR\s*$", text, re.M | re.I)) < len(begins["VCALENDAR"]):
        raise ImportFailed(Remark(text.count("\n") + 1, "", CUT_OFF))
    try:
        calendars = list(Calendar.from_ical(text, multiple=True))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, ArithmeticError) as error:
        line, shown = unreadable(text)
        raise ImportFailed(Remark(line, shown, "Not a line of a calendar.")) from error
    entries = [entry for calendar in calendars for entry in calendar.walk("VEVENT")]
    lines = begins.get("VEVENT", [])
    return calendars, [Happening(line, entry) for line, entry in zip(lines, entries, strict=False)]


def begin_lines(text: str) -> dict[str, list[int]]:
    """Where the components begin, by their name. Raises ImportFailed where there are beyond all measure."""
    found: dict[str, list[int]] = {}
    count = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if begin := BEGIN.match(line):
            found.setdefault(begin[1].upper(), []).append(number)
            count += 1
        if number > MOST_LINES or count > MOST_PARTS or len(found.get("VEVENT", [])) > MOST:
            raise ImportFailed(Remark(number, "", f"More than {MOST} entries: that is beyond any program."))
    return found


def unreadable(text: str) -> tuple[int, str]:
    """The number and the beginning of the first line that can't be read, 0 where no single one is at fault."""
    number, unfolded = 0, ""
    for count, line in enumerate([*text.replace("\r\n", "\n").split("\n"), "END:VCALENDAR"], start=1):
        if line[:1] in (" ", "\t"):
            unfolded += line[1:]
            continue
        try:
            Contentline(unfolded).parts()  # type: ignore[no-untyped-call]
        except ValueError:
            if unfolded:
                return number, unfolded[:80]
        number, unfolded = count, line
    return 0, ""
