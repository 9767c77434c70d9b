"""After somebody is taken out, nothing that is stored or served names them; everything else is as it was."""

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.test import Client

from portal.invariants import problems
from portal.models import Event
from registration.notices import release_program
from sessions_app.models import Release, Speaker
from sessions_app.redaction import named, redact, still_named
from tests.factories import NOON, make_block, make_event, make_organizer, make_session, make_speaker

pytestmark = pytest.mark.django_db
SECRETS = ("lovelace", "Analytical Engines", "countess", "ada.example")
PAGES = (
    "/tutorial/",
    "/tutorial/schedule/",
    "/tutorial/speakers/",
    "/tutorial/releases/",
    "/tutorial/releases/1/",
    "/tutorial/releases/1..3/",
    "/tutorial/schedule.ics",
    "/tutorial/schedule.xml",
    "/tutorial/schedule.json",
    "/tutorial/releases.atom",
    "/api/v1/events/tutorial/schedule/",
    "/api/v1/events/tutorial/speakers/",
    "/api/v1/events/tutorial/releases/1/",
    "/api/v1/events/tutorial/releases/2/changes/",
)


@pytest.fixture
def event() -> Event:
    """Three releases: Ada speaks in the first, is joined by Grace in the second, and a talk of hers is gone in the
    third."""
    event = make_event(slug="tutorial")
    ada = make_speaker(
        event,
        "Ada Lovelace",
        affiliation="Analytical Engines",
        biography="A countess.",
        url="https://ada.example/",
        email="ada@example.org",
    )
    grace = make_speaker(event, "Grace Hopper", biography="Worked with Ada Lovelace.")
    block = make_block(event, start=NOON)
    first = make_session(block, "Opening by Ada Lovelace", speakers=(ada,), abstract="ADA LOVELACE opens.")
    second = make_session(block, "Lovelaces of today", speakers=(ada,))
    release_program(event, "tentative", note="Welcome, Ada Lovelace!")
    first.appearances.create(speaker=grace, position=1)
    release_program(event, "tentative")
    second.delete()
    first.appearances.filter(speaker=ada).update(role="chair")
    release_program(event, "final")
    return event


def stored(event: Event) -> list[dict[str, Any]]:
    rows = event.releases.order_by("number").values("data", "changes", "withdrawn", "note")
    return json.loads(json.dumps(list(rows), default=str))


def test_no_stored_document_names_them_and_all_others_stay(event: Event) -> None:
    before = stored(event)

    count = redact(event.speakers.get(name="Ada Lovelace"))

    after = stored(event)
    text = json.dumps(after).casefold()
    people = [[one["name"] for one in row["data"]["people"]] for row in after]
    assert count == 3
    assert [secret for secret in SECRETS[1:] if secret.casefold() in text] == []
    assert text.count("lovelace") == text.count("lovelaces of today") + text.count("lovelaces-of-today")
    assert [sorted(names) for names in people] == [
        ["A speaker"],
        ["A speaker", "Grace Hopper"],
        ["A speaker", "Grace Hopper"],
    ]
    assert [[item["uuid"] for item in row["data"]["items"]] for row in after] == [
        [item["uuid"] for item in row["data"]["items"]] for row in before
    ]
    assert after[2]["data"]["items"][0]["title"] == "Opening by A speaker"
    assert after[2]["changes"][-1]["after"] == ["A speaker (chair)", "Grace Hopper"]


def test_nothing_that_is_served_names_them(event: Event, client: Client) -> None:
    tags = {path: client.get(path)["ETag"] for path in PAGES}

    redact(event.speakers.get(name="Ada Lovelace"))

    for path in PAGES:
        answer = client.get(path, headers={"If-None-Match": tags[path]})
        text = answer.content.decode().replace("Lovelaces of today", "").replace("lovelaces-of-today", "")
        assert (path, answer.status_code) == (path, 200)
        assert (path, [secret for secret in SECRETS if secret.casefold() in text.casefold()]) == (path, [])


def test_the_draft_forgets_them_so_that_the_next_release_brings_nothing_back(event: Event) -> None:
    redact(event.speakers.get(name="Ada Lovelace"))

    release, mails = release_program(event, "final")

    assert (release.changes, mails) == ([], 0)
    assert sorted(event.speakers.values_list("name", "email")) == [("A speaker", ""), ("Grace Hopper", "")]
    assert event.mails.filter(address="ada@example.org").count() == 0
    assert problems() == []


def test_a_second_time_rewrites_nothing(event: Event) -> None:
    ada = event.speakers.get(name="Ada Lovelace")
    redact(ada)
    ada.refresh_from_db()
    digests = list(event.releases.values_list("digest", flat=True))

    assert redact(ada) == 0
    assert list(event.releases.values_list("digest", flat=True)) == digests


def test_somebody_else_of_the_same_name_stays(event: Event) -> None:
    namesake = make_speaker(event, "Ada Lovelace", affiliation="Elsewhere")
    make_session(event.blocks.get(), "Another talk", speakers=(namesake,))
    release_program(event, "final")

    redact(event.speakers.exclude(pk=namesake.pk).get(name="Ada Lovelace"))

    latest = event.releases.brief()[0]
    people = {one["slug"]: (one["name"], one["affiliation"]) for one in latest.data["people"]}
    assert people["ada-lovelace-2"] == ("Ada Lovelace", "Elsewhere")


def test_a_name_of_one_word_is_no_reason_to_change_other_words() -> None:
    event = make_event()
    speaker = make_speaker(event, "Turing")
    make_session(make_block(event), "What Turing said", speakers=(speaker,))
    release_program(event, "final")

    redact(speaker)

    release = event.releases.get()
    assert (release.data["items"][0]["title"], release.data["people"][0]["name"]) == ("What Turing said", "A speaker")


def test_of_another_event_nothing_changes(event: Event) -> None:
    other = make_event()
    make_session(make_block(other), "By Ada Lovelace", speakers=(make_speaker(other),))
    release_program(other, "final")
    before = stored(other)

    redact(event.speakers.get(name="Ada Lovelace"))

    assert stored(other) == before


@pytest.mark.parametrize("releases", [1, 10])
def test_it_reads_one_document_at_a_time(event: Event, releases: int, django_assert_num_queries) -> None:
    Release.objects.filter(event=event, number__gt=1).delete()
    for _ in range(releases - 1):
        release_program(event, "final", is_mailed=False)
    ada = event.speakers.get(name="Ada Lovelace")

    with django_assert_num_queries(14 + releases):
        redact(ada)


class TestCommand:
    def test_it_takes_out_who_is_in_the_draft_no_more(self, event: Event, capsys: pytest.CaptureFixture[str]) -> None:
        event.speakers.get(name="Ada Lovelace").delete()
        release_program(event, "final")

        call_command("redact_speaker", "tutorial", "ada lovelace")

        uuid = event.releases.get(number=1).data["people"][0]["uuid"]
        assert capsys.readouterr().out == f"{uuid}: taken out of 4 releases\n"
        assert "countess" not in json.dumps(stored(event)).casefold()
        assert named(event, "Ada Lovelace") == []

    def test_a_dry_run_names_them_all_and_changes_nothing(
        self, event: Event, capsys: pytest.CaptureFixture[str]
    ) -> None:
        namesake = make_speaker(event, "Ada Lovelace")
        before = stored(event)

        call_command("redact_speaker", "tutorial", "Ada Lovelace", "--dry-run")

        ada = event.speakers.exclude(pk=namesake.pk).get(name="Ada Lovelace")
        lines = {f"{ada.uuid}, Analytical Engines", f"{namesake.uuid}, no affiliation"}
        assert set(capsys.readouterr().out.splitlines()) == lines
        assert stored(event) == before

    @pytest.mark.parametrize(("slug", "name"), [("nowhere", "Ada Lovelace"), ("tutorial", "Ada")])
    def test_nobody_is_an_error(self, event: Event, slug: str, name: str) -> None:
        with pytest.raises(CommandError):
            call_command("redact_speaker", slug, name)


class TestAdmin:
    LIST = "/admin/sessions_app/speaker/"

    def test_it_asks_first_and_names_what_is_left_to_do(self, client: Client, event: Event) -> None:
        client.force_login(make_organizer(event))
        event.overview = "With Ada Lovelace."
        event.save()
        ada = event.speakers.get(name="Ada Lovelace")

        page = client.post(self.LIST, {"action": "redact", "_selected_action": [ada.pk]})

        assert "Still named in the event's overview: change that by hand." in " ".join(
            page.text.replace("&#x27;", "'").split()
        )
        assert still_named(ada) == ["the event's overview"]
        assert Speaker.objects.filter(name="Ada Lovelace").exists()

    def test_once_confirmed_it_is_done_and_logged_without_the_name(self, client: Client, event: Event) -> None:
        client.force_login(make_organizer(event))
        ada = event.speakers.get(name="Ada Lovelace")
        form = {"action": "redact", "_selected_action": [ada.pk], "is_confirmed": "1"}

        page = client.post(self.LIST, form, follow=True)

        entry = LogEntry.objects.get()
        assert "Taken out of all releases and the draft: 1." in page.text
        assert (entry.object_repr, entry.change_message) == ("A speaker", "Taken out of 3 releases.")

    def test_a_speaker_of_another_event_is_not_to_be_had(self, client: Client, event: Event) -> None:
        client.force_login(make_organizer(make_event()))
        ada = event.speakers.get(name="Ada Lovelace")

        client.post(self.LIST, {"action": "redact", "_selected_action": [ada.pk], "is_confirmed": "1"})

        ada.refresh_from_db()
        assert ada.name == "Ada Lovelace"
