from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree, html

from portal.models import Event
from sessions_app.exports import atom
from sessions_app.history import Entry, Mark
from sessions_app.wording import Described
from tests.factories import NOON
from tests.sessions_app.exports.made_up import CONTROLS, HOSTILE

CREATED = datetime(2025, 11, 1, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"
ONCE = ("id", "title", "updated")


def event(**fields: Any) -> Event:
    return Event(**{"pk": 7, "slug": "tutorial", "title": "Tutorial", "created_at": CREATED} | fields)


def entry(number: int = 2, *changes: Described, note: str = "", stage: str = "tentative") -> Entry:
    return Entry(number, stage, NOON, note, [Mark("moved", "talk", change) for change in changes])


def exported(*entries: Entry, about: Event | None = None) -> Any:
    return etree.fromstring(atom.releases(about or event(), list(entries)))


def content(*entries: Entry) -> Any:
    """The text of the newest entry, as a reader makes HTML of it."""
    (found,) = exported(*entries).iterfind("{*}entry/{*}content")
    assert found.get("type") == "html"
    return html.fragment_fromstring(found.text, create_parent=True)


def told(element: Any) -> list[str]:
    return [" ".join(part.text_content().split()) for part in element.iter("p", "li")]


def test_it_tells_everything_of_the_feed() -> None:
    root = exported(entry())

    assert root.tag == f"{ATOM}feed"
    assert {name: root.findtext(f"{ATOM}{name}") for name in ONCE} == {
        "id": "tag:portal.example,2025-11-01:event-7",
        "title": "Tutorial: releases of the program",
        "updated": "2026-01-15T12:00:00+00:00",
    }
    assert root.findtext("{*}author/{*}name") == "Tutorial"
    assert [dict(link.attrib) for link in root.iterfind("{*}link")] == [
        {"rel": "self", "type": "application/atom+xml", "href": "https://portal.example/tutorial/releases.atom"},
        {"rel": "alternate", "type": "text/html", "href": "https://portal.example/tutorial/releases/"},
    ]


def test_it_tells_everything_of_a_release() -> None:
    (found,) = exported(entry(stage="final")).iterfind("{*}entry")

    assert {name: found.findtext(f"{ATOM}{name}") for name in (*ONCE, "published")} == {
        "id": "tag:portal.example,2025-11-01:event-7/release-2",
        "title": "Release 2, final",
        "updated": "2026-01-15T12:00:00+00:00",
        "published": "2026-01-15T12:00:00+00:00",
    }
    assert found.find("{*}link").get("href") == "https://portal.example/tutorial/releases/2/"
    assert found.find("{*}category").get("term") == "final"


@pytest.mark.parametrize("find", [lambda root: [root], lambda root: root.findall(f"{ATOM}entry")])
def test_each_part_has_what_the_standard_wants_just_once(find: Callable[[Any], list[Any]]) -> None:
    parts = find(exported(entry(2), entry(1)))

    counts = {tuple(len(part.findall(f"{ATOM}{name}")) for name in ONCE) for part in parts}
    assert counts == {(1, 1, 1)}


def test_a_release_keeps_its_id_when_the_event_moves_to_another_address() -> None:
    before, after = (exported(entry(), about=event(slug=slug, title=slug)) for slug in ("old", "new"))

    ids = [[found.text for found in root.iter(f"{ATOM}id")] for root in (before, after)]
    assert (
        ids[0] == ids[1] == ["tag:portal.example,2025-11-01:event-7", "tag:portal.example,2025-11-01:event-7/release-2"]
    )


def test_before_the_first_release_it_is_as_old_as_the_event() -> None:
    root = exported()

    assert (root.findtext("{*}updated"), root.findall("{*}entry")) == ("2025-11-01T00:00:00+00:00", [])


def test_changes_are_told_in_words_after_the_note() -> None:
    moved, added = Described("Moved", "Lab", "09:00", "10:00"), Described("Added", "Party")

    assert told(content(entry(2, moved, added, note="We moved."))) == [
        "We moved.",
        "Moved Lab: 09:00 → 10:00",
        "Added Party",
    ]


@pytest.mark.parametrize(
    ("number", "said"), [(1, "First publication."), (2, "The program is the same as in release 1.")]
)
def test_a_release_without_changes_says_so(number: int, said: str) -> None:
    assert told(content(entry(number))) == [said]


def test_what_several_sessions_share_is_told_once() -> None:
    timed = [Mark("clock", f"s-{n}", Described("Time set", f"Talk {n}", f"+0:{n}", "Friday")) for n in range(3)]

    assert told(content(Entry(2, "final", NOON, "", timed))) == ["Time set 3 sessions: +0:0 → Friday"]


def test_of_very_many_changes_the_page_tells_the_rest() -> None:
    changes = [Described("Added", f"Talk {number}") for number in range(51)]

    found = content(entry(2, *changes))

    assert (len(told(found)), told(found)[-1]) == (51, "All 51 changes")
    assert found.xpath("string(//a/@href)") == "https://portal.example/tutorial/releases/2/"
    assert len(told(content(entry(2, *changes[:50])))) == 50


def test_of_very_many_releases_the_newest_are_told() -> None:
    root = exported(*(entry(number) for number in range(30, 0, -1)))

    titles = [title.text for title in root.iterfind("{*}entry/{*}title")]
    assert titles == [f"Release {number}, tentative" for number in range(30, 10, -1)]


def test_hostile_texts_are_read_as_they_were() -> None:
    found = content(entry(2, Described("Added", HOSTILE), note=HOSTILE))

    assert told(found) == [HOSTILE, f"Added {HOSTILE}"]
    assert {element.tag for element in found.iter()} == {"div", "p", "ul", "li", "strong"}
    assert exported(about=event(title=HOSTILE)).findtext("{*}author/{*}name") == HOSTILE


def test_what_xml_cannot_hold_is_left_out() -> None:
    root = exported(entry(2, Described("Added", CONTROLS)), about=event(title=CONTROLS))

    assert root.findtext("{*}author/{*}name") == "before[31m after"
    assert "<li><strong>Added</strong> before[31m after</li>" in root.findtext("{*}entry/{*}content")
