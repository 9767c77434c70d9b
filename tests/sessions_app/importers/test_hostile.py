"""Whatever a file holds, it is read or refused: no other end, and none that takes long."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Event
from sessions_app.importers import FORMATS, read
from sessions_app.importers.load import check, load
from sessions_app.importers.report import ImportFailed, Known, Reading
from tests.factories import make_release
from tests.sessions_app.importers.reading import FILES, imported, refusal
from tests.sessions_app.importers.test_c3voc import schedule
from tests.sessions_app.importers.test_csv import TABLE
from tests.sessions_app.importers.test_ical import calendar, entry
from tests.sessions_app.importers.test_pretalx import TALK
from tests.sessions_app.importers.test_sessionize import ADA, view
from tests.sessions_app.importers.test_yaml import session

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


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), count=st.integers(1, 3))
def test_what_is_read_of_a_spoilt_file_is_written_or_refused(name: str, seed: int, count: int) -> None:
    found = outcome(name, mutated(SEEDS[name], seed, count))

    if isinstance(found, Reading):
        try:
            load("my-event", found, is_dry_run=True)
        except ImportFailed as error:
            assert str(error)


LINKS = [{"url": "https://a.org/b", "title": "Home"}]
TALK_BY_ADA = session(links=LINKS, speakers=["Ada Lovelace"], abstract="Why.", pinned="2026-03-21 09:00")
ESCAPED = {  # of the formats that can spell any character; YAML refuses the second
    "yaml": (yaml.load(TALK_BY_ADA, yaml.BaseLoader), "\0"),
    "c3voc": (
        json.loads(schedule(links=LINKS, persons=[{"name": "Ada Lovelace", "url": "https://a.org"}])),
        "\0\ud800",
    ),
    "pretalx": ([TALK], "\0\ud800"),
    "sessionize": (view(roomId=2, speakers=[ADA["id"]]), "\0\ud800"),
}


def spoilt(data: Any, by: str) -> Any:
    """The same with these characters behind every text and name."""
    match data:
        case str():
            return data + by
        case list():
            return [spoilt(one, by) for one in data]
        case dict():
            return {spoilt(name, by): spoilt(one, by) for name, one in data.items()}
        case _:
            return data


@pytest.mark.django_db
@pytest.mark.parametrize("name", ESCAPED)
def test_characters_that_no_row_holds_are_left_out_of_every_text(name: str, client: Client) -> None:
    data, characters = ESCAPED[name]

    loaded = imported(name, json.dumps(spoilt(data, characters)).encode())

    again = imported(name, json.dumps(data).encode())
    assert (loaded.new, again.changes) == (1, ())
    make_release(Event.objects.get(slug="my-event"))
    pages = ["schedule/", "schedule.json", "sessions/one/", "speakers/ada-lovelace/"]
    assert [client.get(f"/my-event/{page}").status_code for page in pages] == [200] * 4


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ESCAPED])
@pytest.mark.parametrize("piece", [b"\0", b"\xed\xa0\x80"], ids=["NUL", "half a surrogate"])
def test_where_they_stand_as_such_the_file_is_refused(name: str, piece: bytes) -> None:
    assert refusal(name, SEEDS[name] + piece)


@pytest.mark.parametrize("piece", ["&#0;", "&#xd800;"])
def test_xml_that_refers_to_them_is_refused(piece: str) -> None:
    assert "Not well-formed XML" in refusal("frab", SEEDS["frab"].replace(b"Opening", piece.encode()))


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


@pytest.mark.parametrize("what", ["rooms", "tracks"])
def test_more_rooms_or_tracks_than_any_program_has_are_refused(what: str) -> None:
    rows = [f"T{number},30,{number}" for number in range(1001)]
    yaml = [f"- {{title: T{number}, duration: 30, {what[:-1]}: x{number}}}" for number in range(1001)]

    said = [
        refusal("csv", "\n".join([f"title,minutes,{what[:-1]}", *rows]).encode()),
        refusal(
            "yaml",
            "\n".join(
                ["lectern: 1", "event: {title: E}", "blocks:", "- sessions:", *(f"  {one}" for one in yaml)]
            ).encode(),
        ),
    ]

    assert [f"More than 1000 {what}: that is beyond any program." in one for one in said] == [True, True]
