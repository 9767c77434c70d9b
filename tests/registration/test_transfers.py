import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client
from django.utils import timezone
from time_machine import travel

from portal.delivery import drain
from portal.invariants import problems
from portal.mail import MailError, send_again
from portal.models import Event, Mail
from registration import booking, checkin, circulars, consents, itinerary, labs, links, purging, transfers
from registration.booking import BookingError
from registration.checkin import Desk
from registration.ledger import notify
from registration.models import Registration, Transfer
from registration.notices import release_program
from tests.factories import (
    make_event,
    make_lab,
    make_organizer,
    make_program,
    make_question,
    make_release,
    make_ticket_type,
)
from tests.registration.desk import book, mails
from tests.registration.letterbox import letter_of
from tests.registration.post import SHORT
from tests.registration.reading import field_errors, headings, text
from tests.smtp import recording_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]
GRACE = {"name": "Grace", "email": "grace@example.org"}


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 1)
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    ada = booking.confirm(book(event))
    event.mails.all().delete()
    return ada


def test_until_the_other_person_takes_it_nothing_changes(event: Event, ada: Registration) -> None:
    transfers.begin(ada, **GRACE)

    assert list(event.registrations.values_list("name", "email", "state")) == [("Ada", "ada@example.org", "confirmed")]
    assert mails(event) == [("transfer", "grace@example.org")]


def test_the_other_persons_mail_has_their_link_and_none_of_the_first_ones(ada: Registration, still_clock: None) -> None:
    found = transfers.begin(ada, **GRACE)

    letter = letter_of("transfer", ada, address="grace@example.org", transfer=found.pk)

    assert links.transfer_path(found) in letter.text
    assert "Hello Grace," in letter.text
    assert re.findall(r"\bAda\b|ada@|/my/|/confirm/", letter.text + letter.html) == []


def test_taken_it_is_the_other_persons_with_seat_and_lab_seat(event: Event, ada: Registration, client: Client) -> None:
    make_release(event)
    lab = make_lab(event, event.sessions.earliest("pk"), 1)
    labs.choose(ada, [lab.pk])
    old = links.manage_path(ada)
    page = links.transfer_path(transfers.begin(ada, **GRACE))

    shown = client.get(page)
    before = event.registrations.get().name
    taken = client.post(page, {"name": "Grace"})

    grace = event.registrations.get()
    assert (headings(shown), before) == (["A registration for you"], "Ada")
    assert (grace.name, grace.email, grace.state, grace.lab_seats.get().state) == (*GRACE.values(), "confirmed", "seat")
    assert taken["Location"] == links.manage_path(grace)
    assert (client.get(old).status_code, client.get(page).status_code) == (404, 404)
    assert sorted(mails(event)[1:]) == [("confirmed", "grace@example.org"), ("passed_on", "ada@example.org")]
    assert problems() == []


def test_what_was_said_by_the_one_before_is_gone(event: Event, ada: Registration) -> None:
    shirt = make_question(event, kind="choice", choices=("M",))
    booking.edit(ada, name="Ada", affiliation="ACME", ticket_type=ada.ticket_type, answers={shirt: "M"})
    itinerary.star(ada, "00000000-0000-4000-8000-000000000000")

    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    assert (grace.affiliation, grace.answers.count(), grace.stars.count()) == ("", 0, 0)
    assert shirt.choices.get().taken == 0
    assert problems() == []


def test_what_organizers_noted_and_logged_of_the_one_before_is_gone(event: Event, ada: Registration) -> None:
    Registration.objects.update(note="Ada sings.")
    organizer = make_organizer(event)
    LogEntry.objects.log_actions(organizer.pk, [ada], CHANGE, change_message="Ada was moved.")

    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    assert grace.note == ""
    assert list(LogEntry.objects.values_list("object_repr", "change_message")) == [("(erased)", "")]


def test_what_was_logged_of_a_registration_that_makes_room_names_nobody(event: Event, ada: Registration) -> None:
    own = booking.register(event, name="Grace Hopper", email=GRACE["email"])
    LogEntry.objects.log_actions(make_organizer(event).pk, [own], CHANGE, change_message="Grace Hopper was moved.")
    booking.cancel(own)

    transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    assert list(LogEntry.objects.values_list("object_repr", "change_message")) == [("(erased)", "")]


def test_the_farewell_gives_no_link_to_what_is_no_longer_theirs(event: Event, ada: Registration) -> None:
    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    letter = letter_of("passed_on", grace)

    assert [one for one in ("Grace", "grace@", "/my/", "/confirm/") if one in letter.text + letter.html] == []


def test_a_second_one_replaces_the_first(event: Event, ada: Registration, client: Client) -> None:
    first = links.transfer_path(transfers.begin(ada, **GRACE))

    transfers.begin(ada, name="Edith", email="edith@example.org")

    assert client.post(first).status_code == 404
    assert Transfer.objects.get().name == "Edith"


def test_nobody_is_written_to_about_what_is_offered_no_longer(event: Event, ada: Registration) -> None:
    transfers.begin(ada, **GRACE)
    transfers.begin(ada, name="Edith", email="edith@example.org")
    replaced = mails(event)
    transfers.call_off(ada)

    assert (replaced, mails(event)) == ([("transfer", "edith@example.org")], [])


def test_after_a_week_it_cannot_be_taken(event: Event, ada: Registration, client: Client) -> None:
    page = links.transfer_path(transfers.begin(ada, **GRACE))

    with travel(timezone.now() + timedelta(days=7, minutes=1)):
        response = client.post(page)

    assert (response.status_code, event.registrations.get().name) == (410, "Ada")


def test_who_is_registered_is_told_at_the_own_link_only(event: Event, ada: Registration, client: Client) -> None:
    book(event, "grace")
    page = f"{links.manage_path(ada)}pass-on/"

    answers = [client.post(page, GRACE | {"email": email}) for email in ("grace@example.org", "new@example.org")]
    last = Transfer.objects.get()
    transfers.begin(ada, **GRACE)
    refused = client.post(links.transfer_path(Transfer.objects.get()), {"name": "Grace"})

    assert len({(one.status_code, one["Location"], one.content) for one in answers}) == 1
    assert last.email == "new@example.org"
    assert refused.status_code == 422
    assert "You have a registration already." in text(refused)


def test_it_is_kept_after_all(event: Event, ada: Registration, client: Client) -> None:
    found = transfers.begin(ada, **GRACE)
    page = links.transfer_path(found)

    shown = client.get(links.manage_path(ada))
    answer = client.post(f"{links.manage_path(ada)}pass-on/", {"call_off": "1"})

    assert "A link is on the way to grace@example.org." in text(shown)
    assert (answer.status_code, answer["Location"]) == (302, links.manage_path(ada))
    assert client.post(page).status_code == 404
    with pytest.raises(BookingError, match="no longer offered to you"):
        transfers.take(found, name="Grace")
    assert event.registrations.get().name == "Ada"


def test_an_ended_registration_of_the_other_person_gives_way(event: Event, ada: Registration) -> None:
    booking.cancel(book(event, "grace"))

    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    assert list(event.registrations.values_list("pk", "email")) == [(grace.pk, "grace@example.org")]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"name": "", "email": "x@example.org"}, "Write your name."),
        ({"name": "X", "email": "x@"}, "The part after @ is missing, as in name@example.org."),
        ({"name": "X", "email": "ADA@example.org"}, "This is your own address. Give that of the other person."),
    ],
)
def test_what_is_wrong_is_said(ada: Registration, client: Client, values: dict[str, str], why: str) -> None:
    response = client.post(f"{links.manage_path(ada)}pass-on/", values)

    assert response.status_code == 422
    assert why in text(response)
    assert not Transfer.objects.exists()


def test_what_has_ended_is_passed_on_by_nobody(event: Event, ada: Registration) -> None:
    found = transfers.begin(ada, **GRACE)
    booking.cancel(ada)

    for act in (lambda: transfers.take(found, name="Grace"), lambda: transfers.begin(ada, **GRACE)):
        with pytest.raises(BookingError, match="has ended"):
            act()


@pytest.mark.parametrize("end", [booking.cancel, booking.decline])
def test_a_link_of_before_does_not_take_the_next_registration(
    event: Event, ada: Registration, end: Any, client: Client
) -> None:
    token = links.transfer_path(transfers.begin(ada, **GRACE))
    end(ada)
    anew = booking.register(event, name="Ada", email=ada.email) if end is booking.cancel else booking.approve(ada)

    assert client.get(token).status_code == 404
    assert not Transfer.objects.exists()
    assert not Mail.objects.filter(kind="transfer").exists()
    assert anew.pk == ada.pk


def test_who_did_not_take_it_in_a_week_is_forgotten(event: Event, ada: Registration) -> None:
    transfers.begin(ada, **GRACE)
    counts = []

    for days in (6, 8):
        purging.purge(timezone.now() + timedelta(days=days))
        counts.append((Transfer.objects.count(), Mail.objects.filter(kind="transfer").count()))

    assert counts == [(1, 1), (0, 0)]


# What was on its way to the one before


@pytest.mark.parametrize("kind", [*SHORT, "lab_seat"])
def test_no_letter_to_the_one_before_has_the_other_persons_link(event: Event, ada: Registration, kind: str) -> None:
    make_release(event)
    lab = make_lab(event, event.sessions.earliest("pk"))
    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    with pytest.raises(MailError, match="The registration is no longer that of this address"):
        letter_of(kind, grace, address="ada@example.org", lab=lab.pk)


def test_a_release_that_waits_for_the_one_before_is_withdrawn(event: Event, ada: Registration) -> None:
    make_program(event)
    release_program(event, "final")
    transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    with pytest.raises(MailError, match="no longer that of this address"):
        circulars.release(event.mails.get(kind="release"))


def test_sent_again_to_the_one_before_nothing_of_the_other_persons_goes_out(
    event: Event, ada: Registration, settings: Any
) -> None:
    notify(ada, "confirmed")
    event.mails.update(state="failed")
    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    send_again(event.mails.filter(address="ada@example.org"))
    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    lost = event.mails.get(kind="confirmed", address="ada@example.org")
    assert (lost.state, lost.answer) == ("withdrawn", "The registration is no longer that of this address.")
    assert sorted(server.recipients) == ["ada@example.org", "grace@example.org"]
    farewell = next(one for one in server.taken if one.recipients == ["ada@example.org"])
    assert links.manage_path(grace) not in farewell.message.as_string()


def test_the_farewell_reaches_the_one_before(event: Event, ada: Registration) -> None:
    grace = transfers.take(transfers.begin(ada, **GRACE), name="Grace")

    letter = letter_of("passed_on", grace, address="ada@example.org")

    assert "Your registration has been taken over" in letter.text
    assert [one for one in ("Grace", "/my/", "/confirm/", "ticket") if one in letter.text + letter.html] == []


def test_who_has_been_checked_in_passes_nothing_on_any_more(event: Event, ada: Registration, client: Client) -> None:
    found = transfers.begin(ada, **GRACE)
    check_in = checkin.check_in(ada, Desk("Door")).check_in

    pages = [client.get(f"{links.manage_path(ada)}{page}") for page in ("", "edit/", "pass-on/")]
    answers = [client.post(f"{links.manage_path(ada)}pass-on/", GRACE), client.post(links.transfer_path(found), GRACE)]
    shown = client.get(links.transfer_path(found))

    why = "Somebody has been checked in with this registration, so it can't be passed on any more."
    assert [why.replace("'", "&#x27;") in text(one) for one in (pages[0], pages[2], *answers, shown)] == [True] * 5
    assert [f"{links.manage_path(ada)}pass-on/" in one.text for one in pages[1:]] == [False, False]
    assert [(one.status_code, "<button" in one.text) for one in answers] == [(422, False)] * 2
    assert event.registrations.get().name == "Ada"
    checkin.undo(event, check_in.pk)
    assert transfers.take(found, name="Grace").name == "Grace"


def test_after_the_event_nothing_is_passed_on(event: Event, ada: Registration, client: Client) -> None:
    found = transfers.begin(ada, **GRACE)
    event.starts_on = timezone.now().date() - timedelta(days=2)
    event.save()

    answer = client.post(links.transfer_path(found), GRACE)

    assert answer.status_code == 422
    assert "The event is over, so this registration can&#x27;t be passed on any more." in text(answer)
    assert event.registrations.get().name == "Ada"
    with pytest.raises(BookingError, match="The event is over"):
        transfers.begin(ada, **GRACE)


def test_who_takes_it_is_told_and_asked_what_everybody_is(event: Event, ada: Registration, client: Client) -> None:
    event.purpose, event.starts_on, event.retention_days = "For badges.", timezone.now().date(), 30
    event.save()
    rules = make_question(event, "Rules?", kind="consent", is_required=True)
    make_question(event, "Lunch?").ticket_types.add(make_ticket_type(event, name="Remote"))
    booking.edit(ada, name="Ada", affiliation="", ticket_type=ada.ticket_type, answers={rules: True})
    page = links.transfer_path(transfers.begin(ada, **GRACE))

    shown = client.get(page)
    refused = client.post(page, {"name": ""})
    before = event.registrations.get()
    client.post(page, {"name": "Grace H.", "affiliation": "Navy", f"q-{rules.key}": "on"})

    grace = event.registrations.get()
    assert [one in text(shown) for one in ("For badges.", "are deleted on", "Rules?", "Lunch?")] == [True] * 3 + [False]
    assert 'value="Grace"' in shown.text
    wrong = {"name": "Write your name.", "q-rules": "Please tick this: without it we can&#x27;t register you."}
    assert (refused.status_code, field_errors(refused)) == (422, wrong)
    assert (before.name, before.answers.get().value) == ("Ada", True)
    assert (grace.name, grace.affiliation, grace.answers.get().value) == ("Grace H.", "Navy", True)
    standing = consents.standing_of(grace)
    assert {one.subject: one.version for one in standing.values()} == {
        "": consents.version_of("For badges."),
        "rules": consents.version_of("Rules?"),
    }


def test_who_says_nothing_has_the_name_that_was_given(event: Event, ada: Registration, client: Client) -> None:
    found = transfers.begin(ada, **GRACE)

    answer = client.post(links.transfer_path(found))

    assert answer.status_code == 302
    assert event.registrations.get().name == "Grace"


def test_a_choice_that_is_taken_up_is_refused_at_its_place(event: Event, ada: Registration, client: Client) -> None:
    shirt = make_question(event, "Shirt", kind="choice", choices=("M", "L"), is_required=True)
    shirt.choices.filter(text="L").update(limit=0)
    page = links.transfer_path(transfers.begin(ada, **GRACE))

    refused = client.post(page, {"name": "Grace", "q-shirt": "L"})

    assert field_errors(refused) == {"q-shirt": "“L” is no longer free. Choose something else."}
    assert event.registrations.get().name == "Ada"
