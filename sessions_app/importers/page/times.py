"""From the clock times and lengths of a page to blocks with a start and sessions that flow or are pinned."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sessions_app.importers.page.facts import FactsFound
from sessions_app.importers.page.lines import Line
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.parts import Part
from sessions_app.importers.page.schedule import Schedule, Talk
from sessions_app.importers.page.spans import NOON, Clock

EARLIEST = 7 * 60  # "1:30" without am or pm is after noon
LATEST = 18 * 60  # what ends after midnight begins after this
NO_DAY = "The length is used, the clock time not: the page has no date. Add one, as in “Date: 2026-03-22”."
NO_ZONE = "The length is used, the clock time not: no time zone is known. Add “Time zone: …” or use --timezone."
NO_LENGTH = "No length, and no clock time after it to tell it by: add one, as in (45 minutes)."


@dataclass(frozen=True)
class Begin:
    """Minutes after midnight, and the line that says so."""

    minutes: int
    line: Line


@dataclass(frozen=True)
class Run:
    """The sessions of one block, with their lengths; `begins` has what is known of each one's start."""

    part: Part
    talks: tuple[Talk, ...]
    begins: tuple["Begin | None", ...]


class Clocks:
    """Gives sessions the length that clock times tell, and clock times the day and zone they lack."""

    def __init__(self, schedule: Schedule, facts: FactsFound, notes: Notes) -> None:
        self.schedule, self.facts, self.notes = schedule, facts, notes

    def runs(self) -> list[Run]:
        talks: dict[int, list[Talk]] = defaultdict(list)
        for talk in self.schedule.talks:
            talks[id(talk.part)].append(talk)
        found = [self.run(part, talks[id(part)]) for part in self.schedule.parts if id(part) in talks]
        return [run for run in found if run.talks]

    def run(self, part: Part, talks: list[Talk]) -> Run:
        clocks = self.resolved(talks)
        end = next((minutes for _, ended, minutes in self.schedule.ends if ended is part), None)
        followers = [clock.begin if clock else None for clock in clocks[1:]] + [end]
        for talk, clock, follower in zip(talks, clocks, followers, strict=True):
            self.give_length(talk, clock, follower)
        kept = [(talk, clock) for talk, clock in zip(talks, clocks, strict=True) if talk.minutes is not None]
        begins = [Begin(clock.begin, talk.line) if clock else None for talk, clock in kept]
        if part.clock and part.line and begins and begins[0] is None:
            begins[0] = Begin(part.clock.begin, part.line)
        return Run(part, tuple(talk for talk, _ in kept), tuple(begins))

    def resolved(self, talks: list[Talk]) -> list[Clock | None]:
        """Clock times of one run, where 1:30 after 12:00 is 13:30."""
        found: list[Clock | None] = []
        latest = 0
        for talk in talks:
            clock = self.after_noon(talk, latest) if talk.clock else None
            if clock and clock.begin < latest:
                self.notes.remark(talk.line, "Starts before the session above it.")
            latest = clock.begin if clock else latest
            found.append(clock)
        return found

    def after_noon(self, talk: Talk, latest: int) -> Clock:
        clock = talk.clock
        assert clock
        if clock.is_plain and clock.begin < NOON and (clock.begin < EARLIEST or clock.begin < latest - NOON // 2):
            clock = replace(clock, begin=clock.begin + NOON, end=clock.end + NOON if clock.end else None)
            self.notes.remark(talk.line, f"Read as {clock.begin // 60}:{clock.begin % 60:02}.")
        if clock.end is not None and clock.end < clock.begin:
            half_day = NOON if clock.is_plain and clock.end + NOON > clock.begin and clock.begin < NOON + 60 else 0
            clock = replace(clock, end=clock.end + (half_day or self.next_day(talk, clock)))
        return clock

    def next_day(self, talk: Talk, clock: Clock) -> int:
        if clock.begin >= LATEST:
            return 2 * NOON
        self.notes.fail(talk.line, "It ends before it starts.")
        return 2 * NOON

    def give_length(self, talk: Talk, clock: Clock | None, follower: int | None) -> None:
        end = clock.end if clock and clock.end is not None else None
        said = talk.minutes
        if clock and end is not None:
            talk.minutes = end - clock.begin
            if said not in (None, talk.minutes):
                self.notes.remark(talk.line, f"Says {said} minutes, but {talk.minutes} by the clock, which are used.")
        elif clock and said is None and follower is not None and follower > clock.begin:
            talk.minutes = follower - clock.begin
        if talk.minutes is None:
            self.schedule.leave_all(talk.lines, NO_LENGTH)


class Days:
    """The day of each part, from its own heading, the day above it, or the event's first day."""

    def __init__(self, runs: Iterable[Run], facts: FactsFound) -> None:
        dated = [part.on for run in runs for part in (run.part, run.part.above) if part and part.on]
        if dated:
            facts.values.setdefault("starts_on", min(dated))
        self.first = facts.first_day
        if dated and self.first and max(dated) > self.first:
            facts.values.setdefault("ends_on", max(dated))

    def of(self, part: Part) -> date | None:
        if part.on:
            return part.on
        if self.first and part.day:
            return self.first + timedelta(days=part.day - 1)
        if self.first and part.weekday is not None:
            return self.first + timedelta(days=(part.weekday - self.first.weekday()) % 7)
        return self.of(part.above) if part.above else self.first


class Pins:
    """Minutes after midnight to moments. What can't be placed is remarked at its line."""

    def __init__(self, zone: str, notes: Notes) -> None:
        self.zone = ZoneInfo(zone) if zone else None
        self.notes = notes

    def moment(self, day: date | None, minutes: int, line: Line) -> datetime | None:
        if day is None or self.zone is None:
            self.notes.remark(line, NO_ZONE if day else NO_DAY)
            return None
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) != wall:
            self.notes.fail(
                line, f"{wall:%H:%M} does not exist on that day in {self.zone.key}: the clocks are changed."
            )
        return moment

    def of(self, run: Run, day: date | None) -> tuple[datetime | None, list[datetime | None]]:
        """The block's start, and the pin of each session that doesn't just flow on from the one before."""
        moments = [self.moment(day, begin.minutes, begin.line) if begin else None for begin in run.begins]
        start = moments[0]
        cursor = start
        pins: list[datetime | None] = []
        for talk, moment in zip(run.talks, moments, strict=True):
            pins.append(moment if moment != cursor else None)
            begin = moment or cursor
            cursor = begin + timedelta(minutes=talk.minutes or 0) if begin else None
        return start, pins
