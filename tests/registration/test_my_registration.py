"""What a person does below the personal link: edit, labs, stars, calendar, links, files."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from icalendar import Calendar

from portal.models import Event
from registration import booking, labs, letters, links, tickets
from registration.models import Answer, Choice, Registration, TicketType
from registration.notices import release_program
from tests.factories import NOON, make_event, make_lab, make_program, make_question, make_release, make_ticket_type
from tests.registration.desk import book, mails
from tests.registration.reading import PERSONAL, field_errors, headings, path, text, traces
from tests.registration.test_papers import codes_in

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 2)
    make_program(event, 3, start=MORNING)
    make_release(event)
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    ada = booking.confirm(book(event))
    event.mails.all().delete()
    return ada


def below(registration: Registration, page: str = "") -> str:
    registration.refresh_from_db()
    return links.manage_path(registration) + page


def tickets_mailed(ada: Registration) -> list[str]:
    """The codes in the PDF of the one mail there is."""
    letter = letters.confirmed(ada.event.mails.get())
    paper = next(one.content for one in letter.attachments if one.filename == "tutorial-ticket.pdf")
    return codes_in(paper)


def titles(response: Any) -> list[str]:
    return list(states(response))


def states(response: Any) -> dict[str, str]:
    entries = Calendar.from_ical(response.content).walk("VEVENT")
    return {str(entry["summary"]): str(entry["status"]) for entry in entries}


def test_when_the_event_is_over_nothing_is_given_up_any_more(ada: Registration, client: Client) -> None:
    address = below(ada)

    with time_machine.travel(datetime(2026, 3, 23, 12, tzinfo=UTC)):
        page = client.get(address)

    assert "The event is over. You were registered: your ticket and certificate" in text(page)
    links_below = re.findall(rf'href="{address}([a-z-]+)/"', page.content.decode())
    assert {"pass-on", "cancel", "labs"} & {*links_below} == set()
    assert "edit" in links_below


PAGES = ["edit/", "labs/", "labs/1/", "pass-on/", "cancel/", "resend/", "new-link/", "new-calendar/"]


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_changes_nothing_and_leaves_no_trace(ada: Registration, client: Client, page: str) -> None:
    before = Registration.objects.values().get(), mails(ada.event)

    response = client.get(below(ada, page))

    assert (response.status_code, len(headings(response)), traces(response)) == (200, 1, PERSONAL)
    assert (Registration.objects.values().get(), mails(ada.event)) == before


class TestEdit:
    @time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False)  # a link tells when it was made
    def test_it_begins_with_what_was_said_and_keeps_what_is_changed(self, ada: Registration, client: Client) -> None:
        diet = make_question(ada.event, "Diet?")
        said = {"name": "Ada", "affiliation": "", "ticket_type": ada.ticket_type}
        booking.edit(ada, **said, answers={diet: "Nuts"})

        page = client.get(below(ada, "edit/")).content.decode()
        response = client.post(below(ada, "edit/"), {"name": "Ada L.", "affiliation": "ACME", f"q-{diet.key}": "None"})

        ada.refresh_from_db()
        assert ('value="Ada"' in page, 'value="Nuts"' in page) == (True, True)
        assert response["Location"] == below(ada)
        assert (ada.name, ada.affiliation, ada.answers.get().value) == ("Ada L.", "ACME", "None")
        assert "Diet? None" in text(client.get(below(ada)))

    def test_what_is_wrong_is_said_and_nothing_is_changed(self, ada: Registration, client: Client) -> None:
        question = make_question(ada.event, kind="number", is_required=True)

        response = client.post(below(ada, "edit/"), {"name": "Other", f"q-{question.key}": "x"})

        ada.refresh_from_db()
        assert (response.status_code, ada.name) == (422, "Ada")
        assert "This has to be a number" in text(response)

    def test_the_ticket_is_changed_if_it_has_a_free_seat(self, ada: Registration, client: Client) -> None:
        full = make_ticket_type(ada.event, 0, name="Full")
        free = make_ticket_type(ada.event, 1, name="Free")

        refused = client.post(below(ada, "edit/"), {"name": "Ada", "ticket_type": full.pk})
        taken = client.post(below(ada, "edit/"), {"name": "Ada", "ticket_type": free.pk})

        ada.refresh_from_db()
        assert (refused.status_code, taken.status_code, ada.ticket_type, ada.state) == (422, 302, free, "confirmed")
        assert "“Full” has no free seat." in text(refused)

    def test_after_a_mistake_ones_own_ticket_and_choices_can_still_be_kept(
        self, ada: Registration, client: Client
    ) -> None:
        other = make_ticket_type(ada.event, name="Student")
        TicketType.objects.filter(pk=ada.ticket_type_id).update(closes_at=NOON)
        tour = make_question(ada.event, kind="choice", choices=("Harbor", "Castle"))
        Choice.objects.update(limit=1, taken=1)
        Answer.objects.create(registration=ada, question=tour, value="Harbor")

        sent = {"name": "", "ticket_type": other.pk, f"q-{tour.key}": "Castle"}
        page = client.post(below(ada, "edit/"), sent).content.decode()

        assert re.search(r'value="Castle"[^>]*checked', page)
        closed = re.findall(r'<input[^>]*value="(\w+)"[^>]* disabled', page)
        assert closed == []

    def test_an_access_code_opens_more_tickets(self, ada: Registration, client: Client) -> None:
        insiders = make_ticket_type(ada.event, 1, name="Insiders", access_code="Sesame")
        wanted = {"name": "Ada L.", "ticket_type": insiders.pk}

        asked = client.get(below(ada, "edit/"))
        shown = client.post(below(ada, "edit/"), {"name": "", "access_code": "sesame", "show": "1"})
        wrong = client.post(below(ada, "edit/"), wanted | {"access_code": "x"})
        ada.refresh_from_db()
        before = ada.name
        client.post(below(ada, "edit/"), wanted | {"access_code": " SESAME"})

        ada.refresh_from_db()
        assert ['name="access_code"' in asked.text, "Insiders" in asked.text] == [True, False]
        assert (shown.status_code, field_errors(shown), "Insiders" in shown.text) == (200, {}, True)
        assert field_errors(wrong)["access_code"] == "This code opens no ticket."
        assert (before, ada.name, ada.ticket_type) == ("Ada", "Ada L.", insiders)

    def test_a_file_stays_until_another_comes(self, ada: Registration, client: Client) -> None:
        card = make_question(ada.event, kind="file", is_required=True)
        first, second = (SimpleUploadedFile(f"{n}.pdf", b"%PDF-1.4 " + n.encode()) for n in ("one", "two"))

        for sent in ({f"q-{card.key}": first}, {}, {"name": "Ada L."}):
            client.post(below(ada, "edit/"), {"name": "Ada"} | sent)
        kept = ada.answers.get()
        client.post(below(ada, "edit/"), {"name": "Ada", f"q-{card.key}": second})

        assert (kept.filename, ada.answers.get().filename) == ("one.pdf", "two.pdf")


class TestFiles:
    @pytest.fixture
    def address(self, ada: Registration) -> str:
        card = make_question(ada.event, kind="file")
        file = SimpleUploadedFile("my card.pdf", b"%PDF-1.4 hello")
        said = {"name": "Ada", "affiliation": "", "ticket_type": ada.ticket_type}
        booking.edit(ada, **said, answers={card: file})
        return f"answers/{ada.answers.get().pk}/"

    def test_the_owner_gets_it_as_a_download(self, ada: Registration, address: str, client: Client) -> None:
        response = client.get(below(ada, address))

        assert b"".join(response.streaming_content) == b"%PDF-1.4 hello"
        assert response["Content-Disposition"] == 'attachment; filename="my card.pdf"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert traces(response) == PERSONAL

    def test_nobody_else_does(self, ada: Registration, address: str, client: Client) -> None:
        bea = book(ada.event, "bea")

        assert client.get(below(bea, address)).status_code == 404


class TestLabs:
    def test_seats_are_chosen_shown_and_given_back(self, ada: Registration, client: Client) -> None:
        lab = make_lab(ada.event, ada.event.sessions.get(title="Part 2"), 1)

        client.post(below(ada, "labs/"), {"lab_seats": lab.pk})
        chosen = text(client.get(below(ada)))
        client.post(below(ada, "labs/"), {})

        assert "Part 2 March 22, 2026, 09:45–10:30; a seat is yours" in chosen
        assert not ada.lab_seats.exists()

    def test_who_waits_for_the_event_is_told_that_a_seat_there_comes_first(
        self, ada: Registration, client: Client
    ) -> None:
        lab = make_lab(ada.event, ada.event.sessions.get(title="Part 2"), 1)
        ada.event.registrations.update(state="waitlisted", place=1)

        labs.choose(ada, [lab.pk])

        assert "on its waitlist; you need a seat at the event first" in text(client.get(below(ada)))

    def test_who_cannot_have_a_seat_is_offered_none_in_labs(self, ada: Registration, client: Client) -> None:
        lab = make_lab(ada.event, ada.event.sessions.get(title="Part 2"), 1)
        ada.event.ticket_types.update(mode="interest", name="Interest")

        own, shown = text(client.get(below(ada))), text(client.get(below(ada, "labs/")))
        sent = client.post(below(ada, "labs/"), {"lab_seats": lab.pk})

        assert "Lab seats" not in own
        assert "Lab seats go with a seat at the event, and “Interest” gives none." in shown
        assert (sent.status_code, ada.lab_seats.count()) == (422, 0)

    def test_ones_own_are_not_told_as_full(self, ada: Registration, client: Client) -> None:
        sessions = [ada.event.sessions.get(title=f"Part {number}") for number in (1, 2)]
        pks = [make_lab(ada.event, one, seats).pk for one, seats in zip(sessions, (1, 0), strict=True)]
        labs.choose(ada, pks)

        page = text(client.get(below(ada, "labs/")))

        assert [said in page for said in ("A seat is yours", "You are on its waitlist", "Full")] == [True, True, False]

    def test_the_place_in_line_is_shown(self, ada: Registration, client: Client) -> None:
        lab = make_lab(ada.event, ada.event.sessions.get(title="Part 2"), 0)

        for one in (book(ada.event, "bea"), ada):
            labs.choose(one, [lab.pk])

        assert "on its waitlist, 1 is ahead of you" in text(client.get(below(ada)))


class TestStars:
    def test_they_are_taken_over_from_the_browser_and_taken_out_one_by_one(
        self, ada: Registration, client: Client
    ) -> None:
        first, second = (str(ada.event.sessions.get(title=f"Part {n}").uuid) for n in (1, 2))

        for _ in range(2):
            client.post(below(ada, "stars/"), {"add": f"{first},{second},{uuid4()},<script>"})
        page = client.get(below(ada)).content.decode()
        client.post(below(ada, "stars/"), {"remove": first})

        assert [f'data-kept="{uuid}"' in page for uuid in (first, second)] == [True, True]
        assert second in {str(one.session) for one in ada.stars.all()}
        assert first not in {str(one.session) for one in ada.stars.all()}

    @pytest.mark.parametrize("sent", [{}, {"add": ""}, {"add": "x" * 100_000}, {"remove": "'; DROP"}])
    def test_nonsense_changes_nothing(self, ada: Registration, client: Client, sent: dict[str, str]) -> None:
        response = client.post(below(ada, "stars/"), sent)

        assert (response.status_code, ada.stars.count()) == (302, 0)


class TestTheCalendar:
    def test_it_has_the_program_until_something_is_chosen(self, ada: Registration, client: Client) -> None:
        address = links.calendar_path(ada)
        before = client.get(address)
        client.post(below(ada, "stars/"), {"add": str(ada.event.sessions.get(title="Part 3").uuid)})

        assert titles(before) == ["Part 1", "Coffee break", "Part 2", "Part 3"]
        assert titles(client.get(address)) == ["Part 3"]
        kept = PERSONAL | {"Cache-Control": "private, no-cache"}
        assert (before["Content-Type"].split(";")[0], traces(before)) == ("text/calendar", kept)
        assert b"TRANSP:OPAQUE" in before.content
        assert address.encode() not in before.content

    @pytest.mark.parametrize("choose", ["star", "take a lab seat", "choose nothing"])
    def test_what_one_had_and_is_gone_is_struck(self, ada: Registration, client: Client, choose: str) -> None:
        part = ada.event.sessions.get(title="Part 3")
        if choose == "star":
            client.post(below(ada, "stars/"), {"add": str(part.uuid)})
        if choose == "take a lab seat":
            labs.choose(ada, [make_lab(ada.event, part).pk])

        part.delete()
        release_program(ada.event, "final")

        assert states(client.get(links.calendar_path(ada)))["Part 3"] == "CANCELLED"

    def test_a_lab_that_is_off_is_struck_and_one_that_is_back_is_not_ones_own(
        self, ada: Registration, client: Client
    ) -> None:
        first, part = (ada.event.sessions.get(title=f"Part {n}") for n in (1, 3))
        client.post(below(ada, "stars/"), {"add": str(first.uuid)})
        labs.choose(ada, [make_lab(ada.event, part).pk])
        shown = []

        for status in ("cancelled", "planned"):
            ada.event.sessions.filter(pk=part.pk).update(status=status)
            release_program(ada.event, "final")
            shown.append(states(client.get(links.calendar_path(ada))))

        assert shown == [{"Part 1": "CONFIRMED", "Part 3": "CANCELLED"}, {"Part 1": "CONFIRMED"}]

    @pytest.mark.parametrize("is_released", [False, True])
    def test_before_there_are_clock_times_it_has_the_days_or_says_so(self, client: Client, is_released: bool) -> None:
        event = make_event(title="Tutorial")
        make_ticket_type(event)
        address = links.calendar_path(book(event))
        if is_released:
            make_release(event)
        refused = client.get(address)

        Event.objects.filter(pk=event.pk).update(starts_on=MORNING.date())
        found = client.get(address)

        assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")
        assert refused.json()["detail"] == "Nothing in your calendar has a day or a time yet."
        assert states(found) == {"Tutorial": "TENTATIVE"}

    def test_unchanged_it_is_not_sent_again(self, ada: Registration, client: Client) -> None:
        address = links.calendar_path(ada)
        first = client.get(address)

        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        client.post(below(ada, "stars/"), {"add": str(ada.event.sessions.get(title="Part 3").uuid)})
        changed = client.get(address, headers={"If-None-Match": first["ETag"]})

        assert (again.status_code, again.content, traces(again)) == (304, b"", traces(first))
        assert (changed.status_code, titles(changed)) == (200, ["Part 3"])

    def test_a_new_address_ends_the_old_one_and_nothing_else(self, ada: Registration, client: Client) -> None:
        old, manage = links.calendar_path(ada), below(ada)

        client.post(below(ada, "new-calendar/"))

        ada.refresh_from_db()
        statuses = [client.get(one).status_code for one in (old, links.calendar_path(ada), manage)]
        assert statuses == [404, 200, 200]

    def test_its_address_opens_nothing_else(self, ada: Registration, client: Client) -> None:
        token = links.calendar_path(ada).split("/")[3]

        assert client.get(f"/tutorial/my/{token}/").status_code == 404


class TestLinks:
    @pytest.mark.usefixtures("still_clock")
    def test_a_new_one_ends_all_old_ones_and_is_mailed(self, ada: Registration, client: Client) -> None:
        old, calendar = below(ada), links.calendar_path(ada)

        response = client.post(old + "new-link/")

        assert response["Location"] == below(ada) != old
        assert [client.get(one).status_code for one in (old, calendar, below(ada))] == [404, 404, 200]
        assert tickets_mailed(ada) == [tickets.code_of(ada)]

    def test_the_ticket_is_mailed_again_once_an_hour(self, ada: Registration, client: Client) -> None:
        asked = client.get(below(ada, "resend/"))
        told = [client.post(below(ada, "resend/"), follow=True) for _ in range(3)][-1]

        said = "We mail your ticket as PDF, and the link to this page, to ada@example.org, once an hour at most."
        assert said in text(asked)
        assert "Your ticket is on the way to ada@example.org. One is mailed an hour at most." in text(told)
        assert tickets_mailed(ada) == [tickets.code_of(ada)]

    @pytest.mark.parametrize("page", ["resend/", "new-link/"])
    def test_who_holds_no_ticket_is_mailed_the_link(self, ada: Registration, client: Client, page: str) -> None:
        ada.ticket_type.mode = "interest"
        ada.ticket_type.save()

        asked, told = client.get(below(ada, page)), client.post(below(ada, page), follow=True)

        assert ["your ticket" in text(one) for one in (asked, told)] == [False, False]
        assert mails(ada.event) == [("link", "ada@example.org")]

    @pytest.mark.usefixtures("still_clock")
    def test_who_asks_for_it_learns_nothing(self, ada: Registration, client: Client) -> None:
        people = ["ada@example.org", "ADA@example.org", "nobody@example.org"]

        answers = [client.post("/tutorial/link/", {"email": one}) for one in people]

        assert len({(one.status_code, one["Location"], one.content) for one in answers}) == 1

    def test_an_offer_is_shown_with_both_ways_out(self, event: Event, ada: Registration, client: Client) -> None:
        Registration.objects.update(state="pending", hold_until=MORNING)

        page = client.get(below(ada))

        assert "A seat is free for you. It is held until March 22, 2026 at 08:30 EDT" in text(page)
        assert path(links.confirm_url(ada)).split("~")[0] in page.content.decode()
        assert below(ada, "cancel/").split("~")[0] in page.content.decode()

    def test_declining_an_offer_says_what_becomes_of_it(self, event: Event, ada: Registration, client: Client) -> None:
        Registration.objects.update(state="pending", hold_until=MORNING)

        page = client.get(below(ada, "cancel/"))

        assert "The seat offered to Ada goes to the next in line, and the registration ends." in text(page)
