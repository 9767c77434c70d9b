"""What a reader gives back: facts, a program, and what became of each line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sessions_app.program import Facts, Program


@dataclass(frozen=True)
class Remark:
    """Something to tell about a line; line 0 is the file as a whole."""

    line: int
    text: str
    reason: str

    def __str__(self) -> str:
        shown = self.text if len(self.text) <= 80 else f"{self.text[:79]}…"
        where = f"line {self.line}: " if self.line else ""
        quoted = f"“{shown}” – " if shown else ""
        return f"{where}{quoted}{self.reason}"


class ImportFailed(Exception):
    """Why nothing was imported, line by line."""

    def __init__(self, *remarks: Remark) -> None:
        self.remarks = remarks
        super().__init__("\n".join(str(remark) for remark in remarks))


@dataclass(frozen=True)
class Known:
    """What is known of the event before its page is read. `timezone` was asked for and goes before the page's own;
    what the event has already is used where the page says nothing."""

    timezone: str = ""
    event_timezone: str = ""
    event_starts_on: date | None = None


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
    """`lines` says where a fact (by its name), block or session (by its uuid) or person (by its slug) stands."""

    facts: Facts
    program: Program
    report: Report
    lines: Mapping[str, int] = field(default_factory=dict)


type Reader = Callable[[bytes, Known], Reading]
