"""What we export goes back into the event it came from: nothing changes but what was edited."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.models import Event
from sessions_app.diff import compare
from sessions_app.exports import FORMATS
from sessions_app.importers.load import Loaded, known_of, load
from sessions_app.importers.report import ImportFailed
from sessions_app.models import Session
from sessions_app.program import Item, Link
from sessions_app.publishing import preview
from sessions_app.releases import Published, latest
from tests.factories import make_block, make_event, make_material, make_release, make_room, make_session, make_speaker
from tests.sessions_app.importers.reading import imported, read, real

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
TABLES = ["csv", "frab", "c3voc", "sessionize", "ical"]
NINE = datetime(2026, 6, 9, 7, tzinfo=UTC)  # in Berlin
MARKDOWN = """Of the `<div>` and a <b>Vec<T></b> &amp; `List<String>`:

```
if x:
    y = 1


z = "<p>"
```

    indented <br>

The end."""
NEW = "b0000000-0000-4000-8000-0000000000ff"


def at(hour: int, minute: int = 0, *, day: int = 9) -> datetime:
    return NINE.replace(day=day, hour=hour - 2, minute=minute)


def make_rich_event() -> Event:
    """Blocks in the same room on the same day with breaks between them, and all that a session may have or lack."""
    event = make_event(
        slug="my-event",
        title="A School",
        timezone="Europe/Berlin",
        venue="Campus, Berlin",
        starts_on=date(2026, 6, 8),
        ends_on=date(2026, 6, 12),
    )
    hall, lab = make_room(event, "Hall", capacity=90), make_room(event, "Lab  2")
    track = event.tracks.create(name="Systems", slug="sys", hue="plum")
    ada, other = make_speaker(event, "Lovelace, Ada", biography="<b>First</b>\r\n"), make_speaker(event, "Alan Turing")
    morning = make_block(event, title="Morning", start=at(9), room=hall)
    texts = {"abstract": "Why  it *matters*.\r\n\r\n\r\n\r\n<p>Twice</p>", "prerequisites": "- Python\n- patience"}
    links = [{"url": "https://example.org/a", "title": "A"}, {"url": "https://example.org/b", "title": ""}]
    make_session(morning, "Opening", kind="keynote", speakers=(ada,), level="beginner", **texts)
    make_session(morning, "Coffee", kind="break", duration=15)
    talk = make_session(morning, "Talk", speakers=(other, ada), track=track, subtitle="A  part", links=links)
    make_session(morning, "Secret", speakers=(ada,), visibility="tba")
    noon = make_block(event, start=at(12))
    make_session(noon, "Lunch", kind="break", duration=60)
    afternoon = make_block(event, title="", start=at(13), room=hall)
    make_session(afternoon, "Backstage", visibility="hidden", duration=30)
    make_session(afternoon, "Pinned though it would flow", start=at(13, 30), language="de")
    make_session(afternoon, "After", kind="panel", speakers=(other,))
    make_session(afternoon, "Tea", kind="break", duration=20)
    make_session(afternoon, "Last", visibility="title_only", speakers=(other,))
    labs = make_block(event, title="Labs", start=at(9), room=lab)
    make_session(labs, "Hands-on", kind="lab", duration=180)
    make_session(labs, "Off", status="cancelled")
    make_session(labs, "More", kind="tutorial", start=at(14), room=hall, duration=60)
    evening = make_block(event, title="Evening", start=at(23))
    make_session(evening, "Party", kind="social", duration=150)
    next_day = make_block(event, title="Hall, 2026-06-10", start=at(9, day=10))
    make_session(next_day, "Pause", kind="break", duration=30)
    make_session(next_day, "Keynote", kind="keynote", room=hall)
    make_session(next_day, "Elsewhere", track=track)
    Session.objects.get(title="After").appearances.update(role="moderator")
    make_material(event, title="Slides", session=talk)
    return event


def released(event: Event) -> Published:
    make_release(event)
    published = latest(event)
    assert published
    return published


def exported(form: str, event: Event, published: Published) -> bytes:
    return FORMATS[form][0](event, published) or b""


def brought_back(form: str, event: Event, published: Published) -> Loaded:
    event = Event.objects.get(pk=event.pk)
    return load(event.slug, read(form, exported(form, event, published), known_of(event)))


def document(event: Event) -> dict[str, Any]:
    return preview(Event.objects.get(pk=event.pk)).program.to_json()


def everything(event: Event) -> list[list[dict[str, Any]]]:
    related = (event.sessions, event.blocks, event.rooms, event.tracks, event.speakers)
    return [list(one.order_by("pk").values()) for one in related] + [list(Event.objects.values())]


@pytest.mark.parametrize("form", TABLES)
class TestUnedited:
    def test_it_changes_nothing(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)
        rows = everything(event)

        loaded = brought_back(form, event, published)

        assert (loaded.changes, loaded.new, loaded.changed) == ((), 0, 0)
        assert loaded.unchanged > 5
        assert document(event) == published.program.to_json()
        assert everything(event) == rows

    def test_what_was_withdrawn_stays_away(self, form: str) -> None:
        event = make_rich_event()
        released(event)
        Session.objects.get(title="After").delete()
        Session.objects.filter(title="Elsewhere").update(visibility="hidden")
        published = released(event)

        loaded = brought_back(form, event, published)

        assert (loaded.changes, loaded.new, loaded.changed) == ((), 0, 0)
        assert document(event) == published.program.to_json()


def edit(published: Published, change: Callable[[Item], Item | None], *more: Item) -> Published:
    items = (change(item) for item in published.program.items)
    program = replace(published.program, items=(*(item for item in items if item), *more))
    return replace(published, program=program)


def moved(item: Item, minutes: int) -> Item:
    assert item.start
    assert item.end
    delta = timedelta(minutes=minutes)
    return replace(item, start=item.start + delta, end=item.end + delta)


def told(before: Published, event: Event) -> list[tuple[str, str]]:
    after = preview(Event.objects.get(pk=event.pk)).program
    return [(change.kind, change.title) for change in compare(before.program, after)]


@pytest.mark.parametrize("form", TABLES)
class TestEdited:
    def test_one_moved_one_removed_and_one_new_are_exactly_these(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)
        by_title = {item.title: item for item in published.program.items}
        new = replace(by_title["After"], uuid=NEW, id=0, slug="fresh", title="Fresh", start=at(15), end=at(15, 45))

        def change(item: Item) -> Item | None:
            return moved(item, 180) if item.title == "Talk" else item if item.title != "Opening" else None

        loaded = brought_back(form, event, edit(published, change, new))

        assert (loaded.new, loaded.changed) == (1, 1)
        assert "“Opening” is not in the file." in loaded.kept
        assert sorted(told(published, event)) == [("added", "Fresh"), ("moved", "Talk")]

    def test_a_retitled_one_that_takes_longer_is_the_same(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)

        def change(item: Item) -> Item:
            if item.title != "Talk":
                return item
            assert item.end
            return replace(item, title="Longer talk", duration=60, end=item.end + timedelta(minutes=15))

        loaded = brought_back(form, event, edit(published, change))

        assert (loaded.new, loaded.changed) == (0, 1)
        assert sorted(told(published, event)) == [("length", "Longer talk"), ("retitled", "Longer talk")]

    def test_another_room_is_a_change_of_the_room_alone(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)
        lab = event.rooms.get(name="Lab  2")

        loaded = brought_back(
            form,
            event,
            edit(published, lambda item: replace(item, room=str(lab.uuid)) if item.title == "Talk" else item),
        )

        assert (loaded.new, loaded.changed) == (0, 1)
        assert told(published, event) == [("room", "Talk")]

    def test_a_whole_event_a_day_later_takes_its_breaks_along(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)
        blocks = {str(block.uuid): len(block.sessions.all()) for block in event.blocks.all()}

        brought_back(form, event, edit(published, lambda item: moved(item, 24 * 60)))

        now = {item.title: item.start for item in preview(event).draft.items}
        assert (now["Opening"], now["Coffee"], now["Tea"]) == (at(9, day=10), at(9, 45, day=10), at(15, day=10))
        assert {str(block.uuid): len(block.sessions.all()) for block in event.blocks.all()} == blocks
        assert event.blocks.filter(title="Hall, 2026-06-11").exists() == (form != "csv")  # which has titles of its own


class TestAsTheFormatsAre:
    @pytest.mark.parametrize("form", ["frab", "c3voc", "csv"])
    def test_prerequisites_and_links_come_in_as_such(self, form: str) -> None:
        event = make_rich_event()
        published = released(event)

        def change(item: Item) -> Item:
            return replace(item, prerequisites="- A laptop", links=(Link("https://example.org/c", ""), *item.links))

        brought_back(form, event, edit(published, change))

        talk = Session.objects.get(title="Talk")
        assert talk.prerequisites == "- A laptop"
        assert [link["title"] for link in talk.links] == ["", "A", ""]

    @pytest.mark.parametrize("form", ["frab", "c3voc", "csv"])
    def test_texts_of_ours_are_markdown_as_they_are(self, form: str) -> None:
        event = make_event(timezone="Europe/Berlin", starts_on=NINE.date())
        ada = make_speaker(event, "Ada Lovelace", biography=f"{MARKDOWN}\r\n")
        block = make_block(event, start=NINE)
        make_session(block, "Talk", speakers=(ada,), abstract=MARKDOWN, prerequisites=MARKDOWN)
        published = released(event)

        def change(item: Item) -> Item:
            return replace(item, abstract=f"{item.abstract} <br> More.", prerequisites=f"{item.prerequisites} <T>")

        loaded = brought_back(form, event, edit(published, change))

        assert loaded.changes == ("“Talk”: abstract differs further on, prerequisites differs further on",)
        talk = Session.objects.get()
        assert (talk.abstract, talk.prerequisites) == (f"{MARKDOWN} <br> More.", f"{MARKDOWN} <T>")

    def test_a_kind_chosen_in_the_table_counts(self) -> None:
        event = make_rich_event()
        published = released(event)

        brought_back("csv", event, edit(published, lambda item: replace(item, kind="panel")))

        assert Session.objects.get(title="Talk").kind == "panel"

    def test_namesakes_in_the_table_stay_who_they_are(self) -> None:
        event = make_event(timezone="Europe/Berlin")
        block = make_block(event, start=NINE)
        for affiliation in ("MIT", "UIUC"):
            make_session(block, affiliation, speakers=(make_speaker(event, "Wei Zhang", affiliation=affiliation),))

        loaded = brought_back("csv", event, released(event))

        assert loaded.changes == ()

    def test_names_with_marks_in_the_table_are_the_same_people(self) -> None:
        event = make_event(timezone="Europe/Berlin")
        names = ["Smith, Jr.; John", "Ünal, Özge; PhD", '"The" One', "Ada (she/her)", "Lovelace, Ada"]
        speakers = [make_speaker(event, name) for name in names]
        block = make_block(event, start=NINE)
        make_session(block, "All", speakers=tuple(speakers))
        for one in speakers:
            make_session(block, one.slug, speakers=(one,))

        loaded = brought_back("csv", event, released(event))

        assert (loaded.changes, event.speakers.count()) == ((), 5)

    def test_every_column_of_our_table_is_known(self) -> None:
        event = make_rich_event()

        reading = read("csv", exported("csv", event, released(event)), known_of(event))

        assert reading.report.unplaced == ()

    def test_a_calendar_of_days_alone_has_no_session(self) -> None:
        event = make_event(timezone="Europe/Berlin", starts_on=date(2026, 6, 8))
        published = released(event)

        with pytest.raises(ImportFailed, match="The event as a whole, and no session"):
            read("ical", exported("ical", event, published))


def test_sessions_that_overlap_without_a_room_keep_their_times() -> None:
    table = b"title,start,duration\nLong,2026-06-09 09:00,120\nShort,2026-06-09 10:00,30\nNext,2026-06-09 10:30,30"

    loaded = imported("csv", table)

    assert [item.start.hour for item in loaded.program.items if item.start] == [9, 10, 10]


minutes = st.sampled_from([5, 15, 20, 30, 45, 90])
kinds = st.sampled_from(["talk", "talk", "talk", "break", "keynote"])
veils = st.sampled_from(["full", "full", "full", "title_only", "tba", "hidden"])
states = st.sampled_from(["planned", "planned", "planned", "cancelled"])
pinned = st.none() | st.integers(0, 600)
sessions = st.lists(st.tuples(minutes, kinds, veils, states, pinned, st.integers(0, 2)), min_size=1, max_size=6)
blocks = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 2), sessions), min_size=1, max_size=5)


def make_any_event(shape: list[Any]) -> Event:
    """Of blocks by the minutes they begin at and the number of their room, 0 for none; pins are minutes as well."""
    days = {"starts_on": date(2026, 6, 8), "ends_on": date(2026, 6, 20)}
    event = make_event(slug="my-event", timezone="Europe/Berlin", **days)
    rooms = [None, make_room(event, "Hall"), make_room(event, "Lab")]
    for number, (begins, room, inside) in enumerate(shape):
        start = NINE + timedelta(minutes=begins)
        block = make_block(event, title=f"Block {number}", start=start, room=rooms[room])
        for duration, kind, visibility, status, pin, own in inside:
            pinned_to = None if pin is None else start + timedelta(minutes=pin)
            values = {"kind": kind, "visibility": visibility, "status": status, "start": pinned_to, "room": rooms[own]}
            make_session(block, duration=duration, **values)
    make_session(make_block(event, start=at(20, day=20)), "Closing")
    return event


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(TABLES), blocks)
def test_any_event_stays_as_it_is(form: str, shape: list[Any]) -> None:
    with transaction.atomic():
        event = make_any_event(shape)
        published = released(event)
        loaded = brought_back(form, event, published)
        after = document(event)
        transaction.set_rollback(True)

    assert (loaded.changes, loaded.new, loaded.changed) == ((), 0, 0)
    assert after == published.program.to_json()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(TABLES), blocks, st.integers(0, 30), st.sampled_from([-1440, -75, -10, 5, 60, 180, 2880]))
def test_of_any_event_one_moved_session_moves(form: str, shape: list[Any], number: int, by: int) -> None:
    with transaction.atomic():
        event = make_any_event(shape)
        published = released(event)
        movable = [one for one in published.program.items if one.status == "planned" and not one.is_break]
        chosen = movable[number % len(movable)].uuid
        brought_back(form, event, edit(published, lambda item: moved(item, by) if item.uuid == chosen else item))
        changes = compare(published.program, preview(event).program)
        transaction.set_rollback(True)

    alone = {change.session for change in changes}
    assert [change.kind for change in changes if change.session == chosen] == ["moved"]
    assert alone == {chosen}


def test_a_large_real_event_stays_as_it_is() -> None:
    imported("frab", real("frab-xml/fosdem-2019.xml"))
    event = Event.objects.get()
    published = released(event)

    loaded = brought_back("frab", event, published)

    assert (loaded.changes, loaded.new, loaded.changed, loaded.unchanged) == ((), 0, 0, 775)
    assert document(event) == published.program.to_json()
