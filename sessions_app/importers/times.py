"""Lengths, moments and time zones as other programs write them."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.zones import zone_names
from sessions_app.models import LONGEST

FIRST_YEAR, LAST_YEAR = 1970, 2199
SPAN = re.compile(r"(?:(?P<hours>\d{1,4}):(?P<minutes>\d{1,2})(?::(?P<seconds>\d{1,2}))?|(?P<all>\d{1,6}))")
IN_WORDS = re.compile(
    r"(?=\d)(?:(?P<hours>\d{1,4})\s*h(?:ours?)?)?\s*(?:(?P<all>\d{1,6})\s*m(?:in(?:ute)?s?)?)?\.?", re.I
)
CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?(?:\s?(?P<half>[ap])\.?m\.?)?", re.I)


class Unreadable(Exception):
    """What is wrong with a length or a time, for its place in the file."""


def minutes_in(text: str) -> int:
    """The minutes of "H:MM", "HH:MM", "HH:MM:SS", "45" or "1 h 30 min". Raises Unreadable."""
    found = SPAN.fullmatch(text.strip()) or IN_WORDS.fullmatch(text.strip())
    if not found:
        raise Unreadable("Not a length: write hours and minutes, as in 1:30.")
    hours, minutes, alone = (int(found.groupdict().get(name) or 0) for name in ("hours", "minutes", "all"))
    return sane(hours * 60 + minutes + alone)


def minutes_between(start: datetime, end: datetime) -> int:
    """Raises Unreadable."""
    return sane(int((end - start).total_seconds() // 60))


def sane(minutes: int) -> int:
    if not 1 <= minutes <= LONGEST:
        raise Unreadable(f"A session takes 1 to {LONGEST} minutes, not {minutes}.")
    return minutes


def day_in(text: str) -> date:
    """Raises Unreadable."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise Unreadable("Not a date: write it as in 2026-03-22.") from error
    return day if in_reach(day) else unreachable()


def moment_in(text: str, zone: ZoneInfo) -> datetime:
    """A date with its time, in `zone` where it has no offset of its own. Raises Unreadable."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Unreadable("Not a time: write it as in 2026-03-22T09:00:00+01:00.") from error
    return settled(moment, zone)


def settled(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment in UTC, to the minute as all times of a program. A wall clock time that the clocks skip counts on
    from before the gap. Raises Unreadable."""
    if not in_reach(moment):
        unreachable()
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC).replace(second=0, microsecond=0)


def in_reach(day: date) -> bool:
    return FIRST_YEAR <= day.year <= LAST_YEAR


def unreachable() -> date:
    raise Unreadable(f"Years go from {FIRST_YEAR} to {LAST_YEAR}.")


def clock_in(text: str) -> time:
    """Of "9:30", "09:30:00" or "9:30 AM". Raises Unreadable."""
    if found := CLOCK.fullmatch(text.strip()):
        hour, minute, half = int(found["hour"]), int(found["minute"]), found["half"]
        if half and hour <= 12:  # there are those who write 13:00 PM
            hour = hour % 12 + 12 * (half in "pP")
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise Unreadable("Not a time of day: write it as in 09:30.")


def on_day(day: date, clock: time, zone: ZoneInfo, day_change: time = time()) -> datetime:
    """A clock time of a program's day, which goes on after midnight until `day_change`."""
    calendar_day = day + timedelta(days=clock < day_change)
    return datetime.combine(calendar_day, clock, zone).astimezone(UTC)


def zone_named(name: str) -> str:
    """The full name of a zone: "Berlin" is Europe/Berlin. Empty where there is none or several."""
    name = name.strip().replace(" ", "_")
    if name in zone_names():
        return name
    regions = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    found = [one for one in zone_names() if one in {f"{region}/{name.title()}" for region in regions}]
    return found[0] if len(found) == 1 else ""


def zone_of(moments: Iterable[str]) -> str:
    """The zone of a fixed offset that all these texts end in, empty where they differ or have none."""
    found = {match[1] for text in moments if (match := re.search(r"([+-]\d\d:\d\d)$", text.strip()))}
    offset = found.pop() if len(found) == 1 else ""
    hours = int(offset[:3]) if offset.endswith(":00") else 0
    name = f"Etc/GMT{-hours:+}" if hours else ""  # its names count the other way round
    return name if name in zone_names() else ""
