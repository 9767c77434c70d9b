"""The organizers' pages of an announcement."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.models import Event
from registration import circulars
from registration.models import Announcement
from registration.notices import release_program
from tests.factories import make_event, make_organizer, make_program, make_registration
from tests.filling import fields_of
from tests.filling import send as fill_in
from tests.pages import Page
from tests.registration.letterbox import START, links_in

pytestmark = pytest.mark.django_db
ADD = "/admin/registration/announcement/add/"


@pytest.fixture
def event(client: Client) -> Event:
    event = make_event(title="Large models")
    make_program(event, start=START)
    for name in ("ada", "bob"):
        make_registration(event, f"{name}@example.org", name=name.title())
    release_program(event, "final", is_mailed=False)
    organizer = make_organizer(event)
    organizer.email = "olga@example.org"
    organizer.save()
    client.force_login(organizer)
    return event


def page_of(announcement: Announcement) -> str:
    return f"/admin/portal/event/{announcement.event_id}/announcements/{announcement.pk}/"


def make_announcement(event: Event, **fields: object) -> Announcement:
    return Announcement.objects.create(event=event, **{"subject": "Laptops", "text": "Hello {name}"} | fields)


def test_what_is_written_is_read_as_real_people_will(client: Client, event: Event) -> None:
    answer = fill_in(client, ADD, subject="Laptops, {name}", text="Dear **{name}**, yours: {link}")
    announcement = Announcement.objects.get()
    page = client.get(page_of(announcement))
    frame = client.get(f"{page_of(announcement)}as/1/")

    assert answer["Location"] == page_of(announcement)
    assert [f"As {name}@example.org reads it" in page.text for name in ("ada", "bob")] == [True, True]
    assert "Dear Ada, yours: https://portal.example/" in page.text
    assert "<strong>Bob</strong>" in frame.text
    assert "/my/" not in page.text + frame.text
    assert frame["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_title_of_others_stays_within_the_address_it_is_put_into(client: Client, event: Event) -> None:
    session = event.sessions.get(title="Part 2")
    session.title = '"><a href="https:/evil.example">Slides</a> {link}'
    session.save()
    release_program(event, "final", is_mailed=False)
    text = "[Room](https://rooms.example/{session}) {session}"
    announcement = make_announcement(event, text=text, session=session.uuid)

    client.post(f"{page_of(announcement)}send/")

    letter = circulars.announcement(event.mails.first())
    foreign = {one for one in links_in(letter) if not one.startswith("https://portal.example/")}
    assert {one.partition("%")[0] for one in foreign} == {"https://rooms.example/"}
    assert "/my/" not in letter.text + letter.html


def test_one_that_lapsed_says_why(client: Client, event: Event) -> None:
    announcement = make_announcement(event, state="lapsed", reason="Nobody would get it.")

    page = Page(client.get(page_of(announcement)))

    assert page.words("notice-bad") == "It was not sent at its time. Nobody would get it."


def test_an_unknown_placeholder_is_refused_at_its_field(client: Client, event: Event) -> None:
    page = Page(fill_in(client, ADD, subject="For {everybody}", text="Hello\n{nmae}"))

    assert page.words("errorlist") == (
        "Line 1, character 5: {everybody} stands for nothing. There are "
        "{name}, {event}, {when}, {where}, {ticket}, {session}, {sessions}, {materials}, {link}, {program}. "
        "Line 2, character 1: {nmae} stands for nothing. Is {name} meant?"
    )
    assert Announcement.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"moment": "at"}, "Say when."),
        ({"tie": "seat"}, "Choose the session that is meant."),
        ({"moment": "session_start"}, "Choose the session that is meant."),
        ({"text": "Bring a laptop to {session}."}, "Choose the session that {session} stands for."),
        ({"subject": "{ session }: bring a laptop"}, "Choose the session that {session} stands for."),
        ({"text": "[It](https://rooms.example/%7Bsession%7D)"}, "Choose the session that {session} stands for."),
        ({"offset": "100000"}, "At most 60 days"),
        ({"session": "7a4b8f1e-0000-4000-8000-000000000000"}, "Select a valid choice"),
    ],
)
def test_what_does_not_fit_together_is_refused(client: Client, event: Event, fields: dict, fault: str) -> None:
    page = fill_in(client, ADD, **{"subject": "Laptops", "text": "Hello"} | fields)

    assert fault in page.text
    assert Announcement.objects.count() == 0


def test_a_test_goes_to_whoever_asks_without_anybodys_link(client: Client, event: Event) -> None:
    announcement = make_announcement(event, subject="News", text="{link}")

    client.post(f"{page_of(announcement)}test/")

    mail = event.mails.get()
    letter = circulars.announcement(mail)
    assert (mail.address, mail.is_urgent, mail.mailing) == ("olga@example.org", True, None)
    assert (letter.subject, letter.unsubscribe) == ("Test: News", "")
    assert links_in(letter) == {f"https://portal.example/{event.slug}/"}
    assert Announcement.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"status": "cancelled"}, "its session is cancelled, and it isn't sent unless that comes back"),
        ({"visibility": "hidden"}, "its session isn't in the program that is public"),
        ({}, "the program has no time for it"),
    ],
)
def test_it_says_why_a_reminder_has_no_moment(client: Client, event: Event, fields: dict, why: str) -> None:
    session = event.sessions.get(title="Part 2")
    announcement = make_announcement(event, moment="session_start", session=session.uuid, offset=-30)
    if fields:
        event.sessions.filter(pk=session.pk).update(**fields)
    else:
        event.blocks.update(start=None)
    release_program(event, "final", is_mailed=False)

    page = Page(client.get(page_of(announcement)))

    assert f"Relative to the session's start: not known: {why}" in page.words("row")


def test_without_an_address_of_ones_own_there_is_no_test(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))

    page = client.post(f"{page_of(make_announcement(event))}test/", follow=True)

    assert "Your account has no mail address." in page.text
    assert event.mails.count() == 0


def test_sent_it_leads_to_how_it_goes_and_is_not_changed_any_more(client: Client, event: Event) -> None:
    announcement = make_announcement(event)

    answers = [client.post(f"{page_of(announcement)}send/", follow=True) for _ in range(2)]
    changed = client.post(f"/admin/registration/announcement/{announcement.pk}/change/", {"subject": "Other"})

    mailing = event.mailings.get()
    assert answers[0].redirect_chain[0][0] == mailing.get_absolute_url()
    assert "It has been sent already." in answers[1].text
    assert (event.mails.count(), changed.status_code) == (2, 403)


def test_of_an_event_that_is_not_public_none_is_sent(client: Client, event: Event) -> None:
    Event.objects.update(is_public=False)
    announcement = make_announcement(event)

    page = client.get(page_of(announcement))
    sent = client.post(f"{page_of(announcement)}send/", follow=True)

    assert "The event isn’t public." in page.text
    assert "Send it now" not in page.text
    assert "The event isn&#x27;t public, and its mails lead to its pages: make it public first." in sent.text
    assert event.mails.count() == 0


@pytest.mark.parametrize("deed", ["send", "schedule"])
@pytest.mark.parametrize("change", [{"text": "Half a sen"}, {"audience": "everybody"}])
def test_what_somebody_has_changed_since_it_was_shown_is_looked_at_first(
    client: Client, event: Event, deed: str, change: dict[str, str]
) -> None:
    when = timezone.now() + timedelta(days=1)
    announcement = make_announcement(event, moment="at", at=when)
    form = fields_of(client.get(page_of(announcement)))
    Announcement.objects.update(**change)

    refused = client.post(f"{page_of(announcement)}{deed}/", form, follow=True)
    state, mails = Announcement.objects.get().state, event.mails.count()
    client.post(f"{page_of(announcement)}{deed}/", fields_of(refused))

    assert "It has been changed since this page was opened. Look at it again." in refused.text
    assert (state, mails) == ("draft", 0)
    assert Announcement.objects.get().state != "draft"


def test_what_was_sent_can_still_be_read_in_its_form(client: Client, event: Event) -> None:
    announcement = make_announcement(event, state="mailed", ticket_type=event.ticket_types.get())

    page = client.get(f"/admin/registration/announcement/{announcement.pk}/change/")

    assert page.status_code == 200
    assert "Hello {name}" in page.text


def test_an_audience_of_nobody_is_said_and_refused(client: Client, event: Event) -> None:
    announcement = make_announcement(event, audience="followers")

    page = client.get(page_of(announcement))
    sent = client.post(f"{page_of(announcement)}send/", follow=True)

    assert "Nobody would get it now" in page.text
    assert "Send it now" not in page.text
    assert "Nobody would get it: there is no one of this audience, or they want no such mail." in sent.text


def test_it_says_whom_it_is_to(client: Client, event: Event) -> None:
    Event.objects.update(languages="en, de")
    session = event.sessions.exclude(kind="break")[0]
    ticket = event.ticket_types.get()
    whole = make_announcement(event, audience="everybody")
    speakers = make_announcement(event, audience="speakers", language="de")
    narrow = make_announcement(
        event,
        ticket_type=ticket,
        registration_state="confirmed",
        language="de",
        session=session.uuid,
        tie="star",
        presence="came",
    )

    found = [Page(client.get(page_of(one))).words() for one in (whole, speakers, narrow)]

    assert "To the registered; to the followers and the speakers." in found[0]
    assert "To the speakers." in found[1]
    assert (
        f"To the registered, with the ticket “{ticket}”, confirmed, Deutsch, those who starred it: {session.title}, "
        "who were checked in."
    ) in found[2]


def test_before_a_release_it_says_that_nobody_speaks_yet(client: Client, event: Event) -> None:
    event.releases.all().delete()
    event.speakers.update(email="speaker@example.org")
    announcement = make_announcement(event, audience="speakers")

    page = client.get(page_of(announcement))

    assert "To the speakers, who are none before a release." in page.text
    assert "Nobody would get it now" in page.text


def test_those_who_cancelled_can_be_told_that_seats_are_free(client: Client, event: Event) -> None:
    event.registrations.update(state="cancelled")
    announcement = make_announcement(event, registration_state="cancelled")

    page = client.get(page_of(announcement))
    frames = [client.get(f"{page_of(announcement)}as/{number}/").status_code for number in range(3)]
    client.post(f"{page_of(announcement)}test/")
    client.post(f"{page_of(announcement)}send/")

    assert "As ada@example.org reads it" in page.text
    assert "2 people would get it now." in page.text
    assert frames == [200, 200, 404]
    assert ["Hello" in circulars.announcement(mail).text for mail in event.mails.all()] == [True, True, True]


def test_it_is_put_on_its_time_and_taken_off(client: Client, event: Event) -> None:
    event.blocks.update(start=START.replace(year=2099))
    release_program(event, "final", is_mailed=False)
    announcement = make_announcement(event, moment="event_start", offset=-60)
    found = []

    for _ in range(2):
        client.post(f"{page_of(announcement)}schedule/")
        found.append(Announcement.objects.get().state)

    assert found == ["scheduled", "draft"]


@pytest.mark.parametrize("wanted", ["scheduled", "draft"])
def test_the_button_for_its_time_pressed_twice_does_what_it_says(client: Client, event: Event, wanted: str) -> None:
    before = "draft" if wanted == "scheduled" else "scheduled"
    announcement = make_announcement(event, moment="at", at=timezone.now() + timedelta(days=1), state=before)

    page = client.get(page_of(announcement))
    answers = [client.post(f"{page_of(announcement)}schedule/", {"wanted": wanted}, follow=True) for _ in range(2)]

    said = "It is sent at its time." if wanted == "scheduled" else "It is a draft again."
    assert f'name="wanted" value="{wanted}"' in page.text
    assert [said in one.text for one in answers] == [True, True]
    assert Announcement.objects.get().state == wanted


def test_other_organizers_find_nothing(client: Client, event: Event) -> None:
    announcement = make_announcement(event)
    client.force_login(make_organizer(make_event()))

    assert client.get(page_of(announcement)).status_code == 404
    assert client.post(f"{page_of(announcement)}send/").status_code == 404
    assert event.mails.count() == 0
