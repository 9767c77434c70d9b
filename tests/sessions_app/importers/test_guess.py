import gzip

import pytest

from sessions_app.importers import FORMATS, read
from sessions_app.importers.guess import guess
from sessions_app.importers.report import ImportFailed, Known
from tests.sessions_app.importers.reading import FILES, real

TABLE = b"title;start\nOne;2026-03-21 09:00"


@pytest.mark.parametrize(
    ("data", "form"),
    [
        ((FILES / "event.yaml").read_bytes(), "yaml"),
        (b"blocks:\n" + b"- title: A\n" * 9000 + b"event: {}\nlectern: 1\n", "yaml"),
        (b"<!DOCTYPE html><html></html>", "page"),
        ((FILES / "schedule.json").read_bytes(), "c3voc"),
        ((FILES / "schedule.xml").read_bytes(), "frab"),
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\n", "ical"),
        (b"<?xml version='1.0'?><iCalendar/>", "ical"),
        (TABLE, "csv"),
        (b"\xef\xbb\xbf" + TABLE, "csv"),
        (TABLE.decode().encode("utf-16"), "csv"),
        (b"sep=;\r\n" + TABLE, "csv"),
        (b'{"sessions": [{"startsAt": null}]}', "sessionize"),
        (b'{"count": 1, "results": []}', "pretalx"),
        (b"A Page\nProgram\nOne (45 min)", "page"),
        (b"Talks, tutorials and more\nProgram", "page"),
        (b"start,end,room\n9:00,10:00,Aula", "csv"),
        (b"Start time;Speaker;Shirt\n9:00;Ada;M", "csv"),
        (b"Language, Time and Space\nMarch 22, 2026", "page"),
        (b"Language, Time\nA tutorial", "page"),
        (b"", "page"),
    ],
)
def test_a_file_is_known_by_its_contents(data: bytes, form: str) -> None:
    assert guess(data) == form


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("frab-xml/fosdem-2019.xml", "frab"),
        ("c3-json/pretalx-democon.json", "c3voc"),
        ("sessionize-json/gab-linz-2022.json", "sessionize"),
        ("pretalx-api-json/europython-submissions.json", "pretalx"),
        ("pretalx-api-json/europython-speakers.json", "pretalx"),
        ("ics/joco-cruise-2019.ics", "ical"),
        ("same-event-all-formats/klimacamp-2015/schedule.xcal", "ical"),
        ("same-event-all-formats/klimacamp-2015/schedule.json", "c3voc"),
    ],
)
def test_real_files_are_known_by_their_contents(name: str, form: str) -> None:
    assert guess(real(name)) == form


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("same-event-all-formats/klimacamp-2015/events.json", "frab's list of events"),
        ("same-event-all-formats/klimacamp-2015/speakers.json", "frab's list of events"),
        ("open-event-json/pycon-us-2017-sessions.json", "Open Event"),
        ("open-event-json/pycon-us-2017-speakers.json", "Open Event"),
    ],
)
def test_real_files_of_formats_that_are_not_read_are_named(name: str, message: str) -> None:
    with pytest.raises(ImportFailed, match=message):
        read(real(name), Known())


@pytest.mark.parametrize("form", ["", *FORMATS])
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(TABLE, mtime=0), "compressed"),
        (b"PK\x03\x04", "ZIP archive or a spreadsheet"),
        (b"%PDF-1.7", "This is a PDF"),
    ],
)
def test_what_is_no_text_is_refused_by_every_format(data: bytes, message: str, form: str) -> None:
    with pytest.raises(ImportFailed, match=message):
        read(data, Known(), form)


def test_a_file_taken_for_another_format_is_told_which_it_looks_like() -> None:
    with pytest.raises(ImportFailed, match="It looks like the format “frab”"):
        read((FILES / "schedule.xml").read_bytes(), Known(), "csv")
