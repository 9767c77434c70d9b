"""What the scheduler has done for the seats. Safe to run at any time, twice, or not at all."""

from celery import shared_task

from registration import booking


@shared_task
def expire() -> None:
    booking.expire()
