import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import Event
from portal.text import address_key
from registration import privacy
from sessions_app.models import Speaker


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


def speakers_of(address: str, event: Event | None) -> list[Speaker]:
    found = Speaker.objects.filter(email__iexact=address).select_related("event")
    found = found.filter(event=event) if event else found
    return [one for one in found if address_key(one.email) == address_key(address)]


class Command(BaseCommand):
    help = "Prints all that is kept of a person, as JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_person(parser)

    def handle(self, *, address: str, event: str, **options: Any) -> None:
        chosen = event_of(event)
        found = privacy.export(address, chosen)
        found["speakers"] = [
            row | {"event": one.event.slug}
            for one in speakers_of(address, chosen)
            for row in privacy.plain(Speaker.objects.filter(pk=one.pk))
        ]
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
