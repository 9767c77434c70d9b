"""Says whether what must always hold does."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from portal.invariants import leftovers, problems


class Command(BaseCommand):
    help = "Checks seats, waitlists, releases, mails and files. Exits with 1 if something is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: Any, as_json: bool, **options: Any) -> None:
        found = [*problems(), *leftovers()]
        if as_json:
            self.stdout.write(json.dumps({"ok": not found, "problems": found}, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(found) or "All is as it must be.")
        if found:
            raise CommandError(f"{len(found)} problems.")
