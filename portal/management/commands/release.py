from argparse import ArgumentParser
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.models import Event
from portal.organizing import EventTime
from registration.notices import release_program
from registration.timer import set_time
from sessions_app.access import in_words
from sessions_app.diff import Change, tally
from sessions_app.models import Release
from sessions_app.publishing import ProgramError

LONGEST_NOTE = 1000


class Command(BaseCommand):
    help = "Releases the draft of an event's program and queues the mails about it, now or at a set time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, such as asplos-2026-tutorial")
        parser.add_argument("--stage", required=True, choices=Release.Stage.values)
        parser.add_argument("--note", default="", help="shown with the release and in the mails")
        parser.add_argument("--no-mail", action="store_true", help="tell nobody")
        parser.add_argument("--at", help="when, instead of now, in the event's zone: 2026-02-17T09:00")

    def handle(self, **options: Any) -> None:
        event = Event.objects.filter(slug=options["event"]).first()
        if event is None:
            raise CommandError(f"There is no event “{options['event']}”.")
        if len(options["note"]) > LONGEST_NOTE:
            raise CommandError(f"The note is longer than {LONGEST_NOTE} characters.")
        wishes = {"note": options["note"], "is_mailed": not options["no_mail"]}
        try:
            if options["at"]:
                timed = set_time(event, moment(options["at"], event), options["stage"], **wishes)
                self.stdout.write(f"will release as {timed.stage} on {in_words(timed.at, event.zone)}")
            else:
                self.stdout.write(report(*release_program(event, options["stage"], **wishes)))
        except ProgramError as error:
            raise CommandError(str(error)) from error


def moment(text: str, event: Event) -> datetime:
    """A time as organizers type it; with an offset of its own it may be of any zone."""
    try:
        with timezone.override(event.zone):
            return cast(datetime, EventTime().clean(text))
    except ValidationError as error:
        raise CommandError(f"--at: {' '.join(error.messages)} Write it as 2026-02-17T09:00.") from error


def report(release: Release, mails: int) -> str:
    counts = tally([Change(**change) for change in release.changes])
    changes = f"{counts.added} added, {counts.moved} moved, {counts.removed} removed"
    return f"release {release.number} ({release.stage}): {changes}; {mails} mails"
