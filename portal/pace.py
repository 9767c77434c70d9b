"""How fast mass mail goes: MAIL_RATE a second, for all senders on all machines together."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal.models import Pace

ROW = 1


def wait_for_turn(now: datetime) -> float:
    """Take the next free moment to send at, and tell in how many seconds it is. Without a rate it is at once.

    The database decides, so that a broker that forgets can't make senders hurry.
    """
    if not settings.MAIL_RATE:
        return 0
    gap = timedelta(seconds=1 / settings.MAIL_RATE)
    with transaction.atomic():
        row, _ = Pace.objects.select_for_update().get_or_create(pk=ROW, defaults={"next_at": now})
        turn = max(row.next_at, now)
        Pace.objects.filter(pk=ROW).update(next_at=turn + gap)
    return (turn - now).total_seconds()
