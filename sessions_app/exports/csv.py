"""A table of all sessions for spreadsheets, cancelled ones and breaks included. docs/api.md describes the columns."""

import csv
from datetime import datetime
from io import StringIO

from django.urls import reverse

from portal.links import absolute
from portal.models import Event
from portal.text import IN_MARKDOWN, cell_text, clean_line, clean_text
from sessions_app.program import Item, Program
from sessions_app.quoting import quoted
from sessions_app.releases import Published

MEDIA_TYPE = "text/csv; charset=utf-8; header=present"
MARK = "\ufeff"  # Excel reads the file as UTF-8 by it
COLUMNS = [
    "id",
    "uuid",
    "slug",
    "title",
    "subtitle",
    "kind",
    "status",
    "visibility",
    "block",
    "offset",
    "duration",
    "start",
    "end",
    "room",
    "track",
    "level",
    "language",
    "speakers",
    "abstract",
    "prerequisites",
    "links",
    "page",
]
NUMBERS = {"id", "offset", "duration"}


def schedule(event: Event, published: Published) -> bytes:
    program = published.program
    titles = {block.uuid: block.title for block in program.blocks}
    file = StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for item in program.items:
        cells = row(event, program, item) | {"block": clean_line(titles.get(item.block, ""))}
        writer.writerow(
            {name: cell if name in NUMBERS else cell_text(cell, IN_MARKDOWN) for name, cell in cells.items()}
        )
    return (MARK + file.getvalue()).encode()


def row(event: Event, program: Program, item: Item) -> dict[str, str]:
    return {
        "id": str(item.id),
        "uuid": item.uuid,
        "slug": item.slug,
        "title": clean_line(item.title),
        "subtitle": clean_line(item.subtitle),
        "kind": item.kind,
        "status": item.status,
        "visibility": item.visibility,
        "offset": str(item.offset),
        "duration": str(item.duration),
        "start": local(program, item.start),
        "end": local(program, item.end),
        "room": clean_line(program.room_name(item)),
        "track": clean_line(program.track_name(item)),
        "level": item.level,
        "language": item.language,
        "speakers": "; ".join(quoted(clean_line(person.name)) for person in program.people_of(item)),
        "abstract": clean_text(item.abstract),
        "prerequisites": clean_text(item.prerequisites),
        "links": " ".join(link.url for link in item.links),
        "page": absolute(reverse("sessions_app:session", args=[event.slug, item.slug])),
    }


def local(program: Program, moment: datetime | None) -> str:
    return moment.astimezone(program.zone).isoformat(timespec="seconds") if moment else ""
