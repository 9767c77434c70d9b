"""The organizers' page of people whom a mail they wait for couldn't reach."""

from urllib.parse import urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.delivery import drain
from portal.models import Event, Mail
from registration import booking, followers, keys
from tests.factories import make_event, make_organizer, make_ticket_type
from tests.pages import Page
from tests.smtp import recording_server

pytestmark = pytest.mark.django_db
WRONG, RIGHT = "ada@exmaple.org", "ada@example.org"


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_ticket_type(event)
    return event


@pytest.fixture(autouse=True)
def organizer(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))


@pytest.fixture
def lost(event: Event) -> Mail:
    """The mail by which Ada was to confirm."""
    booking.register(event, name="Ada", email=WRONG)
    return lose(event)


def lose(event: Event) -> Mail:
    answer = "550 5.1.1 no such user"
    event.mails.filter(state="waiting").update(state="failed", answer=answer, tries=1, changed_at=timezone.now())
    return event.mails.latest("pk")


def address(event: Event, mail: Mail | None = None) -> str:
    name, pks = ("event-unreached-correct", [mail.pk]) if mail else ("event-unreached", [])
    return reverse(f"admin:{name}", args=[event.pk, *pks])


def test_who_was_not_reached_is_shown_with_the_servers_words(client: Client, event: Event, lost: Mail) -> None:
    page = Page(client.get(address(event)))

    assert WRONG in page.words("lost")
    assert "550 5.1.1 no such user" in page.words("lost")


def test_a_corrected_address_gets_the_mail_with_a_link_that_confirms(
    client: Client, event: Event, lost: Mail, settings: object
) -> None:
    answer = client.post(address(event, lost), {"address": RIGHT}, follow=True)
    with recording_server() as server:
        settings.MAILERS = server.mailers()  # type: ignore[attr-defined]
        drain()

    [taken] = server.taken
    words = taken.message.get_body(("plain",)).get_content().split()
    client.post(urlsplit(next(word for word in words if "/confirm/" in word)).path)
    assert "Everybody was reached." in Page(answer).words()
    assert taken.recipients == [RIGHT]
    assert list(event.registrations.values_list("email", "state")) == [(RIGHT, "confirmed")]
    assert [RIGHT in one.change_message for one in LogEntry.objects.all()] == [False]


def test_an_address_of_somebody_else_is_refused_at_its_field(client: Client, event: Event, lost: Mail) -> None:
    booking.register(event, name="Bob", email="bob@example.org")

    page = Page(answer := client.post(address(event, lost), {"address": "bob@example.org"}))

    assert answer.status_code == 400
    assert "Somebody with this address is on the list already" in page.words("error")
    assert set(event.registrations.values_list("email", flat=True)) == {WRONG, "bob@example.org"}


def test_only_the_latest_of_a_person_is_shown(client: Client, event: Event, lost: Mail) -> None:
    keys.mail_link(event, WRONG)
    latest = lose(event)

    assert address(event, latest) in client.get(address(event)).text
    assert client.post(address(event, lost), {"address": RIGHT}).status_code == 404


def test_who_has_gone_or_was_reached_later_is_not_shown(client: Client, event: Event, lost: Mail) -> None:
    followers.follow(event, "fay@example.org")
    lose(event)
    keys.mail_link(event, "fay@example.org")
    event.mails.filter(state="waiting").update(state="sent", sent_at=timezone.now())
    booking.cancel(event.registrations.get())

    assert "Everybody was reached." in Page(client.get(address(event))).words()


def test_others_organizers_find_nothing(client: Client, event: Event, lost: Mail) -> None:
    other = make_event()
    client.force_login(make_organizer(other))

    answers = [client.get(address(event)), client.post(address(other, lost), {"address": RIGHT})]

    assert [one.status_code for one in answers] == [404, 404]
    assert event.registrations.get().email == WRONG


@pytest.mark.parametrize("count", [1, 3])
def test_it_takes_as_many_queries_for_any_number(
    client: Client, event: Event, count: int, django_assert_num_queries
) -> None:
    for number in range(count):
        booking.register(event, name="P", email=f"p{number}@example.org")
    lose(event)

    with django_assert_num_queries(8):
        client.get(address(event))
