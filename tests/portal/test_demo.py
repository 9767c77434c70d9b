import json
import re
import stat
from collections import Counter
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.demo.conference import load_conference
from portal.demo.stages import load_school
from portal.demo.tutorial import load_tutorial, one_page_pdf
from portal.invariants import problems
from portal.models import Event, Membership
from sessions_app import releases
from sessions_app.conflicts import find
from sessions_app.models import Session
from sessions_app.program import Program

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
    assert (published.number, published.stage, has_times(published.program)) == (1, "tentative", False)
    assert [item.duration for item in published.program.items] == [45, 45, 30, 45, 45]
    assert list(tutorial.ticket_types.values_list("capacity", flat=True)) == [60]
    assert [(one.title, one.audience, one.opening) for one in tutorial.materials.all()] == [
        ("Setting up", "public", "at_once"),
        ("Slides", "registered", "at_release"),
        ("DeepSpeed's documentation", "public", "at_once"),
    ]


TODAY = date(2026, 11, 24)


def kinds(event: Event, number: int) -> set[str]:
    return {change["kind"] for change in event.releases.get(number=number).changes}


@pytest.mark.sqlite
class TestConference:
    def test_it_is_final_over_three_days_without_a_clash(self) -> None:
        event = load_conference(TODAY)

        published = releases.latest(event)
        assert published
        program = published.program
        assert (published.stage, len(program.items), len(program.rooms), has_times(program)) == ("final", 60, 4, True)
        assert [day for day, _ in program.days] == [date(2027, 2, 9), date(2027, 2, 10), date(2027, 2, 11)]
        assert [one.text for one in find(program, is_final=True)] == []

    def test_one_of_another_size_says_so_in_its_title(self) -> None:
        titles = [load_conference(TODAY, sessions).title for sessions in (60, 40, 1000)]

        assert titles == ["Lanterna 2027", "Lanterna 2027 (40 sessions)", "Lanterna 2027 (1,000 sessions)"]

    def test_its_history_has_a_final_release_and_two_updates_of_all_kinds(self) -> None:
        event = load_conference(TODAY)

        rows = event.releases.order_by("number").values_list("stage", "published_at__date")
        assert list(rows) == [
            ("tentative", date(2026, 10, 15)),
            ("final", date(2026, 11, 12)),
            ("final", date(2026, 11, 19)),
            ("final", date(2026, 11, 23)),
        ]
        assert kinds(event, 2) >= {"retitled", "speaker_added"}
        assert kinds(event, 3) == {"cancelled", "room", "speaker_added", "speaker_removed", "retitled"}
        assert kinds(event, 4) >= {"restored", "moved", "added", "removed", "abstract"}

    def test_it_is_as_large_as_wished_with_lengths_rooms_and_people_as_in_life(self) -> None:
        event = load_conference(TODAY, sessions=1000)

        published = releases.latest(event)
        assert published
        items = published.program.items
        talks = [item.duration for item in items if item.kind == "talk"]
        spoken = Counter(one.person for item in items for one in item.speakers)
        assert (event.slug, len(items), event.sessions.count()) == ("lanterna-1000", 1000, 1000)
        assert (len(published.program.rooms), len(published.program.tracks)) == (36, 14)
        assert len({item.title for item in items if not item.is_break}) == 1000 - 9
        assert min(talks) <= 20 < sorted(talks)[len(talks) // 2] < 45 <= max(talks)
        assert sum(1 for count in spoken.values() if count > 1) > 100
        assert [one.kind for one in find(published.program, is_final=True) if one.kind in ("person", "room")] == []

    @pytest.mark.parametrize("sessions", [1, 5, 15, 40])
    def test_small_ones_have_as_many_too(self, sessions: int) -> None:
        event = load_conference(TODAY, sessions)

        assert event.sessions.count() == sessions
        assert event.releases.brief()[0].stage == "final"

    def test_of_one_day_it_is_the_same_document_each_time(self) -> None:
        documents = []
        for _ in range(2):
            event = load_conference(TODAY, 40)
            documents.append(plain_ids(event.releases.order_by("number").values_list("data", "changes", "note")))
            event.sessions.all().delete()
            event.delete()

        assert documents[0] == documents[1]


@pytest.mark.sqlite
def test_the_rest_is_the_same_each_time_as_well() -> None:
    uuids = []
    for _ in range(2):
        events = [load_tutorial(), load_school(TODAY)]
        kinds = [rows for event in events for rows in (event.blocks, event.sessions, event.speakers, event.materials)]
        uuids.append([list(rows.order_by("pk").values_list("uuid", flat=True)) for rows in kinds])
        for event in events:
            event.materials.all().delete()
            event.sessions.all().delete()
            event.delete()

    assert uuids[0] == uuids[1]


def plain_ids(rows: Any) -> str:
    """The documents without the numbers that the database gives."""
    return re.sub(r'"id": \d+', '"id": 0', json.dumps(list(rows)))


@pytest.mark.sqlite
def test_there_is_an_event_at_each_stage() -> None:
    seed()

    found = {
        event.slug: [(one.stage, has_times(Program.from_json(one.data))) for one in event.releases.order_by("number")]
        for event in Event.objects.all()
    }
    assert found == {
        "asplos-2026": [],
        "deepspeed-tutorial": [("tentative", False)],
        "lanterna": [("tentative", True), *[("final", True)] * 3],
        "lanterna-charts": [("tentative", False), ("tentative", True)],
        "lanterna-radio": [],
        "buoy-school": [("final", True)],
    }
    assert [one.slug for one in Event.objects.get(slug="lanterna").guests.all()] == [
        "lanterna-radio",
        "lanterna-charts",
    ]


def has_times(program: Program) -> bool:
    return all(item.start for item in program.items)


def test_what_is_over_has_its_materials_open(client: Client) -> None:
    seed()

    materials = client.get("/api/v1/events/buoy-school/materials/").json()["materials"]

    assert sorted(one["title"] for one in materials) == ["A year of data", "Recording", "Slides", "Slides", "Slides"]
    assert all(one["is_open"] for one in materials)


def test_a_second_time_changes_nothing() -> None:
    seed("--attendees", "70", "--canary", CANARY)
    before = counts()

    seed("--attendees", "70", "--canary", CANARY)

    assert counts() == before
    assert before["deepspeed-tutorial"][1] == 70
    assert problems() == []


@pytest.mark.sqlite
def test_the_canary_sits_in_every_text_of_the_draft_and_in_nothing_public(client: Client) -> None:
    seed("--canary", CANARY)
    tutorial = Event.objects.get(slug="deepspeed-tutorial")

    pages = ["", "schedule/", "speakers/", "releases/", "releases/1/", "materials/"]
    shown = [client.get(f"/deepspeed-tutorial/{page}").content.decode() for page in pages]
    shown += [client.get(path).content.decode() for path in ("/", "/api/v1/events/deepspeed-tutorial/schedule/")]

    hidden = tutorial.sessions.get(title=CANARY)
    texts = [hidden.subtitle, hidden.prerequisites, hidden.links[0]["title"], tutorial.timed_releases.get().note]
    texts += [hidden.abstract, hidden.track.name, hidden.block.title, hidden.block.room.name]  # type: ignore[union-attr]
    speaker = hidden.speakers.get()
    file = tutorial.materials.get(title=CANARY)
    assert [*texts, speaker.name, speaker.affiliation, speaker.biography] == [CANARY] * 11
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


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Can't write .*/none/actors.json: No such file or directory\."):
        seed("--actors", str(tmp_path / "none" / "actors.json"))

    assert not Event.objects.exists()


def test_the_slides_are_a_pdf_whose_table_points_at_its_parts() -> None:
    document = one_page_pdf("Parts (and) pieces – 1")

    table = document.partition(b"xref\n0 6\n")[2].splitlines()[1:6]
    places = [int(line[:10]) for line in table]
    assert document.startswith(b"%PDF-1.4")
    assert b"(Parts and pieces  1) Tj" in document
    assert [document[place : place + 7] for place in places] == [b"%d 0 obj" % number for number in range(1, 6)]
