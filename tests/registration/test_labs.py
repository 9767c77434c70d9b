from datetime import UTC, datetime

import pytest
from django.test import Client

from portal.invariants import problems
from portal.models import Event
from registration import booking, labs, links, seating
from registration.booking import BookingError
from registration.models import Lab, LabSeat, Registration
from registration.notices import release_program
from registration.reception import Reception
from tests.factories import make_block, make_event, make_lab, make_release, make_session, make_ticket_type
from tests.registration.desk import book, mails
from tests.registration.reading import text

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    """Two labs with one seat each in a released program, and a ticket with three seats."""
    event = make_event()
    block = make_block(event, start=MORNING)
    for title in ("Soldering", "Weaving"):
        make_lab(event, make_session(block, title, kind="lab"), 1)
    make_release(event)
    make_ticket_type(event, 3)
    return event


def labs_of(event: Event) -> list[Lab]:
    return list(event.labs.order_by("pk"))


def held(registration: Registration) -> list[tuple[str, int | None]]:
    return list(registration.lab_seats.order_by("lab").values_list("state", "place"))


def counts(event: Event) -> list[int]:
    return [lab.taken for lab in labs_of(event)]


def test_a_seat_is_had_by_the_first_and_the_next_stand_in_line(event: Event) -> None:
    soldering, _ = labs_of(event)

    people = [
        booking.register(event, name=n, email=f"{n}@x.org", lab_seats=[soldering.pk]) for n in ("ada", "bea", "cy")
    ]

    assert [held(one) for one in people] == [[("seat", None)], [("waitlisted", 1)], [("waitlisted", 2)]]
    assert counts(event) == [1, 0]
    assert problems() == []


def test_a_seat_given_back_goes_to_the_first_in_line_with_a_mail(event: Event) -> None:
    soldering, weaving = labs_of(event)
    ada, bea = book(event), book(event, "bea")
    for one in (ada, bea):
        labs.choose(one, [soldering.pk])

    labs.choose(ada, [weaving.pk])

    assert (held(ada), held(bea)) == ([("seat", None)], [("seat", None)])
    assert counts(event) == [1, 1]
    assert mails(event)[-1] == ("lab_seat", "bea@example.org")


def test_choosing_the_same_again_changes_nothing(event: Event) -> None:
    soldering, _ = labs_of(event)
    ada, bea = book(event), book(event, "bea")

    for one in (ada, bea, ada, bea):
        labs.choose(one, [soldering.pk])

    assert (held(ada), held(bea), counts(event)) == ([("seat", None)], [("waitlisted", 1)], [1, 0])


def test_a_registration_that_ends_frees_its_lab_seats(event: Event) -> None:
    pks = [lab.pk for lab in labs_of(event)]
    ada, bea = book(event), book(event, "bea")
    for one in (ada, bea):
        labs.choose(one, pks)

    booking.cancel(ada)

    assert (held(ada), held(bea)) == ([], [("seat", None), ("seat", None)])
    assert problems() == []


def test_who_waits_for_the_event_gets_a_lab_seat_only_with_a_seat_there(event: Event) -> None:
    soldering, _ = labs_of(event)
    people = [book(event, name) for name in ("ada", "bea", "cy", "dee")]
    labs.choose(people[3], [soldering.pk])
    before = held(people[3]), counts(event)

    booking.cancel(people[0])

    assert before == ([("waitlisted", 1)], [0, 0])
    assert (held(people[3]), counts(event)) == ([("seat", None)], [1, 0])
    assert problems() == []


def test_without_a_seat_at_the_event_there_is_none_in_a_lab(event: Event) -> None:
    soldering, _ = labs_of(event)
    interest = make_ticket_type(event, None, name="Interest", mode="interest")
    waiting = [book(event, name) for name in ("ada", "bea", "cy", "dee")][-1]
    labs.choose(waiting, [soldering.pk])

    with pytest.raises(BookingError, match=r"^“Interest” gives no seat at the event, so none in labs\.$"):
        booking.register(event, name="Eve", email="eve@x.org", ticket_type=interest, lab_seats=[soldering.pk])
    booking.edit(waiting, name="Dee", affiliation="", ticket_type=interest, answers={})

    assert not event.registrations.filter(name="Eve").exists()
    assert (held(waiting), counts(event)) == ([], [0, 0])


def test_more_lab_seats_go_to_who_waits_and_fewer_than_taken_are_refused(event: Event) -> None:
    soldering, _ = labs_of(event)
    people = [book(event, name) for name in ("ada", "bea", "cy")]
    for one in people:
        labs.choose(one, [soldering.pk])

    labs.set_capacity(soldering, 2)
    with pytest.raises(BookingError, match=r"^2 seats are taken or held, so the capacity can't be 1\.$"):
        labs.set_capacity(soldering, 1)

    assert [held(one)[0][0] for one in people] == ["seat", "seat", "waitlisted"]


def test_its_seats_can_be_changed_before_the_event_has_tickets() -> None:
    lab = make_lab(event := make_event(), make_session(make_block(event)), 2)

    labs.set_capacity(lab, 3)

    assert labs_of(event)[0].capacity == 3


@pytest.mark.parametrize("way", ["cancelled", "removed"])
def test_seats_end_with_their_session(event: Event, way: str) -> None:
    soldering, weaving = labs_of(event)
    ada, bea = book(event), book(event, "bea")
    for one in (ada, bea):
        labs.choose(one, [soldering.pk, weaving.pk])
    session = event.sessions.filter(uuid=soldering.session)

    session.delete() if way == "removed" else session.update(status="cancelled")
    release_program(event, "tentative", is_mailed=False)

    assert [held(one)[0] for one in (ada, bea)] == [("lost", None), ("lost", None)]
    assert counts(event) == [0, 1]
    assert [option.text for option in Reception(event).lab_options] == ["Weaving"]
    assert problems() == []


def test_they_follow_a_session_that_moves(event: Event) -> None:
    soldering, _ = labs_of(event)
    ada = book(event)
    labs.choose(ada, [soldering.pk])

    event.sessions.filter(uuid=soldering.session).update(start=MORNING.replace(hour=18))
    release_program(event, "tentative", is_mailed=False)

    assert held(ada) == [("seat", None)]
    assert Reception(event).lab_options[0].details == "March 22, 2026, 14:30–15:15"


def test_a_session_that_comes_back_can_be_chosen_again(event: Event) -> None:
    soldering, _ = labs_of(event)
    ada = book(event)
    labs.choose(ada, [soldering.pk])
    session = event.sessions.filter(uuid=soldering.session)
    for status in ("cancelled", "planned"):
        session.update(status=status)
        release_program(event, "tentative", is_mailed=False)

    lost = held(ada)
    labs.choose(ada, [soldering.pk])

    assert (lost, held(ada), counts(event)) == ([("lost", None)], [("seat", None)], [1, 0])


def test_clashes_are_shown(event: Event) -> None:
    event.sessions.filter(title="Weaving").update(start=MORNING)
    release_program(event, "tentative", is_mailed=False)

    assert {one.text: one.details.partition("; ")[2] for one in Reception(event).lab_options} == {
        "Soldering": "at the same time as Weaving",
        "Weaving": "at the same time as Soldering",
    }


def test_what_is_no_lab_of_the_event_is_refused(event: Event) -> None:
    other = make_lab(make_event(), "00000000-0000-4000-8000-000000000000")
    ada = book(event)

    with pytest.raises(BookingError, match=r"^There is no such lab\.$"):
        labs.choose(ada, [other.pk])

    assert not LabSeat.objects.exists()


def test_who_has_ended_chooses_none(event: Event) -> None:
    ada = booking.cancel(book(event))

    with pytest.raises(BookingError, match="has ended"):
        labs.choose(ada, [labs_of(event)[0].pk])


def lapse(event: Event, *registrations: Registration) -> None:
    Registration.objects.filter(pk__in=[one.pk for one in registrations]).update(hold_until=MORNING)
    booking.expire()


def test_who_confirms_late_has_the_lab_seats_back_that_are_still_free_and_is_told(event: Event) -> None:
    soldering, weaving = labs_of(event)
    ada = booking.register(event, name="Ada", email="ada@x.org", lab_seats=[soldering.pk, weaving.pk])
    lapse(event, ada)
    bea = booking.register(event, name="Bea", email="bea@x.org", lab_seats=[soldering.pk])
    freed = counts(event), [option.count for option in Reception(event).lab_options]
    event.mails.all().delete()

    booking.confirm(ada)

    assert freed == ([1, 0], ["Full: waitlist", "1 of 1 left"])
    assert (held(ada), held(bea)) == ([("waitlisted", 1), ("seat", None)], [("seat", None)])
    assert mails(event) == [("confirmed", "ada@x.org"), ("lab_seat", "ada@x.org")]
    assert problems() == []


def test_who_was_late_stands_in_nobodys_way(event: Event) -> None:
    soldering, _ = labs_of(event)
    ada, bea, cy = book(event), book(event, "bea"), book(event, "cy")
    for one in (ada, bea, cy):
        labs.choose(one, [soldering.pk])

    lapse(event, bea)
    ahead = seating.ahead_of(cy.lab_seats.get())
    booking.cancel(ada)

    assert (ahead, held(bea), held(cy)) == (0, [("waitlisted", 1)], [("seat", None)])
    assert problems() == []


def test_who_registers_anew_has_the_labs_of_the_new_form_only(event: Event) -> None:
    soldering, weaving = labs_of(event)
    ada = booking.register(event, name="Ada", email="ada@x.org", lab_seats=[soldering.pk])
    lapse(event, ada)

    booking.register(event, name="Ada", email="ada@x.org", lab_seats=[weaving.pk])

    assert list(ada.lab_seats.values_list("lab", "state")) == [(weaving.pk, "seat")]
    assert problems() == []


def test_the_late_are_told_what_becomes_of_their_labs(event: Event, client: Client) -> None:
    ada = booking.register(event, name="Ada", email="ada@x.org", lab_seats=[labs_of(event)[0].pk])
    lapse(event, ada)

    page = client.get(links.confirm_path(Registration.objects.get()))

    assert "Lab seats you chose come back where one is still free; else you wait for one." in text(page)
