"""A list of people from a table, registered all together or not at all."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any
from zipfile import ZipFile

from django import forms
from django.db import transaction

from portal.models import Event
from portal.rows import together
from portal.text import text_of_cell
from registration import booking, consents
from registration.booking import BookingError
from registration.forms import PREFIX, AddressField, DetailsForm, given_here
from registration.guests import Guests
from registration.makers import maker
from registration.models import Question, Registration
from registration.privacy import NOWHERE
from registration.reception import Reception

MOST_ROWS, MOST_MEGABYTES, MOST_UNPACKED = 2000, 5, 50
KNOWN = {"name", "email", "affiliation", "ticket type"}
OURS = {"event", "state", "place", "registered at", "checked in at", "lab seats", "note"}  # not read back
ZIP = b"PK\x03\x04"


class IntakeError(Exception):
    """Why a file can't be read at all; the message is shown to the user."""


class DryRunError(Exception):
    """Undoes everything at the end."""


@dataclass
class Report:
    """What came of each line, by its number in the file; errors also by their column."""

    registered: int = 0
    waitlisted: int = 0
    known: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    is_done: bool = False


class ImportForm(DetailsForm):
    """As people fill it in, but every ticket of ours may be given, and files can't."""

    email = AddressField()

    def __init__(self, reception: Reception, data: dict[str, Any]) -> None:
        super().__init__(reception, given_here(reception), data)
        choices = [(pk, one.name) for pk, one in self.tickets.items()]
        self.fields["ticket_type"] = forms.ChoiceField(
            choices=choices, error_messages={"invalid_choice": f"There is no ticket “{data['named']}”."}
        )
        for question in [one for one in self.questions if one.kind == Question.Kind.FILE]:
            self.questions.remove(question)
            del self.fields[PREFIX + question.key]


@dataclass(frozen=True)
class Column:
    """`name` is the field of the form it is for; empty where it isn't read."""

    number: int
    title: str
    name: str

    def __str__(self) -> str:
        return f"column {letters(self.number)} ({self.title})"


def letters(number: int) -> str:
    """What spreadsheets call a column: A … Z, AA …"""
    before, last = divmod(number, len(ascii_uppercase))
    return (letters(before - 1) if before else "") + ascii_uppercase[last]


class Line:
    """Of the table, read and validated."""

    def __init__(self, reception: Reception, number: int, columns: list[Column], cells: list[Any]) -> None:
        self.number, self.places = number, {one.name: f"Line {number}, {one}" for one in columns if one.name}
        given = {one.name: cell for one, cell in zip(columns, cells, strict=False)}
        self.form = ImportForm(reception, form_data(reception, given))
        self.form.full_clean()
        self.email: str = self.form.cleaned_data.get("email", "")

    @property
    def errors(self) -> list[str]:
        return [f"{self.place(name)}: {' '.join(map(str, said))}" for name, said in self.form.errors.items()]

    def place(self, name: str) -> str:
        return self.places.get(name, f"Line {self.number}, without a column for “{name.removeprefix(PREFIX)}”")

    def refused(self, error: BookingError) -> str:
        return f"{self.places.get(f'{PREFIX}{error.field}', f'Line {self.number}')}: {error}"


def take_in(event: Event, data: bytes, *, is_dry: bool, confirms: bool) -> Report:
    """Each line is registered as on the page. With one error nothing is. `confirms`: the addresses are known to be
    right, so no link has to be opened. Others register meanwhile until all lines are validated."""
    header, *table = read(data)
    columns, reception = check_header(event, header), Reception(event)
    report = Report(ignored=[one.title for one in columns if one.title and not one.name])
    lines: list[Line] = []
    for number, cells in enumerate(table, 2):
        state = state_of(columns, cells)
        if state in Registration.ENDED:
            report.known.append(f"Line {number}: {state} by the list itself, so nobody is registered.")
        elif any(str(cell).strip() for cell in cells if cell is not None):
            lines.append(Line(reception, number, columns, cells))
    try:
        with transaction.atomic(), together():
            book(event, lines, report, confirms=confirms)
            if is_dry or report.errors:
                raise DryRunError
    except DryRunError:
        return report
    except BookingError as error:
        raise IntakeError(str(error)) from error
    report.is_done = True
    return report


def book(event: Event, lines: list[Line], report: Report, *, confirms: bool) -> None:
    """Raises BookingError where the event takes nobody at all."""
    reception, guests = Reception(event, is_locked=True), Guests(event, [one.email for one in lines if one.email])
    reception.ticket_types  # noqa: B018 - locked, before anybody is looked up
    for line in lines:
        if line.email.endswith(f"@{NOWHERE}"):
            report.known.append(f"Line {line.number}: erased where the list is from, so nobody is registered.")
        elif line.email and guests.find(line.email).state != Registration.State.CANCELLED:
            report.known.append(f"Line {line.number}: {line.email} is registered already and stays as it is.")
        elif errors := line.errors:
            report.errors += errors
        else:
            book_line(line, reception, guests, report, confirms=confirms)


def book_line(line: Line, reception: Reception, guests: Guests, report: Report, *, confirms: bool) -> None:
    details = line.form.details
    try:
        ticket_type = reception.locked(details.pop("ticket_type"))
        made = booking.book(ticket_type, **details, source=consents.IMPORT, guests=guests, is_proven=confirms)
    except BookingError as error:
        report.errors.append(line.refused(error))
        return
    report.registered += 1
    report.waitlisted += made.state == made.State.WAITLISTED


def check_header(event: Event, header: list[str]) -> list[Column]:
    names = known(event)
    for name in ("name", "email"):
        if name not in header:
            raise IntakeError(f"There is no column “{name}”. The first line has to name the columns.")
    for title in filter(None, header):
        if title not in names:
            told = sorted(one for one, name in names.items() if name and not one.startswith(PREFIX))
            raise IntakeError(f"Unknown column “{title}”. Known: {', '.join(told)}.")
    columns = [Column(number, title, names.get(title, "")) for number, title in enumerate(header)]
    read = [one.name for one in columns if one.name]
    for column in columns:
        if read.count(column.name) > 1:
            raise IntakeError(f"There are several columns for the same: see {column}.")
    return columns


def known(event: Event) -> dict[str, str]:
    """The fields of the form by the titles columns may have: of a question its label or its key, for which tables of
    ours put a prefix where it is the title of another column."""
    titles: dict[str, str] = {}
    for question in event.questions.all():
        name = "" if question.kind == Question.Kind.FILE else PREFIX + question.key
        titles |= dict.fromkeys((question.label.casefold(), question.key, PREFIX + question.key), name)
    titles.setdefault("language", "")
    more = {"language": "language"} if event.languages_to_choose else {}
    return titles | dict.fromkeys(OURS, "") | {title: title.replace(" ", "_") for title in KNOWN} | more


def state_of(columns: list[Column], cells: list[Any]) -> str:
    """What a table of ours says of the person; empty in others."""
    found = (text_of(cell) for one, cell in zip(columns, cells, strict=False) if one.title == "state")
    return next(found, "").casefold()


def form_data(reception: Reception, cells: dict[str, Any]) -> dict[str, Any]:
    """Tickets go by their name; several choices are parted by semicolons."""
    data: dict[str, Any] = {name: text_of(value) for name, value in cells.items()}
    tickets = {one.name.casefold(): str(one.pk) for one in given_here(reception)}
    data["named"] = data.get("ticket_type", "")
    data["ticket_type"] = (
        tickets.get(data["named"].casefold(), "none") if data["named"] else next(iter(tickets.values()), "")
    )
    for question in reception.questions:
        name = PREFIX + question.key
        if question.kind == Question.Kind.MANY and data.get(name):
            data[name] = [one.strip() for one in data[name].split(";")]
    return data


def text_of(value: Any) -> str:
    """Without the apostrophes that are put before what looks like a formula."""
    cell = "" if value is None else str(value)
    text = text_of_cell(cell)
    return cell.strip() if text == cell else text


def read(data: bytes) -> list[list[Any]]:
    if len(data) > MOST_MEGABYTES * 1_000_000:
        raise IntakeError(f"The file is larger than {MOST_MEGABYTES} MB.")
    found = list(xlsx_rows(data) if data.startswith(ZIP) else csv_rows(data))
    if not found:
        raise IntakeError("The file is empty.")
    titles = [" ".join(str(cell or "").split()).casefold() for cell in found[0]]
    return [["email" if one == "e-mail" else one for one in titles], *found[1:]]  # as it is called on our pages


def limited(rows: Iterator[Any]) -> Iterator[list[Any]]:
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise IntakeError(f"The file has more than {MOST_ROWS} lines. Split it.")
        yield list(row)


def xlsx_rows(data: bytes) -> Iterator[list[Any]]:
    """What is broken in one is raised by unpacking, parsing or understanding it, each with errors of its own."""
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED * 1_000_000:
                raise IntakeError(f"The file has more than {MOST_UNPACKED} MB when it is unpacked.")
        sheet = maker("read_workbook")(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        yield from limited(sheet.iter_rows(values_only=True, max_col=200))
    except IntakeError:
        raise
    except Exception as error:
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
