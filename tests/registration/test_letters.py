from datetime import date

import pytest

from portal.links import absolute
from portal.mail import MailError, queue
from portal.models import Mail
from registration import letters, replies, transfers
from registration.links import confirm_url, manage_url, transfer_path, unsubscribe_url
from registration.models import Follower
from registration.notices import release_program
from tests.factories import make_registration
from tests.registration.letterbox import HELD, START, Links, letter_of, make_tutorial

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite, pytest.mark.usefixtures("still_clock")]


# Registrations


def test_the_first_mail_says_until_when_the_seat_is_held_and_where_to_confirm():
    registration = make_registration(make_tutorial(), state="pending", hold_until=HELD)

    letter = letter_of("confirm", registration)

    assert letter.subject == "Confirm your registration: Large models"
    assert "held for you until Sunday, March 1, 2026, 12:00 New York time\n(EST, UTC−5)." in letter.text
    assert confirm_url(registration) in letter.text.splitlines()
    assert confirm_url(registration) in Links(letter.html).found


def test_a_confirmation_that_came_too_late_shows_where_things_stand():
    registration = make_registration(make_tutorial(), state="confirmed")

    letter = letter_of("confirm", registration)

    assert confirm_url(registration) not in letter.text
    assert manage_url(registration) in letter.text.splitlines()


def test_the_confirmed_get_the_link_that_manages_everything():
    registration = make_registration(make_tutorial())

    letter = letter_of("confirmed", registration)

    assert manage_url(registration) in letter.text.splitlines()
    assert manage_url(registration) in Links(letter.html).found
    assert "When   Sunday, March 22, 2026; clock times to be announced\nWhere  Omni Hotel\n" in letter.text


def test_the_calendar_comes_with_it_once_there_are_clock_times():
    dated, undated = make_tutorial(start=START), make_tutorial()
    for event in (dated, undated):
        release_program(event, "tentative")

    with_file = letter_of("confirmed", make_registration(dated))
    Mail.objects.all().delete()
    without = letter_of("confirmed", make_registration(undated))

    assert [one.filename for one in with_file.attachments] == [f"{dated.slug}.ics", f"{dated.slug}-ticket.pdf"]
    assert [one.filename for one in without.attachments] == [f"{undated.slug}-ticket.pdf"]
    assert "When   Sunday, March 22, 2026, 08:30–10:30 New York time (EDT, UTC−4)" in with_file.text


def test_the_waitlisted_learn_their_place():
    event = make_tutorial()
    make_registration(event, state="waitlisted", place=3)
    make_registration(event, state="cancelled", place=4)
    registration = make_registration(event, state="waitlisted", place=7)

    letter = letter_of("waitlisted", registration)

    assert "You are number 2 on the waitlist (Attendee)." in letter.text
    assert confirm_url(registration) in letter.text.splitlines()


def test_who_has_proven_the_address_is_not_asked_to_again():
    registration = make_registration(make_tutorial(), state="waitlisted", place=1, verified_at=HELD)

    letter = letter_of("waitlisted", registration)

    assert confirm_url(registration) not in letter.text
    assert manage_url(registration) in letter.text.splitlines()


@pytest.mark.parametrize(("state", "link"), [("pending", confirm_url), ("confirmed", manage_url)])
def test_a_promotion_gives_the_link_that_its_state_needs(state, link):
    registration = make_registration(make_tutorial(), state=state, hold_until=HELD)

    assert link(registration) in letter_of("promoted", registration).text.splitlines()


def test_a_cancellation_offers_the_way_back():
    event = make_tutorial()

    letter = letter_of("cancelled", make_registration(event, state="cancelled"))

    assert f"https://portal.example/{event.slug}/register/" in letter.text.splitlines()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "a seat is held for you until"),
        ("waitlisted", "you are number 1 on the waitlist"),
        ("confirmed", "you are registered"),
    ],
)
def test_registering_again_tells_how_things_are(state, words):
    registration = make_registration(make_tutorial(), state=state, place=1, hold_until=HELD)

    letter = letter_of("again", registration)

    assert words in letter.text.replace("\n", " ")


def test_a_registration_that_is_gone_is_not_written_to():
    registration = make_registration(make_tutorial())
    letter_of("confirmed", registration)
    row = Mail.objects.get()
    registration.delete()

    with pytest.raises(MailError, match="The registration no longer exists"):
        letters.confirmed(row)


# Followers


def test_a_follower_hears_what_will_come_and_how_to_stop_it():
    event = make_tutorial(final_program_due=date(2026, 2, 17))
    follower = Follower.objects.create(event=event, email="ada@example.org")
    queue("follow", event=event, address=follower.email, occasion="test", context={"follower": follower.pk})
    row = Mail.objects.get()

    letter = letters.follow(row)

    assert "(February 17, 2026 is" in letter.text
    assert letter.text.splitlines().count(unsubscribe_url(row)) == 2
    assert letter.unsubscribe == unsubscribe_url(row)


def test_who_is_to_take_over_a_registration_learns_where_the_address_is_from():
    registration = make_registration(make_tutorial())
    found = transfers.begin(registration, name="Bob", email="bob@example.org")

    letter = replies.transfer(Mail.objects.get(kind="transfer"))

    assert "You get this because somebody who is registered gave us this address." in letter.text
    assert f"Take it:\n{absolute(transfer_path(found))}\n" in letter.text
