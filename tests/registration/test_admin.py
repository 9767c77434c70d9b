import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.models import Event, Membership
from registration import booking
from registration.models import Admission, Announcement, Follower, Registration, TicketType
from tests.factories import make_event, make_organizer, make_registration, make_ticket_type
from tests.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", timezone="America/New_York")
    make_ticket_type(event, 2)
    return event


@pytest.fixture
def organizer(event: Event) -> User:
    return make_organizer(event)


@pytest.fixture
def browser(organizer: User) -> Client:
    client = Client()
    client.force_login(organizer)
    return client


def changelist(model: str) -> str:
    return reverse(f"admin:registration_{model}_changelist")


def change(row: Registration | TicketType) -> str:
    return reverse(f"admin:registration_{row._meta.model_name}_change", args=[row.pk])


def names(response: HttpResponse) -> list[str]:
    return sorted(str(row) for row in response.context["cl"].result_list)  # type: ignore[attr-defined]


def errors(response: HttpResponse) -> dict[str, Any]:
    return dict(response.context["adminform"].form.errors)  # type: ignore[attr-defined]


def ticket_form(ticket_type: TicketType, **values: Any) -> dict[str, Any]:
    form = {"name": ticket_type.name, "capacity": ticket_type.capacity, "position": 0, "mode": ticket_type.mode}
    return form | {"opens_at": "", "closes_at": ""} | values


def act(browser: Client, action: str, rows: list[Registration]) -> Any:
    chosen = [str(row.pk) for row in rows]
    sent = {"action": action, "shown": " ".join(chosen), "_selected_action": chosen}
    return browser.post(changelist("registration"), sent)


class TestTicketTypes:
    def test_a_raised_capacity_promotes_those_who_wait(self, event: Event, browser: Client) -> None:
        people = [booking.register(event, name=f"P{n}", email=f"p{n}@example.org") for n in range(4)]
        ticket_type = event.ticket_types.get()

        response = browser.post(change(ticket_type), ticket_form(ticket_type, capacity=3, name="On site"))

        ticket_type.refresh_from_db()
        assert response.status_code == 302
        assert (ticket_type.name, ticket_type.capacity, ticket_type.taken) == ("On site", 3, 3)
        assert Admission.objects.get().queue == 2
        assert [Registration.objects.get(pk=one.pk).state for one in people] == ["pending"] * 3 + ["waitlisted"]

    def test_the_list_leads_to_those_in_line_for_each(self, event: Event, browser: Client) -> None:
        ticket_type = event.ticket_types.get()
        other = make_ticket_type(event, 0, name="Other")
        for number in range(4):
            booking.register(event, name=f"P{number}", email=f"p{number}@example.org")
        booking.register(event, ticket_type=other, name="Q", email="q@example.org")

        page = Page(browser.get(changelist("tickettype")))
        [link] = [one for one in page.links if f"ticket_type__id__exact={ticket_type.pk}&" in one]

        assert names(browser.get(link)) == ["P2", "P3"]

    def test_a_capacity_below_the_taken_seats_is_refused_at_its_field(self, event: Event, browser: Client) -> None:
        for number in range(2):
            booking.register(event, name="P", email=f"p{number}@example.org")
        ticket_type = event.ticket_types.get()

        response = browser.post(change(ticket_type), ticket_form(ticket_type, capacity=1, name="Changed"))

        assert errors(response) == {"capacity": ["2 seats are taken or held, so the capacity can't be 1."]}
        assert (TicketType.objects.get().name, TicketType.objects.get().capacity) == ("Attendee", 2)

    def test_saving_an_old_form_leaves_the_counts_alone(
        self, event: Event, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket_type = event.ticket_types.get()
        form = ticket_form(ticket_type, name="Renamed")
        full_clean = TicketType.full_clean

        def booked_meanwhile(row: TicketType, **options: Any) -> None:
            full_clean(row, **options)
            booking.register(event, name="Ada", email="ada@example.org")

        monkeypatch.setattr(TicketType, "full_clean", booked_meanwhile)
        browser.post(change(ticket_type), form)

        ticket_type.refresh_from_db()
        assert (ticket_type.name, ticket_type.taken) == ("Renamed", 1)

    def test_an_empty_capacity_is_without_limit(self, event: Event, browser: Client) -> None:
        ticket_type = event.ticket_types.get()

        browser.post(change(ticket_type), ticket_form(ticket_type, capacity=""))

        assert TicketType.objects.get().capacity is None

    def test_times_are_read_and_told_in_the_events_zone(self, event: Event, browser: Client) -> None:
        ticket_type = event.ticket_types.get()

        browser.post(change(ticket_type), ticket_form(ticket_type, opens_at="2026-02-01T12:00"))

        assert TicketType.objects.get().opens_at == datetime(2026, 2, 1, 17, tzinfo=UTC)
        assert b'value="2026-02-01T12:00"' in browser.get(change(ticket_type)).content

    def test_a_new_one_is_added_for_an_own_event_only(self, event: Event, browser: Client) -> None:
        other = make_event()
        form = ticket_form(event.ticket_types.get(), name="Remote")
        add = reverse("admin:registration_tickettype_add")

        refused = browser.post(add, form | {"event": other.pk})
        taken = browser.post(add, form | {"event": event.pk})

        assert (list(errors(refused)), taken.status_code) == (["event"], 302)
        assert list(TicketType.objects.order_by("pk").values_list("event", "name")) == [
            (event.pk, "Attendee"),
            (event.pk, "Remote"),
        ]

    @pytest.mark.parametrize("capacity", ["-1", "x", "1.5", "9" * 30])
    def test_a_capacity_that_is_no_number_is_refused_at_its_field(
        self, event: Event, browser: Client, capacity: str
    ) -> None:
        ticket_type = event.ticket_types.get()

        response = browser.post(change(ticket_type), ticket_form(ticket_type, capacity=capacity))

        assert list(errors(response)) == ["capacity"]

    def test_one_that_an_announcement_is_narrowed_to_stays(self, event: Event, browser: Client) -> None:
        ticket_type = make_ticket_type(event, name="Lab")
        Announcement.objects.create(event=event, subject="Laptops", text="Bring one", ticket_type=ticket_type)
        deletion = reverse("admin:registration_tickettype_delete", args=[ticket_type.pk])

        asked, answer = browser.get(deletion), browser.post(deletion, {"post": "yes"})

        assert "would require deleting the following protected related objects" in asked.text
        assert "Laptops" in asked.text
        assert answer.status_code == 200
        assert (TicketType.objects.filter(pk=ticket_type.pk).exists(), Announcement.objects.count()) == (True, 1)

    def test_but_an_event_goes_with_all_of_them(self, event: Event) -> None:
        Announcement.objects.create(event=event, subject="A", text="B", ticket_type=make_ticket_type(event, name="Lab"))

        event.delete()

        assert (TicketType.objects.count(), Announcement.objects.count()) == (0, 0)

    def test_closing_before_opening_is_refused_at_its_field(self, event: Event, browser: Client) -> None:
        ticket_type = event.ticket_types.get()
        times = {"opens_at": "2026-02-01T12:00", "closes_at": "2026-01-01T12:00"}

        response = browser.post(change(ticket_type), ticket_form(ticket_type, **times))

        assert errors(response) == {"closes_at": ["Registration closes before it opens."]}


class TestRegistrations:
    def test_an_organizer_sees_and_opens_those_of_own_events_only(self, event: Event, browser: Client) -> None:
        make_registration(event, name="Ada")
        foreign = make_registration(make_event(title="Secret meeting"), name="Mallory")

        page = browser.get(changelist("registration"))

        assert names(page) == ["Ada"]
        assert b"Secret meeting" not in page.content
        assert browser.get(change(foreign)).status_code == 404

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("?q=lovelace", ["Ada Lovelace"]),
            ("?q=grace@navy", ["Grace Hopper"]),
            ("?q=university", ["Ada Lovelace"]),
            ("?state=waitlisted", ["Grace Hopper"]),
        ],
    )
    def test_they_are_searched_and_filtered(self, event: Event, browser: Client, query: str, found: list[str]) -> None:
        make_registration(event, "ada@example.org", name="Ada Lovelace", affiliation="University of X")
        make_registration(event, "grace@navy.example", name="Grace Hopper", state="waitlisted", place=1)

        assert names(browser.get(changelist("registration") + query)) == found

    def test_name_and_affiliation_can_be_mended_and_the_state_can_not(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, "ada@example.org", name="Ada")
        form = {"name": "Ada L.", "affiliation": "ACME", "state": "cancelled", "email": "x@example.org", "place": "1"}

        response = browser.post(change(ada), form)

        ada.refresh_from_db()
        assert response.status_code == 302
        assert (ada.name, ada.affiliation, ada.state, ada.email) == ("Ada L.", "ACME", "confirmed", "ada@example.org")

    def test_cancelling_the_chosen_offers_their_seats_and_mails_all(self, event: Event, browser: Client) -> None:
        people = [booking.register(event, name=f"P{n}", email=f"p{n}@example.org") for n in range(3)]

        act(browser, "cancel", people[:2])

        assert sorted(event.registrations.values_list("name", "state")) == [
            ("P0", "cancelled"),
            ("P1", "cancelled"),
            ("P2", "pending"),
        ]
        assert event.ticket_types.get().taken == 1
        assert sorted(event.mails.values_list("kind", "address"))[:2] == [
            ("cancelled", "p0@example.org"),
            ("cancelled", "p1@example.org"),
        ]

    def test_those_of_other_events_are_neither_cancelled_nor_exported(self, event: Event, browser: Client) -> None:
        foreign = make_registration(make_event(), name="Mallory")

        answers = [act(browser, "cancel", [foreign]), act(browser, "export", [foreign])]

        foreign.refresh_from_db()
        assert foreign.state == "confirmed"
        assert [b"Mallory" in b"".join(one) for one in answers] == [False, False]
        assert LogEntry.objects.count() == 0

    @pytest.mark.parametrize("page", ["add/", "{}/delete/"])
    def test_none_is_added_or_deleted_by_hand(self, event: Event, browser: Client, page: str) -> None:
        ada = make_registration(event)

        response = browser.post(changelist("registration") + page.format(ada.pk), {"post": "yes"})

        assert response.status_code == 403
        assert list(event.registrations.all()) == [ada]

    def test_the_list_takes_the_same_queries_for_many(self, event: Event, browser: Client) -> None:
        counts = []
        for _ in range(2):
            for _ in range(20):
                make_registration(event, ticket_type=event.ticket_types.get(), state="cancelled")
            with CaptureQueriesContext(connection) as queries:
                browser.get(changelist("registration"))
            counts.append(len(queries))

        assert counts[0] == counts[1]


class TestExport:
    def test_it_has_a_head_and_a_line_each(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, "ada@example.org", name="Adä", affiliation="University, X")
        grace = make_registration(event, "grace@example.org", state="waitlisted", place=7)
        Registration.objects.update(created_at=datetime(2026, 1, 15, 17, tzinfo=UTC))

        response = act(browser, "export", [ada, grace])

        content = b"".join(response)
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert response["Content-Disposition"] == 'attachment; filename="registrations.csv"'
        assert content.startswith(b"\xef\xbb\xbf")
        assert rows[0] == [
            "name",
            "email",
            "affiliation",
            "event",
            "ticket type",
            "state",
            "place",
            "registered at",
            "checked in at",
            "note",
        ]
        assert sorted(rows[1:]) == [
            [
                "Adä",
                "ada@example.org",
                "University, X",
                "tutorial",
                "Attendee",
                "confirmed",
                "",
                "2026-01-15T12:00-05:00",
                "",
                "",
            ],
            [
                "Grace Hopper",
                "grace@example.org",
                "",
                "tutorial",
                "Attendee",
                "waitlisted",
                "7",
                "2026-01-15T12:00-05:00",
                "",
                "",
            ],
        ]

    @pytest.mark.parametrize(
        "name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t1", "\r1", "＝1", '=cmd|" /C calc"!A0', "-2+3+cmd|' /C calc'!A0"]
    )
    def test_what_looks_like_a_formula_is_a_text(self, event: Event, browser: Client, name: str) -> None:
        ada = make_registration(event, name=name)

        rows = csv.reader(io.StringIO(b"".join(act(browser, "export", [ada])).decode(), newline=""))

        assert list(rows)[1][0] == f"'{name}"

    def test_other_texts_stay_as_they_are(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name='O\'Brien-Smith "Bob", a=b', affiliation="ACME; Inc.\nx")

        rows = csv.reader(io.StringIO(b"".join(act(browser, "export", [ada])).decode(), newline=""))

        assert list(rows)[1][:3:2] == ['O\'Brien-Smith "Bob", a=b', "ACME; Inc.\nx"]

    @pytest.mark.parametrize(("action", "form"), [("export", "CSV"), ("export_xlsx", "XLSX")])
    def test_the_history_of_each_event_says_who_took_how_many_along(
        self, event: Event, organizer: User, browser: Client, action: str, form: str
    ) -> None:
        other = make_event()
        Membership.objects.create(user=organizer, event=other)
        chosen = [make_registration(event), make_registration(event), make_registration(other)]

        act(browser, action, chosen)

        entries = LogEntry.objects.order_by("pk")
        assert [(one.user, one.get_edited_object(), one.change_message) for one in entries] == [
            (organizer, event, f"Registrations downloaded as {form}: 2."),
            (organizer, other, f"Registrations downloaded as {form}: 1."),
        ]

    def test_and_who_printed_badges_from_the_list(self, event: Event, browser: Client) -> None:
        act(browser, "print_badges", [make_registration(event), make_registration(event)])

        entry = LogEntry.objects.get()
        assert (entry.get_edited_object(), entry.change_message) == (event, "Badges printed: 2.")


class TestFollowers:
    def test_an_organizer_sees_and_removes_those_of_own_events_only(self, event: Event, browser: Client) -> None:
        own = Follower.objects.create(event=event, email="ada@example.org")
        foreign = Follower.objects.create(event=make_event(), email="mallory@example.org")

        shown = names(browser.get(changelist("follower")))
        for row in (own, foreign):
            browser.post(reverse("admin:registration_follower_delete", args=[row.pk]), {"post": "yes"})

        assert shown == ["ada@example.org"]
        assert list(Follower.objects.all()) == [foreign]
