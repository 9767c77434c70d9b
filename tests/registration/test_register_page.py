"""The page with several tickets, access codes, questions and labs."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.models import Event
from registration import booking, purging
from registration.models import Admission, Answer, Choice, Registration
from sessions_app.models import Session
from tests.factories import (
    make_block,
    make_event,
    make_lab,
    make_question,
    make_release,
    make_session,
    make_ticket_type,
)
from tests.filling import fields_of
from tests.registration.reading import ADA, field_errors, headings, text

pytestmark = pytest.mark.django_db
PAGE = "/tutorial/register/"


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial")


def ids(page: str) -> list[str]:
    return re.findall(r'name="ticket_type" value="(\d+)"', page)


def make_labs(event: Event) -> list[Session]:
    block = make_block(event, start=datetime(2026, 3, 22, 12, 30, tzinfo=UTC))
    sessions = [make_session(block, title, kind="lab") for title in ("Soldering", "Weaving")]
    for session in sessions:
        make_lab(event, session, 1)
    make_release(event)
    return sessions


@pytest.mark.sqlite
class TestTickets:
    def test_each_says_what_it_is_and_how_many_are_left(self, event: Event, client: Client) -> None:
        make_ticket_type(event, 60, name="On site", description="Seat and coffee")
        make_ticket_type(event, None, name="Interest", mode="interest")
        make_ticket_type(event, 0, name="Student")

        page = text(client.get(PAGE))

        assert "On site Seat and coffee 60 of 60 left" in page
        assert "Interest No limit" in page
        assert "Student Full: waitlist" in page

    def test_one_that_is_had_at_the_host_is_a_link_and_no_choice(self, event: Event, client: Client) -> None:
        make_ticket_type(event)
        make_ticket_type(event, None, name="Both", mode="host", host_url="https://example.org/both")

        page = client.get(PAGE).content.decode()

        assert '<a href="https://example.org/both">register at the host conference</a>' in page
        assert ids(page) == []

    def test_one_that_is_closed_is_shown_and_refused(self, event: Event, client: Client) -> None:
        make_ticket_type(event, name="On site")
        late = make_ticket_type(event, name="Late", opens_at=datetime(2099, 1, 1, tzinfo=UTC))

        shown, sent = client.get(PAGE), client.post(PAGE, ADA | {"ticket_type": late.pk})

        assert f'value="{late.pk}" disabled' in shown.content.decode()
        assert sent.status_code == 422
        assert "Registration opens on December 31, 2098 at 19:00 EST." in text(sent)
        assert not event.registrations.exists()


class TestAccessCodes:
    @pytest.fixture
    def hidden(self, event: Event) -> str:
        make_ticket_type(event, name="On site")
        return str(make_ticket_type(event, name="Insiders", access_code="Hello World").pk)

    def test_what_a_code_opens_is_nowhere_without_it(self, event: Event, hidden: str, client: Client) -> None:
        pages = [client.get(one).content.decode() for one in (PAGE, "/tutorial/", "/tutorial/seats.json")]

        assert [("Insiders" in page or "Hello" in page) for page in pages] == [False] * 3

    def test_the_code_shows_it_with_all_that_was_typed(self, event: Event, hidden: str, client: Client) -> None:
        response = client.post(PAGE, {"name": "Ada", "access_code": " hello WORLD ", "show": "1"})

        page = response.content.decode()
        assert (response.status_code, field_errors(response)) == (200, {})
        assert hidden in ids(page)
        assert 'value="Ada"' in page
        assert not event.registrations.exists()

    def test_with_the_code_it_can_be_had(self, event: Event, hidden: str, client: Client) -> None:
        client.post(PAGE, ADA | {"access_code": "hello world", "ticket_type": hidden})

        assert event.registrations.get().ticket_type.name == "Insiders"

    @pytest.mark.parametrize("code", ["", "hello", "Hello World2", "\0"])
    def test_without_it_not(self, event: Event, hidden: str, client: Client, code: str) -> None:
        client.post(PAGE, ADA | {"access_code": code, "ticket_type": hidden})

        assert not event.registrations.filter(ticket_type=hidden).exists()

    def test_a_wrong_code_is_said_so(self, event: Event, hidden: str, client: Client) -> None:
        response = client.post(PAGE, {"access_code": "sesame", "show": "1"})

        assert field_errors(response) == {"access_code": "This code opens no ticket."}

    @pytest.mark.parametrize("more", [{}, {"access_code": " "}, {"show": "1"}, {"ticket_type": "1"}])
    def test_where_every_ticket_is_behind_one_the_code_is_asked_for(
        self, event: Event, client: Client, more: dict[str, str]
    ) -> None:
        make_ticket_type(event, name="Insiders", access_code="Sesame")

        response = client.post(PAGE, ADA | more)

        assert (response.status_code, event.registrations.count()) == (422, 0)
        assert field_errors(response) == {"access_code": "Give the access code you were given."}

    def test_and_with_it_what_the_ticket_asks_is_asked(self, event: Event, client: Client) -> None:
        insiders = make_ticket_type(event, name="Insiders", access_code="Sesame")
        size = make_question(event, "Shirt size?", is_required=True)
        size.ticket_types.add(insiders)
        said = ADA | {"access_code": "sesame"}

        unanswered = client.post(PAGE, said)
        answered = client.post(PAGE, said | {f"q-{size.key}": "M"})

        assert "Shirt size?" in text(unanswered)
        assert (unanswered.status_code, answered.status_code) == (422, 302)
        assert event.registrations.get().answers.get().value == "M"

    def test_a_question_of_several_tickets_names_those_alone_that_are_to_be_had(
        self, event: Event, hidden: str, client: Client
    ) -> None:
        make_ticket_type(event, name="Online")
        size = make_question(event, "Shirt size?")
        size.ticket_types.set(event.ticket_types.exclude(name="Online"))

        plain, with_code = (client.post(PAGE, {"access_code": code, "show": "1"}) for code in ("", "hello world"))

        assert "Only with the ticket “On site”." in text(plain)
        assert f'"{event.ticket_types.get(name="On site").pk} "' in plain.text
        assert hidden not in re.findall(r'data-tickets="(.*?)"', plain.text)[0].split()
        assert "Only with the ticket “On site” or “Insiders”." in text(with_code)

    def test_what_depends_on_a_question_of_theirs_comes_with_it_alone(
        self, event: Event, hidden: str, client: Client
    ) -> None:
        above = make_question(event, "Are you bringing a dog?", kind="yes_no")
        above.ticket_types.set([hidden])
        make_question(event, "Which breed?", depends_on=above)

        plain, with_code = (client.post(PAGE, {"access_code": code, "show": "1"}) for code in ("", "hello world"))

        assert ("dog" in plain.text, "breed" in plain.text) == (False, False)
        assert ("dog" in with_code.text, "breed" in with_code.text) == (True, True)

    def test_when_answers_are_deleted_is_told_of_what_is_asked(self, hidden: str, event: Event, client: Client) -> None:
        Event.objects.update(starts_on=date(2026, 3, 22))
        for label, tickets in {"Shirt size?": [], "Shoe size?": [hidden]}.items():
            make_question(event, label, retention_days=3).ticket_types.set(tickets)

        plain, with_code = (client.post(PAGE, {"access_code": code, "show": "1"}) for code in ("", "hello world"))

        assert [f"Answers to “{one} size?” are deleted" in text(plain) for one in ("Shirt", "Shoe")] == [True, False]
        assert [f"Answers to “{one} size?” are deleted" in text(with_code) for one in ("Shirt", "Shoe")] == [True, True]


class TestQuestions:
    def test_answers_of_all_kinds_are_kept(self, event: Event, client: Client) -> None:
        make_ticket_type(event)
        keys = {
            kind: make_question(event, kind=kind, choices=("Tea", "Milk"), is_required=True).key
            for kind in ("text", "long", "choice", "many", "number", "yes_no", "file", "consent")
        }
        values = {
            "text": "a",
            "long": "b\r\nc",
            "choice": "Tea",
            "many": ["Tea", "Milk"],
            "number": "2",
            "yes_no": "no",
        }
        file = SimpleUploadedFile("../my cv.pdf", b"%PDF-1.4 hello")

        response = client.post(
            PAGE, ADA | {f"q-{keys[kind]}": value for kind, value in ({"consent": "on", "file": file} | values).items()}
        )

        answers = {one.question.kind: one for one in event.registrations.get().answers.select_related("question")}
        assert response.status_code == 302
        assert {kind: one.value for kind, one in answers.items()} == {
            **values,
            "long": "b\nc",
            "number": 2,
            "yes_no": False,
            "consent": True,
            "file": None,
        }
        assert (answers["file"].filename, answers["file"].file.read()) == ("my cv.pdf", b"%PDF-1.4 hello")

    def test_what_is_wrong_stands_at_its_question_and_the_rest_is_kept(self, event: Event, client: Client) -> None:
        make_ticket_type(event)
        number, drink = (
            make_question(event, kind="number"),
            make_question(event, kind="choice", choices=("Tea", "Milk")),
        )

        response = client.post(PAGE, ADA | {f"q-{number.key}": "many", f"q-{drink.key}": "Milk"})

        page = response.content.decode()
        assert response.status_code == 422
        assert "This has to be a number, such as 12 or 2.5." in page
        assert f'<a href="#id_q-{number.key}">' in page
        assert re.search(r'value="Milk"[^>]* checked', page)
        assert not event.registrations.exists()

    def test_a_choice_that_nobody_can_have_any_more_is_shown_so(self, event: Event, client: Client) -> None:
        make_ticket_type(event)
        drink = make_question(event, kind="choice", choices=("Tea", "Milk"))
        Choice.objects.filter(text="Tea").update(limit=0)

        shown, sent = client.get(PAGE), client.post(PAGE, ADA | {f"q-{drink.key}": "Tea"})

        assert re.search(r'value="Tea"[^>]* disabled', shown.content.decode())
        assert "“Tea” is no longer free. Choose something else." in text(sent)
        assert (sent.status_code, event.registrations.exists()) == (422, False)

    def test_a_question_of_another_ticket_is_not_asked_for(self, event: Event, client: Client) -> None:
        tickets = [make_ticket_type(event, name=name) for name in ("On site", "Student")]
        make_question(event, is_required=True).ticket_types.set([tickets[1]])

        answers = [client.post(PAGE, ADA | {"ticket_type": one.pk}).status_code for one in tickets]

        assert answers == [302, 422]

    def test_ten_thousand_fields_are_too_many(self, event: Event, client: Client) -> None:
        make_ticket_type(event)

        response = client.post(PAGE, ADA | {f"q-{number}": "x" for number in range(10_000)})

        assert (response.status_code, event.registrations.exists()) == (400, False)


class TestLabs:
    def test_a_lab_is_chosen_while_registering(self, event: Event, client: Client) -> None:
        make_ticket_type(event)
        soldering, _ = make_labs(event)
        lab = event.labs.get(session=soldering.uuid)

        page = text(client.get(PAGE))
        client.post(PAGE, ADA | {"lab_seats": lab.pk})

        assert "Soldering March 22, 2026, 08:30–09:15 1 of 1 left" in page
        assert list(event.registrations.get().lab_seats.values_list("lab", "state")) == [(lab.pk, "seat")]

    @pytest.mark.parametrize("wrong", ["0", "x", "-1", "9" * 40])
    def test_what_is_no_lab_is_refused(self, event: Event, client: Client, wrong: str) -> None:
        make_ticket_type(event)
        make_labs(event)

        response = client.post(PAGE, ADA | {"lab_seats": wrong})

        assert (response.status_code, event.registrations.exists()) == (422, False)


def test_where_addresses_are_believed_the_page_after_says_so(event: Event, client: Client) -> None:
    make_ticket_type(event)
    Admission.objects.update(confirms_at_once=True)

    response = client.post(PAGE, ADA, follow=True)

    assert headings(response) == ["Look at your mail"]
    assert "confirm your registration" not in text(response)
    assert event.registrations.get().state == Registration.State.CONFIRMED


def test_registering_through_the_page_takes_twelve_queries_at_most(event: Event, client: Client) -> None:
    make_ticket_type(event)

    assert queries_of(client, ADA) == (8 if connection.vendor == "postgresql" else 12)


@pytest.mark.parametrize("count", [2, 10])
def test_questions_take_a_few_more_however_many_there_are(event: Event, client: Client, count: int) -> None:
    """What is asked in three, the choices as they stand below the lock, their counts, the answers."""
    make_ticket_type(event)
    asked = [make_question(event, f"Question {number}", kind="choice", choices=("A", "B")) for number in range(count)]

    answered = ADA | {f"q-{one.key}": "A" for one in asked}
    assert queries_of(client, answered) == (15 if connection.vendor == "postgresql" else 18)
    assert Answer.objects.count() == count


def queries_of(client: Client, form: dict[str, str]) -> int:
    filled_in = fields_of(client.get(PAGE)) | form
    with CaptureQueriesContext(connection) as queries:
        client.post(PAGE, filled_in)
    assert Registration.objects.exists()
    return len([one for one in queries if "SAVEPOINT" not in one["sql"]])


class TestTheSameFormTwice:
    """A double click, of which the browser shows what came of the second."""

    @pytest.fixture
    def form(self, event: Event, client: Client) -> dict[str, str]:
        """Filled in for the last choice there is."""
        make_ticket_type(event)
        tour = make_question(event, kind="choice", choices=("Harbor",))
        Choice.objects.update(limit=1)
        return fields_of(client.get(PAGE)) | ADA | {f"q-{tour.key}": "Harbor"}

    def test_both_end_on_the_same_page_though_the_first_took_the_last_choice(
        self, event: Event, client: Client, form: dict[str, str]
    ) -> None:
        first, second = client.post(PAGE, form), client.post(PAGE, form)

        assert (first.status_code, second.status_code) == (302, 302)
        assert first["Location"] == second["Location"]
        assert (event.registrations.count(), Choice.objects.get().taken) == (1, 1)
        assert list(event.mails.values_list("kind", flat=True)) == ["confirm"]

    def test_also_where_the_first_was_sent_after_a_mistake(
        self, event: Event, client: Client, form: dict[str, str]
    ) -> None:
        again = fields_of(client.post(PAGE, form | {"name": ""})) | form

        assert [client.post(PAGE, again).status_code for _ in range(2)] == [302, 302]

    @pytest.mark.parametrize("change", [{"name": "Bob"}, {"email": "bob@example.org"}, {"affiliation": "ACME"}])
    def test_another_form_is_refused_what_is_taken(
        self, client: Client, form: dict[str, str], change: dict[str, str]
    ) -> None:
        first, other = client.post(PAGE, form), client.post(PAGE, form | change)

        assert (first.status_code, other.status_code) == (302, 422)
        assert "“Harbor” is no longer free." in text(other)

    def test_so_is_the_same_one_from_another_client(self, client: Client, form: dict[str, str]) -> None:
        statuses = [client.post(PAGE, form, REMOTE_ADDR=f"10.0.0.{n}").status_code for n in (1, 2)]

        assert statuses == [302, 422]

    def test_later_it_is_no_double_click_any_more(self, event: Event, client: Client, form: dict[str, str]) -> None:
        client.post(PAGE, form)
        event.idempotency_keys.update(created_at=timezone.now() - timedelta(minutes=2))

        assert client.post(PAGE, form).status_code == 422

    def test_who_cancels_at_once_may_come_back_by_the_same_form(
        self, event: Event, client: Client, form: dict[str, str]
    ) -> None:
        client.post(PAGE, form)
        booking.cancel(event.registrations.get())

        assert client.post(PAGE, form).status_code == 302
        assert event.registrations.get().state == "pending"

    def test_its_key_is_soon_forgotten(self, event: Event, client: Client, form: dict[str, str]) -> None:
        client.post(PAGE, form)
        keys = event.idempotency_keys

        purging.purge()
        kept = keys.count()
        purging.purge(timezone.now() + timedelta(minutes=2))

        assert (kept, keys.count()) == (1, 0)
