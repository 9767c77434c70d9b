"""A list of people from a table, registered all together or not at all."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zipfile import BadZipFile, ZipFile

from django.db import transaction

from portal.models import Event
from portal.text import address_key
from registration import booking, consents
from registration.booking import BookingError
from registration.forms import PREFIX, RegisterForm, given_here
from registration.makers import maker
from registration.models import Question
from registration.reception import Reception

MOST_ROWS, MOST_MEGABYTES, MOST_UNPACKED = 2000, 5, 50
KNOWN = {"name", "email", "affiliation", "ticket type"}
OURS = {"event", "state", "place", "registered at", "checked in at", "note"}  # in our own tables; not read back
ZIP = b"PK\x03\x04"


class IntakeError(Exception):
    """Why a file can't be read at all; the message is shown to the user."""


class DryRunError(Exception):
    """Undoes everything at the end."""


@dataclass
class Report:
    """What came of each line, by its number in the file."""

    registered: int = 0
    waitlisted: int = 0
    known: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    is_done: bool = False


class ImportForm(RegisterForm):
    """As people fill it in, but every ticket of ours may be given."""

    def __init__(self, reception: Reception, data: dict[str, Any]) -> None:
        super().__init__(reception, data)
        self.tickets = {str(one.pk): one for one in given_here(reception)}
        if "ticket_type" in self.fields:
            self.fields["ticket_type"].choices = [(pk, one.name) for pk, one in self.tickets.items()]  # type: ignore[attr-defined]
        self.fields.pop("access_code", None)


def take_in(event: Event, data: bytes, *, is_dry: bool, confirms: bool) -> Report:
    """Each line is registered as on the page. With one error nothing is. `confirms`: the addresses are known to be
    right, so no link has to be opened."""
    header, *lines = read(data)
    report = Report(ignored=[name for name in header if name in OURS])
    columns = check_header(event, header)
    try:
        with transaction.atomic():
            for number, cells in enumerate(lines, 2):
                if any(str(cell).strip() for cell in cells if cell is not None):
                    take_line(event, number, dict(zip(columns, cells, strict=False)), report, confirms=confirms)
            if is_dry or report.errors:
                raise DryRunError
    except DryRunError:
        return report
    report.is_done = True
    return report


def check_header(event: Event, header: list[str]) -> list[str]:
    """The columns by the names of the form."""
    questions = {name: PREFIX + one.key for one in event.questions.all() for name in (one.key, one.label.casefold())}
    for name in ("name", "email"):
        if name not in header:
            raise IntakeError(f"There is no column “{name}”. The first line has to name the columns.")
    unknown = [name for name in header if name and name not in KNOWN | OURS and name not in questions]
    if unknown:
        raise IntakeError(f"Unknown column “{unknown[0]}”. Known: {', '.join(sorted(KNOWN | questions.keys()))}.")
    return [questions.get(name, name.replace(" ", "_")) for name in header]


def take_line(event: Event, number: int, cells: dict[str, Any], report: Report, *, confirms: bool) -> None:
    reception = Reception(event)
    form = ImportForm(reception, form_data(reception, cells))
    if not form.is_valid():
        faults = [f"{name.removeprefix(PREFIX)}: {' '.join(map(str, said))}" for name, said in form.errors.items()]
        report.errors.append(f"Line {number}: {'; '.join(faults)}")
        return
    if event.registrations.filter(email_key=address_key(form.details["email"])).exclude(state="cancelled").exists():
        report.known.append(f"Line {number}: {form.details['email']} is registered already and stays as it is.")
        return
    try:
        with transaction.atomic():
            made = booking.register(event, **form.details, source=consents.IMPORT)
            if confirms:
                made = booking.confirm(made)
    except BookingError as error:
        report.errors.append(f"Line {number}: {error}")
        return
    report.registered += 1
    report.waitlisted += made.state == made.State.WAITLISTED


def form_data(reception: Reception, cells: dict[str, Any]) -> dict[str, Any]:
    """Tickets go by their name; several choices are parted by semicolons."""
    data = {name: text_of(value) for name, value in cells.items()}
    tickets = {one.name.casefold(): str(one.pk) for one in reception.ticket_types}
    named = data.get("ticket_type", "").casefold()
    data["ticket_type"] = tickets.get(named, named) if named else next(iter(tickets.values()), "")
    for question in reception.questions:
        name = PREFIX + question.key
        if question.kind == Question.Kind.MANY and data.get(name):
            data[name] = [one.strip() for one in data[name].split(";")]  # type: ignore[assignment]
    return data


def text_of(value: Any) -> str:
    """An apostrophe before a formula is ours, or the spreadsheet's."""
    text = "" if value is None else str(value).strip()
    return text[1:] if text.startswith("'") else text


def read(data: bytes) -> list[list[Any]]:
    if len(data) > MOST_MEGABYTES * 1_000_000:
        raise IntakeError(f"The file is larger than {MOST_MEGABYTES} MB.")
    found = list(xlsx_rows(data) if data.startswith(ZIP) else csv_rows(data))
    if not found:
        raise IntakeError("The file is empty.")
    return [[" ".join(str(cell or "").split()).casefold() for cell in found[0]], *found[1:]]


def limited(rows: Iterator[Any]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise IntakeError(f"The file has more than {MOST_ROWS} lines. Split it.")
        yield list(row)


def xlsx_rows(data: bytes) -> Iterator[list[Any]]:
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED * 1_000_000:
                raise IntakeError(f"The file has more than {MOST_UNPACKED} MB when it is unpacked.")
        sheet = maker("read_workbook")(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        yield from limited(sheet.iter_rows(values_only=True, max_col=200))
    except (BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise IntakeError("This isn't a readable XLSX file.") from error


def csv_rows(data: bytes) -> Iterator[list[Any]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError(f"The file isn't UTF-8 text: see byte {error.start + 1}. Save it as “CSV UTF-8”.") from error
    separator = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        yield from limited(csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=separator))
    except csv.Error as error:
        raise IntakeError(f"The file isn't CSV: {error}.") from error
