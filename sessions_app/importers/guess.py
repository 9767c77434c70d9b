"""Which format a file has, by its contents."""

import re

from portal.text import printable
from sessions_app.importers import csv
from sessions_app.importers.report import ImportFailed, Remark

HEAD = 200_000  # bytes that are looked at
PACKED = {
    b"\x1f\x8b": "This file is compressed (gzip). Unpack it and take what is inside.",
    b"PK\x03\x04": "This is a ZIP archive or a spreadsheet. Unpack it, or save the table as CSV.",
    b"%PDF": "This is a PDF, which holds no program that could be read. Take the page's text.",
    b"\xd0\xcf\x11\xe0": "This is an old office document. Save the table as CSV, or the text as plain text.",
}
XML = {"ical": re.compile(r"<icalendar\b|<vcalendar\b", re.I), "frab": re.compile(r"<schedule\b", re.I)}
JSON = {
    "c3voc": re.compile(r'"schedule"\s*:\s*\{.*"conference"\s*:', re.S),
    "sessionize": re.compile(r'"startsAt"\s*:'),
    "pretalx": re.compile(r'"submission_type"\s*:|"submissions?"\s*:|"results"\s*:|"talks"\s*:\s*\[|"biography"\s*:'),
}
NOT_READ = {
    "This is frab's list of events or speakers. Import its schedule.xml or schedule.json, which has all.": re.compile(
        r'"conference_events"\s*:|"schedule_speakers"\s*:'
    ),
    "This is Open Event's JSON, which isn't read. Export the event as iCalendar or XML and import that.": re.compile(
        r'"(?:starts-at|session-type|photo-url|is-featured)"\s*:'
    ),
}
SORTED_YAML = re.compile(rb"^lectern\s*:\s*1\s*$", re.M)  # whose writer put “blocks” and “event” first
NO_JSON = "This JSON is none that is read: of the c3voc, pretalx, or Sessionize."


def refuse_packed(data: bytes) -> None:
    """Raises ImportFailed for what is no text at all."""
    for magic, reason in PACKED.items():
        if data.startswith(magic):
            raise ImportFailed(Remark(0, "", reason))


def guess(data: bytes) -> str:
    """A name of FORMATS. Raises ImportFailed where it is known that none will do."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    head = printable(data[:HEAD].decode(encoding, "ignore")).lstrip()
    if re.match(r"<!doctype html|<html\b", head, re.I):
        return "page"
    if head.startswith("<"):
        return next((name for name, mark in XML.items() if mark.search(head)), "frab")
    if head.startswith(("{", "[")):
        return guess_json(head)
    if head[:200].upper().startswith("BEGIN:VCALENDAR"):
        return "ical"
    if re.search(r"^lectern\s*:", head[:2000], re.M) or SORTED_YAML.search(data):
        return "yaml"
    return "csv" if csv.is_table(head) else "page"


def guess_json(head: str) -> str:
    for reason, mark in NOT_READ.items():
        if mark.search(head):
            raise ImportFailed(Remark(0, "", reason))
    found = next((name for name, mark in JSON.items() if mark.search(head)), "")
    if not found:
        raise ImportFailed(Remark(0, "", NO_JSON))
    return found
