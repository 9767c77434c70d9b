"""Events to look at, one at each stage: without a program, tentative by lengths, tentative with clock times, final
with updates, over."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from portal.demo.actors import secret_file, write_actors
from portal.demo.canary import hide
from portal.demo.conference import SESSIONS, load_conference
from portal.demo.stages import load_placeholder, load_school, load_workshop
from portal.demo.tutorial import fill_seats, load_tutorial

MOST_ATTENDEES = 1_000_000
MOST_SESSIONS = 5_000


class Command(BaseCommand):
    help = "Loads the demo events, one at each stage. Safe to repeat: what is there is left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--attendees", type=int, default=0, help="confirmed registrations at the tutorial")
        parser.add_argument(
            "--sessions",
            type=int,
            default=SESSIONS,
            help=f"of the conference; another number than {SESSIONS} makes one more",
        )
        parser.add_argument("--canary", default="", help="a word to put into every text that isn't released")
        parser.add_argument("--actors", type=Path, help="write logins and personal links into this file")

    def handle(
        self, *args: Any, attendees: int, sessions: int, canary: str, actors: Path | None, **options: Any
    ) -> None:
        if not 0 <= attendees <= MOST_ATTENDEES:
            raise CommandError(f"--attendees takes 0 to {MOST_ATTENDEES}.")
        if not 1 <= sessions <= MOST_SESSIONS:
            raise CommandError(f"--sessions takes 1 to {MOST_SESSIONS}.")
        file = opened(actors) if actors else None
        today = timezone.localdate()
        tutorial = load_tutorial()
        conference = load_conference(today, sessions)
        others = [load_workshop(conference, today), load_placeholder(conference, today), load_school(today)]
        if attendees:
            fill_seats(tutorial, attendees)
        if canary:
            hide(canary, tutorial)
        if file:
            write_actors(file, tutorial, conference)
        self.stdout.write("Ready: " + ", ".join(f"/{event.slug}/" for event in (tutorial, conference, *others)))


def opened(path: Path) -> TextIO:
    """Before anything is made. Raises CommandError."""
    try:
        return secret_file(path)
    except OSError as error:
        raise CommandError(f"Can't write {path}: {error.strerror or error}.") from error
