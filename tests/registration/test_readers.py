"""Why somebody gets a mail to many, and who gets it no more when it goes out."""

import pytest

from portal.mail import MailError
from registration import announcements, circulars
from registration.notices import release_program
from tests.factories import make_block, make_event, make_registration, make_session, make_speaker
from tests.registration.letterbox import START, make_tutorial
from tests.registration.test_announcements import NOW, letter_to, make_announcement
from tests.registration.test_circulars import star

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "because"),
    [
        ("pending", "your registration waits for you to confirm it"),
        ("confirmed", "you are registered"),
        ("waitlisted", "you are on the waitlist"),
        ("awaiting_approval", "you asked for a ticket"),
        ("cancelled", "you had registered"),
        ("declined", "you asked for a ticket"),
    ],
)
def test_it_reaches_those_in_any_state_and_says_truly_why(state, because):
    event = make_tutorial()
    make_registration(event, "ada@example.org", state=state, place=1)

    letter = letter_to("ada@example.org", make_announcement(event, registration_state=state, text="Again: {link}"))

    assert f"You get this because {because}." in letter.text
    assert f"https://portal.example/{event.slug}/my/" in letter.text


@pytest.mark.parametrize(
    ("wanted", "before", "after", "said"),
    [
        ("", "confirmed", "cancelled", "The registration is cancelled by now"),
        ("", "confirmed", "declined", "The registration is declined by now"),
        ("pending", "pending", "confirmed", "The registration is confirmed by now"),
        ("cancelled", "cancelled", "confirmed", "The registration is confirmed by now"),
    ],
)
def test_who_has_left_the_state_meanwhile_gets_none(wanted, before, after, said):
    event = make_tutorial()
    make_registration(event, "ada@example.org", state=before)
    mail = announcements.send(make_announcement(event, registration_state=wanted)).mails.get()
    event.registrations.update(state=after)

    with pytest.raises(MailError, match=said):
        circulars.announcement(mail)


def test_who_is_offered_a_seat_meanwhile_gets_what_the_waitlist_gets():
    event = make_tutorial()
    make_registration(event, "ada@example.org", state="waitlisted", place=1, verified_at=NOW)
    mail = announcements.send(make_announcement(event)).mails.get()
    event.registrations.update(state="pending", place=None)

    assert "because your registration waits for you to confirm it." in circulars.announcement(mail).text


def make_interested_who_cancelled(role):
    """Somebody who is registered and also a follower or a speaker, and cancels before the mails go out."""
    event = make_tutorial(start=START)
    if role == "follower":
        event.followers.create(email="ADA@example.org", email_key="ada@example.org")
    if role == "speaker":
        event.speakers.update(email="ADA@example.org")
    star(make_registration(event, "ada@example.org"), "Part 2")
    release_program(event, "final")
    announcements.send(make_announcement(event, audience="everybody", text="{link}"))
    announcements.send(make_announcement(event))
    event.registrations.update(state="cancelled")
    return event


@pytest.mark.parametrize(
    ("role", "because"), [("follower", "you asked to be told of the program"), ("speaker", "you are a speaker")]
)
def test_who_cancels_still_gets_what_is_for_them_as_a_follower_or_speaker(role, because):
    event = make_interested_who_cancelled(role)
    release, announcement, to_registered = event.mails.order_by("pk")

    letters = [circulars.release(release), circulars.announcement(announcement)]

    assert [f"because {because}." in " ".join(one.text.split()) for one in letters] == [True, True]
    assert [one for one in ("/my/", "starred") if one in letters[0].text + letters[1].text] == []
    with pytest.raises(MailError, match="cancelled by now"):
        circulars.announcement(to_registered)


def test_who_cancels_and_is_nothing_else_gets_nothing():
    event = make_interested_who_cancelled("")

    for mail in event.mails.all():
        with pytest.raises(MailError, match="cancelled by now"):
            getattr(circulars, mail.kind)(mail)


def test_who_has_left_is_no_longer_written_to_as_one_who_speaks() -> None:
    event = make_event()
    for name in ("eve", "other"):
        make_session(make_block(event), name, speakers=(make_speaker(event, name, email=f"{name}@example.org"),))
    release_program(event, "final", is_mailed=False)
    event.sessions.get(title="eve").delete()
    release_program(event, "final")

    letters = {mail.address: " ".join(circulars.release(mail).text.split()) for mail in event.mails.all()}

    assert "You get this because you were a speaker." in letters["eve@example.org"]
    assert "You get this because you are a speaker." in letters["other@example.org"]
