"""What is kept back of a draft, and that no way leads to it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from registration.models import Lab
from sessions_app.drafts import program_of
from sessions_app.models import Session
from sessions_app.program import Block, Item, Program
from sessions_app.publishing import ProgramError, preview, publish
from sessions_app.timetable import Slot, lay_out
from sessions_app.visibility import conceal
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_material,
    make_room,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.test_urls_access import OURS

SECRET = "xyzzy"
VISIBILITIES = Session.Visibility.values
HELD = {"event": "school", "slug": "welcome", "number": "2", "before": "1", "after": "2", "day": "2026-01-15"}
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
OPEN = [route for route in OURS if set(PLACE.findall(route)) <= HELD.keys()]  # what needs no personal link


def make_secret(visibility: str, **fields: Any) -> Session:
    """A session all of whose texts hold the secret, after one that everybody may know."""
    event = make_event(slug="school")
    block = make_block(event, start=NOON, room=make_room(event, "Hall"))
    make_session(block, "Welcome", abstract="Hello", speakers=(make_speaker(event, "Grace"),))
    track = event.tracks.create(name=f"About {SECRET}")
    values = {
        "subtitle": SECRET,
        "abstract": SECRET,
        "prerequisites": SECRET,
        "track": track,
        "level": "advanced",
        "language": "eo",
        "links": [{"url": f"https://{SECRET}.example/", "title": SECRET}],
        "room": make_room(event, f"{SECRET} room" if visibility == "hidden" else "Cellar"),
        "speakers": (make_speaker(event, f"Dr. {SECRET}", biography=SECRET, url=f"https://{SECRET}.example/"),),
    } | fields
    home = make_block(event, title=f"Evening of {SECRET}", start=NOON) if visibility == "hidden" else block
    session = make_session(home, f"{SECRET} explained", visibility=visibility, **values)
    make_material(event, session=session, title=f"Slides of {SECRET}")
    make_ticket_type(event)
    Lab.objects.create(event=event, session=session.uuid, capacity=5)
    return session


@pytest.mark.django_db
@pytest.mark.parametrize("visibility", ["tba", "hidden"])
def test_nothing_of_a_secret_session_is_in_any_page_feed_or_answer(client: Client, visibility: str) -> None:
    session = make_secret(visibility)
    publish(session.event, "tentative")
    session.appearances.all().delete()
    Session.objects.filter(pk=session.pk).update(title=f"{SECRET}, again", track=None)
    publish(session.event, "final")

    texts = texts_of(client, OPEN)

    assert [address for address, text in texts.items() if SECRET in text.casefold()] == []
    assert len([text for text in texts.values() if "Welcome" in text]) > 15


@pytest.mark.django_db
def test_the_same_look_finds_a_session_that_is_no_secret(client: Client) -> None:
    session = make_secret("full")
    publish(session.event, "tentative")
    publish(session.event, "final")

    texts = texts_of(client, OPEN)

    assert len([text for text in texts.values() if SECRET in text.casefold()]) > 15


def texts_of(client: Client, routes: list[str]) -> dict[str, str]:
    addresses = ["/" + PLACE.sub(lambda found: HELD[found[1]], route) for route in routes]
    answers = {address: client.get(address) for address in addresses}
    return {
        address: b"".join(answer).decode(errors="replace")  # type: ignore[arg-type]
        for address, answer in answers.items()
    }


@pytest.mark.django_db
class TestRelease:
    def test_of_a_session_to_be_announced_it_has_the_kind_the_place_and_the_time(self) -> None:
        session = make_secret("tba", kind="keynote")

        data = publish(session.event, "final").data

        item = Program.from_json(data).items[1]
        assert item == Item(
            uuid=str(session.uuid),
            id=session.pk,
            slug=f"tba-{session.uuid.hex[:12]}",
            title="To be announced",
            kind="keynote",
            duration=45,
            block=str(session.block.uuid),
            offset=45,
            start=NOON + timedelta(minutes=45),
            end=NOON + timedelta(minutes=90),
            language="",
            room=str(session.room.uuid),  # type: ignore[union-attr]
            visibility="tba",
        )
        assert SECRET not in json.dumps(data)

    def test_by_title_only_it_has_no_texts_people_and_links(self) -> None:
        session = make_secret("title_only")

        program = Program.from_json(publish(session.event, "final").data)

        item = program.items[1]
        assert (item.title, item.slug, program.track_name(item)) == (
            "xyzzy explained",
            "xyzzy-explained",
            "About xyzzy",
        )
        assert (item.subtitle, item.abstract, item.prerequisites, item.links, item.speakers) == ("", "", "", (), ())
        assert [person.name for person in program.people] == ["Grace"]

    def test_a_hidden_session_comes_as_an_added_one_and_goes_as_a_removed_one(self) -> None:
        session = make_secret("hidden")
        event = session.event
        publish(event, "tentative")

        Session.objects.filter(pk=session.pk).update(visibility="full")
        shown = publish(event, "tentative").changes
        Session.objects.filter(pk=session.pk).update(visibility="hidden")
        gone = publish(event, "tentative").changes

        assert [(one["kind"], one["title"]) for one in shown] == [("added", "xyzzy explained")]
        assert [(one["kind"], one["title"]) for one in gone] == [("removed", "xyzzy explained")]

    def test_what_changes_behind_the_veil_is_no_change(self) -> None:
        session = make_secret("tba")
        event = session.event
        publish(event, "tentative")
        Session.objects.filter(pk=session.pk).update(title="Another", abstract="Another", track=None)
        session.appearances.all().delete()

        release = publish(event, "tentative")

        session.refresh_from_db()
        assert (release.changes, session.sequence) == ([], 0)

    def test_moving_a_hidden_session_does_not_raise_its_revision(self) -> None:
        session = make_secret("hidden")
        event = session.event
        publish(event, "tentative")
        session.block.start = NOON + timedelta(hours=5)
        session.block.save()

        publish(event, "tentative")

        session.refresh_from_db()
        assert session.sequence == 0

    def test_a_program_with_nothing_to_show_is_refused(self) -> None:
        event = make_event()
        make_session(make_block(event), visibility="hidden")

        with pytest.raises(ProgramError, match="no sessions to show"):
            publish(event, "final")

        assert preview(event).program == Program("America/New_York")

    def test_a_session_page_says_that_more_will_come(self, client: Client) -> None:
        session = make_secret("title_only")
        publish(session.event, "final")

        page = client.get("/school/sessions/xyzzy-explained/").content.decode()

        assert "More about this session will be announced." in page


class TestGaps:
    def test_with_clock_times_the_gap_of_a_hidden_session_stays(self) -> None:
        program = draft([45, 30, 60], hidden={1}, start=True)

        items = conceal(program).items

        assert [(one.offset, one.start, one.is_pinned) for one in items] == [
            (0, NOON, False),
            (75, NOON + timedelta(minutes=75), True),
        ]

    def test_without_clock_times_the_gap_closes(self) -> None:
        program = draft([45, 30, 60], hidden={1})

        assert [(one.offset, one.is_pinned) for one in conceal(program).items] == [(0, False), (45, False)]

    @given(st.lists(st.tuples(st.integers(1, 300), st.sampled_from(VISIBILITIES), st.booleans())), st.booleans())
    def test_no_clock_time_changes_and_what_is_left_makes_the_same_timetable(
        self, rows: list[tuple[int, str, bool]], has_start: bool
    ) -> None:
        pins = {place for place, row in enumerate(rows) if row[2]}
        program = draft([row[0] for row in rows], [row[1] for row in rows], start=has_start, pins=pins)
        before = {item.uuid: item.start for item in program.items}

        shown = conceal(program)

        slots = [Slot(item.duration, item.start if item.is_pinned else None) for item in shown.items]
        again = lay_out(slots, shown.blocks[0].start if shown.blocks else None)
        assert [item.start for item in shown.items] == [before[item.uuid] for item in shown.items]
        assert [(one.offset, one.start) for one in again] == [(item.offset, item.start) for item in shown.items]
        assert conceal(shown) == shown


def draft(
    lengths: list[int],
    visibilities: list[str] | None = None,
    *,
    hidden: set[int] | frozenset[int] = frozenset(),
    start: bool = False,
    pins: set[int] | frozenset[int] = frozenset(),
) -> Program:
    """A block of sessions; the n-th pinned ones begin n hours after noon."""
    block = Block("block", start=NOON if start else None)
    slots = [Slot(one, NOON + timedelta(hours=n) if n in pins else None) for n, one in enumerate(lengths)]
    items = [
        Item(
            uuid=f"{n}",
            slug=f"s{n}",
            title=f"S{n}",
            kind="talk",
            duration=slot.duration,
            block="block",
            offset=place.offset,
            start=place.start,
            end=place.end,
            is_pinned=slot.pin is not None,
            visibility=visibilities[n] if visibilities else "hidden" if n in hidden else "full",
        )
        for n, (slot, place) in enumerate(zip(slots, lay_out(slots, block.start), strict=True))
    ]
    return Program("UTC", tuple(items), (block,))


@pytest.mark.django_db
def test_a_program_without_secrets_stays_as_it_is() -> None:
    session = make_secret("full")
    program = program_of(session.event)

    assert conceal(program) == program
