"""What a release tells each person: own sessions first, the rest as a count."""

import re

import pytest

from portal import mailings
from portal.models import Mail
from registration import circulars
from registration.models import Lab, LabSeat, Star
from registration.notices import release_program
from sessions_app.models import Session
from tests.factories import make_block, make_event, make_registration, make_session, make_speaker
from tests.registration.letterbox import START, make_tutorial, release_letter

pytestmark = pytest.mark.django_db


def session(event, title):
    return event.sessions.get(title=title)


def star(registration, title):
    Star.objects.create(registration=registration, session=session(registration.event, title).uuid)


def seat(registration, title, state="seat"):
    lab, _ = Lab.objects.get_or_create(
        event=registration.event, session=session(registration.event, title).uuid, defaults={"capacity": 5}
    )
    LabSeat.objects.create(registration=registration, lab=lab, state=state, place=1 if state == "waitlisted" else None)


def move(event, *titles):
    for title in titles:
        Session.objects.filter(event=event, title=title).update(duration=60)


def letter_to(address, event, stage="final"):
    release, _ = release_program(event, stage)
    return circulars.release(event.mails.get(address=address, occasion=f"release-{release.number}"))


def part(text, begin, end):
    return text[text.index(begin) : text.index(end)]


def own_changes(letter):
    return letter.text.partition("WHAT CONCERNS YOU\n\n")[2].partition("\n\n")[0].splitlines()


def test_what_concerns_its_reader_comes_first_and_the_rest_is_a_count_with_a_link():
    event = make_tutorial()
    ada = make_registration(event, "ada@example.org")
    star(ada, "Part 1")
    release_program(event, "final")
    move(event, "Part 1", "Coffee break")

    letter = letter_to("ada@example.org", event)

    assert part(letter.text, "WHAT", "Your registration") == (
        "WHAT CONCERNS YOU\n"
        "\n"
        "* Part 1 (you starred this)\n"
        "  Length: 45 min → 1 h\n"
        "\n"
        "3 other changes since release 1:\n"
        f"https://portal.example/{event.slug}/releases/2/\n"
        "\n"
    )
    assert "<strong>Part 1</strong> (you starred this)<br>Length: 45 min → 1 h</p>" in letter.html
    assert "3 other changes since release 1</a>" in letter.html


def test_lab_seats_and_own_talks_concern_their_people_too():
    event = make_tutorial()
    speaker = event.speakers.get()
    speaker.email = "Ada@example.org"
    speaker.save()
    ada = make_registration(event, "ada@example.org")
    seat(ada, "Part 2", "waitlisted")
    bob = make_registration(event, "bob@example.org")
    seat(bob, "Part 2")
    star(bob, "Part 2")
    release_program(event, "final")
    move(event, "Part 2")
    release_program(event, "final")

    found = {
        mail.address: part(circulars.release(mail).text, "WHAT", "\n  Length").splitlines()[-1]
        for mail in event.mails.filter(occasion="release-2")
    }

    assert found == {
        "ada@example.org": "* Part 2 (your talk; you wait for a seat in this lab)",
        "bob@example.org": "* Part 2 (your lab seat; you starred this)",
    }


def test_who_no_longer_speaks_in_a_session_learns_it_first():
    event = make_event()
    first = make_session(make_block(event), "Keynote", speakers=(make_speaker(event, email="ada@example.org"),))
    make_session(first.block, "Panel", speakers=(event.speakers.get(),))
    release_program(event, "final")
    first.appearances.all().delete()

    letter = letter_to("ada@example.org", event)

    assert "* Keynote (your talk)\n  No longer speaks: Ada Lovelace\n" in letter.text


def test_of_a_cancelled_session_only_that_is_told_and_once_it_is_back_when_it_is():
    event = make_tutorial(start=START)
    star(make_registration(event, "ada@example.org"), "Part 2")
    release_program(event, "final")
    event.sessions.filter(title="Part 2").update(status="cancelled")
    event.sessions.filter(title="Part 1").update(duration=60)
    cancelled = letter_to("ada@example.org", event)
    event.sessions.filter(title="Coffee break").update(duration=60)
    still_cancelled = letter_to("ada@example.org", event)
    event.sessions.filter(title="Part 2").update(status="planned", duration=30)

    restored = letter_to("ada@example.org", event)

    assert own_changes(cancelled) == ["* Part 2 (you starred this)", "  Cancelled"]
    assert own_changes(still_cancelled) == []
    assert own_changes(restored) == [
        "* Part 2 (you starred this)",
        "  Back on the program",
        "  Length: 45 min → 30 min",
    ]


def test_the_first_final_program_is_whole_with_own_sessions_marked():
    event = make_tutorial(start=START)
    ada = make_registration(event, "ada@example.org")
    star(ada, "Part 2")
    seat(ada, "Part 2")

    letter = letter_to("ada@example.org", event)

    assert part(letter.text, "PROGRAM,", "The program on the web") == (
        "PROGRAM, New York time (EDT, UTC−4)\n"
        "\n"
        "08:30  Part 1\n"
        "       45 min · Ada Lovelace\n"
        "09:15  Coffee break\n"
        "       30 min\n"
        "09:45  Part 2\n"
        "       * your lab seat; you starred this\n"
        "       45 min · Ada Lovelace\n"
        "\n"
    )
    assert letter.html.count("Your lab seat; you starred this</span>") == 1
    assert "\x00" not in letter.text + letter.html


@pytest.mark.parametrize(
    ("stage", "said"),
    [("tentative", "when the program changes, and when it is final"), ("final", "only if the program changes")],
)
def test_it_says_when_there_will_be_another(stage, said):
    event = make_interested()

    letter = release_letter(event, stage)

    assert f"You will hear again {said}." in " ".join(letter.text.split())
    assert f"You will hear again {said}." in letter.html


def test_of_a_long_program_own_sessions_are_listed_by_day():
    event = make_event()
    block = make_block(event, start=START)
    for number in range(41):
        make_session(block, f"Talk {number}")
    ada = make_registration(event, "ada@example.org")
    star(ada, "Talk 2")
    star(ada, "Talk 40")

    letter = letter_to("ada@example.org", event)

    assert part(letter.text, "YOUR SESSIONS", "The program on the web") == (
        "YOUR SESSIONS\n"
        "\n"
        "Sunday, March 22, 2026\n"
        "\n"
        "10:00  Talk 2\n"
        "       * you starred this\n"
        "       45 min\n"
        "\n"
        "Monday, March 23, 2026\n"
        "\n"
        "14:30  Talk 40\n"
        "       * you starred this\n"
        "       45 min\n"
        "\n"
    )
    assert re.findall(r"<h3[^>]*>(.*)</h3>|(You starred this)</span>", letter.html) == [
        ("Sunday, March 22, 2026", ""),
        ("", "You starred this"),
        ("Monday, March 23, 2026", ""),
        ("", "You starred this"),
    ]
    assert "Talk 3" not in letter.text


def test_nobody_elses_stars_are_told():
    event = make_tutorial()
    star(make_registration(event, "ada@example.org"), "Part 1")
    make_registration(event, "bob@example.org")

    letter = letter_to("bob@example.org", event)

    assert "starred" not in letter.text + letter.html


# Whom a release is told to


def told(event, stage="final"):
    release, number = release_program(event, stage)
    mails = event.mails.filter(occasion=f"release-{release.number}").order_by("pk")
    assert number == mails.count()
    return list(mails.values_list("address", flat=True))


def make_interested(**fields):
    """After the first final program: somebody for each way in which a session may concern people, and one for none."""
    event = make_tutorial(**fields)
    event.speakers.update(email="speaker@example.org")
    star(make_registration(event, "star@example.org"), "Part 2")
    seat(make_registration(event, "seat@example.org"), "Part 2")
    make_registration(event, "none@example.org")
    event.followers.create(email="follower@example.org", email_key="follower@example.org")
    release_program(event, "final")
    return event


EVERYBODY = ["star@example.org", "seat@example.org", "none@example.org", "follower@example.org", "speaker@example.org"]


@pytest.mark.parametrize(
    ("setting", "after_a_change", "after_none"),
    [
        ("everybody", EVERYBODY, EVERYBODY),
        ("changed", EVERYBODY, []),
        ("concerned", ["star@example.org", "seat@example.org", "speaker@example.org"], []),
        ("nobody", [], []),
    ],
)
def test_organizers_say_whom_later_releases_are_told_to(setting, after_a_change, after_none):
    event = make_interested(told_of_releases=setting)
    move(event, "Part 2")

    assert told(event) == after_a_change
    assert told(event) == after_none


def test_the_first_final_program_is_told_to_everybody_in_any_case():
    event = make_interested(told_of_releases="nobody")

    assert list(event.mails.order_by("pk").values_list("address", flat=True)) == EVERYBODY


def test_a_tentative_program_is_told_to_nobody_where_organizers_want_that():
    event = make_tutorial(told_of_releases="nobody")
    make_registration(event)

    assert told(event, "tentative") == []


def test_a_reader_who_is_a_speaker_as_well_gets_one_mail_with_both():
    event = make_tutorial()
    event.speakers.update(email="ADA@example.org")
    make_registration(event, "ada@example.org")

    letter = letter_to("ada@example.org", event)

    assert Mail.objects.count() == 1
    assert "* your talk" in letter.text
    assert "/my/" in letter.text


@pytest.mark.parametrize(("held", "said"), [(1, "the others wait until"), (0, "All the others had been sent before.")])
def test_organizers_are_told_whether_others_wait(held: int, said: str) -> None:
    event = make_event()
    registrations = [make_registration(event) for _ in range(2)]
    make_session(make_block(event))
    release_program(event, "final")
    mailing = event.mailings.get()
    mailing.mails.filter(context__registration=registrations[0].pk).update(state="failed")
    mailing.mails.filter(state="waiting").update(state="held" if held else "sent")
    mailings.stop(mailing, "1 of the first 2 mails could not be delivered.")

    letter = circulars.stopped(Mail(event=event, pk=1, kind="stopped", context={"mailing": mailing.pk}))

    assert said in " ".join(letter.text.split())
    assert said in letter.html
