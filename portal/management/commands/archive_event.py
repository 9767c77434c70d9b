"""Writes an event's public pages and files into a folder that any file server can show."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.archive.folder import Occupied, replacing
from portal.archive.site import Archive, Broken
from portal.links import absolute
from portal.models import Event


class Command(BaseCommand):
    help = "Write what is public of an event into a folder, as pages and files that need no server of Lectern."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, such as asplos-2026-tutorial")
        parser.add_argument("folder", help="made if there is none; an older archive of the event is replaced")

    def handle(self, *args: Any, **options: Any) -> None:
        event = Event.objects.public().filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no public event “{options['event']}”.")
        folder = Path(options["folder"]).resolve()
        try:
            with replacing(folder, event.slug, absolute(event.get_absolute_url())) as made:
                archive = Archive(event, made)
                archive.make()
                if not Event.objects.filter(pk=event.pk, version=event.version).exists():
                    raise Broken("The event was changed meanwhile. Nothing was written; try again.")
        except (Occupied, Broken) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"Can't write {folder}: {error.strerror or error}.") from error
        self.stdout.write(f"{len(archive.files)} files in {folder}; begin with index.html.")
