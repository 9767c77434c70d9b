"""What the clock says of a program: which day to show first, what is on now and next. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sessions_app.lines import Line


class DayConverter:
    """A day as 2026-03-22 in an address."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


def day_to_show(days: Iterable[date], now: datetime, zone: ZoneInfo) -> tuple[date, datetime | None]:
    """Of one or more days: today if it is one of them, else the first; and until when that holds."""
    known = sorted(days)
    today = now.astimezone(zone).date()
    turns = [day for day in (*known, *(day + timedelta(days=1) for day in known)) if day > today]
    turn = datetime.combine(min(turns), time.min, zone) if turns else None
    return (today if today in known else known[0]), turn


def on_now(lines: Iterable[Line], now: datetime) -> list[Line]:
    return [line for line in held(lines) if line.start and line.end and line.start <= now < line.end]


def on_next(lines: Iterable[Line], now: datetime) -> list[Line]:
    """The next of each room, breaks for all among them, on the first day there is any."""
    coming = sorted((line for line in held(lines) if line.start and line.start > now), key=begin)
    first: dict[str, Line] = {}
    for line in coming:
        if begin(line).date() == begin(coming[0]).date():
            first.setdefault(line.room or line.event, line)
    return list(first.values())


def next_turn(lines: Iterable[Line], now: datetime) -> datetime | None:
    """When next something begins or ends."""
    return min((moment for line in lines for moment in (line.start, line.end) if moment and moment > now), default=None)


def held(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if not line.is_cancelled]


def begin(line: Line) -> datetime:
    assert line.start
    return line.start
