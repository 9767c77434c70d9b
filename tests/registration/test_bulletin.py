import re

import pytest
import time_machine
from django.utils.html import escape

from portal.delivery import Shared
from portal.mail import MailError
from portal.models import Mail
from registration import circulars, links
from registration.models import Follower
from registration.notices import release_program
from tests.factories import make_block, make_event, make_material, make_registration, make_session
from tests.registration.letterbox import HELD, START, make_tutorial, release_letter

pytestmark = pytest.mark.django_db
MY_LINK = "https://portal.example/my/link"


@pytest.mark.parametrize(
    ("stages", "subject", "heading"),
    [
        (["tentative"], "Tentative program: Large models", "THE TENTATIVE PROGRAM"),
        (["tentative", "final"], "Final program: Large models", "THE PROGRAM IS FINAL"),
        (["final", "final"], "Program: Large models", "THE PROGRAM, ONCE MORE"),
        (["final", "rename", "final"], "Program updated: Large models", "THE PROGRAM HAS CHANGED"),
        (["final", "rename", "tentative"], "Program updated: Large models", "THE PROGRAM HAS CHANGED"),
    ],
)
def test_the_subject_says_what_kind_of_release_it_is(stages, subject, heading):
    event = make_tutorial()
    make_registration(event)

    for step in stages[:-1]:
        if step == "rename":
            event.sessions.filter(title="Part 2").update(title="Training at scale")
        else:
            release_program(event, step)
    found = release_letter(event, stages[-1])

    assert (found.subject, found.text.splitlines()[0]) == (subject, heading)


def test_a_release_tells_what_changed_before_the_program():
    event = make_tutorial()
    make_registration(event)
    release_program(event, "tentative")
    event.blocks.update(start=START)
    event.sessions.filter(title="Part 2").update(title="Training at scale")

    text = re.sub(r"https://\S+/my/\S+", MY_LINK, release_letter(event).text)

    assert text[text.index("WHAT") : text.index("The program on the web")] == (
        "WHAT CHANGED SINCE RELEASE 1\n"
        "\n"
        "* Retitled: Part 2 → Training at scale\n"
        "\n"
        "Your registration:\n"
        f"{MY_LINK}\n"
        "\n"
        "PROGRAM, New York time (EDT, UTC−4)\n"
        "\n"
        "08:30  Part 1\n"
        "       45 min · Ada Lovelace\n"
        "09:15  Coffee break\n"
        "       30 min\n"
        "09:45  Training at scale\n"
        "       45 min · Ada Lovelace\n"
        "\n"
    )


def test_times_that_are_set_once_the_program_is_final_are_news():
    event = make_tutorial()
    make_registration(event)
    release_program(event, "final")
    event.blocks.update(start=START)

    assert "* Time set: Part 1: +0:00 → Sunday, March 22, 08:30\n" in release_letter(event).text


def test_the_html_tells_the_same_change():
    event = make_tutorial()
    make_registration(event)
    release_program(event, "tentative")
    event.sessions.filter(title="Part 2").update(title="Training at scale")

    html = release_letter(event).html

    assert "<strong>Retitled:</strong> Part 2 → Training at scale</p>" in html


def test_without_clock_times_the_program_shows_offsets_and_brings_no_calendar():
    event = make_tutorial()
    make_registration(event)

    letter = release_letter(event, "tentative")

    assert "PROGRAM\n\n+0:00  Part 1\n" in letter.text
    assert letter.attachments == ()


def test_the_first_release_lists_no_changes():
    event = make_tutorial()
    make_registration(event)

    assert "WHAT CHANGED" not in release_letter(event).text


@pytest.mark.parametrize(
    ("address", "method"), [("", ""), ("team@example.org", " method=PUBLISH;")], ids=["nobody", "organizers"]
)
def test_the_calendar_is_attached_as_the_feed_serves_it(client, address, method):
    event = make_tutorial(start=START)
    event.contact_email = address
    event.save()
    make_registration(event)

    (attachment,) = release_letter(event).attachments

    assert attachment.content == client.get(f"/{event.slug}/schedule.ics").content
    assert attachment.media_type == f"text/calendar;{method} charset=utf-8"


def test_sessions_that_lost_their_clock_times_are_struck_by_the_calendar_attached():
    event = make_tutorial(start=START)
    make_registration(event)
    release_program(event, "tentative")
    event.blocks.update(start=None)

    (attachment,) = release_letter(event, "tentative").attachments

    assert attachment.content.count(b"STATUS:CANCELLED") == 3


def test_a_calendar_that_is_outdated_before_its_mail_is_written_is_not_attached():
    event = make_tutorial(start=START)
    make_registration(event)
    release_program(event, "tentative")
    release_program(event, "final")

    late, newest = (circulars.release(one) for one in event.mails.filter(kind="release").order_by("pk"))

    assert [len(one.attachments) for one in (late, newest)] == [0, 1]
    assert "calendar file" not in late.text


def test_the_note_comes_along_in_both_parts():
    event = make_tutorial()
    make_registration(event)

    letter = release_letter(event, note="Bring a <laptop>.")

    assert "\nBring a <laptop>.\n" in letter.text
    assert "Bring a &lt;laptop&gt;." in letter.html


def test_each_reader_learns_why_they_get_it_and_only_the_registered_get_their_link():
    event = make_tutorial()
    event.speakers.update(email="speaker@example.org")
    make_registration(event, "ada@example.org")
    make_registration(event, "bob@example.org", state="waitlisted", place=1, verified_at=HELD)
    Follower.objects.create(event=event, email="follower@example.org")
    release_program(event, "final")

    found = {row.address: circulars.release(row) for row in Mail.objects.all()}

    reasons = {address: re.search(r"You get this because ([^.]*)\.", one.text)[1] for address, one in found.items()}
    assert reasons == {
        "ada@example.org": "you are registered",
        "bob@example.org": "you are on the waitlist",
        "follower@example.org": "you asked to be told of the program",
        "speaker@example.org": "you are a speaker",
    }
    assert [address for address, one in found.items() if "/my/" in one.text] == ["ada@example.org", "bob@example.org"]


def test_materials_of_a_draft_are_none():
    event = make_tutorial()
    make_registration(event)
    make_material(event, session=make_session(event.blocks.get(), "Surprise", visibility="hidden"))

    assert "/materials/" not in release_letter(event).text


def test_materials_are_linked_where_there_are_any():
    event = make_tutorial()
    make_registration(event)
    make_material(event)

    assert f"https://portal.example/{event.slug}/materials/" in release_letter(event).text.splitlines()


def test_who_cancelled_in_the_meantime_is_not_written_to():
    event = make_tutorial()
    registration = make_registration(event)
    release_program(event, "final")
    registration.state = "cancelled"
    registration.save()

    with pytest.raises(MailError, match="The registration is cancelled by now"):
        circulars.release(Mail.objects.get())


def test_a_long_program_is_linked_instead_of_told():
    event = make_event()
    block = make_block(event)
    for _ in range(41):
        make_session(block)
    make_registration(event)

    letter = release_letter(event)

    assert "PROGRAM\n" not in letter.text
    assert f"https://portal.example/{event.slug}/schedule/" in letter.text.splitlines()


def test_many_changes_are_cut_short():
    event = make_event()
    block = make_block(event)
    for _ in range(33):
        make_session(block)
    make_registration(event)
    release_program(event, "tentative")
    event.sessions.update(duration=50)

    assert f"* and 35 more: https://portal.example/{event.slug}/releases/2/\n" in release_letter(event).text


def test_thousands_of_letters_of_a_release_are_made_from_one_program(django_assert_num_queries):
    event = make_tutorial(start=START)
    for _ in range(3):
        make_registration(event)
    release_program(event, "final")
    first, *others = Mail.objects.select_related("event", "mailing")
    circulars.release(first)

    with django_assert_num_queries(6):  # two letters: the person, the lab seats, the stars
        for row in others:
            circulars.release(row)


def test_a_sender_reads_ahead_its_readers_and_what_they_have_starred(django_assert_num_queries):
    event = make_tutorial(start=START)
    people = [make_registration(event) for _ in range(3)]
    one, _, other = event.sessions.order_by("pk")
    people[1].stars.create(session=one.uuid)
    people[2].stars.create(session=other.uuid)
    release_program(event, "final")
    shared = Shared()
    first, *others = [shared.attach(row) for row in Mail.objects.order_by("pk")]
    letters = [circulars.release(first)]

    with django_assert_num_queries(0):
        letters += [circulars.release(row) for row in others]

    starred = [re.findall(r"(\S.*\S)\n +\* you starred this", letter.text) for letter in letters]
    assert starred == [[], ["08:30  Part 1"], ["09:45  Part 2"]]


@time_machine.travel(START, tick=False)  # links tell when they were made
def test_readers_alike_get_the_same_letter_but_for_their_own_links() -> None:
    event = make_tutorial(start=START)
    people = [make_registration(event) for _ in range(3)]
    people[2].stars.create(session=event.sessions.order_by("pk")[0].uuid)
    release_program(event, "final")
    shared = Shared()
    rows = [shared.attach(row) for row in Mail.objects.order_by("pk")]

    alone = [circulars.release(row) for row in Mail.objects.order_by("pk")]
    together = [circulars.release(row) for row in rows]

    own = [(links.manage_url(person), links.unsubscribe_url(row)) for person, row in zip(people, rows, strict=True)]
    assert together == alone
    assert [one.unsubscribe for one in together] == [unsubscribe for _, unsubscribe in own]
    assert [[url in one.text and escape(url) in one.html for url in own[0]] for one in together] == [
        [True, True],
        [False, False],
        [False, False],
    ]
    assert "\0" not in "".join(one.text + one.html for one in together)
    assert len([key for key in shared.ahead if key[:1] == ("release",)]) == 2
