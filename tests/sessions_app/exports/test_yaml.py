from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.models import Event
from portal.text import printable
from sessions_app.drafts import backstage_of, program_of
from sessions_app.exports.yaml import Dumper, document
from sessions_app.importers.load import load
from sessions_app.importers.outline import parse
from sessions_app.importers.report import Known
from sessions_app.importers.sections import sections
from sessions_app.importers.yaml import read
from sessions_app.models import Session
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_lab,
    make_material,
    make_question,
    make_release,
    make_room,
    make_session,
    make_speaker,
    make_ticket_type,
)

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
FACTS = ("title", "subtitle", "kind", "timezone", "starts_on", "ends_on", "venue", "overview", "hue", "contact_email")
FACTS += ("purpose", "retention_days", "told_of_releases", "has_material_digest")


def make_rich_event() -> Event:
    """An event with everything a program can have."""
    host = make_event(title="NORDIC 2026", kind="conference")
    event = make_event(
        slug="my-event",
        host=host,
        kind="workshop",
        starts_on=date(2026, 1, 15),
        overview="Two *days*.\r\n\r\nBring:\n- a laptop\n",
        hue="moss",
        contact_email="school@example.org",
        purpose="To print badges.",
        retention_days=90,
        told_of_releases="changed",
        has_material_digest=True,
    )
    aula, cellar = make_room(event, "Aula", capacity=120, position=2), make_room(event, "Cellar", position=1)
    track = event.tracks.create(name="Systems: yes", slug="systems", hue="plum", position=1)
    event.tracks.create(name="Unused", slug="unused")
    ada, other = make_speaker(event, "Ada", affiliation="A: B", biography="- no\n- yes"), make_speaker(event, "Ada")
    morning = make_block(event, title="Morning", start=NOON, room=aula)
    make_room(event, "Unused", capacity=5)
    make_speaker(event, "Nobody")
    make_session(morning, "null", speakers=(other, ada), abstract="  indented\n\n\n# end  \n", level="beginner")
    make_session(morning, "Coffee", kind="break", duration=30, room=cellar)
    make_session(morning, "Pinned", start=NOON + timedelta(hours=5), track=track, language="de", speakers=(ada,))
    later = make_block(event, title="", position=7)
    make_session(later, "Off", status="cancelled", sequence=3)
    links = [{"url": "https://example.org/code", "title": "Code: all"}, {"url": "https://example.org", "title": ""}]
    make_session(later, "Known", subtitle="By name", prerequisites="- A laptop\n", links=links, visibility="title_only")
    make_session(later, "Lab", subtitle="Two hours", prerequisites="- A laptop\n", links=links)
    make_session(later, "Away", visibility="hidden")
    make_session(later, "Secret", visibility="tba", speakers=(ada,), track=track)
    make_session(morning, "Away too", visibility="hidden")
    make_session(morning, "After the gap", language="nb")
    make_block(event, title="Empty", position=8, room=cellar)
    Session.objects.get(title="Pinned").appearances.update(role="moderator")
    make_material(event, title="Code: all")
    lab = Session.objects.get(title="Lab")
    make_material(event, title="Slides", session=lab, opening="at_time", opens_at=NOON, audience="registered")
    make_ticket_type(event, 30, name="Student: early", access_code="1234", closes_at=NOON)
    make_question(event, "Diet?", choices=("None", "Vegan"), kind="choice", is_required=True)
    make_lab(event, lab, 7)
    return event


def exported(event: Event) -> bytes:
    beside = {name: section.written(event) for name, section in sections().items()}
    return document(event, program_of(event), backstage_of(event), beside)


def test_read_into_an_empty_database_and_released_it_is_the_same_document() -> None:
    make_release(make_event())  # so that the ids don't begin with one
    event = make_rich_event()
    first = make_release(event, "final").data
    data = exported(event)
    facts = [getattr(event, name) for name in FACTS]
    Event.objects.filter(slug="my-event").delete()
    Event.objects.all().delete()

    load("my-event", read(data, Known()))

    again = Event.objects.get(slug="my-event")
    assert make_release(again, "final").data == first
    assert [getattr(again, name) for name in FACTS] == facts
    assert str(again.host) == "NORDIC 2026"


def test_sessions_made_after_it_have_ids_of_their_own() -> None:
    event = make_rich_event()
    data = exported(event)
    event.delete()
    load("my-event", read(data, Known()))
    ids = set(Session.objects.values_list("pk", flat=True))

    made = [make_session(Event.objects.get(slug="my-event").blocks.all()[0]).pk for _ in range(3)]

    assert len(ids | set(made)) == 13
    assert min(made) > max(ids)


def test_ids_that_are_taken_or_far_away_are_not_taken_over() -> None:
    taken = make_session(make_block(make_event())).pk
    texts = [f"  - title: {number}\n    duration: 5\n    id: {number}\n" for number in (taken, 999_999_999)]
    data = "lectern: 1\nevent: {title: A}\nblocks:\n- sessions:\n" + "".join(texts)

    load("my-event", read(data.encode(), Known()))

    ids = Event.objects.get(slug="my-event").sessions.values_list("pk", flat=True)
    assert sorted(ids) == [taken + 1, taken + 2]


def test_exported_again_it_is_the_same_file() -> None:
    event = make_rich_event()
    event.speakers.filter(affiliation="").update(email="ada@example.org")
    Event.objects.filter(pk=event.pk).update(is_public=False)
    data = exported(Event.objects.get(pk=event.pk))
    event.delete()

    load("my-event", read(data, Known()))

    assert exported(Event.objects.get(slug="my-event")) == data
    assert b"ada@example.org" in data
    assert b"public: 'no'" in data


def test_read_into_its_own_event_it_changes_nothing() -> None:
    event = make_rich_event()

    loaded = load("my-event", read(exported(event), Known()))

    assert (loaded.changes, loaded.kept, loaded.unchanged) == ((), (), 10)


def test_a_copy_beside_its_event_gets_identities_of_its_own() -> None:
    event = make_rich_event()

    load("copy", read(exported(event), Known()))
    again = load("copy", read(exported(event), Known()))

    assert again.changes == ()
    assert Session.objects.count() == 10 + 10


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t\r\x85\u2028\u202a #:-'\"|>")))
def test_every_text_comes_back_as_it_was(text: str) -> None:
    data = yaml.dump({"a": [{"b": text}]}, Dumper=Dumper, allow_unicode=True, width=110, encoding="utf-8")

    assert parse(data)["a"].elements[0]["b"].text == printable(text)
