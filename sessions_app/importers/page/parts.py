"""The headings inside a program: days, mornings, numbered sessions."""

import re
from dataclasses import dataclass
from datetime import date

from sessions_app.importers.page.days import NoSuchDay, days_in, weekday_in
from sessions_app.importers.page.headings import unframed
from sessions_app.importers.page.lines import Line
from sessions_app.importers.page.spans import Clock

COUNT = ["one", "two", "three", "four", "five", "six", "seven"]
DAY = re.compile(rf"^day\s*#?\s*(?P<number>\d{{1,2}}|{'|'.join(COUNT)})\b(?P<rest>.*)$", re.I)
HALF = re.compile(
    r"^(?:early |late |the )?(?:morning|afternoon|evening)(?:\s+(?:sessions?|program(?:me)?|block|part))?\b(?:\W.*|)$"
    r"|^(?:first|second|third)\s+(?:half|session|part|block)\b(?:\W.*|)$",
    re.I,
)
NUMBERED = re.compile(
    rf"^(?:session|part|block|module|track|unit|lecture)\s+(?:\d{{1,2}}|[ivx]{{1,4}}|[a-h]|{'|'.join(COUNT)})\b(?:\s*[:.–—(-].*)?$",
    re.I,
)


ORDINAL_PART = re.compile(r"(?:first|second|third)\s+(?:part|session|block)\b", re.I)


@dataclass(frozen=True)
class Part:
    """A run of sessions under one heading. `day` counts from 1, `line` is 0 for sessions without a heading."""

    line: Line | None = None
    title: str = ""
    is_day: bool = False
    day: int = 0
    on: date | None = None
    weekday: int | None = None
    clock: Clock | None = None
    minutes: int | None = None
    above: "Part | None" = None

    @property
    def full_title(self) -> str:
        above = self.above.title if self.above else ""
        return " · ".join(title for title in (above, self.title) if title)


def part_in(line: Line, text: str) -> Part | None:
    """The heading a line is, read from what is left of it without a length or clock time."""
    title = unframed(text)
    if line.is_bulleted or len(title) > 120 or not title:
        return None
    if found := DAY.match(title):
        number = found["number"].lower()
        day = int(number) if number.isdigit() else COUNT.index(number) + 1
        return Part(line, title, is_day=True, day=min(day, 31), on=date_in(found["rest"]))
    if HALF.match(title):
        return Part(line, title)
    return dated(line, title) or (Part(line, title) if NUMBERED.match(title) else None)


def dated(line: Line, title: str) -> Part | None:
    """ "Monday, March 23, 2026", or a weekday alone."""
    weekday = weekday_in(title)
    day = date_in(title)
    words = re.sub(r"\W+", " ", title).split()
    if day and len(words) <= 6:
        return Part(line, title, is_day=True, on=day, weekday=weekday)
    if weekday is not None and (
        len(words) == 1 or re.fullmatch(r"\w+[,.]?\s+\w+\.?\s+\d{1,2}|\w+[,.]?\s+\d{1,2}\s+\w+\.?", title)
    ):
        return Part(line, title, is_day=True, weekday=weekday)
    return None


def date_in(text: str) -> date | None:
    """Raises nothing: a date that isn't one is no date."""
    try:
        days = days_in(text)
    except NoSuchDay:
        return None
    return days.first if days else None


def is_half(text: str) -> bool:
    """Whether a heading with a length or hours is still a heading, and not a session."""
    title = unframed(text)
    return bool(DAY.match(title) or (HALF.match(title) and not ORDINAL_PART.match(title)))
