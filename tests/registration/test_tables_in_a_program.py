"""Lists of people opened in a real spreadsheet program, where there is one."""

import csv
import io
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db.models import QuerySet
from openpyxl import load_workbook

from portal.models import Event
from registration.models import Answer, Registration
from registration.tables import csv_lines, xlsx_file
from tests.factories import make_question, make_registration

PROGRAM = shutil.which("soffice") or ""
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.sqlite,
    pytest.mark.skipif(not PROGRAM, reason="LibreOffice isn't installed."),
]
FORMULAS = [
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://x.example")',
    "＝1",
]
TEXTS = ['She said "no", twice; so', "漢字" * 250, "مرحبا بالعالم", "\u202eabc", "line one\nline two", "'tis", "👩‍🔬"]


@pytest.fixture
def people(event: Event) -> QuerySet[Registration]:
    """Who wrote such things wherever one can write."""
    event.ticket_types.update(capacity=None)
    question = make_question(event, "Say", key="say")
    for text in FORMULAS + TEXTS:
        person = make_registration(event, name=text[:200], affiliation=text[:200], note=text)
        Answer.objects.create(registration=person, question=question, value=text)
    return event.registrations.order_by("pk")


def opened(directory: Path, file: Path) -> list[list[tuple[str, object]]]:
    """The kinds and values of cells, as the program read them and saved them again."""
    profile, saved = f"-env:UserInstallation=file://{directory / 'profile'}", directory / "saved"
    read = ["--infilter=CSV:44,34,76"] if file.suffix == ".csv" else []  # comma, quote, UTF-8: as its dialog proposes
    command = [PROGRAM, profile, "--headless", *read, "--convert-to", "xlsx", "--outdir", saved, file]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return cells(saved / f"{file.stem}.xlsx")


def cells(book: Path) -> list[list[tuple[str, object]]]:
    return [[(one.data_type, one.value) for one in row] for row in load_workbook(book).worksheets[0].iter_rows()]


def test_a_csv_is_read_as_it_was_written(people: QuerySet[Registration], tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("".join(csv_lines(people)), newline="")

    found = opened(tmp_path, file)

    text = file.read_text(encoding="utf-8-sig", newline="").replace("\r=", "\n=")  # it knows one kind of line's end
    written = csv.reader(io.StringIO(text, newline=""))
    assert [[str(value or "") for _, value in row] for row in found] == list(written)
    assert {kind for row in found for kind, value in row if value} == {"s"}


def test_an_xlsx_is_read_as_it_was_written(people: QuerySet[Registration], tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(xlsx_file(people).read())

    found = opened(tmp_path, file)

    assert found == cells(file)
    assert [row[0][1] for row in found[1:]] == [text[:200] for text in FORMULAS + TEXTS]
    assert {kind for row in found for kind, value in row if value} == {"s"}
