"""The pages around the door: the desk itself, registering somebody there, and badges."""

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import Event
from registration import booking, tickets
from registration.models import CheckIn, Registration
from tests.factories import make_check_in, make_event, make_organizer, make_registration, make_ticket_type
from tests.pages import Page
from tests.registration.test_papers import codes_in, text_of

pytestmark = pytest.mark.django_db
STATIC = Path(settings.BASE_DIR) / "portal/static"
DECODER = {  # npm's qr 0.7.0, © Paul Miller, MIT or Apache-2.0
    "decode.js": "00e209820dcb11d624e9a03d6383e580766792b57d1651318f0a29e4e1ff0fe8",
    "index.js": "a0de370051f94bd74f218f74401fdf197585e3f9ef0143164f87ea941a3fdd6f",
}


@pytest.fixture
def event() -> Event:
    event = make_event(title="Large models")
    make_ticket_type(event, 2, name="On site")
    return event


@pytest.fixture
def browser(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event, "ursula"))
    return client


def address(event: Event, name: str) -> str:
    return reverse(f"admin:event-{name}", args=[event.pk])


def imported(path: str) -> set[str]:
    """This module and all it imports, by their names as static files."""
    text = (STATIC / path).read_text()
    names = re.findall(r"""from "(\.[^"]+)"|import\("(\.[^"]+)"\)|from '(\.[^']+)'""", text)
    found = {str((STATIC / path).parent.joinpath("".join(name)).resolve().relative_to(STATIC)) for name in names}
    return {path}.union(*map(imported, found))


class TestTheDesk:
    def test_the_worker_keeps_the_page_and_every_module_it_needs(self, event: Event, browser: Client) -> None:
        response = browser.get(address(event, "door-worker"))

        kept = set(re.findall(r'"(/[^"]+)"', response.content.decode().split("const KEPT = ")[1].split(";")[0]))
        needed = {f"/static/{name}" for name in imported("portal/js/door.js")}
        assert response["Content-Type"] == "text/javascript"
        assert needed - kept == set()
        assert address(event, "door") in kept

    def test_it_runs_under_the_policy_of_all_pages(self, event: Event, browser: Client) -> None:
        response = browser.get(address(event, "door"))

        assert "unsafe" not in response["Content-Security-Policy"]
        assert "<script>" not in response.content.decode()

    def test_the_decoder_is_the_one_that_was_looked_at(self) -> None:
        found = {name: sha256((STATIC / "portal/vendor/qr" / name).read_bytes()).hexdigest() for name in DECODER}

        assert found == DECODER


class TestWalkIns:
    def post(self, browser: Client, event: Event, **values: str):
        form = {"name": "Ada", "email": "ada@example.org", "ticket_type": event.ticket_types.first().pk} | values
        return browser.post(address(event, "walk-in"), form)

    def test_who_stands_at_the_door_is_registered_and_in(self, event: Event, browser: Client) -> None:
        response = self.post(browser, event)

        person = event.registrations.get()
        assert response.status_code == 302
        assert (person.name, person.state) == ("Ada", "confirmed")
        assert CheckIn.objects.get().desk == "ursula"
        assert list(event.mails.values_list("kind", flat=True)) == ["confirmed"]

    def test_without_a_free_seat_nobody_is_registered(self, event: Event, browser: Client) -> None:
        for _ in range(2):
            make_registration(event)

        response = self.post(browser, event)

        assert response.status_code == 422
        assert "No seat is free, so nobody was registered." in Page(response).words()
        assert (event.registrations.count(), event.mails.count()) == (2, 0)

    def test_who_is_registered_already_just_comes_in(self, event: Event, browser: Client) -> None:
        make_registration(event, "ada@example.org", name="Ada")

        self.post(browser, event, name="Other")

        assert [one.name for one in event.registrations.all()] == ["Ada"]
        assert CheckIn.objects.count() == 1

    @pytest.mark.parametrize("state", ["confirmed", "pending"])
    def test_who_has_shown_interest_only_gets_the_ticket_and_comes_in(
        self, event: Event, browser: Client, state: str
    ) -> None:
        interest = make_ticket_type(event, None, name="Interest", mode="interest")
        make_registration(event, "ada@example.org", name="Adda", affiliation="X", ticket_type=interest, state=state)

        self.post(browser, event)

        person = event.registrations.get()
        assert (person.name, person.affiliation) == ("Ada", "X")
        assert (person.state, person.ticket_type.name) == ("confirmed", "On site")
        assert CheckIn.objects.get().registration == person
        assert list(event.mails.values_list("kind", flat=True)) == ["confirmed"]

    @pytest.mark.parametrize("state", ["waitlisted", "awaiting_approval"])
    def test_who_waits_for_a_full_ticket_gets_another_that_is_free(
        self, event: Event, browser: Client, state: str
    ) -> None:
        full = make_ticket_type(event, 1, name="Dinner", needs_approval=state == "awaiting_approval")
        make_registration(event, ticket_type=full)
        booking.register(event, name="Ada", email="ada@example.org", ticket_type=full)

        refused = self.post(browser, event, ticket_type=full.pk)
        before = event.registrations.get(email="ada@example.org").state
        self.post(browser, event)

        person = event.registrations.get(email="ada@example.org")
        assert (refused.status_code, before) == (422, state)
        assert (person.state, person.ticket_type.name) == ("confirmed", "On site")
        assert CheckIn.objects.get().registration == person
        full.refresh_from_db()
        assert (full.taken, full.waiting) == (1, 0)

    def test_what_is_said_at_the_door_takes_the_place_of_what_was_said_before(
        self, event: Event, browser: Client
    ) -> None:
        interest = make_ticket_type(event, None, name="Interest", mode="interest")
        make_registration(event, "ada@example.org", affiliation="X", ticket_type=interest)

        self.post(browser, event, affiliation="Y")

        assert event.registrations.get().affiliation == "Y"

    def test_approval_is_given_by_letting_in(self, event: Event, browser: Client) -> None:
        event.ticket_types.update(needs_approval=True)

        self.post(browser, event)

        assert event.registrations.get().state == "confirmed"

    def test_the_door_gives_tickets_after_registration_has_closed(self, event: Event, browser: Client) -> None:
        event.ticket_types.update(closes_at=timezone.now() - timedelta(days=1))

        response = self.post(browser, event)

        assert response.status_code == 302
        assert event.registrations.get().state == "confirmed"

    @pytest.mark.parametrize("values", [{"name": ""}, {"email": "x"}, {"ticket_type": "0"}, {"ticket_type": "x"}])
    def test_what_is_wrong_is_said_at_its_field(self, event: Event, browser: Client, values: dict[str, str]) -> None:
        response = self.post(browser, event, **values)

        assert response.status_code == 422
        assert set(response.context["form"].errors) == set(values)


class TestBadges:
    def post(self, browser: Client, event: Event, **values: str) -> bytes:
        form = {"size": "a6-a4", "who": "new", "ticket_type": "", "has_code": "on"} | values
        response = browser.post(address(event, "badges"), form)
        assert response["Content-Type"] == "application/pdf"
        return response.content

    def test_those_not_printed_yet_are_printed_once(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name="Ada")
        make_registration(event, name="Bob", state="cancelled")

        first = self.post(browser, event)
        again = self.post(browser, event)

        assert codes_in(first) == [tickets.code_of(ada)]
        assert codes_in(again) == []
        assert Registration.objects.filter(badge_printed_at=None).get().name == "Bob"

    def test_who_has_shown_interest_only_has_no_badge(self, event: Event, browser: Client) -> None:
        interest = make_ticket_type(event, None, name="Interest", mode="interest")
        make_registration(event, name="Ida", ticket_type=interest)
        ada = make_registration(event, name="Ada")

        assert "1 person holds a ticket" in Page(browser.get(address(event, "badges"))).words()
        assert codes_in(self.post(browser, event)) == [tickets.code_of(ada)]

    def test_all_can_be_printed_again(self, event: Event, browser: Client) -> None:
        make_registration(event, name="Ada")
        self.post(browser, event)

        again = text_of(self.post(browser, event, who="all", has_code=""))

        assert again == "Large models Ada On site"

    def test_only_those_who_are_in(self, event: Event, browser: Client) -> None:
        ada = make_registration(event, name="Ada")
        make_registration(event, name="Bob")
        make_check_in(ada)

        assert codes_in(self.post(browser, event, who="in")) == [tickets.code_of(ada)]

    def test_the_page_tells_of_letters_that_can_not_be_printed(self, event: Event, browser: Client) -> None:
        make_registration(event, name="𓀀 Ptah")

        assert "𓀀 Ptah: 𓀀" in Page(browser.get(address(event, "badges"))).words("notice-warn")
