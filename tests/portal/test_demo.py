import json
import stat
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.demo.conference import load_conference
from portal.demo.tutorial import one_page_pdf
from portal.invariants import problems
from portal.models import Event, Membership
from sessions_app import releases
from sessions_app.conflicts import find
from sessions_app.models import Session

pytestmark = pytest.mark.django_db
CANARY = "zebrafinch"


def seed(*options: str) -> str:
    output = StringIO()
    call_command("seed_demo", *options, stdout=output)
    return output.getvalue()


def counts() -> dict[str, Any]:
    return {
        event.slug: (event.sessions.count(), event.registrations.count(), event.releases.count(), event.version)
        for event in Event.objects.all()
    }


def test_the_tutorial_is_tentative_and_open_for_sixty() -> None:
    seed()

    tutorial = Event.objects.get(slug="deepspeed-tutorial")
    published = releases.latest(tutorial)
    assert published
    assert (published.number, published.stage, published.program.has_times) == (1, "tentative", False)
    assert [item.duration for item in published.program.items] == [45, 45, 30, 45, 45]
    assert list(tutorial.ticket_types.values_list("capacity", flat=True)) == [60]
    assert [(one.title, one.audience, one.opening) for one in tutorial.materials.all()] == [
        ("Setting up", "public", "at_once"),
        ("Slides", "registered", "at_release"),
        ("DeepSpeed's documentation", "public", "at_once"),
    ]


def test_the_conference_is_final_over_three_days_without_a_clash() -> None:
    event = load_conference(date(2026, 11, 24))

    published = releases.latest(event)
    assert published
    program = published.program
    assert (published.stage, len(program.items), len(program.rooms), program.has_times) == ("final", 60, 4, True)
    assert [day for day, _ in program.days] == [date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 11)]
    assert [one.text for one in find(program, is_final=True) if one.kind in ("person", "room", "overrun")] == []


def test_it_is_the_same_each_time_and_as_large_as_wished() -> None:
    event = load_conference(date(2026, 11, 24), sessions=200)

    titles = list(event.sessions.exclude(kind="break").values_list("title", flat=True))

    assert (event.slug, event.sessions.count()) == ("lanterna-200", 200)
    assert len(set(titles)) == len(titles)
    assert titles[:2] == ["A city that watches the water", "What the sea forgets"]


def test_a_second_time_changes_nothing() -> None:
    seed("--attendees", "70", "--canary", CANARY)
    before = counts()

    seed("--attendees", "70", "--canary", CANARY)

    assert counts() == before
    assert before["deepspeed-tutorial"][1] == 70
    assert problems() == []


def test_the_canary_sits_in_every_text_of_the_draft_and_in_nothing_public(client: Client) -> None:
    seed("--canary", CANARY)
    tutorial = Event.objects.get(slug="deepspeed-tutorial")

    pages = ["", "schedule/", "speakers/", "releases/", "releases/1/", "materials/"]
    shown = [client.get(f"/deepspeed-tutorial/{page}").content.decode() for page in pages]
    shown += [client.get(path).content.decode() for path in ("/", "/api/v1/events/deepspeed-tutorial/schedule/")]

    hidden = tutorial.sessions.get(title=CANARY)
    texts = [hidden.abstract, hidden.track.name, hidden.block.title, hidden.block.room.name]  # type: ignore[union-attr]
    speaker = hidden.speakers.get()
    file = tutorial.materials.get(title=CANARY)
    assert [*texts, speaker.name, speaker.affiliation, speaker.biography] == [CANARY] * 7
    assert (file.filename, file.file.read()) == (f"{CANARY}.txt", CANARY.encode())
    assert Session.objects.filter(event=tutorial, title__endswith=f" {CANARY}").count() == 1
    assert Event.objects.get(title=CANARY).is_public is False
    assert [page for page, text in zip(pages, shown, strict=False) if CANARY in text] == []
    assert not any(CANARY in text for text in shown)


def test_the_actors_can_log_in_and_open_their_links(tmp_path: Path, client: Client) -> None:
    path = tmp_path / "actors.json"

    seed("--actors", str(path))

    actors = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert client.login(**actors["superuser"])
    assert client.login(**actors["other_organizer"])
    assert [one.event.slug for one in Membership.objects.filter(user__username="demo-organizer")] == [
        "deepspeed-tutorial"
    ]
    for url in (actors["attendee"]["manage_url"], actors["newcomer"]["confirm_url"]):
        assert client.get(url.removeprefix(actors["site"])).status_code == 200
    assert (actors["attendee"]["state"], actors["newcomer"]["state"]) == ("confirmed", "pending")


@pytest.mark.parametrize(("option", "value"), [("--attendees", "-1"), ("--sessions", "0"), ("--sessions", "5001")])
def test_a_number_out_of_reach_is_refused_before_anything_is_made(option: str, value: str) -> None:
    with pytest.raises(CommandError, match=option):
        seed(option, value)

    assert not Event.objects.exists()


def test_the_slides_are_a_pdf_whose_table_points_at_its_parts() -> None:
    document = one_page_pdf("Parts (and) pieces – 1")

    table = document.partition(b"xref\n0 6\n")[2].splitlines()[1:6]
    places = [int(line[:10]) for line in table]
    assert document.startswith(b"%PDF-1.4")
    assert b"(Parts and pieces  1) Tj" in document
    assert [document[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 6)]
