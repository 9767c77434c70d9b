"""The mail of a release before there is one: read on the release page, and tried."""

from collections.abc import Iterator

import pytest
from django.test import Client
from icalendar import Calendar

from portal import delivery, proofing
from portal.models import Event, Suppression
from registration import proofs
from registration.bulletin import bulletin_of
from registration.models import Star
from registration.notices import release_program
from sessions_app.publishing import preview
from tests.factories import make_event, make_organizer, make_program, make_registration, make_speaker
from tests.filling import fields_of
from tests.pages import Page
from tests.registration.letterbox import START
from tests.smtp import recording_server

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.fixture
def event(client: Client) -> Event:
    """Released once; since then a title has changed that the last of two registered people has starred."""
    event = make_event(title="Large models")
    first, *_ = make_program(event, start=START)
    release_program(event, "tentative", is_mailed=False)
    make_registration(event, "ada@example.org")
    Star.objects.create(registration=make_registration(event, "bob@example.org"), session=first.uuid)
    first.title = "Welcome"
    first.save()
    organizer = make_organizer(event, "olga")
    organizer.email = "olga@example.org"
    organizer.save()
    client.force_login(organizer)
    return event


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    yield
    proofing.kept.clear()


def press(client: Client, event: Event, button: str, query: str = "?stage=final", **fields: str):
    page = f"/admin/portal/event/{event.pk}/release/"
    return client.post(f"{page}{button}/", fields_of(client.get(page + query)) | fields)


def test_it_is_read_as_real_people_will_first_one_whom_it_concerns(client: Client, event: Event) -> None:
    page = press(client, event, "mails", note="At last.")
    frames = [one["src"] for one in Page(page).all("iframe")]
    html = client.get(frames[0])

    assert page.text.count("As somebody who is registered reads it") == 2
    assert "Final program: Large models" in page.text
    assert "* Welcome (you starred this)" in page.text
    assert "At last." in html.text
    assert "you starred this" in html.text
    assert html["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(frames) == 2


def test_it_is_made_once_for_the_page_and_its_frames(client: Client, event: Event, django_assert_num_queries) -> None:
    page = press(client, event, "mails")
    first, second = [one["src"] for one in Page(page).all("iframe")]

    with django_assert_num_queries(4):  # who asks, and for which event
        kept = client.get(first)

    again = client.get(first)
    assert kept.content == again.content
    assert client.get(second).status_code == 200
    assert proofing.kept == {}


def test_what_no_frame_asks_for_is_forgotten(client: Client, event: Event) -> None:
    for _ in range(20):
        press(client, event, "mails")

    assert len(proofing.kept) == proofing.MOST_KEPT


def test_a_kept_mail_is_for_the_organizers_of_its_event(client: Client, event: Event) -> None:
    frame = Page(press(client, event, "mails")).all("iframe")[0]["src"]
    other = make_event()
    client.force_login(make_organizer(other))

    answers = [client.get(frame), client.get(frame.replace(f"/{event.pk}/", f"/{other.pk}/"))]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_it_names_nobody_and_nobodys_links(client: Client, event: Event) -> None:
    page = press(client, event, "mails")
    html = client.get(Page(page).all("iframe")[0]["src"]).text

    assert [word in page.text + html for word in ("bob@", "/my/", "/calendar/")] == [False] * 3


def test_a_follower_reads_of_no_registration(client: Client) -> None:
    event = make_event()
    make_program(event)
    event.followers.create(email="f@example.org", email_key="f@example.org")

    [(reader, letter)] = proofs.letters(event, "final", "")

    assert reader == "a follower"
    assert "Your registration" not in letter.text + letter.html


def test_what_was_typed_is_still_there(client: Client, event: Event) -> None:
    page = press(client, event, "mails", note="At last.", at="2026-02-17T09:00")

    found = fields_of(page)
    assert [found[name] for name in ("stage", "note", "at", "is_mailed", "after")] == [
        "final",
        "At last.",
        "2026-02-17T09:00",
        "1",
        "1",
    ]


def test_from_there_on_it_is_released_and_the_switches_work(client: Client, event: Event) -> None:
    page = Page(press(client, event, "mails"))

    here = f"/admin/portal/event/{event.pk}/release/"
    assert here in [one.get("action") for one in page.all("form")]
    assert [link for link in page.links if "?stage=" in link] == [
        f"{here}?stage=tentative&mail=1",
        f"{here}?stage=final&mail=1",
        f"{here}?stage=final&mail=1",
        f"{here}?stage=final&mail=0",
    ]


def test_a_look_changes_nothing(client: Client, event: Event) -> None:
    event.blocks.update(start=START.replace(hour=15))
    before = list(event.sessions.values_list("uuid", "sequence"))

    press(client, event, "mails")

    assert (event.releases.count(), event.mails.count()) == (1, 0)
    assert list(event.sessions.values_list("uuid", "sequence")) == before


def test_a_test_arrives_as_the_first_of_its_readers_would_get_it(
    client: Client, event: Event, settings: object
) -> None:
    with recording_server() as post:
        settings.MAILERS = post.mailers()  # type: ignore[attr-defined]
        page = press(client, event, "test", note="At last.")
        delivery.drain()

    (taken,) = post.taken
    text = str(taken.message.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "A test is on its way to olga@example.org." in page.text
    assert (taken.recipients, taken.message["Subject"]) == (["olga@example.org"], "Test: Final program: Large models")
    assert "At last." in text
    assert "Welcome (you starred this)" in " ".join(text.split())
    assert [part.get_content_type() for part in taken.message.iter_attachments()] == ["text/calendar"]
    assert event.releases.count() == 1


def test_the_tested_calendar_has_the_revisions_that_will_be_released(client: Client, event: Event) -> None:
    event.blocks.update(start=START.replace(hour=15))
    seen = preview(event)
    tried = proofs.bulletin_of(event, seen, "final", "").attachments[0].content

    release, _ = release_program(event, "final")

    sent = bulletin_of(event, release.pk, release.digest).attachments[0].content
    assert revisions(tried) == revisions(sent) != [one.sequence for one in seen.program.items]


def revisions(calendar: bytes) -> list[int]:
    return [entry["SEQUENCE"] for entry in Calendar.from_ical(calendar).walk("VEVENT")]


def test_a_test_may_be_asked_for_again(client: Client, event: Event) -> None:
    press(client, event, "test")
    press(client, event, "test")

    assert list(event.mails.values_list("kind", "address")) == [("proof", "olga@example.org")] * 2


def test_without_an_address_of_ones_own_there_is_no_test(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))

    page = press(client, event, "test")

    assert "Your account has no mail address." in page.text
    assert event.mails.count() == 0


def test_where_nobody_would_get_it_a_test_still_comes(client: Client) -> None:
    event = make_event()
    make_program(event)
    organizer = make_organizer(event)
    organizer.email = "olga@example.org"
    organizer.save()
    client.force_login(organizer)

    read = press(client, event, "mails")
    press(client, event, "test")
    delivery.drain()

    assert "There is nobody yet who would get it." in read.text
    assert event.mails.get().state == "sent"


def test_a_speaker_reads_of_the_own_talk(client: Client, event: Event) -> None:
    event.registrations.all().delete()
    session = event.sessions.earliest("pk")
    session.appearances.create(speaker=make_speaker(event, "Spea", email="spea@example.org"))

    page = press(client, event, "mails")

    assert "As a speaker reads it" in page.text
    assert "Welcome (your talk)" in page.text


def test_an_empty_program_has_no_mail(client: Client, event: Event) -> None:
    event.sessions.all().delete()

    page = press(client, event, "mails")

    assert page.status_code == 409
    assert "The program has no sessions to show." in page.text


@pytest.mark.parametrize("button", ["mails", "test"])
def test_values_that_no_button_sends_are_refused(client: Client, event: Event, button: str) -> None:
    assert press(client, event, button, stage="draft").status_code == 400
    assert event.mails.count() == 0


@pytest.mark.parametrize("address", ["mails/9/?stage=final", "mails/0/?stage=draft", "mails/0/"])
def test_other_frames_are_not_there(client: Client, event: Event, address: str) -> None:
    assert client.get(f"/admin/portal/event/{event.pk}/release/{address}").status_code == 404


def test_other_organizers_find_nothing(client: Client, event: Event) -> None:
    client.force_login(make_organizer(make_event()))
    page = f"/admin/portal/event/{event.pk}/release/"

    answers = [client.post(f"{page}mails/"), client.post(f"{page}test/"), client.get(f"{page}mails/0/?stage=final")]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert Suppression.objects.count() == event.mails.count() == 0
