"""The organizer's list: narrowed, acted upon, and quick however long it is."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.models import Event, Membership
from registration import booking
from registration.admin.filters import OfTicket
from registration.models import Answer, Choice, Question, Registration
from tests.factories import (
    NOON,
    make_check_in,
    make_event,
    make_lab,
    make_lab_seat,
    make_organizer,
    make_program,
    make_registration,
    make_release,
    make_ticket_type,
)
from tests.pages import Page
from tests.registration.test_papers import codes_in

pytestmark = pytest.mark.django_db
LIST = "/admin/registration/registration/"


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial")
    make_ticket_type(event, None, name="On site")
    return event


@pytest.fixture
def browser(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def listed(browser: Client, event: Event, **query: str) -> list[str]:
    response = browser.get(LIST, {"event__id__exact": str(event.pk)} | query)
    return sorted(one.name for one in response.context["cl"].result_list)  # type: ignore[attr-defined]


def act(browser: Client, action: str, *rows: Registration, **values: str) -> Any:
    chosen = [str(row.pk) for row in rows]
    sent = {"action": action, "shown": " ".join(chosen), "_selected_action": chosen} | values
    return browser.post(LIST, sent, follow=True)


def states(event: Event) -> dict[str, str]:
    return dict(event.registrations.values_list("name", "state"))


def asked(response: Any) -> list[tuple[str, str]]:
    """What the button of the page that asks would send."""
    hidden = [one for one in Page(response).all("input") if one["type"] == "hidden"]
    return [(one["name"], one["value"]) for one in hidden if one["name"] != "csrfmiddlewaretoken"]


def button(response: Any) -> dict[str, str]:
    """What pressing it adds."""
    return {one["name"]: one["value"] for one in Page(response).all("button") if one.get("name")}


class TestAsking:
    @pytest.mark.parametrize(
        ("action", "before", "after"),
        [
            ("cancel", "confirmed", "cancelled"),
            ("decline", "confirmed", "declined"),
            ("confirm", "pending", "confirmed"),
            ("approve", "awaiting_approval", "pending"),
        ],
    )
    def test_a_page_says_first_whom_it_concerns(
        self, event: Event, browser: Client, action: str, before: str, after: str
    ) -> None:
        rows = [make_registration(event, name=name, state=before) for name in ("Ada", "Bob")]
        chosen = [one.pk for one in rows]

        response = browser.post(f"{LIST}?event__id__exact={event.pk}", {"action": action, "_selected_action": chosen})
        unchanged = states(event)
        act(browser, action, *rows)

        look = "button-bad" if action in ("cancel", "decline") else "button-primary"
        assert Page(response).words(f"button {look}") == f"{action.capitalize()} 2 registrations"
        assert asked(response) == [("action", action), *(("_selected_action", str(pk)) for pk in chosen)]
        assert unchanged == {"Ada": before, "Bob": before}
        assert states(event) == {"Ada": after, "Bob": after}

    def test_before_a_move_the_ticket_is_named(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, None, name="On-line {}")
        ada = make_registration(event, name="Ada")
        form = {"action": "change_ticket", "ticket_type": "on-line {}", "_selected_action": [ada.pk]}

        response = browser.post(LIST, form)

        assert Page(response).words("button button-primary") == "Move 1 registration to “On-line {}”"
        assert ("ticket_type", "on-line {}") in asked(response)
        assert "Who keeps a seat gets no mail; all others who are moved do." in Page(response).words()
        assert event.registrations.get().ticket_type.name == "On site"

    def test_where_all_of_a_list_are_meant_it_stays_all_of_it(self, event: Event, browser: Client) -> None:
        people = [make_registration(event) for _ in range(40)]
        form = {"action": "cancel", "select_across": "1", "_selected_action": [people[0].pk]}

        page = browser.post(LIST, form)
        browser.post(LIST, dict(asked(page)) | button(page))

        assert "and 10 more" in Page(page).words()
        assert set(states(event).values()) == {"cancelled"}

    @pytest.mark.parametrize("action", ["cancel", "decline"])
    def test_who_came_to_the_list_since_is_shown_before_anything_is_done(
        self, event: Event, browser: Client, action: str
    ) -> None:
        for name in ("Ada", "Bob"):
            make_registration(event, name=name)
        gone = make_registration(event, name="Cy", state="pending")
        form = {"action": action, "select_across": "1", "_selected_action": [gone.pk]}

        page = browser.post(LIST, form)
        booking.cancel(gone)
        make_registration(event, name="Eve")
        again = browser.post(LIST, dict(asked(page)) | button(page))
        untouched = states(event)
        browser.post(LIST, dict(asked(again)) | button(again))

        assert "Eve" in Page(again).words("li")
        assert "The list has grown meanwhile, so nothing was done. Look at it again." in Page(again).words()
        assert untouched == {"Ada": "confirmed", "Bob": "confirmed", "Cy": "cancelled", "Eve": "confirmed"}
        assert "confirmed" not in states(event).values()

    def test_who_left_the_list_since_is_no_reason_to_ask_again(self, event: Event, browser: Client) -> None:
        ada, bob = make_registration(event, name="Ada"), make_registration(event, name="Bob")
        form = {"action": "decline", "select_across": "1", "_selected_action": [ada.pk]}

        page = browser.post(LIST, form)
        booking.cancel(bob)
        browser.post(LIST, dict(asked(page)) | button(page))

        assert states(event) == {"Ada": "declined", "Bob": "cancelled"}

    def test_nobody_is_asked_about_nobody(self, event: Event, browser: Client) -> None:
        gone = make_registration(event, state="cancelled")

        response = browser.post(LIST, {"action": "cancel", "_selected_action": [gone.pk]}, follow=True)

        assert "Of those chosen there is nobody it could be done to." in Page(response).words("warning")


class TestNarrowing:
    def test_by_the_door(self, event: Event, browser: Client) -> None:
        ada, _ = make_registration(event, name="Ada"), make_registration(event, name="Bob")
        make_check_in(ada)
        make_check_in(ada, undone_at=NOON)

        assert listed(browser, event, **{"in": "yes"}) == ["Ada"]
        assert listed(browser, event, **{"in": "no"}) == ["Bob"]

    def test_by_a_lab(self, event: Event, browser: Client) -> None:
        first, *_ = make_program(event)
        make_release(event)
        lab = make_lab(event, first)
        make_registration(event, name="Bob")
        for name, how in {"Ada": {}, "Cy": {"hold_until": NOON}, "Grace": {"is_waitlisted": True}}.items():
            make_lab_seat(make_registration(event, name=name), lab, **how)

        assert listed(browser, event, lab=str(lab.pk)) == ["Ada"]
        assert listed(browser, event, lab_offer=str(lab.pk)) == ["Cy"]
        assert listed(browser, event, lab_line=str(lab.pk)) == ["Grace"]

    @pytest.mark.parametrize(
        ("kind", "value", "text"),
        [
            ("choice", "Végan", "Végan"),
            ("many", ["Halal", "Végan"], "Végan"),
            ("yes_no", False, "no"),
            ("consent", True, "yes"),
        ],
    )
    def test_by_an_answer(self, event: Event, browser: Client, kind: str, value: Any, text: str) -> None:
        question = Question.objects.create(event=event, label="Q", kind=kind)
        for choice in ("Végan", "Halal", "Végan, strictly"):
            Choice.objects.create(question=question, text=choice)
        Answer.objects.create(registration=make_registration(event, name="Ada"), question=question, value=value)
        other = make_registration(event, name="Bob")
        Answer.objects.create(
            registration=other, question=question, value="Végan, strictly" if kind == "choice" else None
        )

        assert listed(browser, event, answer=f"{question.pk}:{text}") == ["Ada"]

    @pytest.mark.parametrize("query", [{"lab": "x"}, {"lab": "99"}, {"answer": "1:x"}, {"answer": "'"}, {"in": "x"}])
    def test_what_is_no_filter_narrows_nothing(self, event: Event, browser: Client, query: dict[str, str]) -> None:
        make_registration(event, name="Ada")

        assert listed(browser, event, **query) == ["Ada"]

    def test_by_a_ticket_of_this_event_alone(self, event: Event, browser: Client) -> None:
        elsewhere = make_event()
        Membership.objects.create(event=elsewhere, user=Membership.objects.get().user)
        for name, one in (("Online", event), ("Another", elsewhere)):
            make_registration(one, ticket_type=make_ticket_type(one, name=name))
        page = browser.get(LIST, {"event__id__exact": event.pk})

        [found] = [one for one in page.context["cl"].filter_specs if isinstance(one, OfTicket)]

        assert {name for _, name in found.lookup_choices} == {"On site", "Online"}

    def test_notes_are_searched(self, event: Event, browser: Client) -> None:
        make_registration(event, name="Ada", note="wheelchair")
        make_registration(event, name="Bob")

        assert listed(browser, event, q="wheelchair") == ["Ada"]

    @pytest.mark.parametrize("count", [1, 3, 1000])
    def test_it_takes_as_many_queries_however_long_it_is(self, event: Event, browser: Client, count: int) -> None:
        question = Question.objects.create(event=event, label="Q", kind="choice")
        Choice.objects.create(question=question, text="Vegan")
        ticket_type = event.ticket_types.get()
        rows = [
            Registration(
                event=event,
                ticket_type=ticket_type,
                name="P",
                email=f"p{n}@x.org",
                email_key=f"p{n}@x.org",
                key=f"k{n}",
            )
            for n in range(count)
        ]
        Registration.objects.bulk_create(rows)
        browser.get(LIST)

        with CaptureQueriesContext(connection) as queries:
            response = browser.get(LIST, {"event__id__exact": str(event.pk), "q": "P"})

        assert response.status_code == 200
        assert len(queries) == 13


class TestDeeds:
    def test_held_seats_are_confirmed(self, event: Event, browser: Client) -> None:
        held = booking.register(event, name="Ada", email="ada@example.org")
        gone = make_registration(event, name="Bob", state="cancelled")

        page = Page(act(browser, "confirm", held, gone))

        assert states(event) == {"Ada": "confirmed", "Bob": "cancelled"}
        assert "Confirmed: 1. Each of them gets a mail." in page.words()

    def test_people_move_to_another_ticket_with_what_they_answered(self, event: Event, browser: Client) -> None:
        make_ticket_type(event, 1, name="Online")
        question = Question.objects.create(event=event, label="Q", kind="text")
        ada = booking.register(event, name="Ada", email="ada@example.org", answers={question: "Yes"})
        bob = booking.register(event, name="Bob", email="bob@example.org")

        page = Page(act(browser, "change_ticket", ada, bob, ticket_type="online"))

        tickets = dict(event.registrations.values_list("name", "ticket_type__name"))
        assert tickets == {"Ada": "Online", "Bob": "On site"}
        assert ada.answers.get().value == "Yes"
        assert "Moved to “Online”: 1." in page.words()
        assert "Bob: “Online” has no free seat" in page.words()

    def test_a_ticket_that_is_not_there_is_said(self, event: Event, browser: Client) -> None:
        page = Page(act(browser, "change_ticket", make_registration(event), ticket_type="x"))

        assert "Name the ticket to move to, one of one event: On site." in page.words()

    def test_ticked_people_get_their_badges_again(self, event: Event, browser: Client) -> None:
        ada, _ = make_registration(event, badge_printed_at=timezone.now()), make_registration(event)

        response = act(browser, "print_badges", ada)

        assert len(codes_in(response.content)) == 1

    def test_who_holds_no_ticket_gets_no_badge_and_is_counted(self, event: Event, browser: Client) -> None:
        interest = make_ticket_type(event, None, name="Interest", mode="interest")
        ada, curious = make_registration(event), make_registration(event, ticket_type=interest)
        gone, held = (make_registration(event, state=state) for state in ("cancelled", "pending"))

        response = act(browser, "print_badges", ada, curious, gone, held)
        after = Page(browser.get(LIST))

        assert len(codes_in(response.content)) == 1
        assert "These hold no ticket and got no badge: 3." in after.words()
        assert list(event.registrations.exclude(badge_printed_at=None)) == [ada]

    def test_of_people_without_tickets_nothing_is_printed(self, event: Event, browser: Client) -> None:
        response = act(browser, "print_badges", make_registration(event, state="cancelled"))

        assert "These hold no ticket and got no badge: 1." in Page(response).words()

    def test_an_announcement_starts_with_what_the_list_is_narrowed_to(self, event: Event, browser: Client) -> None:
        ada = make_registration(event)
        query = f"?event__id__exact={event.pk}&state__exact=confirmed&in=no"

        response = browser.post(LIST + query, {"action": "write", "_selected_action": [ada.pk]})

        assert response.status_code == 302
        assert response["Location"] == (
            f"{reverse('admin:registration_announcement_add')}?event={event.pk}&audience=registered"
            "&registration_state=confirmed&presence=absent"
        )

    def test_a_lab_is_handed_on_with_it(self, event: Event, browser: Client) -> None:
        lab, ada = make_lab(event, "6f1c5d8e-3a52-4c43-9b9e-000000000001"), make_registration(event)
        query = f"?event__id__exact={event.pk}&lab={lab.pk}"
        make_lab_seat(ada, lab)

        response = browser.post(LIST + query, {"action": "write", "_selected_action": [ada.pk]})

        assert response["Location"].endswith(f"&session={lab.session}&tie=seat")

    @pytest.mark.parametrize("query", ["q=ada", "alike=domain:example.org", "lab_line=1"])
    def test_what_an_announcement_can_not_be_narrowed_to_is_said_instead_of_writing_to_more(
        self, event: Event, browser: Client, query: str
    ) -> None:
        ada = make_registration(event, "ada@example.org", name="Ada")

        response = browser.post(
            f"{LIST}?event__id__exact={event.pk}&{query}", {"action": "write", "_selected_action": [ada.pk]}
        )

        said = [str(one) for one in get_messages(response.wsgi_request)]
        assert "announcement" not in response["Location"]
        assert said == [
            "Announcements go by ticket, state, language, lab seat and door. Take the other filters off first."
        ]

    def test_a_note_is_kept_and_never_shown_to_its_person(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name="Ada")
        form = {"name": "Ada", "affiliation": "", "note": "wheelchair"}

        browser.post(f"{LIST}{ada.pk}/change/", form)

        ada.refresh_from_db()
        assert ada.note == "wheelchair"


class TestFigures:
    def page(self, browser: Client, event: Event) -> Page:
        return Page(browser.get(reverse("admin:event-figures", args=[event.pk])))

    def test_they_tell_how_it_went_and_what_was_answered(self, event: Event, browser: Client) -> None:
        diet = Question.objects.create(event=event, label="Diet", kind="many")
        wish = Question.objects.create(event=event, label="Wish", kind="text")
        people = [make_registration(event, name=f"P{n}") for n in range(3)]
        for person, value in zip(people, (["Vegan"], ["Vegan", "Halal"], []), strict=True):
            Answer.objects.create(registration=person, question=diet, value=value)
        Answer.objects.create(registration=people[0], question=wish, value="<b>tea</b>")
        for days, person in enumerate(people):
            Registration.objects.filter(pk=person.pk).update(created_at=NOON + timedelta(days=days))
        for days in range(2):
            make_check_in(people[0], NOON + timedelta(days=days))

        page = self.page(browser, event)

        assert [(one["x"], one["height"]) for one in page.all("rect")] == [
            ("0", "33.33"),
            ("1", "66.67"),
            ("2", "100.0"),
        ]
        assert "On site 3 1" in page.words("table")
        assert page.words("pairs") == "Vegan 2 Halal 1"
        assert "<b>tea</b>" in page.words()

    def test_a_single_day_is_no_chart(self, event: Event, browser: Client) -> None:
        make_registration(event)
        Registration.objects.update(created_at=NOON)

        page = self.page(browser, event)

        assert page.all("rect") == []
        assert "1 on January 15, 2026, those who cancelled included." in page.words()

    def test_nobody_yet(self, event: Event, browser: Client) -> None:
        assert "Nobody has registered yet." in self.page(browser, event).words()

    def test_a_long_time_is_drawn_in_steps(self, event: Event, browser: Client) -> None:
        for days in (0, 700):
            person = make_registration(event)
            Registration.objects.filter(pk=person.pk).update(created_at=NOON + timedelta(days=days))

        assert len(self.page(browser, event).all("rect")) == 117
