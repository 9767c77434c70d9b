"""Lengths, block starts and pins to clock times. Pure, in UTC, so that a change of the clocks never bends a length."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class Slot:
    """What is known of a session: its minutes, and a clock time of its own if it is pinned."""

    duration: int
    pin: datetime | None = None


@dataclass(frozen=True)
class Placed:
    """Where a session came to lie. `offset` is minutes after the block's start; `slack` the minutes of empty time
    before it, negative where what stands before it overruns its pin."""

    offset: int
    start: datetime | None
    end: datetime | None
    slack: int = 0


def lay_out(slots: Iterable[Slot], start: datetime | None = None) -> list[Placed]:
    """Let the sessions of a block flow one after the other; pinned ones stay where they are, and nothing flows into
    one that isn't over.

    Without `start`, the first pin gives the block its clock: what flows before it is counted back from it.
    """
    slots = list(slots)
    origin = start.astimezone(UTC) if start else origin_from_pins(slots)
    placed: list[Placed] = []
    over = 0  # all that stands before; of the first its block's start
    for slot in slots:
        flowing = max(0, over)
        offset = minutes_between(origin, slot.pin) if origin and slot.pin else flowing
        begin = origin + timedelta(minutes=offset) if origin else None
        end = begin + timedelta(minutes=slot.duration) if begin else None
        placed.append(Placed(offset, begin, end, offset - (over if slot.pin else flowing)))
        over = max(over, offset + slot.duration) if placed[1:] else offset + slot.duration
    return placed


def pins(wanted: Iterable[tuple[int, datetime | None]], start: datetime | None) -> list[datetime | None]:
    """The fewest pins with which sessions of these lengths begin when they should, in a block with this start. Who
    should begin at no certain time flows."""
    found: list[datetime | None] = []
    cursor = start
    for minutes, begin in wanted:
        found.append(begin if begin != cursor else None)
        begin = begin or cursor
        end = begin + timedelta(minutes=minutes) if begin else None
        cursor = max(cursor, end) if cursor and end else end
    return found


def origin_from_pins(slots: list[Slot]) -> datetime | None:
    before = 0
    for slot in slots:
        if slot.pin:
            return slot.pin.astimezone(UTC) - timedelta(minutes=before)
        before += slot.duration
    return None


def minutes_between(earlier: datetime, later: datetime) -> int:
    return int((later - earlier).total_seconds() // 60)
