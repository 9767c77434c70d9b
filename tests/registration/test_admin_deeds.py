"""What organizers set up for registering, and do with those who have registered."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.invariants import problems
from portal.models import Event
from registration import booking, certificates, labs
from registration.models import Admission, Certificate, Choice, Lab, Question, Registration
from tests.factories import (
    make_event,
    make_lab,
    make_organizer,
    make_program,
    make_question,
    make_registration,
    make_release,
    make_ticket_type,
)
from tests.filling import fields_of
from tests.registration.desk import book, states

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    return make_event(slug="tutorial")


@pytest.fixture
def browser(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def page(model: str, row: Any = None) -> str:
    name = f"admin:registration_{model}_"
    return reverse(name + "change", args=[row.pk]) if row else reverse(name + "add")


def act(browser: Client, action: str, *rows: Registration) -> Any:
    listing = reverse("admin:registration_registration_changelist")
    chosen = [str(row.pk) for row in rows]
    return browser.post(listing, {"action": action, "shown": " ".join(chosen), "_selected_action": chosen})


def save(browser: Client, address: str, **values: Any) -> Any:
    return browser.post(address, fields_of(browser.get(address)) | values)


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["adminform"].form.errors)


class TestDeeds:
    def test_people_are_approved_and_declined_and_it_is_logged(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 1, needs_approval=True)
        people = [booking.confirm(book(event, name)) for name in ("ada", "bea", "cy")]

        act(browser, "approve", *people[:2])
        act(browser, "decline", people[2])

        assert states(event) == {"Ada": "confirmed", "Bea": "waitlisted", "Cy": "declined"}
        logged = LogEntry.objects.order_by("pk").values_list("object_repr", "change_message")
        assert list(logged) == [("Ada", "Approved."), ("Bea", "Approved."), ("Cy", "Declined.")]

    def test_somebody_is_moved_in_line_for_a_reason_that_is_kept(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 0)
        people = [book(event, name) for name in ("ada", "bea", "cy")]

        address = act(browser, "move", people[2])["Location"]
        refused = browser.post(address, {"position": "1", "reason": " "})
        browser.post(address, {"position": "1", "reason": "Speaks at the event"})

        line = event.registrations.order_by("place").values_list("name", flat=True)
        assert refused.status_code == 422
        assert list(line) == ["Cy", "Ada", "Bea"]
        assert LogEntry.objects.get().change_message == "Moved to position 1 in line: Speaks at the event"
        assert problems() == []

    @pytest.mark.parametrize("position", ["0", "-1", "x", "9" * 30])
    def test_a_position_that_is_none_is_refused(self, event: Event, browser: Client, position: str) -> None:
        make_ticket_type(event, 0)

        address = act(browser, "move", book(event))["Location"]

        assert browser.post(address, {"position": position, "reason": "x"}).status_code == 422

    def test_who_does_not_wait_is_not_moved(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 1)

        response = browser.post(act(browser, "move", book(event))["Location"], {"position": "1", "reason": "x"})

        assert b"Only who is on the waitlist can be moved in it." in response.content

    def test_another_events_people_are_not_to_be_found(self, event: Event, browser: Client) -> None:
        other = make_registration(make_event())

        assert browser.get(reverse("admin:registration-move", args=[other.pk])).status_code == 404

    def test_answers_are_shown_and_files_handed_out_to_the_events_organizers_only(
        self, event: Event, browser: Client
    ) -> None:
        make_ticket_type(event)
        diet, card = make_question(event, "Diet?"), make_question(event, "Card?", kind="file")
        file = SimpleUploadedFile("card.pdf", b"%PDF-1.4 hello")
        ada = booking.register(event, name="Ada", email="a@example.org", answers={diet: "<b>Nuts", card: file})
        address = reverse("admin:registration-file", args=[ada.answers.get(question=card).pk])
        stranger = Client()
        stranger.force_login(make_organizer(make_event()))

        shown, given = browser.get(page("registration", ada)).content.decode(), browser.get(address)

        assert "<p>Diet? &lt;b&gt;Nuts</p>" in shown
        assert f'<a href="{address}">card.pdf</a>' in shown
        assert b"".join(given.streaming_content) == b"%PDF-1.4 hello"
        assert (given["Content-Disposition"], given["X-Content-Type-Options"], given["Content-Security-Policy"]) == (
            'attachment; filename="card.pdf"',
            "nosniff",
            "sandbox; default-src 'none'",
        )
        assert stranger.get(address).status_code == 404

    def test_a_certificate_is_revoked_once_and_it_is_logged(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name="Ada")
        made = Certificate.objects.create(event=event, registration=ada, name="Ada", minutes=90)
        abroad = make_registration(make_event())
        other = Certificate.objects.create(event=abroad.event, registration=abroad, name="Bea", minutes=90)

        for _ in range(2):
            act(browser, "revoke_certificate", ada, abroad)

        made.refresh_from_db()
        other.refresh_from_db()
        assert (made.revoked_at is None, other.revoked_at) == (False, None)
        logged = LogEntry.objects.values_list("object_repr", "change_message")
        assert list(logged) == [("Ada", f"Revoked the certificate {made.code}.")]
        shown = browser.get(page("registration", ada)).content.decode()
        assert f'<a href="{certificates.address_of(made)}">{made.code}</a> (revoked)' in shown

    def test_another_certificate_is_allowed_once_and_it_is_logged(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name="Ada")
        make = {"event": event, "name": "Ada", "minutes": 90}
        revoked = ada.certificates.create(**make, revoked_at=timezone.now())
        valid = make_registration(event, name="Bea").certificates.create(**make)

        for _ in range(2):
            act(browser, "allow_certificate", ada, valid.registration)

        logged = LogEntry.objects.values_list("object_repr", "change_message")
        assert list(logged) == [("Ada", "Allowed another certificate.")]
        shown = browser.get(page("registration", ada)).content.decode()
        assert f"{revoked.code}</a> (revoked; another is allowed)" in shown


class TestAdmission:
    def test_more_seats_altogether_promote(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 5)
        booking.set_event_capacity(event, 1)
        for name in ("ada", "bea"):
            book(event, name)

        save(browser, page("admission", event.admission), capacity="2", confirms_at_once="on")

        assert states(event) == {"Ada": "pending", "Bea": "pending"}
        assert Admission.objects.get().confirms_at_once

    def test_fewer_than_are_taken_are_refused(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 5)
        for name in ("ada", "bea"):
            book(event, name)

        response = save(browser, page("admission", event.admission), capacity="1")

        assert errors(response) == {"capacity": ["2 seats are taken or held, so the capacity can't be 1."]}


class TestLabs:
    def test_a_session_of_the_event_becomes_a_lab(self, event: Event, browser: Client) -> None:
        first, _, second = make_program(event)
        foreign = make_program(make_event())[0]

        for session in (first, second, foreign):
            browser.post(page("lab"), {"event": event.pk, "session": str(session.uuid), "capacity": "3"})

        assert set(event.labs.values_list("session", "capacity")) == {(first.uuid, 3), (second.uuid, 3)}

    def test_more_seats_go_to_who_waits(self, event: Event, browser: Client) -> None:
        make_ticket_type(event)
        make_release(event)
        lab = make_lab(event, event.sessions.earliest("pk"), 1)
        for name in ("ada", "bea"):
            labs.choose(book(event, name), [lab.pk])

        save(browser, page("lab", lab), capacity="2")

        assert (Lab.objects.get().capacity, Lab.objects.get().taken) == (2, 2)
        assert problems() == []


class TestQuestions:
    def test_its_answers_can_be_kept_shorter_than_the_rest(self, event: Event, browser: Client) -> None:
        diet = make_question(event, "Diet?")

        refused = save(browser, page("question", diet), retention_days="-1")
        save(browser, page("question", diet), retention_days="30")

        diet.refresh_from_db()
        assert list(errors(refused)) == ["retention_days"]
        assert diet.retention_days == 30

    FORM: dict[str, Any] = {
        "label": "Shirt?",
        "kind": "choice",
        "position": "0",
        "choices-TOTAL_FORMS": "2",
        "choices-INITIAL_FORMS": "0",
        "choices-0-text": "M",
        "choices-0-position": "0",
        "choices-1-text": "L",
        "choices-1-limit": "3",
        "choices-1-position": "1",
    }

    def test_one_is_added_with_its_choices_and_a_key(self, event: Event, browser: Client) -> None:
        response = browser.post(page("question"), self.FORM | {"event": event.pk})

        question = event.questions.get()
        assert response.status_code == 302
        assert (question.key, question.kind) == ("shirt", "choice")
        assert list(question.choices.values_list("text", "limit")) == [("M", None), ("L", 3)]

    @pytest.mark.parametrize(
        ("kind", "wanted", "said"),
        [
            ("choice", "m", "“Shirt?” is never answered by “m”. Write “M” or “L”."),
            ("yes_no", "Yes", "“Shirt?” is never answered by “Yes”. Write “yes” or “no”."),
            ("text", "M", "“Shirt?” has no answers to choose from. Leave this empty: asked after any answer."),
        ],
    )
    def test_one_can_not_wait_for_what_is_never_answered(
        self, event: Event, browser: Client, kind: str, wanted: str, said: str
    ) -> None:
        shirt = make_question(event, "Shirt?", kind=kind, choices=("M", "L"))
        below = make_question(event, "Which cut?")

        refused = save(browser, page("question", below), depends_on=shirt.pk, depends_value=wanted)

        assert errors(refused) == {"depends_value": [said]}

    @pytest.mark.parametrize(
        ("kind", "wanted"), [("choice", "M"), ("choice", ""), ("consent", "yes"), ("text", ""), ("many", "L")]
    )
    def test_it_can_wait_for_an_answer_there_is(self, event: Event, browser: Client, kind: str, wanted: str) -> None:
        shirt = make_question(event, "Shirt?", kind=kind, choices=("M", "L"))
        below = make_question(event, "Which cut?")

        save(browser, page("question", below), depends_on=shirt.pk, depends_value=wanted)

        below.refresh_from_db()
        assert (below.depends_on, below.depends_value) == (shirt, wanted)

    @pytest.mark.parametrize("change", [{"choices-0-text": "XL"}, {"choices-0-DELETE": "on"}, {"kind": "yes_no"}])
    def test_what_another_one_waits_for_stays_an_answer(
        self, event: Event, browser: Client, change: dict[str, str]
    ) -> None:
        shirt = make_question(event, "Shirt?", kind="choice", choices=("M", "L"))
        make_question(event, "Which cut?", depends_on=shirt, depends_value="M")

        refused = save(browser, page("question", shirt), **change)
        save(browser, page("question", shirt), **{"choices-1-text": "Large"})

        said = "“Which cut?” is asked only after “M”, so that stays an answer. Change it there first."
        assert said in refused.content.decode()
        shirt.refresh_from_db()
        assert (shirt.kind, list(shirt.choices.values_list("text", flat=True))) == ("choice", ["M", "Large"])

    def test_what_others_wait_for_waits_for_nothing_itself(self, event: Event, browser: Client) -> None:
        shirt, lunch = make_question(event, "Shirt?"), make_question(event, "Lunch?")
        make_question(event, "Which cut?", depends_on=shirt)

        refused = save(browser, page("question", shirt), depends_on=lunch.pk)

        assert errors(refused) == {"depends_on": ["Other questions depend on this one, so it has to be always asked."]}

    @pytest.fixture
    def shirt(self, event: Event) -> Question:
        make_ticket_type(event)
        shirt = make_question(event, "Shirt?", kind="choice", choices=("M", "L"))
        for name in ("ada", "bea"):
            booking.register(event, name=name, email=f"{name}@example.org", answers={shirt: "M"})
        return shirt

    @pytest.mark.parametrize("change", [{"choices-0-text": "XL"}, {"choices-0-limit": "1"}, {"choices-0-DELETE": "on"}])
    def test_what_was_chosen_stays(self, shirt: Question, browser: Client, change: dict[str, str]) -> None:
        save(browser, page("question", shirt), **change)

        assert list(Choice.objects.values_list("text", "limit", "taken")) == [("M", None, 2), ("L", None, 0)]

    def test_a_limit_is_set_and_the_count_kept(self, shirt: Question, browser: Client) -> None:
        save(browser, page("question", shirt), **{"choices-0-limit": "2", "choices-1-text": "Large"})

        assert list(Choice.objects.values_list("text", "limit", "taken")) == [("M", 2, 2), ("Large", None, 0)]

    def test_what_was_answered_stays_a_question_of_its_kind(self, shirt: Question, browser: Client) -> None:
        save(browser, page("question", shirt), kind="text", label="Size?")

        shirt.refresh_from_db()
        assert (shirt.kind, shirt.label) == ("choice", "Size?")
