"""Organizers edit what a person has told them, by the same rules as the person."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import Event
from registration import booking
from registration.models import Choice, Question, Registration
from tests.factories import make_event, make_organizer, make_question, make_registration, make_ticket_type
from tests.filling import send
from tests.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(event: Event) -> Registration:
    registration = booking.register(event, name="Ada", email="ada@example.org")
    event.mails.all().delete()
    return booking.confirm(registration)


@pytest.fixture
def client(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event, "kim"))
    return client


def address(registration: Registration) -> str:
    return reverse("admin:registration-answers", args=[registration.pk])


def said(registration: Registration) -> dict[str, Any]:
    return {one.question.label: one.value for one in registration.answers.select_related("question")}


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def card_of(registration: Registration) -> Question:
    """A question this person has answered with a file."""
    card = make_question(registration.event, "Card", kind="file", is_required=True)
    file = SimpleUploadedFile("card.pdf", b"%PDF-1.4 one")
    named = {"name": "Ada", "affiliation": "", "ticket_type": registration.ticket_type}
    booking.edit(registration, **named, answers={card: file})
    return card


def test_answers_are_changed_and_the_history_says_which_and_by_whom(ada: Registration, client: Client) -> None:
    make_question(ada.event, "Diet", kind="many", choices=("Fish", "Nuts"))
    make_question(ada.event, "Lunch", kind="yes_no")

    response = send(client, address(ada), **{"affiliation": "ACME", "q-diet": ["Nuts", "Fish"], "q-lunch": "no"})

    entry = LogEntry.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/admin/registration/registration/{ada.pk}/change/")
    assert said(ada) == {"Diet": ["Fish", "Nuts"], "Lunch": False}
    assert (entry.user.username, entry.change_message) == ("kim", "Edited: Affiliation, Diet, Lunch.")
    assert list(ada.event.mails.values_list("kind", flat=True)) == ["confirmed"]


def test_what_is_no_answer_is_refused_at_its_field_and_nothing_changes(ada: Registration, client: Client) -> None:
    make_question(ada.event, "Diet", kind="choice", choices=("Fish",))
    make_question(ada.event, "Age", kind="number", is_required=True)

    refused = send(client, address(ada), **{"name": "Eve", "q-diet": "Stones", "q-age": "old"})

    ada.refresh_from_db()
    assert refused.status_code == 422
    assert errors(refused) == {
        "q-diet": ["This isn't one of the choices."],
        "q-age": ["This has to be a number, such as 12 or 2.5."],
    }
    assert (ada.name, said(ada)) == ("Ada", {})


def test_a_choice_of_which_none_is_left_is_refused_and_one_given_up_is_free_again(
    ada: Registration, client: Client
) -> None:
    shirt = make_question(ada.event, "Shirt", kind="choice", choices=("M", "L"))
    bea = booking.register(ada.event, name="Bea", email="bea@example.org", answers={shirt: "M"})
    Choice.objects.filter(text="M").update(limit=1)

    refused = client.post(address(ada), {"name": "Ada", "q-shirt": "M"})
    client.post(address(bea), {"name": "Bea", "q-shirt": "L"})
    taken = client.post(address(ada), {"name": "Ada", "q-shirt": "M"})

    assert errors(refused) == {"q-shirt": ["“M” is no longer free. Choose something else."]}
    assert (taken.status_code, said(ada)) == (302, {"Shirt": "M"})
    assert list(Choice.objects.values_list("text", "taken")) == [("M", 1), ("L", 1)]


def test_a_file_stays_until_another_one_comes(ada: Registration, client: Client) -> None:
    card = card_of(ada)

    shown = client.get(address(ada))
    send(client, address(ada), affiliation="ACME")
    kept = ada.answers.get()
    send(client, address(ada), **{f"q-{card.key}": SimpleUploadedFile("card.pdf", b"%PDF-1.4 two")})

    assert "There is card.pdf; another file takes its place." in Page(shown).words()
    assert (kept.filename, ada.answers.get().file.read()) == ("card.pdf", b"%PDF-1.4 two")
    assert sorted(LogEntry.objects.values_list("change_message", flat=True)) == [
        "Edited: Affiliation.",
        "Edited: Card.",
    ]


def test_a_program_is_no_answer_to_a_question_for_a_file(ada: Registration, client: Client) -> None:
    card = card_of(ada)

    refused = send(client, address(ada), **{f"q-{card.key}": SimpleUploadedFile("card.pdf", b"MZ\x90\x00" * 40)})

    assert list(errors(refused)) == [f"q-{card.key}"]
    assert ada.answers.get().file.read() == b"%PDF-1.4 one"


def test_a_consent_given_for_somebody_says_so_in_the_log_of_consents(ada: Registration, client: Client) -> None:
    make_question(ada.event, "Photos", kind="consent")

    send(client, address(ada), **{"q-photos": "on"})

    assert list(ada.consents.values_list("subject", "source")) == [("", "page"), ("photos", "admin")]


def test_tickets_behind_an_access_code_may_be_given(ada: Registration, client: Client) -> None:
    hidden = make_ticket_type(ada.event, 1, name="Helper", access_code="sesame")

    send(client, address(ada), ticket_type=hidden.pk)

    ada.refresh_from_db()
    assert (ada.ticket_type, ada.state) == (hidden, "confirmed")
    assert LogEntry.objects.get().change_message == "Edited: Ticket."


def test_a_ticket_is_given_after_its_registration_has_closed(ada: Registration, client: Client) -> None:
    late = make_ticket_type(ada.event, 1, name="Late", closes_at=timezone.now() - timedelta(days=1))

    page = client.get(address(ada)).content.decode()
    send(client, address(ada), ticket_type=late.pk)

    ada.refresh_from_db()
    assert "Registration closed" not in page
    assert (ada.ticket_type, ada.state) == (late, "confirmed")


def test_what_has_ended_is_not_edited_any_more(ada: Registration, client: Client) -> None:
    change = reverse("admin:registration_registration_change", args=[ada.pk])
    links = [f'href="{address(ada)}"'.encode() in client.get(change).content]
    booking.cancel(ada)
    links.append(f'href="{address(ada)}"'.encode() in client.get(change).content)

    refused = send(client, address(ada), name="Eve")

    assert links == [True, False]
    assert (refused.status_code, "This registration has ended." in Page(refused).words()) == (422, True)


def test_those_of_other_events_are_not_to_be_found(client: Client) -> None:
    other = make_registration(make_event())

    answers = [client.get(address(other)).status_code, client.post(address(other), {"name": "Eve"}).status_code]

    assert answers == [404, 404]
