from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.delivery import claim_due
from portal.mail import MailError
from portal.models import Event, Suppression
from registration import announcements, circulars, duties
from registration.announcements import AnnouncementError
from registration.models import Announcement, Star
from registration.notices import release_program
from tests.factories import (
    make_check_in,
    make_event,
    make_material,
    make_organizer,
    make_registration,
    make_speaker,
    make_ticket_type,
)
from tests.registration.letterbox import START, links_in, make_tutorial
from tests.registration.test_circulars import seat, star

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def make_announcement(event, **fields):
    values = {"subject": "Bring a laptop", "text": "Hello {name}"} | fields
    return Announcement.objects.create(event=event, **values)


def reached(announcement):
    mailing = announcements.send(announcement)
    return list(mailing.mails.order_by("pk").values_list("address", flat=True))


# To whom


def make_people():
    event = make_tutorial()
    event.speakers.update(email="speaker@example.org")
    make_registration(event, "ada@example.org")
    lab = make_ticket_type(event, name="Lab")
    make_registration(event, "bob@example.org", ticket_type=lab)
    make_registration(event, "carl@example.org", state="pending")
    make_registration(event, "dora@example.org", state="waitlisted", place=1, verified_at=NOW)
    event.followers.create(email="follower@example.org", email_key="follower@example.org")
    star(event.registrations.get(email="ada@example.org"), "Part 1")
    seat(event.registrations.get(email="bob@example.org"), "Part 1")
    make_check_in(event.registrations.get(email="ada@example.org"), NOW)
    release_program(event, "tentative", is_mailed=False)
    return event


@pytest.mark.parametrize(
    ("wanted", "who"),
    [
        ({}, ["ada", "bob", "dora"]),
        ({"audience": "everybody"}, ["ada", "bob", "dora", "follower", "speaker"]),
        ({"audience": "followers"}, ["follower"]),
        ({"audience": "speakers"}, ["speaker"]),
        ({"registration_state": "pending"}, ["carl"]),
        ({"registration_state": "confirmed"}, ["ada", "bob"]),
        ({"ticket": "Lab"}, ["bob"]),
        ({"tie": "star"}, ["ada"]),
        ({"tie": "seat"}, ["bob"]),
        ({"tie": "either"}, ["ada", "bob"]),
        ({"presence": "came"}, ["ada"]),
        ({"presence": "absent"}, ["bob", "dora"]),
    ],
)
def test_it_goes_to_those_the_filters_say(wanted, who):
    event = make_people()
    ticket = wanted.pop("ticket", None)
    fields = {"ticket_type": event.ticket_types.get(name=ticket)} if ticket else {}
    session = event.sessions.get(title="Part 1").uuid if "tie" in wanted else None
    announcement = make_announcement(event, session=session, **wanted, **fields)
    expected = announcements.count(announcement)

    assert reached(announcement) == [f"{name}@example.org" for name in who]
    assert expected == len(who)


def test_who_stands_in_the_draft_alone_is_no_speaker_yet():
    event = make_people()
    event.sessions.get(title="Part 1").appearances.create(speaker=make_speaker(event, "Eve", email="eve@example.org"))
    announcement = make_announcement(event, audience="speakers")
    before = announcements.count(announcement)
    release_program(event, "tentative", is_mailed=False)

    assert (before, reached(announcement)) == (1, ["speaker@example.org", "eve@example.org"])


def test_who_wants_no_news_gets_none():
    event = make_people()
    Suppression.objects.create(event=event, address_key="ada@example.org", category="news", reason="unsubscribed")

    assert reached(make_announcement(event)) == ["bob@example.org", "dora@example.org"]


def test_an_audience_of_nobody_is_refused():
    announcement = make_announcement(make_event())

    with pytest.raises(AnnouncementError, match="Nobody would get it"):
        announcements.send(announcement)

    announcement.refresh_from_db()
    assert (announcement.state, announcement.event.mailings.count()) == ("draft", 0)


def test_an_audience_that_wants_no_mail_is_nobody():
    announcement = make_announcement(make_people(), audience="followers")
    Suppression.objects.create(event=announcement.event, address_key="follower@example.org", reason="unsubscribed")

    with pytest.raises(AnnouncementError, match="Nobody would get it"):
        announcements.send(announcement)

    assert announcement.event.mailings.count() == 0


def test_it_is_sent_once():
    event = make_people()
    announcement = make_announcement(event)
    announcements.send(announcement)

    with pytest.raises(AnnouncementError, match="sent already"):
        announcements.send(Announcement.objects.get())

    assert event.mails.count() == 3


def test_the_sample_has_people_of_each_group():
    event = make_people()

    found = announcements.sample(make_announcement(event, audience="everybody"))

    assert [address for address, _ in found] == ["ada@example.org", "follower@example.org", "speaker@example.org"]


# The text


def letter_to(address, announcement):
    mailing = announcements.send(announcement)
    return circulars.announcement(mailing.mails.get(address=address))


def test_placeholders_say_what_is_the_readers_own():
    event = make_tutorial(start=START)
    ada = make_registration(event, "ada@example.org", name="Ada")
    star(ada, "Part 2")
    speaker = make_speaker(event, "Ada", email="ada@example.org")
    event.sessions.get(title="Coffee break").appearances.create(speaker=speaker)
    make_material(event, title="Reader")
    release_program(event, "final")
    text = "Dear {name}\n\n{event}, {when}, {where}, {ticket}\n\n{sessions}\n\n{materials}\n\n[yours]({link})"

    letter = letter_to("ada@example.org", make_announcement(event, text=text, subject="{event}: news"))

    assert letter.subject == "Large models: news"
    assert "Dear Ada\n\nLarge models, Sunday, March 22, 2026, 08:30–10:30 New York time" in letter.text
    assert (
        "Omni Hotel, Attendee\n\n09:15  Coffee break\n09:45  Part 2\n\nReader\n\nyours:\nhttps://portal.example/"
        in letter.text
    )
    assert f'<a href="https://portal.example/{event.slug}/my/' in letter.html


@pytest.mark.parametrize("hours", [-2, 2])
def test_materials_are_those_that_are_open_whatever_the_workers_clock_says(hours):
    event, now = make_event(), timezone.now()
    make_registration(event, "ada@example.org")
    for title, ago in (("Slides", 1), ("Solutions", -1)):
        make_material(event, title=title, opening="at_time", opens_at=now - timedelta(hours=ago))
    announcements.send(make_announcement(event, text="{materials}"))

    with time_machine.travel(now + timedelta(hours=hours)):
        text = circulars.announcement(claim_due()).text

    assert ("Slides" in text, "Solutions" in text) == (True, False)


@pytest.mark.parametrize(
    "hostile",
    [
        "[x](http://evil.example)",
        "<a href=http://evil.example>x</a>",
        "{event}",
        "{{ settings.SECRET_KEY }}",
        "x" * 10_000,
    ],
)
def test_names_can_not_speak_for_us(hostile):
    event = make_tutorial()
    make_registration(event, "ada@example.org", name=hostile[:200])

    letter = letter_to("ada@example.org", make_announcement(event, subject="To {name}"))

    assert "evil.example" not in "".join(links_in(letter))
    assert "only for tests" not in letter.text + letter.html
    assert len(letter.subject) < 200
    assert "\n" not in letter.subject


def test_a_placeholder_that_there_is_not_is_refused_with_its_place():
    announcement = Announcement(event=make_event(), subject="{nmae}", text="One\ntwo {secret}")

    with pytest.raises(ValidationError) as refused:
        announcement.full_clean()

    assert {name: found[0].split(" stands")[0] for name, found in refused.value.message_dict.items()} == {
        "subject": "Line 1, character 1: {nmae}",
        "text": "Line 2, character 5: {secret}",
    }


def test_without_a_release_or_a_registration_it_can_be_written_too():
    event = make_event()
    event.followers.create(email="f@example.org", email_key="f@example.org")
    text = "{name}|{sessions}|{session}|{materials}|{ticket}|{link}"

    letter = letter_to("f@example.org", make_announcement(event, text=text, audience="followers"))

    assert f"reader|||||https://portal.example/{event.slug}/" in letter.text


# When


@pytest.fixture
def timed(db):
    """A reminder a day before the event, which begins at START."""
    event = make_tutorial(start=START)
    make_registration(event, "ada@example.org")
    release_program(event, "final", is_mailed=False)
    announcement = make_announcement(event, moment="event_start", offset=-1440)
    announcement.state = "scheduled"
    announcement.save()
    return announcement


def test_a_reminder_is_sent_once_its_moment_has_come(timed):
    announcements.send_due(START - timedelta(days=1, minutes=1))
    early = timed.event.mails.count()
    announcements.send_due(START - timedelta(days=1))
    announcements.send_due(START - timedelta(days=1))

    timed.refresh_from_db()
    assert (early, timed.event.mails.count(), timed.state) == (0, 1, "mailed")


def test_it_follows_when_the_program_moves(timed):
    before = announcements.due_at(timed)
    timed.event.blocks.update(start=START + timedelta(hours=2))
    unreleased = announcements.due_at(timed)
    release_program(timed.event, "final", is_mailed=False)

    assert before == unreleased == START - timedelta(days=1)
    assert announcements.due_at(timed) == START - timedelta(days=1) + timedelta(hours=2)


def test_of_a_cancelled_session_nobody_is_reminded_until_it_is_back(timed):
    session = timed.event.sessions.get(title="Part 2")
    timed.moment, timed.offset, timed.session = "session_start", -30, session.uuid
    timed.save()
    due = announcements.due_at(timed)
    found = []

    for status in ("cancelled", "planned"):
        session.status = status
        session.save()
        release_program(timed.event, "final", is_mailed=False)
        announcements.send_due(due)
        found.append((announcements.due_at(timed), timed.event.mails.count()))

    assert found == [(None, 0), (due, 1)]


def told(announcement):
    """What the organizers of its event are told by mail, and who they are."""
    mails = announcement.event.mails.filter(kind="unsent")
    return {mail.address: " ".join(duties.unsent(mail).text.split()) for mail in mails}


def test_one_whose_moment_is_long_past_has_lapsed_and_the_organizers_are_told(timed):
    member = make_organizer(timed.event, role="registrations")
    member.email = "desk@example.org"
    member.save()

    for _ in range(2):
        announcements.send_due(START)

    timed.refresh_from_db()
    reason = "Its moment, March 21, 2026 at 08:30 EDT, had passed more than six hours before it could be sent."
    assert (timed.state, timed.reason, timed.event.mailings.count()) == ("lapsed", reason, 0)
    assert list(told(timed)) == ["desk@example.org"]
    said = told(timed)["desk@example.org"]
    assert f"“Bring a laptop” was not sent at its time: {reason}" in said
    assert f"https://portal.example/admin/portal/event/{timed.event.pk}/announcements/{timed.pk}/" in said


def test_one_that_nobody_would_get_at_its_moment_has_lapsed_for_that_reason(timed):
    timed.event.registrations.all().delete()
    timed.event.contact_email = "us@example.org"
    timed.event.save()

    announcements.send_due(START - timedelta(days=1))

    timed.refresh_from_db()
    reason = "Nobody would get it: there is no one of this audience, or they want no such mail."
    assert (timed.state, timed.reason, timed.event.mailings.count()) == ("lapsed", reason, 0)
    assert reason in told(timed)["us@example.org"]


def test_one_whose_event_is_not_public_at_its_moment_has_lapsed_for_that_reason(timed):
    Event.objects.update(is_public=False, contact_email="us@example.org")

    announcements.send_due(START - timedelta(days=1))

    timed.refresh_from_db()
    assert (timed.state, timed.reason) == ("lapsed", announcements.NOT_PUBLIC)
    assert timed.reason in told(timed)["us@example.org"]
    assert timed.event.mailings.count() == 0


def test_one_that_waits_for_another_moment_by_now_is_no_longer_told_of(timed):
    timed.event.contact_email = "us@example.org"
    timed.event.save()
    announcements.send_due(START)
    timed.refresh_from_db()
    timed.moment, timed.at = "at", timezone.now() + timedelta(days=1)

    announcements.schedule(timed)

    with pytest.raises(MailError, match="no longer to be told of"):
        told(timed)


@pytest.mark.parametrize(
    ("moment", "offset", "due"),
    [
        ("event_end", 60, START + timedelta(hours=3)),
        ("session_start", -30, START + timedelta(minutes=75 - 30)),
        ("session_end", 0, START + timedelta(minutes=120)),
    ],
)
def test_moments_are_told_from_the_program(timed, moment, offset, due):
    timed.moment, timed.offset, timed.session = moment, offset, timed.event.sessions.get(title="Part 2").uuid

    assert announcements.due_at(timed) == due


def test_without_clock_times_the_days_of_the_event_count():
    event = make_tutorial()

    announcement = make_announcement(event, moment="event_start")

    assert announcements.due_at(announcement) == datetime(2026, 3, 22, 12, tzinfo=UTC)


def test_a_moment_that_has_passed_can_not_be_waited_for():
    announcement = make_announcement(make_event(), moment="at", at=datetime(2020, 1, 1, tzinfo=UTC))

    with pytest.raises(AnnouncementError, match="has passed"):
        announcements.schedule(announcement)


def test_nobodys_star_of_another_event_counts():
    event, other = make_people(), make_people()
    session = event.sessions.get(title="Part 1").uuid
    Star.objects.create(registration=other.registrations.get(email="bob@example.org"), session=session)

    assert reached(make_announcement(event, session=session, tie="star")) == ["ada@example.org"]


def test_taken_off_its_time_in_the_moment_it_is_due_it_is_not_sent(timed):
    due = Announcement.objects.get()
    announcements.unschedule(timed)

    with pytest.raises(announcements.AnnouncementError):
        announcements.send(due)

    assert (Announcement.objects.get().state, timed.event.mails.count()) == ("draft", 0)


def test_taken_off_its_time_in_the_moment_it_was_sent_it_stays_sent(timed):
    known = Announcement.objects.get()
    announcements.send(timed)

    with pytest.raises(announcements.AnnouncementError):
        announcements.unschedule(known)

    assert Announcement.objects.get().state == "mailed"
