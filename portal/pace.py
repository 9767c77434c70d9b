"""How fast mass mail goes: MAIL_RATE a second, for all senders on all machines together."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal.models import Pace

ROW = 1
LONGEST_WAIT = 10  # seconds for a turn, by far within a lease
ASTRAY = timedelta(minutes=1)  # further ahead is only what a slower rate or a clock that was put back has left


def take_turn(now: datetime) -> float:
    """In how many seconds the next free moment to send at is. Without a rate it is at once. One that is further away
    than LONGEST_WAIT isn't taken: there are senders enough, or it is too soon for any. Then only the sweep asks again,
    so that turns that came since the last one are still to be had.

    The database decides, so that a broker that forgets can't make senders hurry.
    """
    if not settings.MAIL_RATE:
        return 0
    gap = timedelta(seconds=1 / settings.MAIL_RATE)
    late = timedelta(seconds=settings.MAIL_SWEEP if gap.total_seconds() > LONGEST_WAIT else 0)
    with transaction.atomic():
        row, _ = Pace.objects.select_for_update().get_or_create(pk=ROW, defaults={"next_at": now})
        turn = max(row.next_at, now - late) if row.next_at < now + gap + ASTRAY else now
        pause = max(0.0, (turn - now).total_seconds())
        if pause <= LONGEST_WAIT:
            Pace.objects.filter(pk=ROW).update(next_at=turn + gap)
    return pause
