"""Reads an iCalendar file: one session for each entry, and for each time an entry repeats."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from time import thread_time
from zoneinfo import ZoneInfo

from portal.text import clean_line
from sessions_app.importers import xcal, zones
from sessions_app.importers.calendars import Happening, length, parse, part, unescaped, wall_clock
from sessions_app.importers.entries import Entry, Gathered, Named
from sessions_app.importers.recurrence import Unbounded, repeated
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.source import decode
from sessions_app.importers.times import Unreadable, sane, settled, zone_named
from sessions_app.models import LONGEST, Session
from sessions_app.program import Facts

LIMIT = 10_000_000
PATIENCE = 5.0  # seconds of a processor for the rules of all entries; no real file comes near
SLOW = "It takes too long to follow the rules by which entries repeat, up to this one."
AS_A_WHOLE = re.compile(r"event-.*@lectern")  # what our calendars have while no session has a time
OWN = re.compile(r"session-.*@lectern")
OWN_UID = re.compile(r"(?:session-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:@.*)?")


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return xcal.read(data, known)
    calendars, happenings = parse(decode(data, LIMIT))
    return File(calendars[0] if calendars else {}, happenings, known).read()


class File:
    def __init__(self, calendar: dict[str, object], happenings: list[Happening], known: Known) -> None:
        self.calendar, self.happenings, self.known = calendar, happenings, known
        self.found, self.patience = Gathered(), PATIENCE
        keys = [getattr(getattr(one.time("DTSTART"), "tzinfo", None), "key", "") for one in happenings]
        # A time in UTC says a moment, and no zone.
        named = next((key for key in keys if key not in ("", "UTC") and zone_named(key)), "")
        self.timezone = zones.chosen(self.found, known, named or str(calendar.get("X-WR-TIMEZONE", "")), 1)
        self.zone = ZoneInfo(self.timezone)

    def read(self) -> Reading:
        self.tell_unknown_zones()
        starts = {id(one): wall_clock(one.time("DTSTART"), self.zone) for one in self.happenings}
        self.last = max((start for start in starts.values() if start), default=datetime.min.replace(tzinfo=UTC))
        replaced = {(one.text("UID"), self.replaces(one)) for one in self.happenings if one.time("RECURRENCE-ID")}
        for happening in self.happenings:
            start = starts[id(happening)]
            if AS_A_WHOLE.fullmatch(happening.text("UID")):
                self.found.leave(happening.line, "The event as a whole, and no session.", happening.text("SUMMARY"))
            elif start is None or not happening.text("SUMMARY").strip():
                what = "time that can be read" if start is None else "title"
                self.found.leave(happening.line, f"Has no {what}.", happening.text("SUMMARY"))
            else:
                self.take(happening, start, replaced)
        said = str(self.calendar.get("X-WR-CALNAME") or self.calendar.get("NAME") or "")
        title = clean_line(unescaped(said))[:200]
        return self.found.reading(Facts(title, kind=self.known.event_kind, timezone=self.timezone), self.known)

    def replaces(self, happening: Happening) -> datetime | None:
        """The time of the repetition that this entry stands for."""
        return wall_clock(happening.time("RECURRENCE-ID"), self.zone)

    def take(self, happening: Happening, start: datetime, replaced: set[tuple[str, datetime | None]]) -> None:
        uid = happening.text("UID")
        if self.replaces(happening):
            self.add(happening, start, self.replaces(happening))
            return
        try:
            times = list(self.times(happening, start))
        except Unbounded as error:
            self.found.fail(happening.line, str(error), happening.text("SUMMARY"))
            return
        is_repeated = len(times) > 1 or bool(happening.rule)
        for time in times:
            if (uid, time) not in replaced:
                self.add(happening, time, time if is_repeated else None)

    def times(self, happening: Happening, start: datetime) -> Iterator[datetime]:
        """Raises Unbounded."""
        left_out = {wall_clock(one, self.zone) for one in happening.times("EXDATE")}
        every = [start, *self.by_rule(happening, start)]
        every += [time for one in happening.times("RDATE") if (time := wall_clock(one, self.zone))]
        yield from (time for time in dict.fromkeys(every) if time not in left_out)

    def by_rule(self, happening: Happening, start: datetime) -> list[datetime]:
        """A rule without an end is followed as long as the file's other entries go on."""
        if happening.rule is None:
            if happening.first("RRULE") is not None:
                raise Unbounded("The rule by which it repeats can't be read.")
            return []
        until = next(iter(happening.rule.get("UNTIL", [])), None)
        last = wall_clock(until, self.zone) or self.last
        if isinstance(until, date) and not isinstance(until, datetime):
            last += timedelta(days=1, seconds=-1)
        if happening.rule.get("COUNT"):
            last = datetime.max.replace(tzinfo=start.tzinfo)
        elif until is None:
            self.found.remark(happening.line, "Repeats without an end: it was followed to the end of the program.")
        here = last.astimezone(start.tzinfo) if last.year < datetime.max.year else last
        rule = happening.rule.to_ical().decode()  # type: ignore[no-untyped-call]
        before = thread_time()
        times = repeated(rule, plain(start), plain(here))
        self.patience -= thread_time() - before
        if self.patience < 0:
            raise ImportFailed(Remark(happening.line, happening.text("SUMMARY"), SLOW))
        return [one.replace(tzinfo=start.tzinfo) for one in times]

    def tell_unknown_zones(self) -> None:
        """Each once, where it comes up first."""
        found = {one.unknown_zone: one.line for one in reversed(self.happenings) if one.unknown_zone}
        for name, line in sorted(found.items(), key=itemgetter(1)):
            self.found.remark(line, f"Not a time zone known here: such times are read as {self.timezone}.", name)

    def add(self, happening: Happening, start: datetime, repetition: datetime | None) -> None:
        category = self.category(happening)
        try:
            moment = settled(start, self.zone)
            minutes = self.minutes(happening, start)
        except (Unreadable, OverflowError) as error:
            self.found.fail(happening.line, str(error), happening.text("SUMMARY"))
            return
        self.found.add(
            Entry(
                where=happening.line,
                title=happening.text("SUMMARY"),
                minutes=minutes,
                start=moment,
                source=source_of(happening, repetition),
                room=happening.text("LOCATION").strip(" ,"),
                track=category if category not in Session.Kind.values else "",
                type=category,
                abstract=happening.text("DESCRIPTION"),
                status="cancelled" if happening.text("STATUS").upper() == "CANCELLED" else "planned",
                people=tuple(people_of(happening)),
                is_digest=bool(OWN.fullmatch(happening.text("UID"))),
            )
        )

    def minutes(self, happening: Happening, start: datetime) -> int:
        minutes = int(length(happening, start).total_seconds() // 60) or (LONGEST if happening.is_all_day else 0)
        title = happening.text("SUMMARY")
        if minutes == 0:
            self.found.remark(happening.line, "Takes no time: one minute was put in.", title)
        if happening.is_all_day and minutes > LONGEST:
            self.found.remark(happening.line, f"Goes on for {minutes // LONGEST} days: the first was taken.", title)
        return LONGEST if happening.is_all_day and minutes > LONGEST else sane(minutes or 1)

    def category(self, happening: Happening) -> str:
        return next((str(one) for one in part(happening.first("CATEGORIES"), "cats") or []), "")


def plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def source_of(happening: Happening, repetition: datetime | None) -> str:
    """The UUID in a UID of ours, else the UID; of an entry that repeats with the time."""
    uid = clean_line(happening.text("UID"))
    if repetition:
        return f"{uid} {repetition.astimezone(UTC):%Y%m%dT%H%M%SZ}"[-200:] if uid else ""
    own = OWN_UID.fullmatch(uid)
    return own[1] if own else uid


def people_of(happening: Happening) -> Iterable[Named]:
    """Exporters of programs name speakers as attendees without an address; who has one was invited in private."""
    for attendee in happening.all("ATTENDEE"):
        name = (part(attendee, "params") or {}).get("CN", "")
        if name and not str(attendee).lower().startswith("mailto:"):
            yield Named(str(name))
