"""Reads a file into an event: its facts and its draft program."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from portal.models import Event, validate_timezone
from portal.templatetags.words import length, offset
from sessions_app.importers import FORMATS, LIMIT, read
from sessions_app.importers.load import Loaded, known_of, load
from sessions_app.importers.report import ImportFailed, Reading
from sessions_app.program import Facts, Item, Program

SHOWN = 200


class Command(BaseCommand):
    help = "Make or update an event from a file, such as the text of its old page. Safe to repeat."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("event", help="the event's address, as in my-tutorial; made if there is none")
        parser.add_argument("file", help="the file to read, or - for standard input")
        parser.add_argument("--format", choices=sorted(FORMATS), default="", help="else the one the file looks like")
        parser.add_argument("--dry-run", action="store_true", help="show the result and save nothing")
        parser.add_argument("--timezone", default="", help="the event's time zone, as in America/New_York")

    def handle(self, *args: Any, **options: Any) -> None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # names have letters that not every terminal has
        event = Event.objects.filter(slug=options["event"]).first()
        known = known_of(event, checked(options["timezone"]))
        form = options["format"]
        data = contents(options["file"], FORMATS[form].limit if form else LIMIT)
        try:
            reading = read(data, known, form)
            loaded = load(options["event"], reading, is_dry_run=options["dry_run"])
        except ImportFailed as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
        self.tell(loaded, reading, is_dry_run=options["dry_run"])

    def tell(self, loaded: Loaded, reading: Reading, *, is_dry_run: bool) -> None:
        report = reading.report
        self.section(reading.facts.title, described(loaded.slug, reading.facts))
        total = length(loaded.program.minutes()) if loaded.program.items else "no sessions"
        self.section(f"Program: {total}", rows(loaded.program))
        self.section(f"Changes: {tally(loaded)}", shortened(loaded.changes) or ["nothing to change"])
        self.section("Kept", loaded.kept)
        self.section("Missing", report.missing)
        self.section("Not placed", shortened([str(remark) for remark in report.unplaced]))
        self.section("Remarks", shortened([str(remark) for remark in report.remarks]))
        if is_dry_run:
            self.stdout.write("Dry run: nothing was saved.")
        else:
            stage = "tentative" if report.is_tentative else "tentative or final"
            self.stdout.write(f"Not public yet: release the program as {stage} in the admin or with manage.py release.")

    def section(self, title: str, lines: Any) -> None:
        shown = [f"  {line}" for line in lines]
        if shown:
            self.stdout.write("\n".join([title, *shown]) + "\n\n")


def checked(timezone: str) -> str:
    if timezone:
        try:
            validate_timezone(timezone)
        except ValidationError as error:
            raise CommandError(f"--timezone: {error.message}") from error
    return timezone


def contents(name: str, limit: int) -> bytes:
    """At most a little more than the limit, which the reader then refuses."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit + 1)
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"Can't read {name}: {reason}.") from error


def tally(loaded: Loaded) -> str:
    return f"{loaded.new} sessions new, {loaded.changed} changed, {loaded.unchanged} unchanged"


def shortened(lines: Sequence[str]) -> list[str]:
    """What fits on a few screens; a conference has thousands of them."""
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"… and {rest} more"] if rest > 0 else [])]


def described(slug: str, facts: Facts) -> list[str]:
    when = " to ".join(day.isoformat() for day in (facts.starts_on, facts.ends_on) if day)
    found = {
        "subtitle": facts.subtitle,
        "address": f"/{slug}/",
        "host event": facts.host,
        "date": when,
        "time zone": facts.timezone,
        "venue": facts.venue,
        "final program due": facts.final_program_due.isoformat() if facts.final_program_due else "",
    }
    texts = {
        name: getattr(facts, name) for name in ("organizers", "overview", "audience", "prerequisites", "additional")
    }
    return [f"{name}: {value}" for name, value in found.items() if value] + [
        f"{name}: {len(text.split())} words" for name, text in texts.items() if text
    ]


def rows(program: Program) -> list[str]:
    """Each block's sessions, with clock times where they are known and offsets where not."""
    found: list[str] = []
    for block in program.blocks:
        items = program.items_of(block)
        found += [f"[{block.title}]"] if block.title and items else []
        found += [row(program, item) for item in items]
    return found


def row(program: Program, item: Item) -> str:
    when = f"{item.start.astimezone(program.zone):%Y-%m-%d %H:%M}" if item.start else f"{offset(item.offset):>6}"
    names = ", ".join(person.name for person in program.people_of(item))
    abstract = f" [abstract: {len(item.abstract.split())} words]" if item.abstract else ""
    return f"{when}  {length(item.duration):>10}  {item.kind:<8}  {item.title}{' – ' if names else ''}{names}{abstract}"
