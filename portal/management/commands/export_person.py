import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import Event
from registration import privacy


def add_person(parser: ArgumentParser) -> None:
    parser.add_argument("address", help="the mail address of the person")
    parser.add_argument("--event", default="", help="the slug of one event; without it, all events")


def event_of(slug: str) -> Event | None:
    if not slug:
        return None
    event = Event.objects.filter(slug=slug).first()
    if event is None:
        raise CommandError(f"There is no event “{slug}”.")
    return event


class Command(BaseCommand):
    help = "Prints all that is kept of a person, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser)

    def handle(self, *, address: str, event: str, **options: Any) -> None:
        found = privacy.export(address, event_of(event))
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
