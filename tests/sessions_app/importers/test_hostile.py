"""Whatever a file holds, it is read or refused: no other end, and none that takes long."""

import json
import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app.importers import FORMATS, read
from sessions_app.importers.load import check
from sessions_app.importers.report import ImportFailed, Known, Reading
from tests.sessions_app.importers.reading import FILES
from tests.sessions_app.importers.test_csv import TABLE
from tests.sessions_app.importers.test_ical import calendar, entry
from tests.sessions_app.importers.test_pretalx import TALK
from tests.sessions_app.importers.test_sessionize import view

SEEDS = {
    "page": b"A Page\nProgram\nMonday\n9:00-9:45 One\nAda Lovelace (MIT)\nTwo (30 min)\n",
    "yaml": (FILES / "event.yaml").read_bytes(),
    "csv": TABLE.encode(),
    "frab": (FILES / "schedule.xml").read_bytes(),
    "c3voc": (FILES / "schedule.json").read_bytes(),
    "pretalx": json.dumps([TALK]).encode(),
    "sessionize": json.dumps(view(roomId=2, categoryItems=[70])).encode(),
    "ical": calendar(
        entry("EXDATE:20260511T090000", RRULE="FREQ=DAILY;COUNT=3", DURATION="PT45M"),
        entry("ATTENDEE;CN=Ada:invalid:x", DTEND="20260510T100000", STATUS="CANCELLED"),
    ),
}
PIECES = [
    b"\x00", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b"&a;", b"]]>", b"<!--", b"\r", b"\x0c", b'"', b"'", b":", b";",
    b"\\ud800", b"\\u0000", b"NaN", b"1e999", b"-1", b"0", b"99999999999999999999", b"null", b"true", b"[]", b"{}",
    b"[[[[", b"0001-01-01T00:00:00", b"9999-12-31T23:59:59+23:59", b"2026-03-29T02:30:00", b"240:00", b"P10D", b"-PT5M",
    b"DTSTART;TZID=Mars:20260510T090000",
    b"RRULE:FREQ=SECONDLY", b"RRULE:FREQ=YEARLY;BYDAY=99XX", b"<script>a(1)</script>",
    "ｆｕｌｌ ｗｉｄｔｈ ٣".encode(), b"=cmd()", b"- " * 40, b"x" * 3000, b"", b"\n",
]  # fmt: skip


def outcome(name: str, data: bytes) -> Reading | ImportFailed:
    try:
        reading = read(data, Known("", "Europe/Berlin"), name)
        check(reading)
    except ImportFailed as error:
        assert str(error)
        return error
    return reading


def mutated(data: bytes, seed: int, count: int) -> bytes:
    """The file with some places cut out, doubled, or filled with what troubles readers."""
    dice = random.Random(seed)
    for _ in range(count):
        at, end = sorted(dice.randrange(len(data) + 1) for _ in range(2))
        end = min(end, at + dice.choice([0, 1, 5, 40]))
        piece = dice.choice([*PIECES, data[at:end] * 2, bytes([dice.randrange(256)])])
        data = data[:at] + piece + data[end:]
    return data


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), count=st.integers(1, 6))
def test_a_spoilt_file_is_read_or_refused(name: str, seed: int, count: int) -> None:
    found = outcome(name, mutated(SEEDS[name], seed, count))

    assert isinstance(found, Reading | ImportFailed)


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    assert isinstance(outcome(name, data), Reading | ImportFailed)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_read_or_refused(name: str, cut: float) -> None:
    data = SEEDS[name]

    assert isinstance(outcome(name, data[: int(len(data) * cut)]), Reading | ImportFailed)


@pytest.mark.parametrize("name", ["frab", "ical"])
@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><schedule>&b;</schedule>',
        f'<!DOCTYPE a [<!ENTITY a "{"x" * 50_000}">]><schedule>{"&a;" * 10_000}</schedule>',
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><schedule>&a;</schedule>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><schedule>&a;</schedule>',
        '<!DOCTYPE a [<!ENTITY % a SYSTEM "http://127.0.0.1:1/a.dtd"> %a;]><schedule/>',
    ],
    ids=["entities in entities", "one long entity", "a local file", "a foreign DTD", "a foreign parameter"],
)
def test_bombs_of_xml_are_refused(name: str, bomb: str) -> None:
    found = outcome(name, bomb.encode())

    assert isinstance(found, ImportFailed)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "wrong",
    [
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.decode().encode("utf-16")[:-1],
        lambda data: b'<?xml version="1.0" encoding="koi8-r"?>' + data,
        lambda data: b'<?xml version="1.0" encoding="no-such"?>' + data,
        lambda data: b"\xef\xbb\xbf" * 3 + data,
        lambda data: b"\x00" + data,
    ],
    ids=["utf-16", "half of utf-16", "another declared", "an unknown declared", "many marks", "a zero"],
)
def test_lies_about_the_encoding_are_seen_through_or_refused(name: str, wrong: Callable[[bytes], bytes]) -> None:
    assert isinstance(outcome(name, wrong(SEEDS[name])), Reading | ImportFailed)
