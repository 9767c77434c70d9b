"""How templates say lengths, offsets, times, texts and files."""

from datetime import datetime

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


@register.filter
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
def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
