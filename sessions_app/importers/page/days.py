"""Dates as pages write them, and the promise of a final program."""

import re
from dataclasses import dataclass
from datetime import date

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
MONTH = r"(?P<{0}>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS) + r"|sept)\.?"
DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th|\.)?"
YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
TO = r"\s*(?:-|–|—|to|until|through|and|&)\s*"
OF = r"(?:\s+of)?,?\s*"
LAST = rf"(?:{TO}(?:WEEKDAY,?\s*)?(?:MONTH2\s+)?{DAY.format('last')})?"
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAY = r"\b(?:" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in WEEKDAYS) + r"|tues|thurs|thur)\b\.?"
END = LAST.replace("WEEKDAY", WEEKDAY).replace("MONTH2", MONTH.format("month2"))
FORMS = [
    re.compile(r"\b(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?!\d)"),
    re.compile(rf"\b{MONTH.format('month')}\s*{DAY.format('day')}{END}(?:,\s*|\s+){YEAR}", re.I),
    re.compile(
        rf"\b{DAY.format('day')}(?:{TO}{DAY.format('last')})?{OF}{MONTH.format('month')}{OF}{YEAR}",
        re.I,
    ),
    re.compile(
        rf"\b{DAY.format('day')}{OF}{MONTH.format('month')}"
        rf"{TO}{DAY.format('last')}{OF}{MONTH.format('month2')}{OF}{YEAR}",
        re.I,
    ),
    re.compile(r"\b(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d\d)(?!\d)"),
    re.compile(r"\b(?P<one>\d{1,2})/(?P<two>\d{1,2})/(?P<year>(?:19|20)\d\d)(?!\d)"),
]
WITHOUT_YEAR = re.compile(
    rf"\b(?:{MONTH.format('a')}\s*\d{{1,2}}(?!\d)|\d{{1,2}}(?:st|nd|rd|th|\.)?\s+{MONTH.format('b')})(?!\w)", re.I
)
WEEKDAY_IN_FRONT = re.compile(rf"(?:{WEEKDAY}(?:{TO}{WEEKDAY})?)?[\s,(]*$", re.I)
FINAL = re.compile(r"\bfinal(?:i[sz]ed)?\b", re.I)
PROGRAM = re.compile(r"\b(?:program(?:me)?|schedule|agenda|timetable)\b", re.I)


@dataclass(frozen=True)
class Days:
    """`first` to `last`, and the text without them."""

    first: date
    last: date
    rest: str


class NoSuchDay(ValueError):
    """What looks like a date but isn't one, or could be two."""


def days_in(text: str) -> Days | None:
    """The first date of a text, or the span of dates. Raises NoSuchDay."""
    found = min(
        (found for form in FORMS if (found := form.search(text))),
        key=lambda found: (found.start(), -found.end()),
        default=None,
    )
    if found is None:
        return None
    part = found.groupdict()
    last_month = part.get("month2") or part.get("month")
    first = slashed(part, found[0]) if "one" in part else day_of(part, part["month"], part["day"], found[0])
    last = day_of(part, last_month, part["last"], found[0]) if part.get("last") else first
    if last < first:
        raise NoSuchDay(f"“{found[0]}” ends before it starts.")
    before = WEEKDAY_IN_FRONT.sub("", text[: found.start()])
    return Days(first, last, f"{before} {text[found.end() :]}".strip())


def day_of(part: dict[str, str], month: str | None, day: str, shown: str) -> date:
    assert month
    number = int(month) if month.isdigit() else [name[:3] for name in MONTHS].index(month[:3].lower()) + 1
    return real_day(int(part["year"]), number, int(day), shown)


def slashed(part: dict[str, str], shown: str) -> date:
    one, two, year = int(part["one"]), int(part["two"]), int(part["year"])
    if one != two and one <= 12 and two <= 12:
        raise NoSuchDay(f"“{shown}” can be read in two ways. Write the month as a word.")
    month, day = (two, one) if one > 12 else (one, two)
    return real_day(year, month, day, shown)


def real_day(year: int, month: int, day: int, shown: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise NoSuchDay(f"“{shown}” is not a day of the calendar.") from error


def lacks_year(text: str) -> bool:
    return bool(WITHOUT_YEAR.search(text))


def due_in(text: str) -> date | None:
    """The day a sentence promises the final program for. Raises NoSuchDay."""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text):
        if FINAL.search(sentence) and PROGRAM.search(sentence) and (days := days_in(sentence)):
            return days.first
    return None


def weekday_in(text: str) -> int | None:
    """Monday is 0."""
    found = re.match(rf"(?P<name>{WEEKDAY})", text, re.I)
    return [name[:3] for name in WEEKDAYS].index(found["name"][:3].lower()) if found else None


def is_dated(text: str) -> bool:
    """Whether there is a month or a weekday in a text, as in "March 2026"."""
    return bool(re.search(rf"\b{MONTH.format('month')}(?!\w)", text, re.I)) or weekday_in(text) is not None
