"""Seats in labs that are held for who is next in line until accepted, and the line itself, moved for a reason."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client
from time_machine import travel

from portal.invariants import problems
from portal.mail import MailError
from portal.models import Event, Mail
from registration import booking, itinerary, labs, line, links, privacy, replies, seating, transfers
from registration.booking import BookingError
from registration.models import Lab, LabSeat, Registration, TicketType
from registration.notices import release_program
from registration.tasks import expire
from sessions_app import releases
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_release,
    make_session,
    make_ticket_type,
)
from tests.registration.desk import book, mails
from tests.registration.reading import PERSONAL, headings, text, traces

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)
IN_TIME, LATE = NOW + timedelta(hours=6), NOW + timedelta(hours=6, seconds=1)
UNTIL = "March 1, 2026 at 10:00 EST"  # six hours later


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with travel(NOW, tick=False):
        yield


@pytest.fixture
def event() -> Event:
    """Two labs with one seat each, at the same time, in a released program; a freed seat is offered for six hours."""
    event = make_event(slug="tutorial")
    block = make_block(event, start=START)
    for title in ("Soldering", "Weaving"):
        make_lab(event, make_session(block, title, kind="lab", start=START), 1)
    make_release(event)
    make_ticket_type(event, 20, offer_hours=6)
    return event


@pytest.fixture
def lab(event: Event) -> Lab:
    return event.labs.earliest("pk")


@pytest.fixture
def people(event: Event, lab: Lab) -> list[Registration]:
    """Ada has the seat; Bea, Cy and Dee stand in line."""
    people = [booking.confirm(book(event, name)) for name in ("ada", "bea", "cy", "dee")]
    for one in people:
        labs.choose(one, [lab.pk])
    event.mails.all().delete()
    return people


@pytest.fixture
def bea(people: list[Registration]) -> Registration:
    """She is offered the seat that Ada gave back."""
    labs.choose(people[0], [])
    return people[1]


def held(lab: Lab) -> dict[str, str]:
    return {seat.registration.name: seat.state for seat in lab.seats.select_related("registration").order_by("pk")}


def taken(lab: Lab) -> int:
    return Lab.objects.get(pk=lab.pk).taken


def lapse() -> None:
    LabSeat.objects.offered().update(hold_until=NOW - timedelta(seconds=1))
    booking.expire()


def below(registration: Registration, page: str = "") -> str:
    return links.manage_path(registration) + page


class TestAnOffer:
    def test_a_freed_seat_is_held_for_the_first_in_line_who_is_mailed(self, lab: Lab, bea: Registration) -> None:
        seat = bea.lab_seats.get()

        assert held(lab) == {"Bea": "offered", "Cy": "waitlisted", "Dee": "waitlisted"}
        assert (seat.place, seat.hold_until) == (None, IN_TIME)
        assert (taken(lab), mails(bea.event)) == (1, [("lab_seat", "bea@example.org")])
        assert problems() == []

    def test_accepted_it_is_theirs_once(self, lab: Lab, bea: Registration) -> None:
        seat = bea.lab_seats.get()

        for _ in range(2):
            labs.accept(seat)

        seat.refresh_from_db()
        assert (seat.state, seat.hold_until, taken(lab)) == ("seat", None, 1)
        assert problems() == []

    def test_declined_it_is_offered_to_the_next(self, lab: Lab, bea: Registration) -> None:
        seat = bea.lab_seats.get()

        for _ in range(2):
            labs.decline(seat)

        assert held(lab) == {"Cy": "offered", "Dee": "waitlisted"}
        assert mails(bea.event) == [("lab_seat", "bea@example.org"), ("lab_seat", "cy@example.org")]
        assert problems() == []

    def test_not_accepted_in_time_it_is_offered_to_the_next_and_both_are_told(
        self, lab: Lab, bea: Registration
    ) -> None:
        seat = bea.lab_seats.get()

        with travel(IN_TIME, tick=False):
            early = booking.expire(), held(lab)["Bea"]
        with travel(LATE, tick=False):
            late = booking.expire(), booking.expire()

        assert (early, late) == ((0, "offered"), (1, 0))
        assert held(lab) == {"Cy": "offered", "Dee": "waitlisted"}
        assert mails(bea.event)[1:] == [("lab_seat", "cy@example.org"), ("lapsed", "bea@example.org")]
        assert (taken(lab), problems()) == (1, [])
        with pytest.raises(BookingError, match=r"^This seat is no longer held for you\.$"):
            labs.accept(seat)

    def test_the_scheduler_ends_offers(self, lab: Lab, bea: Registration) -> None:
        scheduled = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]

        expire()  # by a worker whose clock is off: the database's says when

        assert scheduled.count(expire.name) == 1
        assert "Bea" not in held(lab)

    def test_who_lets_two_offers_pass_gets_a_mail_for_each(self, event: Event, lab: Lab, bea: Registration) -> None:
        lapse()
        labs.choose(bea, [lab.pk])

        for _ in ("Cy", "Dee", "Bea"):
            lapse()

        assert (held(lab), taken(lab)) == ({}, 0)
        assert mails(event).count(("lapsed", "bea@example.org")) == 2

    def test_nobody_who_comes_later_gets_the_seat_on_offer(self, event: Event, lab: Lab, bea: Registration) -> None:
        late = booking.confirm(book(event, "eve"))

        labs.choose(late, [lab.pk])

        assert (late.lab_seats.get().state, taken(lab)) == ("waitlisted", 1)

    def test_the_database_keeps_offers_and_their_ends_together(self, bea: Registration) -> None:
        for wrong in ({"hold_until": None}, {"state": "seat"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                bea.lab_seats.update(**wrong)


class TestWhoIsAsked:
    def test_without_hours_to_accept_the_seat_is_given(self, lab: Lab, people: list[Registration]) -> None:
        TicketType.objects.update(offer_hours=None)

        labs.choose(people[0], [])

        assert held(lab) == {"Bea": "seat", "Cy": "waitlisted", "Dee": "waitlisted"}

    def test_each_by_their_own_ticket(self, event: Event, lab: Lab, people: list[Registration]) -> None:
        student = make_ticket_type(event, name="Student")
        booking.exchange(people[1], ticket_type=student, source="page")

        labs.choose(people[0], [])
        labs.set_capacity(lab, 2)

        assert held(lab) == {"Bea": "seat", "Cy": "offered", "Dee": "waitlisted"}

    def test_a_lab_seat_that_comes_with_an_offered_seat_at_the_event_ends_with_it(self, event: Event, lab: Lab) -> None:
        event.ticket_types.update(capacity=1)
        ada, bea = (booking.confirm(book(event, name)) for name in ("ada", "bea"))
        labs.choose(bea, [lab.pk])

        booking.cancel(ada)
        offered = held(lab), event.registrations.get(name="Bea").state
        Registration.objects.filter(name="Bea").update(hold_until=NOW - timedelta(seconds=1))
        booking.expire()

        assert offered == ({"Bea": "seat"}, "pending")
        assert (taken(lab), problems()) == (0, [])

    def test_with_no_time_left_before_the_lab_it_is_given(self, lab: Lab, people: list[Registration]) -> None:
        with travel(START - timedelta(hours=6), tick=False):
            labs.choose(people[0], [])
            late = held(lab)["Bea"]
        with travel(START - timedelta(hours=6, seconds=1), tick=False):
            labs.choose(people[1], [])

        assert (late, held(lab)["Cy"]) == ("seat", "offered")

    def test_whom_an_organizer_lets_in_has_what_is_free_unasked(self, event: Event, lab: Lab) -> None:
        event.ticket_types.update(needs_approval=True)
        ada = booking.confirm(book(event))
        labs.choose(ada, [lab.pk])

        booking.approve(ada)

        assert held(lab) == {"Ada": "seat"}

    def test_who_was_moved_in_the_line_is_asked_first(self, lab: Lab, people: list[Registration]) -> None:
        line.move(people[3].lab_seats.get(), 1)

        labs.choose(people[0], [])

        assert held(lab) == {"Bea": "waitlisted", "Cy": "waitlisted", "Dee": "offered"}
        assert [seating.ahead_of(one.lab_seats.get()) for one in people[1:3]] == [0, 1]
        assert problems() == []


class TestWhatBecomesOfAnOffer:
    @pytest.mark.parametrize("end", [booking.cancel, booking.decline, privacy.erase])
    def test_it_goes_to_the_next_when_the_registration_ends(self, lab: Lab, bea: Registration, end: Any) -> None:
        end(bea)

        assert held(lab) == {"Cy": "offered", "Dee": "waitlisted"}
        assert problems() == []

    def test_and_when_the_ticket_gives_no_seat_any_more(self, lab: Lab, bea: Registration) -> None:
        interest = make_ticket_type(bea.event, None, name="Interest", mode="interest")

        booking.exchange(bea, ticket_type=interest, source="page")

        assert held(lab) == {"Cy": "offered", "Dee": "waitlisted"}

    def test_who_takes_the_registration_over_takes_it_too(self, lab: Lab, bea: Registration, client: Client) -> None:
        old = below(bea, f"labs/{lab.pk}/")
        found = transfers.begin(bea, name="Grace", email="grace@example.org")

        grace = transfers.take(found, name="Grace")

        assert (held(lab)["Grace"], grace.lab_seats.get().hold_until) == ("seat", None)
        assert client.post(old).status_code == 404
        assert problems() == []
        with pytest.raises(MailError, match="no longer that of this address"):
            replies.lab_seat(bea.event.mails.get(kind="lab_seat"))

    @pytest.mark.parametrize("way", ["cancelled", "hidden", "removed"])
    def test_it_ends_with_its_session(self, lab: Lab, bea: Registration, way: str) -> None:
        session = bea.event.sessions.filter(uuid=lab.session)
        changes = {"cancelled": {"status": "cancelled"}, "hidden": {"visibility": "hidden"}}

        session.update(**changes[way]) if way in changes else session.delete()
        release_program(bea.event, "tentative", is_mailed=False)

        assert set(held(lab).values()) == {"lost"}
        assert (taken(lab), problems()) == (0, [])
        with travel(LATE):
            assert booking.expire() == 0
        with pytest.raises(MailError, match="no longer in the program"):
            replies.lab_seat(bea.event.mails.get(kind="lab_seat"))

    def test_it_follows_a_session_that_moves(self, lab: Lab, bea: Registration) -> None:
        bea.event.sessions.filter(uuid=lab.session).update(start=START + timedelta(hours=6))
        release_program(bea.event, "tentative", is_mailed=False)

        assert (bea.lab_seats.get().state, bea.lab_seats.get().hold_until) == ("offered", IN_TIME)

    def test_more_seats_are_offered_in_order_and_never_fewer_than_are_held(self, lab: Lab, bea: Registration) -> None:
        labs.set_capacity(lab, 2)

        with pytest.raises(BookingError, match=r"^2 seats are taken or held, so the capacity can't be 1\.$"):
            labs.set_capacity(lab, 1)

        assert held(lab) == {"Bea": "offered", "Cy": "offered", "Dee": "waitlisted"}
        assert problems() == []

    def test_it_is_among_the_data_they_take_along(self, bea: Registration) -> None:
        [row] = privacy.export(bea.email)["registrations"][0]["lab_seats"]

        assert (row["state"], row["hold_until"]) == ("offered", str(IN_TIME))


class TestThePage:
    def test_it_tells_what_is_held_until_when_and_what_else_is_then(
        self, event: Event, lab: Lab, bea: Registration, client: Client
    ) -> None:
        labs.choose(bea, [*event.labs.values_list("pk", flat=True)])
        LabSeat.objects.filter(registration=bea, lab=lab).update(state="offered", hold_until=IN_TIME)

        own, page = client.get(below(bea)), client.get(below(bea, f"labs/{lab.pk}/"))

        when = "March 22, 2026, 08:30–09:15; at the same time as Weaving"
        assert f"Soldering {when}; a seat is held for you until {UNTIL}; after that it goes to the next" in text(own)
        assert "Take the seat Decline it" in text(own)
        assert (headings(page), traces(page)) == (["A seat in a lab"], PERSONAL)
        assert f"A seat is held for Bea until {UNTIL}." in text(page)
        assert f"Soldering {when}" in text(page)
        assert held(lab)["Bea"] == "offered"

    @pytest.mark.parametrize(("sent", "becomes"), [({}, "seat"), ({"decline": "1"}, None)])
    def test_a_press_takes_or_declines_it(
        self, lab: Lab, bea: Registration, client: Client, sent: dict[str, str], becomes: str | None
    ) -> None:
        response = client.post(below(bea, f"labs/{lab.pk}/"), sent)

        assert (response.status_code, response["Location"], held(lab).get("Bea")) == (302, below(bea), becomes)
        assert client.get(below(bea)).status_code == 200

    def test_once_taken_its_page_leads_to_the_registration(self, lab: Lab, bea: Registration, client: Client) -> None:
        labs.accept(bea.lab_seats.get())

        assert client.get(below(bea, f"labs/{lab.pk}/"))["Location"] == below(bea)

    def test_who_comes_late_is_told(self, lab: Lab, bea: Registration, client: Client) -> None:
        lapse()

        shown, sent = (act(below(bea, f"labs/{lab.pk}/")) for act in (client.get, client.post))

        assert (shown.status_code, sent.status_code) == (200, 422)
        assert "No seat is held for you here any more." in text(shown)
        assert "No seat is held for you here any more." in text(sent)

    @pytest.mark.parametrize("number", ["0", "9" * 30])
    def test_a_lab_that_is_none_is_none_of_theirs(self, bea: Registration, client: Client, number: str) -> None:
        assert [act(below(bea, f"labs/{number}/")).status_code for act in (client.get, client.post)] == [200, 422]

    def test_who_only_waits_accepts_nothing(
        self, lab: Lab, bea: Registration, people: list[Registration], client: Client
    ) -> None:
        answer = client.post(below(people[2], f"labs/{lab.pk}/"))

        assert (answer.status_code, held(lab)["Cy"], taken(lab)) == (422, "waitlisted", 1)

    def test_saved_among_the_chosen_it_is_taken_and_unticked_declined(
        self, lab: Lab, bea: Registration, people: list[Registration], client: Client
    ) -> None:
        page = text(client.get(below(bea, "labs/")))

        client.post(below(bea, "labs/"), {"lab_seats": lab.pk})
        saved = held(lab)
        client.post(below(bea, "labs/"), {})
        client.post(below(people[2], "labs/"), {})

        assert "A seat is held for you: save to take it" in page
        assert saved["Bea"] == "seat"
        assert held(lab) == {"Dee": "offered"}

    def test_it_is_in_the_calendar_once_it_is_taken(self, lab: Lab, bea: Registration) -> None:
        itinerary.star(bea, "00000000-0000-4000-8000-000000000000")
        release = releases.latest(bea.event)
        assert release is not None

        before = [one.title for one in itinerary.chosen(bea, release)]
        labs.accept(bea.lab_seats.get())

        assert (before, [one.title for one in itinerary.chosen(bea, release)]) == ([], ["Soldering"])


class TestLetters:
    def letter(self, bea: Registration, kind: str) -> Any:
        return getattr(replies, kind)(Mail.objects.get(event=bea.event, kind=kind, address=bea.email))

    def test_an_offer_says_until_when_and_leads_to_its_page(self, lab: Lab, bea: Registration) -> None:
        letter = self.letter(bea, "lab_seat")

        said = " ".join(letter.text.split())
        assert "it is held for you until Sunday, March 1, 2026, 10:00 New York time (EST, UTC−5): Soldering." in said
        assert f"/labs/{lab.pk}/" in letter.text
        assert "Take or decline the seat" in letter.html

    def test_accepted_before_it_went_out_it_says_that_the_seat_is_theirs(self, bea: Registration) -> None:
        labs.accept(bea.lab_seats.get())

        assert "it is yours: Soldering" in " ".join(self.letter(bea, "lab_seat").text.split())

    def test_declined_before_it_went_out_it_stays(self, bea: Registration) -> None:
        labs.decline(bea.lab_seats.get())

        with pytest.raises(MailError, match="no longer theirs"):
            self.letter(bea, "lab_seat")

    def test_who_let_it_pass_is_told_which(self, bea: Registration) -> None:
        lapse()

        said = " ".join(self.letter(bea, "lapsed").text.split())
        assert "The seat held for you in Soldering wasn't accepted in time, so it goes to the next in line." in said
