"""What workers do for the outbox. Both are safe to run at any time, twice, or not at all."""

from celery import shared_task

from portal import delivery, mailings

# A task ends before the lease of a mail it claimed does: see MAIL_LEASE in the settings.
SOFT_LIMIT, LIMIT = 60, 70  # seconds


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def deliver_due() -> None:
    mailings.fill_all()
    delivery.drain()


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def sweep() -> None:
    """What a lost message or a killed worker left behind. The scheduler calls it every half minute."""
    mailings.heal()
    mailings.fill_all()
    delivery.drain()
