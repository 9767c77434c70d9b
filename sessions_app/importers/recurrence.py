"""When an entry of a calendar repeats, by its RRULE (RFC 5545), in wall clock time and within bounds."""

import re
from datetime import datetime, timedelta
from itertools import islice

from dateutil.rrule import rrulestr

MOST = 1000  # repetitions of one entry
LONGEST = timedelta(days=366)
CYCLE = 400  # years after which all days fall on the same weekdays again
LAST = 9998  # the year before the last one there is
PART = re.compile(
    r"FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)|COUNT=(?P<count>\d{1,9})|UNTIL=\w+|INTERVAL=[1-9]\d{0,3}|WKST=[A-Z]{2}"
    r"|BY(?:DAY|MONTH|MONTHDAY|YEARDAY|WEEKNO)=[-+,A-Z0-9]{1,400}"
)


class Unbounded(Exception):
    """Why a rule isn't followed."""


def repeated(rule: str, first: datetime, last: datetime) -> list[datetime]:
    """The naive times from `first` to `last` that the rule names. Raises Unbounded."""
    parts = [PART.fullmatch(part) for part in rule.upper().split(";") if part]
    if not all(parts):
        raise Unbounded(f"No program repeats by such a rule: {rule[:80]}.")
    count = next((int(part["count"]) for part in parts if part and part["count"]), MOST + 1)
    kept = [part[0] for part in parts if part and not part[0].startswith(("COUNT=", "UNTIL="))]
    years = (LAST - first.year) // CYCLE * CYCLE  # later, where a rule that never comes true soon has no days left
    try:
        start, end = (one.replace(year=one.year + years) for one in (first, min(last, first + LONGEST)))
        every = rrulestr(";".join([*kept, f"UNTIL={end:%Y%m%dT%H%M%S}"]), dtstart=start)
        times = [one.replace(year=one.year - years) for one in islice(every, min(count, MOST + 1))]
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        raise Unbounded(f"The rule can't be read: {rule[:80]}.") from error
    if len(times) > MOST:
        raise Unbounded(f"Repeats more than {MOST} times.")
    return times
