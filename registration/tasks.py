"""What the scheduler has done. All are safe to run at any time, twice, or not at all, and go by the database's clock:
those of workers may differ."""

from celery import shared_task

from portal.rows import database_time
from registration import announcements, booking, digests, purging, reminders, timer


@shared_task
def expire() -> None:
    """Free the seats held too long."""
    booking.expire(database_time())


@shared_task
def release_due() -> None:
    for pk in timer.due(database_time()):
        release_timed.delay(pk)


@shared_task
def release_timed(pk: int) -> None:
    timer.carry_out(pk, database_time())


@shared_task
def remind() -> None:
    """Tell organizers that the final program is due soon."""
    reminders.remind(database_time())


@shared_task
def announce() -> None:
    """Send the announcements whose moment has come."""
    announcements.send_due(database_time())


@shared_task
def digest() -> None:
    """Tell of materials that have opened."""
    digests.send_due(database_time())


@shared_task
def forget() -> None:
    """What is kept no longer."""
    purging.purge(database_time())
