"""What workers do for the outbox. Both are safe to run at any time, twice, or not at all."""

from time import monotonic

from celery import shared_task

from portal import delivery, mailings

# A task ends before the lease of a mail it claimed does: see MAIL_LEASE in the settings.
SOFT_LIMIT, LIMIT = 60, 70  # seconds


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def deliver_due() -> None:
    work()


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def sweep() -> None:
    """What a lost message or a killed worker left behind. The scheduler calls it every half minute."""
    mailings.heal()
    work()


def work() -> None:
    """Sending ends in time, however long the writing took: a mail mustn't be in hand when the task is ended."""
    end = monotonic() + delivery.DRAIN_SECONDS
    mailings.fill_all()
    delivery.drain(end - monotonic())
