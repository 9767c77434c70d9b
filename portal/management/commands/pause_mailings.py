from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.mailings import pause
from portal.models import Mail, Mailing


class Command(BaseCommand):
    help = (
        "Pauses every mailing that is under way, until somebody lets it go on at its page. For a copy of the database "
        "that was restored: what was sent after it was made it doesn't know of. Stop the workers first."
    )

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        running = list(Mailing.objects.filter(state=Mailing.State.RUNNING))
        for mailing in running:
            mailing.mails.filter(state=Mail.State.SENDING).update(state=Mail.State.WAITING, lease_until=None)
            pause(mailing)
            held = mailing.mails.filter(state=Mail.State.HELD).count()
            self.stdout.write(f"{mailing}: paused, with {held} mails to go")
        if not running:
            self.stdout.write("No mailing is under way.")
