"""Lists of people from tables: what an organizer gives back."""

import io
from random import Random
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from portal.models import Event
from registration import intake
from registration.intake import IntakeError, take_in
from registration.models import Answer, Question, Registration
from registration.tables import csv_lines, xlsx_file
from tests.factories import (
    make_event,
    make_lab,
    make_lab_seat,
    make_organizer,
    make_question,
    make_registration,
    make_ticket_type,
)
from tests.pages import Page
from tests.registration.test_tables import ask

pytestmark = pytest.mark.django_db
UNUSUAL = (
    b"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetFormatPr a='1'/></worksheet>"
)


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, 3, name="On site")
    return event


@pytest.fixture
def browser(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def zipped(parts: dict[str, bytes], **marks: int) -> bytes:
    """`marks` are told of each part in the list of them alone."""
    file = io.BytesIO()
    with ZipFile(file, "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
            told = packed.getinfo(name)
            for mark, value in marks.items():
                setattr(told, mark, value)
    return file.getvalue()


class TestIn:
    def test_each_line_is_registered_as_on_the_page(self, event: Event) -> None:
        ask(event, "Diet", "many", "Vegan", "Halal")
        data = table(
            "Name,E-Mail,Diet".replace("E-Mail", "email"),
            "Ada,ada@example.org,Vegan; Halal",
            "Grace,grace@example.org,",
        )

        report = take_in(event, data, is_dry=False, confirms=False)

        ada = event.registrations.get(name="Ada")
        assert (report.registered, report.errors, report.is_done) == (2, [], True)
        assert (ada.state, ada.answers.get().value) == ("pending", ["Vegan", "Halal"])
        assert ada.consents.get().source == "import"
        assert sorted(event.mails.values_list("kind", "address")) == [
            ("confirm", "ada@example.org"),
            ("confirm", "grace@example.org"),
        ]

    def test_known_addresses_can_be_confirmed_at_once(self, event: Event) -> None:
        take_in(event, table("name,email", "Ada,ada@example.org"), is_dry=False, confirms=True)

        assert event.registrations.get().state == "confirmed"
        assert [one.kind for one in event.mails.all()] == ["confirmed"]

    def test_the_seats_are_locked_when_all_lines_are_validated_and_then_not_for_long(self, event: Event) -> None:
        ask(event, "Diet", "choice", "Vegan", is_required=True)
        said = {}

        for count in (5, 25):
            lines = [f"P{n},p{count}-{n}@example.org,Vegan" for n in range(count)]
            with CaptureQueriesContext(connection) as queries:
                take_in(event, table("name,email,diet", *lines), is_dry=False, confirms=True)
            said[count] = [one["sql"] for one in queries]

        first = next(n for n, sql in enumerate(said[25]) if '"registration_admission"."id"' in sql)
        assert [sql for sql in said[25][first:] if 'FROM "registration_question"' in sql] == []
        assert len(said[25]) - len(said[5]) == 20 * (5 if connection.vendor == "postgresql" else 9)

    def test_a_list_is_taken_in_after_registration_has_closed(self, event: Event) -> None:
        event.ticket_types.update(closes_at=timezone.now())

        take_in(event, table("name,email", "Ada,ada@example.org"), is_dry=False, confirms=True)

        assert event.registrations.get().state == "confirmed"

    def test_a_dry_run_tells_and_does_nothing(self, event: Event) -> None:
        lines = [f"P{n},p{n}@example.org" for n in range(5)]

        report = take_in(event, table("name,email", *lines), is_dry=True, confirms=False)

        assert (report.registered, report.waitlisted, report.is_done) == (5, 2, False)
        assert (event.registrations.count(), event.mails.count(), event.ticket_types.get().taken) == (0, 0, 0)

    def test_one_wrong_line_stops_all_and_each_is_told(self, event: Event) -> None:
        ask(event, "Diet", "choice", "Vegan", is_required=True)
        data = table(
            "name,email,diet,ticket type",
            "Ada,ada@example.org,Vegan,",
            ",x,Vegan,",
            "Bob,bob@example.org,Fish,",
            "Cy,cy@example.org,Vegan,VIP",
        )

        report = take_in(event, data, is_dry=False, confirms=False)

        assert report.errors == [
            "Line 3, column A (name): Write your name.",
            "Line 3, column B (email): The part from @ on is missing, as in name@example.org.",
            "Line 4, column C (diet): This isn't one of the choices.",
            "Line 5, column D (ticket type): There is no ticket “VIP”.",
        ]
        assert event.registrations.count() == 0

    def test_who_is_registered_already_stays_and_gets_no_mail(self, event: Event) -> None:
        make_registration(event, "ada@example.org", name="Ada")

        report = take_in(event, table("name,email", "Other,ADA@example.org"), is_dry=False, confirms=False)

        assert report.known == ["Line 2: ADA@example.org is registered already and stays as it is."]
        assert [one.name for one in event.registrations.all()] == ["Ada"]
        assert event.mails.count() == 0

    def test_an_address_may_be_called_as_on_our_pages(self, event: Event) -> None:
        report = take_in(event, table("Name,E-mail", "Ada,ada@example.org"), is_dry=False, confirms=False)

        assert (report.registered, event.registrations.get().email) == (1, "ada@example.org")

    def test_who_was_forgotten_at_another_event_is_not_registered(self, event: Event) -> None:
        lines = "(erased),erased-7@erased.invalid", "Bob,bob@example.org"
        report = take_in(event, table("name,email", *lines), is_dry=False, confirms=False)

        assert [one.name for one in event.registrations.all()] == ["Bob"]
        assert report.known == ["Line 2: erased where the list is from, so nobody is registered."]

    def test_and_keeps_nobody_else_out_by_what_is_asked_since(self, event: Event) -> None:
        make_registration(event, "ada@example.org")
        make_question(event, "Shirt", key="shirt", is_required=True)

        data = table("name,email,shirt", "Ada,ada@example.org,", "Bob,bob@example.org,M")
        report = take_in(event, data, is_dry=False, confirms=False)

        assert (report.registered, report.errors) == (1, [])
        assert report.known == ["Line 2: ada@example.org is registered already and stays as it is."]

    @pytest.mark.parametrize("state", ["cancelled", "declined"])
    def test_whose_registration_had_ended_is_not_brought_back_by_our_own_table(self, event: Event, state: str) -> None:
        make_registration(event, "ada@example.org", name="Ada", state=state)
        written = "".join(csv_lines(Registration.objects.all())).encode()

        report = take_in(event, written, is_dry=False, confirms=True)

        assert report.known == [f"Line 2: {state} by the list itself, so nobody is registered."]
        assert event.registrations.get().state == state
        assert event.mails.count() == 0

    @pytest.mark.parametrize("state", ["Cancelled", "DECLINED "])
    def test_however_its_state_was_written_by_hand(self, event: Event, state: str) -> None:
        report = take_in(event, table("name,email,state", f"Ada,ada@example.org,{state}"), is_dry=False, confirms=True)

        assert report.known == [f"Line 2: {state.strip().lower()} by the list itself, so nobody is registered."]
        assert not event.registrations.exists()

    def test_our_own_table_comes_back(self, event: Event) -> None:
        ask(event, "Diet", "choice", "Vegan")
        ada = make_registration(event, name="=Ada", affiliation="X, Y")
        Answer.objects.create(registration=ada, question=Question.objects.get(), value="Vegan")
        make_lab_seat(ada, make_lab(event, "6f1c5d8e-3a52-4c43-9b9e-000000000001"))
        elsewhere = make_event()
        make_ticket_type(elsewhere, name="On site")
        ask(elsewhere, "Diet", "choice", "Vegan")
        rows = event.registrations.all()

        for data in ("".join(csv_lines(rows)).encode(), xlsx_file(rows).read()):
            report = take_in(elsewhere, data, is_dry=True, confirms=False)
            assert (report.registered, report.errors) == (1, [])
        take_in(elsewhere, xlsx_file(rows).read(), is_dry=False, confirms=False)

        made = elsewhere.registrations.get()
        assert (made.name, made.affiliation, made.answers.get().value) == ("=Ada", "X, Y", "Vegan")

    def test_semicolons_part_the_columns_of_other_countries(self, event: Event) -> None:
        report = take_in(event, table("name;email", "Ada;ada@example.org"), is_dry=True, confirms=False)

        assert (report.registered, report.errors) == (1, [])

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            (b"", "The file is empty."),
            (b"name\nAda", "There is no column “email”. The first line has to name the columns."),
            (b"name,email,shoes\n", "Unknown column “shoes”. Known: affiliation, email, name, ticket type."),
            (b"name,email\n\xff", "The file isn't UTF-8 text: see byte 12. Save it as “CSV UTF-8”."),
            (b"PK\x03\x04 no", "This isn't a readable XLSX file."),
            (b"x" * 5_000_001, "The file is larger than 5 MB."),
            (b"name,email\n" + b"a,b\n" * 2001, "The file has more than 2000 lines. Split it."),
            (b'name,email\n"' + b"x" * 200_000, "The file isn't CSV: field larger than field limit (131072)."),
        ],
    )
    def test_a_file_that_can_not_be_read_says_why(self, event: Event, data: bytes, said: str) -> None:
        with pytest.raises(IntakeError) as refusal:
            take_in(event, data, is_dry=False, confirms=False)

        assert str(refusal.value) == said

    def test_a_file_that_unpacks_to_too_much_is_refused(self, event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(intake, "MOST_UNPACKED", 0)
        file = io.BytesIO()
        Workbook().save(file)

        with pytest.raises(IntakeError, match="when it is unpacked"):
            take_in(event, file.getvalue(), is_dry=True, confirms=False)


class TestADamagedWorkbook:
    @pytest.fixture
    def parts(self) -> dict[str, bytes]:
        book = Workbook()
        for row in (["name", "email"], ["Ada", "ada@example.org"]):
            book.active.append(row)
        file = io.BytesIO()
        book.save(file)
        with ZipFile(file) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    @pytest.mark.parametrize(
        "change",
        [
            {"xl/worksheets/sheet1.xml": b"<worksheet"},
            {"xl/worksheets/sheet1.xml": UNUSUAL},
            {"xl/workbook.xml": b""},
            {"docProps/core.xml": b"<a:b/>"},
            {"xl/_rels/workbook.xml.rels": b"\xff"},
        ],
    )
    def test_is_said_not_to_be_readable(self, event: Event, parts: dict[str, bytes], change: dict[str, bytes]) -> None:
        with pytest.raises(IntakeError, match=r"^This isn't a readable XLSX file\.$"):
            take_in(event, zipped(parts | change), is_dry=False, confirms=False)

    @pytest.mark.parametrize("mark", [{"flag_bits": 1}, {"compress_type": 97}])
    def test_so_is_one_with_a_password_or_packed_unusually(
        self, event: Event, parts: dict[str, bytes], mark: dict[str, int]
    ) -> None:
        with pytest.raises(IntakeError, match=r"^This isn't a readable XLSX file\.$"):
            take_in(event, zipped(parts, **mark), is_dry=False, confirms=False)

    def test_wherever_a_byte_is_wrong_or_missing(self, event: Event, parts: dict[str, bytes]) -> None:
        chance, said = Random(1), set()
        for name in parts:
            for _ in range(20):
                place = chance.randrange(len(parts[name]))
                rest = parts[name][place + chance.randrange(2) :] if chance.randrange(3) else b""
                other = parts[name][:place] + bytes([chance.randrange(256)]) + rest
                try:
                    take_in(event, zipped(parts | {name: other}), is_dry=True, confirms=False)
                except IntakeError as error:
                    said.add(str(error))

        assert "This isn't a readable XLSX file." in said


class TestThePage:
    def post(self, browser: Client, event: Event, data: bytes, **values: str) -> Any:
        file = io.BytesIO(data)
        file.name = "people.csv"
        return browser.post(reverse("admin:event-take-in", args=[event.pk]), {"file": file} | values)

    def test_it_checks_first_and_registers_then(self, event: Event, browser: Client) -> None:
        data = table("name,email", "Ada,ada@example.org")

        checked = self.post(browser, event, data, check="1")
        before = event.registrations.count()
        done = self.post(browser, event, data, **{"import": "1", "confirms": "on"})

        assert "All is well: 1 would be registered" in Page(checked).words()
        assert (before, event.registrations.get().state) == (0, "confirmed")
        assert "1 registered" in Page(done).words()

    def test_what_is_wrong_is_said(self, event: Event, browser: Client) -> None:
        faulty = self.post(browser, event, table("name,email", ",x"))
        unreadable = self.post(browser, event, b"\xff")
        missing = browser.post(reverse("admin:event-take-in", args=[event.pk]), {})

        assert [one.status_code for one in (faulty, unreadable, missing)] == [422] * 3
        assert "Nothing was taken in: 2 mistakes to mend" in Page(faulty).words()
