from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.management.commands.export_person import add_person, event_of, speakers_of
from registration import privacy
from sessions_app.redaction import redact


class Command(BaseCommand):
    help = "Forgets a person: registrations, mails, what they follow, and as a speaker in all releases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser)

    def handle(self, *, address: str, event: str, **options: Any) -> None:
        chosen = event_of(event)
        with transaction.atomic():
            count = privacy.erase_address(address, chosen)
            speakers = speakers_of(address, chosen)
            for speaker in speakers:
                redact(speaker)
        self.stdout.write(f"{count} registrations and {len(speakers)} speakers forgotten.")
