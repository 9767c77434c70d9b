from typing import Any

from django.core.management.base import BaseCommand

from registration import purging


class Command(BaseCommand):
    help = "Forgets what is kept no longer, and again whom an older backup brought back. The scheduler does it hourly."

    def handle(self, **options: Any) -> None:
        done = purging.purge()
        self.stdout.write(", ".join(f"{count} {name}" for name, count in done.items()))
