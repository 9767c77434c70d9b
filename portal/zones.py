"""The time zones there are."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> frozenset[str]:
    """Looked up once a process: it takes reading some hundred files."""
    return frozenset(available_timezones())
