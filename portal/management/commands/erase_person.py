from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from portal.management.commands.export_person import add_person, event_of
from portal.models import Event
from portal.text import address_key
from registration import privacy
from sessions_app.models import Speaker
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


def speakers_of(address: str, event: Event | None) -> list[Speaker]:
    found = Speaker.objects.filter(email__iexact=address)
    found = found.filter(event=event) if event else found
    return [one for one in found if address_key(one.email) == address_key(address)]
