"""From what was gathered of a page to its program."""

from collections import Counter
from datetime import datetime
from textwrap import dedent
from typing import cast

from sessions_app.importers.page.facts import FactsFound
from sessions_app.importers.page.notes import Notes
from sessions_app.importers.page.parts import Part
from sessions_app.importers.page.people import People, name_key
from sessions_app.importers.page.schedule import Schedule, Talk
from sessions_app.importers.page.times import Begin, Clocks, Days, Pins, Run
from sessions_app.models import LONGEST
from sessions_app.program import Block, Item, Program
from sessions_app.timetable import Slot, lay_out

DEFAULT_KIND = {"tutorial": "tutorial"}
EMPTY_PART = "A heading without sessions: none with a length or clock time stands below it."


class Assembly:
    def __init__(self, facts: FactsFound, schedule: Schedule, people: People, notes: Notes) -> None:
        self.facts, self.schedule, self.people, self.notes = facts, schedule, people, notes
        self.lines: dict[str, int] = {}
        self.items: list[Item] = []
        self.blocks: list[Block] = []

    def program(self) -> Program:
        self.use_parts_as_sessions()
        runs = Clocks(self.schedule, self.facts, self.notes).runs()
        self.check(runs)
        self.place(runs)
        self.lines |= {f"person {slug}": line for slug, line in self.people.lines.items()}
        return Program(self.zone or "UTC", tuple(self.items), tuple(self.blocks), people=self.people.all())

    @property
    def zone(self) -> str:
        return self.facts.timezone or self.facts.known.event_timezone

    def use_parts_as_sessions(self) -> None:
        """A morning with hours but without sessions of its own is a session; an empty heading is reported."""
        used = {id(part) for talk in self.schedule.talks for part in (talk.part, talk.part.above)}
        for part in self.schedule.parts:
            if part.line is None or id(part) in used:
                self.remark_length(part)
            elif part.clock or part.minutes:
                talk = Talk(part.line, part.title, part, part.clock, part.minutes, lines=[part.line])
                self.schedule.talks.append(talk)
                self.notes.place(part.line, "session")
            else:
                self.notes.leave(part.line, EMPTY_PART)

    def remark_length(self, part: Part) -> None:
        if part.line and part.minutes:
            self.notes.remark(part.line, "The lengths of its sessions are used.")

    def check(self, runs: list[Run]) -> None:
        talks = [talk for run in runs for talk in run.talks]
        titles = Counter(name_key(talk.title) for talk in talks if not talk.is_break)
        for talk in talks:
            if not 1 <= cast("int", talk.minutes) <= LONGEST:
                self.notes.fail(talk.line, f"A session takes 1 to {LONGEST} minutes, not {talk.minutes}.")
            if titles[name_key(talk.title)] > 1:
                self.notes.remark(talk.line, "Several sessions have this title; they are told apart by their order.")

    def place(self, runs: list[Run]) -> None:
        if self.notes.errors:
            return
        days, pins = Days(runs, self.facts), Pins(self.zone, self.notes)
        for run in self.with_opening(runs):
            start, moments = pins.of(run, days.of(run.part))
            self.add(run, start, moments)

    def with_opening(self, runs: list[Run]) -> list[Run]:
        """The event's own opening time is where a program of lengths alone begins, if it is in one run."""
        if not self.facts.opens or len(runs) != 1 or any(begin is not None for begin in runs[0].begins):
            return runs
        line, minutes = self.facts.opens
        begins = (Begin(minutes, line), *runs[0].begins[1:])
        return [Run(runs[0].part, runs[0].talks, begins)]

    def add(self, run: Run, start: datetime | None, pins: list[datetime | None]) -> None:
        block = Block(f"block {len(self.blocks) + 1}", run.part.full_title, start)
        self.blocks.append(block)
        if run.part.line:
            self.lines[block.uuid] = run.part.line.number
        slots = [Slot(cast("int", talk.minutes), pin) for talk, pin in zip(run.talks, pins, strict=True)]
        for talk, slot, placed in zip(run.talks, slots, lay_out(slots, start), strict=True):
            number = len(self.items) + 1
            item = Item(
                uuid=f"session {number}",
                slug="",
                title=talk.title,
                kind=talk.kind or self.default_kind(talk.part),
                duration=slot.duration,
                block=block.uuid,
                offset=placed.offset,
                start=placed.start,
                end=placed.end,
                is_pinned=slot.pin is not None,
                language="",
                status="",
                abstract=dedent("\n".join(talk.abstract)),
                speakers=tuple(talk.people),
            )
            self.items.append(item)
            self.lines[item.uuid] = talk.line.number

    def default_kind(self, part: Part) -> str:
        return DEFAULT_KIND.get(self.facts.kind or "tutorial", "talk")
