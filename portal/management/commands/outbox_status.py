import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.mail import status


class Command(BaseCommand):
    help = "Counts the mails of the outbox by state, and tells how long the oldest has been waiting."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        found = status()
        self.stdout.write(json.dumps(found) if options["json"] else in_words(found))


def in_words(found: dict[str, int | float | None]) -> str:
    oldest = found["oldest_waiting_seconds"]
    counts = ", ".join(f"{found[state]} {state}" for state in ("waiting", "sending", "sent", "failed"))
    return counts if oldest is None else f"{counts}; the oldest has been waiting for {oldest} s"
