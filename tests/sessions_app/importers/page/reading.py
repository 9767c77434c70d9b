"""Reading pages in tests, and what is asked of a reading."""

import re

from portal.text import clean_line
from sessions_app.importers import page
from sessions_app.importers.report import Known, Reading


def read(text: str, known: Known | None = None) -> Reading:
    return page.read(text.encode(), known)


def program_page(*lines: str) -> str:
    return "\n".join(["A Page", "Program", *lines])


def sessions(reading: Reading) -> list[tuple[str, str, int, int, list[str]]]:
    found = reading.program
    return [
        (item.title, item.kind, item.offset, item.duration, [one.name for one in found.people_of(item)])
        for item in found.items
    ]


def titles(reading: Reading) -> list[tuple[str, int]]:
    return [(item.title, item.duration) for item in reading.program.items]


def filled_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1) if clean_line(line)}


def accounted_lines(reading: Reading) -> set[int]:
    unplaced = {remark.line for remark in reading.report.unplaced}
    assert not unplaced & set(reading.report.placed)
    return unplaced | set(reading.report.placed)
