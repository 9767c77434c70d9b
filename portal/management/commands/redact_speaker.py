from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import Event
from sessions_app.redaction import named, redact, still_named


class Command(BaseCommand):
    help = "Takes somebody out of all releases of an event, whether they are still in the draft or not. Asks nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, such as asplos-2026-tutorial")
        parser.add_argument("name", help="the full name, as it stands in the program")
        parser.add_argument("--dry-run", action="store_true", help="only say whom it would take out")

    def handle(self, **options: Any) -> None:
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event “{options['event']}”.")
        found = named(event, options["name"])
        if not found:
            raise CommandError(f"Nobody of this name is in the draft or in a release of “{event.slug}”.")
        for speaker in found:
            places = still_named(speaker)
            if options["dry_run"]:
                self.stdout.write(f"{speaker.uuid}, {speaker.affiliation or 'no affiliation'}")
            else:
                self.stdout.write(f"{speaker.uuid}: taken out of {redact(speaker)} releases")
            if places:
                self.stdout.write(f"  still named in {', '.join(places)}; change that by hand")
