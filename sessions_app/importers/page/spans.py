"""Lengths and clock times in a line: what they say, and the line without them."""

import re
from dataclasses import dataclass

NUMBER = r"\d{1,7}(?:[.,]\d{1,2})?"
SPELLED = {"a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "half": 0.5, "half an": 0.5}
FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
HOURS = (
    r"(?:(?P<whole>\d*)(?P<fraction>[½¼¾])|(?P<hours>"
    + NUMBER
    + r")|(?P<spelled>half an?|half|an?|one|two|three|four))"
    r"\s*-?\s*(?:hours?|hrs?\b\.?|(?-i:h))"
)
MINUTE = r"(?:minutes?|mins?\b\.?|(?-i:m)\b|['’′´])"  # "340M" is no length
COUNT = r"(?P<minutes>\d{1,3}(?:,\d{3})+|\d{1,7})"
LENGTH = rf"(?:{HOURS}(?:\s*(?:and|,|&)?\s*(?P<extra>\d{{1,4}})\s*{MINUTE}?)?|{COUNT}\s*-?\s*{MINUTE})"
ABOUT = r"(?:(?:approx(?:\.|imately)?|about|around|circa|ca\.?|c\.|~|≈|duration:?|length:?|time:?)\s*)*"
WHOLE_LENGTH = re.compile(rf"{ABOUT}{LENGTH}", re.I)
LEADING_LENGTH = re.compile(rf"{ABOUT}{LENGTH}\s*(?:[:–—|]|\s-\s)\s*(?=\S)", re.I)
PARTED_LENGTH = re.compile(rf"(?:\s+[–—-]\s*|\s*[,;|:]\s*){ABOUT}{LENGTH}\s*$", re.I)
PLAIN_LENGTH = re.compile(r"(?<=\s)\d{1,7}(?:[.,]\d{1,2})?\s*(?:minutes|mins?\.?|hours?)$", re.I)
LEADS_ON = re.compile(r"\b(?:in|for|of|every|within|under|about|only|just|than|by|to|first|last)$", re.I)
GROUP = re.compile(r"[(\[]([^()\[\]]*)[)\]]")

MERIDIEM = r"(?:\s*(?P<{0}x>[ap])\.?\s?m\b\.?)"
TIME = r"(?P<{0}h>\d{{1,2}})(?:[:.h](?P<{0}m>\d{{2}}))?(?![\d/])" + MERIDIEM + "?"
TO = r"\s*(?:-|–|—|−|~|to|until|till)\s*"
RANGE = re.compile(TIME.format("a") + TO + TIME.format("b"), re.I)
SINGLE = re.compile(
    r"(?P<ah>\d{1,2})(?:(?::|(?<=[789])h|(?<=1\d)h)(?P<am>\d{2})(?!\d)(?:\s*(?P<ax>[ap])\.?\s?m\b\.?)?|(?:\.(?P<an>\d{2}))?\s*(?P<ay>[ap])\.?\s?m\b\.?)",
    re.I,
)
AROUND = " \t:|,;–—-−"
NOON = 12 * 60
DAY = 24 * 60


@dataclass(frozen=True)
class Length:
    """`rest` is the text it belongs to; `more` what stood with it in brackets, `after` what came after them."""

    minutes: int
    rest: str
    more: str = ""
    after: str = ""


@dataclass(frozen=True)
class Clock:
    """Minutes after midnight. `is_plain`: without am or pm, and not written as 09:00, so 1:30 may be 13:30."""

    begin: int
    end: int | None
    is_plain: bool


class NoSuchTime(ValueError):
    """What looks like a clock time but isn't one."""


def minutes_of(found: re.Match[str]) -> int:
    part = found.groupdict()
    if part["minutes"]:
        return int(part["minutes"].replace(",", ""))
    if part["fraction"]:
        hours = int(part["whole"] or 0) + FRACTIONS[part["fraction"]]
    elif part["spelled"]:
        hours = SPELLED[" ".join(part["spelled"].lower().split()).removesuffix(" a")]
    else:
        hours = float(part["hours"].replace(",", "."))
    return round(hours * 60) + int(part["extra"] or 0)


def length_in(text: str) -> Length | None:
    """The length a line gives its session: in brackets, in front or at its end, or as the whole line."""
    return length_alone(text) or bracketed_length(text) or length_at_an_end(text)


def length_alone(text: str) -> Length | None:
    found = WHOLE_LENGTH.fullmatch(text.strip().strip("()[]–—-: ."))
    return Length(minutes_of(found), "") if found else None


def bracketed_length(text: str) -> Length | None:
    for group in reversed(list(GROUP.finditer(text))):
        parts = [part.strip() for part in re.split(r",\s|[;|]", group[1])]
        for part in parts:
            if found := WHOLE_LENGTH.fullmatch(part):
                more = ", ".join(other for other in parts if other and other != part)
                before, after = text[: group.start()].strip(AROUND), text[group.end() :].strip(AROUND)
                return Length(minutes_of(found), before or after, more, after if before else "")
    return None


def length_at_an_end(text: str) -> Length | None:
    if found := LEADING_LENGTH.match(text):
        return Length(minutes_of(found), text[found.end() :].strip(AROUND))
    if found := PARTED_LENGTH.search(text):
        return Length(minutes_of(found), text[: found.start()].strip(AROUND))
    return plain_length(text)


def plain_length(text: str) -> Length | None:
    """ "Lunch 60 minutes", but not "All of it in 60 minutes"."""
    found = PLAIN_LENGTH.search(text)
    before = text[: found.start()].strip() if found else ""
    length = WHOLE_LENGTH.fullmatch(found[0]) if found else None
    return Length(minutes_of(length), before) if length and before and not LEADS_ON.search(before) else None


def clock_in(text: str) -> tuple[Clock, str] | None:
    """A clock time, or a span of two, in front of the text, in brackets, or at its end; with the rest of the text."""
    if found := leading(text):
        return clock_of(found), text[found.end() :].strip(AROUND)
    for group in GROUP.finditer(text):
        if inner := whole(group[1].strip()):
            return clock_of(inner), f"{text[: group.start()].strip()} {text[group.end() :].strip()}".strip(AROUND)
    return trailing_clock(text)


def leading(text: str) -> re.Match[str] | None:
    text = text.rstrip()
    return span_at(text) or SINGLE.match(text)


def whole(text: str) -> re.Match[str] | None:
    spanning = RANGE.fullmatch(text)
    return spanning if spanning and is_clock_span(spanning) else SINGLE.fullmatch(text)


def span_at(text: str, position: int = 0) -> re.Match[str] | None:
    found = RANGE.match(text, position)
    return found if found and is_clock_span(found) else None


def is_clock_span(found: re.Match[str]) -> bool:
    """Whether it can be a span of time at all: "9-10" alone may be anything."""
    marks = [found[name] for name in ("ax", "bx")]
    return any(marks) or bool(found["am"] and found["bm"]) or bool(found["bm"] and ":" in found[0])


def trailing_clock(text: str) -> tuple[Clock, str] | None:
    for mark in re.finditer(r"(?:\s+[–—-]|[,;|:@]|\s+at)\s+(?=\d)|\s+(?=\d{1,2}:\d{2})", text):
        if found := whole(text[mark.end() :].strip()):
            return clock_of(found), text[: mark.start()].strip(AROUND)
    return None


def clock_of(found: re.Match[str]) -> Clock:
    """Raises NoSuchTime."""
    part = found.groupdict()
    minute, mark = part["am"] or part.get("an"), part.get("ax") or part.get("ay")
    is_plain = not (mark or part.get("bx") or part["ah"].startswith("0"))
    if part.get("bh") is None:
        return Clock(minutes_past(part["ah"], minute, mark), None, is_plain)
    end = minutes_past(part["bh"], part["bm"], part["bx"])
    begin = minutes_past(part["ah"], minute, mark or part["bx"])
    if begin >= end and not mark and part["bx"] and begin >= NOON:
        begin -= NOON
    return Clock(begin, end, is_plain)


def minutes_past(hour: str, minute: str | None, mark: str | None) -> int:
    hours, minutes = int(hour), int(minute or 0)
    if minutes > 59 or hours > (12 if mark else 24) or (mark and hours == 0) or hours * 60 + minutes > DAY:
        raise NoSuchTime(f"{hour}:{minutes:02} is not a clock time.")
    if mark:
        hours = hours % 12 + (12 if mark.lower() == "p" else 0)
    return hours * 60 + minutes
