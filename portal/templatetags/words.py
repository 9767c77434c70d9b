"""How templates say lengths, offsets, times, texts and files."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from portal import text

register = template.Library()


@register.filter
def markdown(source: str) -> SafeString:
    return text.markdown(source)


@register.filter
def excerpt(source: str, length: int = 200) -> str:
    return text.excerpt(source, length)


@register.filter("minutes")  # "length" is Django's own filter
def length(minutes: int) -> str:
    """45 → "45 min", 210 → "3 h 30 min", 180 → "3 h"."""
    hours, rest = divmod(minutes, 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


@register.filter
def offset(minutes: int) -> str:
    """45 → "+0:45"."""
    return f"+{minutes // 60}:{minutes % 60:02}"


@register.filter
def clock(moment: datetime) -> str:
    """Hours and minutes of a time that is in its zone already."""
    return f"{moment:%H:%M}"


@register.filter
def at(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same moment in this zone."""
    return moment.astimezone(zone)


@register.filter
def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


@register.filter
def day(moment: date) -> str:
    """2026-03-22 → "March 22, 2026"."""
    return f"{moment:%B} {moment.day}, {moment.year}"


@register.filter
def weekday(moment: date) -> str:
    """2026-03-22 → "Sunday, March 22, 2026"."""
    return f"{moment:%A}, {day(moment)}"


@register.filter
def through(first: date, last: date | None) -> str:
    """ "Sunday, March 22, 2026" for one day, else "March 22 – 24, 2026"."""
    if last is None or (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return weekday(first)
    if first.year != last.year:
        return f"{day(first)} – {day(last)}"
    end = f"{last.day}" if first.month == last.month else f"{last:%B} {last.day}"
    return f"{first:%B} {first.day} – {end}, {last.year}"


@register.filter
def size(octets: int) -> str:
    """2_100_000 → "2.1 MB"."""
    for unit, of_it in (("GB", 10**9), ("MB", 10**6), ("kB", 1000)):
        if octets >= of_it:
            return f"{octets / of_it:.1f} {unit}"
    return f"{octets} bytes"


@register.filter
def step(minutes: int) -> int:
    """The nearest length that steps.css can draw."""
    return min(round(minutes / 5) * 5 or 5, 120) if minutes < 128 else min(round(minutes / 15) * 15, 240)
