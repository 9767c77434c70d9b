"""Reads a table of sessions, as schedule.csv of ours and spreadsheets write it; docs/formats.md names the columns."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from portal.text import IN_MARKDOWN, clean_line, text_of_cell
from sessions_app.importers import zones
from sessions_app.importers.entries import MOST, UNSAID, Entry, Gathered, Named, limit
from sessions_app.importers.report import ImportFailed, Known, Reading, Remark
from sessions_app.importers.source import decode
from sessions_app.importers.times import Unreadable, clock_in, day_in, minutes_between, minutes_in, moment_in
from sessions_app.models import Session
from sessions_app.program import Facts, Link
from sessions_app.quoting import parts_of, unquoted

LIMIT = 10_000_000
MOST_COLUMNS = 200
COLUMNS = {  # of ours, by the words others use for them
    "id": "id",
    "uuid": "uuid guid",
    "slug": "slug",
    "title": "title name session talk",
    "subtitle": "subtitle",
    "kind": "kind type format",
    "status": "status state",
    "block": "block",
    "offset": "offset",
    "duration": "duration length minutes",
    "date": "date day startdate",
    "start": "start starts begin begins from time scheduledat",
    "end": "end ends until to",
    "room": "room location place venue hall",
    "track": "track topic",
    "level": "level difficulty",
    "language": "language lang locale",
    "speakers": "speakers speaker presenter presenters people authors",
    "abstract": "abstract description summary text",
    "prerequisites": "prerequisites requirements",
    "links": "links",
    "visibility": "visibility",
    "page": "page url link",
}
OURS = {"uuid", "slug", "offset"}  # columns that nobody else's table has together
WEAK = {"session", "talk", "name", "time", "text", "day", "people"}  # in “Session type” the other word counts
NAMES = {word: column for column, words in COLUMNS.items() for word in words.split()}
WITH_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
WITH_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
PARTING = re.compile(r"[,;\t]")
OFFSET = re.compile(r"-?\d{1,5}")  # minutes; where it begins anew, another block does
STATES = {"cancelled": "cancelled", "canceled": "cancelled"}
NO_TITLE = "No column is called “title”. The first line names the columns, and this one has to be among them."
EITHER = "Day or month first? Write dates as in 2026-03-22."


def read(data: bytes, known: Known) -> Reading:
    """Raises ImportFailed."""
    return Table(decode(data, LIMIT), known).read()


class Row:
    def __init__(self, line: int, cells: dict[str, str]) -> None:
        self.line, self.cells = line, cells

    def __getitem__(self, column: str) -> str:
        """Without the apostrophes that keep spreadsheets from reading formulas."""
        return text_of_cell(self.cells.get(column, "").strip(), IN_MARKDOWN)


class Table:
    def __init__(self, text: str, known: Known) -> None:
        self.known, self.found = known, Gathered()
        self.rows = list(self.rows_of(text))
        timezone = zones.chosen(self.found, known, "", 1, moments=[row["start"] for row in self.rows])
        self.zone = ZoneInfo(timezone)
        self.is_day_first = day_first(row["date"] or row["start"] for row in self.rows)

    def rows_of(self, text: str) -> Iterator[Row]:
        """Raises ImportFailed."""
        said, text = re.match(r"(?:sep=(.)\r?\n)?(.*)", text.removeprefix("\ufeff"), re.I | re.S).groups()  # type: ignore[union-attr]
        first = text.split("\n", 1)[0]
        skipped = 1 if said else 0
        delimiter = said or max(",;\t", key=first.count)
        lines = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            columns = self.columns(next(lines), 1 + skipped)
            end = lines.line_num
            for count, cells in enumerate(lines):
                limit(count, MOST, "lines", end + 1 + skipped)
                if any(cell.strip() for cell in cells):
                    yield self.row(columns, cells, end + 1 + skipped)
                end = lines.line_num
        except csv.Error as error:
            reason = f"Not a table: {error}. Are its quotation marks in pairs?"
            raise ImportFailed(Remark(lines.line_num + skipped, "", reason)) from error

    def columns(self, names: list[str], line: int) -> list[str]:
        if len(names) > MOST_COLUMNS:
            raise ImportFailed(Remark(line, "", f"More than {MOST_COLUMNS} columns."))
        columns = [column_named(name) for name in names]
        for place, (name, column) in enumerate(zip(names, columns, strict=True)):
            if not column and name.strip():
                self.found.leave(line, f"No such column is known: {', '.join(COLUMNS)}.", name)
            elif column and column in columns[:place]:
                self.found.leave(line, f"Another column before it is the {column}; this one isn’t read.", name)
        if "title" not in columns:
            raise ImportFailed(Remark(line, ", ".join(names), NO_TITLE))
        self.found.is_ours = set(columns) >= OURS
        return columns

    def row(self, columns: list[str], cells: list[str], line: int) -> Row:
        if any(cells[len(columns) :]):
            self.found.fail(line, "This line has more cells than the first line has columns.", cells[0])
        pairs = [(column, cell) for column, cell in zip(columns, cells, strict=False) if column]
        return Row(line, dict(reversed(pairs)))

    def read(self) -> Reading:
        number, before = 0, 0
        for row in self.rows:
            offset = int(row["offset"]) if OFFSET.fullmatch(row["offset"]) else None
            number += offset is not None and (offset == 0 or offset < before)
            before = offset or 0
            self.take(row, (row["block"], number) if row["block"] or offset is not None else None)
        facts = Facts("", kind=self.known.event_kind, timezone=self.zone.key)
        kinds = {row["kind"] for row in self.rows}
        return self.found.reading(facts, self.known, is_exact=kinds <= set(Session.Kind.values))

    def take(self, row: Row, block: tuple[str, int] | None) -> None:
        try:
            start = self.moment(row, "start")
            minutes = self.minutes(row, start)
        except Unreadable as error:
            self.found.fail(row.line, str(error), row["title"])
            return
        number = row["id"]
        self.found.add(
            Entry(
                where=row.line,
                title=row["title"],
                minutes=minutes,
                start=start,
                source=row["uuid"] or number,
                id=int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0,
                slug=row["slug"],
                block=block,
                room=row["room"],
                track=row["track"],
                type=row["kind"],
                subtitle=row["subtitle"],
                abstract=row["abstract"],
                prerequisites=row["prerequisites"],
                links=tuple(Link(url) for url in row["links"].split()),
                level=row["level"],
                language=row["language"],
                status=STATES.get(row["status"].lower(), "planned" if row["status"] else ""),
                visibility=row["visibility"].lower(),
                people=tuple(people_in(row["speakers"])),
            )
        )

    def minutes(self, row: Row, start: datetime | None) -> int:
        end = self.moment(row, "end") if start else None
        if row["duration"]:
            return minutes_in(row["duration"])
        if start and end:
            is_next_day = end < start and bool(clock_only(row["end"]))
            return minutes_between(start, end.astimezone(self.zone) + timedelta(days=is_next_day))
        self.found.remark(row.line, f"No length is given: {UNSAID} minutes were put in.", row["title"])
        return UNSAID

    def moment(self, row: Row, column: str) -> datetime | None:
        """The date and time of one cell, or of two. Raises Unreadable."""
        text = row[column]
        day = row["date"] or text.replace("T", " ").split(" ")[0]
        if not text or text == row["date"]:
            return None
        clock = clock_only(text)
        if clock and not row["date"]:
            raise Unreadable("A time without its date.")
        if clock:
            return moment_in(f"{self.day(day)}T{clock}", self.zone)
        rest = text.partition(" ")[2]
        if WITH_DOTS.match(text) or WITH_SLASHES.match(text) or clock_only(rest):
            return moment_in(f"{self.day(day)}T{clock_in(rest)}", self.zone)
        return moment_in(text, self.zone)

    def day(self, text: str) -> date:
        """Raises Unreadable."""
        if found := WITH_DOTS.match(text):
            return day_in(f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}")
        if found := WITH_SLASHES.match(text):
            if self.is_day_first is None:
                raise Unreadable(EITHER)
            day, month = (found[1], found[2]) if self.is_day_first else (found[2], found[1])
            return day_in(f"{found[3]}-{month:0>2}-{day:0>2}")
        return day_in(text)


def is_table(text: str) -> bool:
    """Whether the first line names columns: a title among them, or little else, above a line of as many cells."""
    first, second, *_ = [*text[:10_000].split("\n", 2), ""]
    cells = PARTING.split(first)
    named = {column_named(cell) for cell in cells} - {""}
    if first.startswith("sep="):
        return True
    if "title" in named:
        return len(cells) > 1
    is_short = all(len(cell.split()) < 3 for cell in cells)
    return is_short and 1 < len(named) > len(cells) / 2 and len(PARTING.split(second)) >= len(cells)


def column_named(name: str) -> str:
    """Ours, of “Title”, “Session title” or “Start time”; empty where it is none."""
    words = re.findall(r"[a-z]+", name.lower())
    strong = [word for word in words if word not in WEAK]
    return next((NAMES[word] for word in ["".join(words), *strong, *words] if word in NAMES), "")


def clock_only(text: str) -> time | None:
    try:
        return clock_in(text)
    except Unreadable:
        return None


def day_first(dates: Iterable[str]) -> bool | None:
    """Whether dates with slashes begin with the day, by one that can only be read so; None while it is open."""
    found = [match for text in dates if (match := WITH_SLASHES.match(text))]
    if any(int(match[1]) > 12 for match in found):
        return True
    return False if any(int(match[2]) > 12 for match in found) else None


def people_in(text: str) -> Iterable[Named]:
    """Separated by semicolons or lines; by commas where there are neither."""
    parts = parts_of(text.replace("\n", ";"))
    return (Named(name) for part in parts if (name := clean_line(unquoted(part))))
