"""Tickets and certificates, as pages and as PDFs whose codes are read back."""

import io
from datetime import date, timedelta
from math import log2

import pypdf
import pytest
import time_machine
import zxingcpp
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw

from portal.models import Event
from registration import certificates, checkin, links, tickets
from registration.certificates import CertificateError
from registration.checkin import Desk
from registration.models import Certificate, Registration
from registration.models.attendance import LETTERS
from tests.factories import (
    NOON,
    make_block,
    make_event,
    make_registration,
    make_release,
    make_session,
    make_ticket_type,
)
from tests.pages import Page
from tests.registration.letterbox import letter_of

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
DAY = date(2026, 1, 15)
LATER = NOON + timedelta(days=3)
NAMES = ["Ada Lovelace", "Ελένη Παπαδοπούλου", "Анна Каренина", "山田太郎", "김철수", "محمد بن سلمان", "क्षत्रिय शर्मा"]


@pytest.fixture
def event() -> Event:
    """Two sessions with a break between them, 12:00 to 14:00 UTC."""
    event = make_event(slug="tutorial", title="Large models", starts_on=DAY, timezone="UTC", venue="Hall")
    make_ticket_type(event, None)
    block = make_block(event, start=NOON)
    make_session(block, "Part 1")
    make_session(block, "Coffee", kind="break", duration=30)
    make_session(block, "Part 2")
    make_release(event)
    return event


@pytest.fixture
def ada(event: Event) -> Registration:
    return make_registration(event, name="Ada", affiliation="Analytical Engines")


def personal(name: str, registration: Registration) -> str:
    return reverse(f"registration:{name}", args=[registration.event.slug, links.token_of(registration, links.MANAGE)])


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def codes_in(pdf: bytes) -> list[str]:
    """What a camera reads from each page: its dark rectangles are drawn as they stand in the file."""
    return [
        found.text for page in pypdf.PdfReader(io.BytesIO(pdf)).pages for found in zxingcpp.read_barcodes(drawn(page))
    ]


def drawn(page: pypdf.PageObject, scale: int = 4) -> Image.Image:
    width, height = int(page.mediabox.width * scale), int(page.mediabox.height * scale)
    image = Image.new("L", (width, height), 255)
    brush, fill = ImageDraw.Draw(image), 0
    for line in page.get_contents().get_data().decode("latin-1").splitlines():
        *numbers, operator = line.split() or [""]
        if operator == "g":
            fill = int(float(numbers[-1]) * 255)
        elif line.rstrip().endswith("re f"):
            x, y, w, h = (float(one) * scale for one in line.split()[:4])
            top, bottom = sorted((height - y, height - y - h))
            brush.rectangle((x, top, x + w, bottom), fill=fill)
    return image


def let_in(registration: Registration, session: str | None = None, at=NOON) -> None:
    uuid = registration.event.sessions.get(title=session).uuid if session else None
    with time_machine.travel(at, tick=False):
        checkin.check_in(registration, Desk("Desk"), session=uuid)


def make_days(event: Event, count: int) -> None:
    """The same on the days that follow."""
    for number in range(1, count):
        block = make_block(event, start=NOON + timedelta(days=number))
        for part in (1, 2):
            make_session(block, f"Part {part} of day {number + 1}")
    Event.objects.filter(pk=event.pk).update(ends_on=DAY + timedelta(days=count - 1))
    event.refresh_from_db()
    make_release(event)


class TestTickets:
    def test_the_code_of_the_pdf_lets_its_holder_in(self, event: Event, ada: Registration) -> None:
        response = Client().get(personal("ticket_pdf", ada))

        assert response["Content-Type"] == "application/pdf"
        assert response["Cache-Control"] == "no-store"
        assert codes_in(response.content) == [tickets.code_of(ada)]
        assert tickets.registration_of(codes_in(response.content)[0], event.registrations.all()) == ada

    def test_the_code_says_nothing_of_the_person(self, ada: Registration) -> None:
        code = tickets.code_of(ada)

        assert code.startswith(f"{ada.pk}-")
        assert {part for part in ("ADA", "ANALYTICAL", "EXAMPLE") if part in code} == set()

    @pytest.mark.parametrize("name", NAMES)
    def test_a_name_of_any_script_is_printed(self, event: Event, name: str) -> None:
        person = make_registration(event, name=name, affiliation=name)

        shown = text_of(tickets.paper(person))

        assert set("".join(name.split())) - set(shown) == set() or any("\u0900" <= one <= "\u097f" for one in name)

    def test_a_very_long_name_stays_on_the_paper(self, event: Event) -> None:
        person = make_registration(event, name="Donaudampfschifffahrt" * 9, affiliation="word " * 40)

        reader = pypdf.PdfReader(io.BytesIO(tickets.paper(person)))

        assert len(reader.pages) == 1
        assert codes_in(tickets.paper(person)) == [tickets.code_of(person)]

    def test_the_page_shows_the_code(self, ada: Registration) -> None:
        page = Page(Client().get(personal("ticket", ada)))

        assert [one["src"] for one in page.all("img")] == [tickets.drawing(tickets.code_of(ada))]
        assert page.words("ticket-text").startswith("Large models Ada")

    @pytest.mark.parametrize("state", ["pending", "cancelled"])
    def test_without_a_confirmed_seat_there_is_none(self, event: Event, state: str) -> None:
        person = make_registration(event, state=state)

        statuses = [Client().get(personal(name, person)).status_code for name in ("ticket", "ticket_pdf")]

        assert statuses == [404, 404]

    def test_interest_alone_has_none_and_no_mail_says_otherwise(self, event: Event) -> None:
        event.ticket_types.update(mode="interest", name="Interest")
        person = make_registration(event)

        letter, page = letter_of("confirmed", person), Client().get(personal("ticket", person))

        assert "Your registration is confirmed (Interest); no seat is kept for you." in " ".join(letter.text.split())
        assert [one.filename for one in letter.attachments if one.media_type == "application/pdf"] == []
        assert page.status_code == 404

    def test_it_says_the_times_of_the_released_program(self, ada: Registration) -> None:
        assert "Attendee · Thursday, January 15, 2026, 12:00–14:00 UTC · Hall" in text_of(tickets.paper(ada))

    def test_it_comes_with_the_mail_that_confirms(self, ada: Registration) -> None:
        attached = letter_of("confirmed", ada).attachments[-1]

        assert (attached.filename, attached.media_type) == ("tutorial-ticket.pdf", "application/pdf")
        assert codes_in(attached.content) == [tickets.code_of(ada)]


class TestCertificates:
    def test_the_door_certifies_the_sessions_of_that_day(self, event: Event, ada: Registration) -> None:
        let_in(ada)

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert (made.name, made.affiliation, made.minutes) == ("Ada", "Analytical Engines", 90)
        assert made.words == {
            "title": "Large models",
            "host": "",
            "when": "Thursday, January 15, 2026",
            "where": "Hall",
            "sessions": [],
        }

    def test_without_the_door_sessions_certify_themselves(self, event: Event, ada: Registration) -> None:
        let_in(ada, "Part 2")

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert (made.minutes, made.words["sessions"]) == (45, ["Part 2"])

    def test_a_session_takes_nothing_from_the_door(self, event: Event, ada: Registration) -> None:
        let_in(ada)
        let_in(ada, "Part 2")

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert (made.minutes, made.words["sessions"]) == (90, ["Part 2"])

    @pytest.mark.parametrize(
        ("days", "minutes", "when"),
        [
            ([0, 1, 2], 270, "January 15 – 17, 2026"),
            ([0, 2], 180, "Thursday, January 15, 2026; Saturday, January 17, 2026"),
            ([2], 90, "Saturday, January 17, 2026"),
        ],
    )
    def test_the_days_somebody_came_on_are_certified(
        self, event: Event, ada: Registration, days: list[int], minutes: int, when: str
    ) -> None:
        make_days(event, 3)
        for number in days:
            let_in(ada, at=NOON + timedelta(days=number))

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert (made.minutes, made.words["when"]) == (minutes, when)

    def test_a_session_of_a_day_without_the_door_is_certified_beside_it(self, event: Event, ada: Registration) -> None:
        make_days(event, 3)
        let_in(ada)
        let_in(ada, "Part 2 of day 3", at=NOON + timedelta(days=2))

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert (made.minutes, made.words["sessions"]) == (135, ["Part 2 of day 3"])
        assert made.words["when"] == "Thursday, January 15, 2026; Saturday, January 17, 2026"

    def test_what_runs_at_the_same_time_counts_once(self, event: Event, ada: Registration) -> None:
        beside = make_block(event, start=NOON + timedelta(minutes=15))
        make_session(beside, "Beside")
        make_release(event)
        for title in ("Part 1", "Beside"):
            let_in(ada, title)

        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert made.minutes == 60

    def test_it_is_made_once(self, ada: Registration) -> None:
        let_in(ada)

        with time_machine.travel(LATER, tick=False):
            codes = {certificates.issue(ada).code for _ in range(2)}

        assert len(codes) == Certificate.objects.count() == 1

    def test_its_code_can_not_be_guessed(self, ada: Registration) -> None:
        let_in(ada)
        with time_machine.travel(LATER, tick=False):
            code = certificates.issue(ada).code

        letters = code.replace("-", "")
        assert set(letters) <= set(LETTERS)
        assert len(letters) * log2(len(set(LETTERS))) >= 112

    @pytest.mark.parametrize(
        ("is_in", "now", "reason"),
        [
            (False, LATER, "Certificates are for those who were checked in at the door or in a session."),
            (True, NOON + timedelta(hours=1), "The certificate can be had when the event is over."),
        ],
    )
    def test_it_says_why_there_is_none(self, ada: Registration, is_in: bool, now, reason: str) -> None:
        if is_in:
            let_in(ada)

        with time_machine.travel(now, tick=False), pytest.raises(CertificateError) as refusal:
            certificates.issue(ada)

        assert str(refusal.value) == reason

    def test_an_undone_check_in_certifies_nothing(self, event: Event, ada: Registration) -> None:
        let_in(ada)
        checkin.undo(event, ada.check_ins.get().pk)

        with time_machine.travel(LATER, tick=False):
            response = Client().post(personal("own_certificate", ada))

        assert response.status_code == 422
        assert Certificate.objects.count() == 0

    def test_after_it_was_revoked_there_is_another_only_if_organizers_allow_it(self, ada: Registration) -> None:
        let_in(ada)
        with time_machine.travel(LATER, tick=False):
            revoked = certificates.issue(ada)
            certificates.revoke(revoked)
            page = Client().get(personal("ticket", ada))
            refused = Client().post(personal("own_certificate", ada))
            certificates.allow_another(ada)
            allowed = Client().post(personal("own_certificate", ada))

        assert (certificates.REVOKED in page.text, "Make my certificate" in page.text) == (True, False)
        assert (refused.status_code, certificates.REVOKED in refused.text, allowed.status_code) == (422, True, 302)
        assert [one.revoked_at is None for one in ada.certificates.order_by("pk")] == [False, True]

    def test_a_person_makes_it_by_a_button_and_not_by_opening_a_link(self, ada: Registration) -> None:
        let_in(ada)
        with time_machine.travel(LATER, tick=False):
            opened = Client().get(personal("own_certificate", ada))
            before = Certificate.objects.count()
            made = Client().post(personal("own_certificate", ada), follow=True)

        assert (opened.status_code, before) == (302, 0)
        assert made["Content-Type"] == "application/pdf"
        assert "Certificate of attendance" in text_of(made.content)
        assert "1 h 30 min of the program" in text_of(made.content)
        assert codes_in(made.content) == [certificates.address_of(Certificate.objects.get())]


class TestLookingUp:
    def look_up(self, event: Event, code: str) -> Page:
        return Page(Client().get(reverse("registration:certificate", args=[event.slug, code])))

    @pytest.fixture
    def certificate(self, ada: Registration) -> Certificate:
        let_in(ada)
        with time_machine.travel(LATER, tick=False):
            return certificates.issue(ada)

    def test_it_says_what_the_paper_says_and_no_more(self, event: Event, certificate: Certificate) -> None:
        page = self.look_up(event, certificate.code.lower())

        assert page.words("notice") == "Valid. This is what the paper has to say."
        assert page.words("pairs") == (
            "Name Ada Affiliation Analytical Engines Attended Large models Where Hall When Thursday, January 15, 2026 "
            f"How much 1 h 30 min of the program Issued January 18, 2026 Code {certificate.code}"
        )

    def test_it_names_the_sessions_that_are_certified(self, event: Event, ada: Registration) -> None:
        let_in(ada, "Part 2")
        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert "How much 45 min of the program Sessions Part 2 Issued" in self.look_up(event, made.code).words("pairs")

    def test_who_came_on_another_day_is_certified_no_minutes(self, event: Event, ada: Registration) -> None:
        let_in(ada, at=LATER)
        with time_machine.travel(LATER, tick=False):
            made = certificates.issue(ada)

        assert made.minutes == 0
        assert "of the program" not in text_of(certificates.paper(made))
        assert "How much" not in self.look_up(event, made.code).words("pairs")

    def test_the_shorter_code_of_an_older_paper_is_known(self, event: Event, certificate: Certificate) -> None:
        Certificate.objects.update(code="7F3K-9QXT-MNB4-2CDE")

        assert self.look_up(event, "7f3k-9qxt-mnb4-2cde").words("notice").startswith("Valid.")

    def test_later_changes_do_not_reach_it(self, event: Event, certificate: Certificate, ada: Registration) -> None:
        ada.name = "Somebody Else"
        ada.save()

        assert self.look_up(event, certificate.code).words("pairs").startswith("Name Ada Affiliation")

    def test_a_revoked_one_tells_nothing_else(self, event: Event, certificate: Certificate) -> None:
        certificates.revoke(certificate)

        page = self.look_up(event, certificate.code)

        assert page.words("notice").startswith("No longer valid.")
        assert "Ada" not in page.words()

    def test_the_code_of_another_event_is_unknown(self, certificate: Certificate) -> None:
        assert self.look_up(make_event(), certificate.code).words("notice").startswith("Unknown.")

    @pytest.mark.parametrize("code", ["x", "\0", "ABCD\0"])
    def test_what_is_no_code_is_unknown(self, event: Event, code: str) -> None:
        assert self.look_up(event, code).words("notice").startswith("Unknown.")

    def test_it_is_kept_by_nobody_on_the_way(self, event: Event, certificate: Certificate) -> None:
        response = Client().get(reverse("registration:certificate", args=[event.slug, certificate.code]))

        assert (response["Cache-Control"], response["X-Robots-Tag"]) == ("no-store", "noindex")
