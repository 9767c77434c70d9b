"""Writes an event to standard output: all of it as YAML, or its latest release in a format for other programs."""

import sys
from argparse import ArgumentParser
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import Event
from sessions_app import exports
from sessions_app.drafts import backstage_of, program_of
from sessions_app.exports.yaml import document
from sessions_app.feeds import refusal
from sessions_app.importers.sections import sections
from sessions_app.releases import latest


class Command(BaseCommand):
    help = "Write an event to standard output: as YAML the whole of it, draft and addresses of speakers included."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, such as asplos-2026-tutorial")
        parser.add_argument("--format", choices=["yaml", *sorted(exports.FORMATS)], default="yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event “{options['event']}”.")
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")  # whatever the terminal, formats have their own
        self.write(exported(event, options["format"]).decode())

    def write(self, text: str) -> None:
        """Raises CommandError."""
        try:
            self.stdout.write(text, ending="")
            self.stdout.flush()
        except OSError as error:
            with suppress(OSError):
                sys.stdout.close()  # or Python would try once more, and say so, at the end
            raise CommandError(f"Can't write the event: {error.strerror or error}.") from error


def exported(event: Event, form: str) -> bytes:
    """Raises CommandError where there is no release, or none with the times that the format needs."""
    if form == "yaml":
        beside = {name: section.written(event) for name, section in sections().items()}
        return document(event, program_of(event), backstage_of(event), beside)
    published = latest(event)
    data = exports.exported(event, published, form)
    if data is None:
        raise CommandError(refusal(event, published))
    return data
