"""Lighthouse's scores of the public pages of a small and of a large event, as a phone and as a desktop see them.

Needs Node. Lighthouse itself is put into var/, and is no part of the tests.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.ground import ground
from tests import services

VERSION = "12.8.2"
ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / "var" / "lighthouse"
LEAST = 95
TRIES = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = (
    "deepspeed-tutorial/",
    "deepspeed-tutorial/schedule/",
    "deepspeed-tutorial/sessions/introduction-and-motivation/",
    "lanterna-1000/",
    "lanterna-1000/schedule/",
    "lanterna-1000/schedule/all/",
    "lanterna-1000/sessions/a-city-that-watches-the-water/",
    "lanterna-1000/speakers/",
)


def scores(address: str, *options: str) -> list[int]:
    """Of CATEGORIES, and the layout shift in thousandths."""
    command = [HOME / "node_modules/.bin/lighthouse", address, "--quiet", "--output=json", *options]
    flags = "--chrome-flags=--headless=new --no-sandbox --disable-gpu"
    report = json.loads(said([*command, flags]))
    found = [round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES]
    return [*found, round(1000 * report["audits"]["cumulative-layout-shift"]["numericValue"])]


def said(command: Sequence[str | Path]) -> bytes:
    """At times it loses the beginning of its own recording and asks to be run again."""
    for _ in range(TRIES):
        answer = subprocess.run(command, capture_output=True, env=environment())
        if not answer.returncode:
            return answer.stdout
    raise RuntimeError(answer.stderr.decode()[-1000:])


def environment() -> dict[str, str]:
    return os.environ | {"CHROME_PATH": services.chromium()}


def measured(port: int) -> Iterator[tuple[str, str, list[int]]]:
    for page in PAGES:
        for device, options in (("phone", ()), ("desktop", ("--preset=desktop",))):
            yield page, device, scores(f"http://localhost:{port}/{page}", *options)


def main() -> int:
    install = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", HOME, f"lighthouse@{VERSION}"]
    subprocess.run(install, check=True)
    worst = 100
    with ground("sqlite") as found:
        found.production.manage("seed_demo", "--sessions", "1000")
        print(f"{'':60}{'':9}" + "".join(f"{name:>16}" for name in (*CATEGORIES, "shift/1000")))
        for page, device, points in measured(found.product):
            print(f"{page:60}{device:9}" + "".join(f"{point:16}" for point in points), flush=True)
            worst = min(worst, *points[:-1])
    return int(worst < LEAST)


if __name__ == "__main__":
    sys.exit(main())
