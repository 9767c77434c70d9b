"""What a reader gives back: facts, a program, and what became of each line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from portal.text import clean_line
from sessions_app.program import Facts, Program

type Place = int | str  # a line, 0 for the file as a whole; or a path into formats whose lines mean nothing


@dataclass(frozen=True)
class Remark:
    """Something to tell about a place in the file."""

    line: Place
    text: str
    reason: str

    def __str__(self) -> str:
        text = clean_line(self.text[:1000])
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        where = f"line {self.line}" if isinstance(self.line, int) else clean_line(self.line)
        quoted = f"“{shown}” – " if shown else ""
        told = f"{quoted}{clean_line(self.reason)}"
        return f"{where}: {told}" if self.line else told

    @property
    def number(self) -> int:
        """To sort by; paths stay in the order they were met."""
        return self.line if isinstance(self.line, int) else 0


class ImportFailed(Exception):
    """Why nothing was imported, line by line."""

    def __init__(self, *remarks: Remark) -> None:
        self.remarks = remarks
        super().__init__("\n".join(str(remark) for remark in remarks))


@dataclass(frozen=True)
class Known:
    """What is known of the event before its file is read. `timezone` was asked for and goes before the page's own;
    what the event has already is used where the page says nothing."""

    timezone: str = ""
    event_timezone: str = ""
    event_starts_on: date | None = None
    event_kind: str = ""


@dataclass(frozen=True)
class Report:
    """`placed` says for each line taken over where it went, `unplaced` lists the others; no line is in neither.
    `missing` names the sections and facts that the page leaves empty."""

    placed: Mapping[int, str] = field(default_factory=dict)
    unplaced: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    missing: tuple[str, ...] = ()
    is_tentative: bool = False


@dataclass(frozen=True)
class Reading:
    """`lines` says where a fact (by its name), block or session (by its uuid) or person (by its slug) stands.

    `sources` has the ids that the file's maker gave sessions (by uuid) and people (by slug), `emails` the addresses
    of people (by slug), `block_rooms` the rooms of whole blocks (uuids). `is_exact`: the file says what kind a session
    is, and doesn't guess it. `is_hidden`: the event isn't for the public. `sections`: what the file has beside the
    program, by name (importers.sections.Section). `is_by_clock`: each session has its own time, and its pin follows
    from that. `made_blocks` (uuids) aren't the file's, but were made by room and day. `digests`: the sessions (uuids)
    whose abstract is a digest as calendars of ours have it.
    """

    facts: Facts
    program: Program
    report: Report = field(default_factory=Report)
    lines: Mapping[str, Place] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    emails: Mapping[str, str] = field(default_factory=dict)
    is_exact: bool = False
    block_rooms: Mapping[str, str] = field(default_factory=dict)
    is_hidden: bool = False
    sections: Mapping[str, Any] = field(default_factory=dict)
    is_by_clock: bool = False
    made_blocks: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Format:
    """`limit`: bytes a file may have."""

    read: Callable[[bytes, Known], Reading]
    limit: int
