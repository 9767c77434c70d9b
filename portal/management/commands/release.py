from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.models import Event
from registration.notices import release_program
from sessions_app.diff import Change, tally
from sessions_app.models import Release
from sessions_app.publishing import ProgramError

LONGEST_NOTE = 1000


class Command(BaseCommand):
    help = "Releases the draft of an event's program and queues the mails about it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, such as asplos-2026-tutorial")
        parser.add_argument("--stage", required=True, choices=Release.Stage.values)
        parser.add_argument("--note", default="", help="shown with the release and in the mails")
        parser.add_argument("--no-mail", action="store_true", help="tell nobody")

    def handle(self, **options: Any) -> None:
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event “{options['event']}”.")
        if len(options["note"]) > LONGEST_NOTE:
            raise CommandError(f"The note is longer than {LONGEST_NOTE} characters.")
        try:
            release, mails = release_program(
                event, options["stage"], note=options["note"], is_mailed=not options["no_mail"]
            )
        except ProgramError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report(release, mails))


def report(release: Release, mails: int) -> str:
    counts = tally([Change(**change) for change in release.changes])
    changes = f"{counts.added} added, {counts.moved} moved, {counts.removed} removed"
    return f"release {release.number} ({release.stage}): {changes}; {mails} mails"
