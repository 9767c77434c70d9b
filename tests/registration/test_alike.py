"""Sign-ups that look like one person's or one program's: how the portal keeps them few, and how organizers see them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal import rates
from portal.models import Event
from portal.rates import Rate
from registration import limits, privacy, transfers
from registration.models import Registration
from tests.factories import make_event, make_organizer, make_registration, make_ticket_type
from tests.pages import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(event: Event) -> Client:
    client = Client()
    client.force_login(make_organizer(event))
    return client


def sign_up(address: str, *, by: str = "192.0.2.1", api: bool = False) -> Any:
    person = {"name": address.partition("@")[0].title(), "email": address}
    if api:
        path = "/api/v1/events/tutorial/registrations/"
        return Client(REMOTE_ADDR=by).post(path, person, content_type="application/json")
    return Client(REMOTE_ADDR=by).post("/tutorial/register/", person)


def page(organizer: Client, event: Event) -> Page:
    return Page(organizer.get(reverse("admin:event-alike", args=[event.pk])))


def listed(organizer: Client, address: str) -> list[str]:
    return sorted(one.email for one in organizer.get(address).context["cl"].result_list)


def links(shown: Page) -> list[str]:
    return [one for one in shown.links if "alike=" in one]


def test_variants_of_a_mailbox_are_one_group_that_leads_to_the_list(event: Event, organizer: Client) -> None:
    for address in ("ada@x.org", "Ada+1@x.org", "ada+2@X.org", "adam@x.org", "ada@y.org"):
        sign_up(address, by=f"192.0.2.{len(address)}")

    shown = page(organizer, event)

    assert "One mailbox: 1" in shown.words()
    assert "3: ada@x.org Ada, Ada+1, Ada+2" in shown.words()
    assert listed(organizer, links(shown)[0]) == ["Ada+1@x.org", "ada+2@x.org", "ada@x.org"]


@pytest.mark.parametrize("api", [False, True], ids=["page", "api"])
def test_many_by_one_client_are_a_group_and_few_are_none(event: Event, organizer: Client, api: bool) -> None:
    for number in range(7):
        sign_up(f"p{number}@x.org", by="192.0.2.1", api=api)
    for number in range(4):
        sign_up(f"q{number}@x.org", by="192.0.2.2", api=api)

    shown = page(organizer, event)

    assert "One client: 1" in shown.words()
    assert "7 over one connection P0, P1, P2, P3, P4 …" in shown.words()
    assert listed(organizer, links(shown)[0]) == [f"p{number}@x.org" for number in range(7)]


def test_addresses_that_anybody_can_have_for_ten_minutes_are_grouped_by_domain(event: Event, organizer: Client) -> None:
    for address in ("a@mailinator.com", "b@sub.mailinator.com", "c@example.org", "d@notmailinator.com.example"):
        sign_up(address)

    shown = page(organizer, event)

    assert "Throwaway addresses: 1" in shown.words()
    assert listed(organizer, links(shown)[0]) == ["a@mailinator.com", "b@sub.mailinator.com"]


def test_of_a_client_only_a_print_is_kept_another_one_for_each_event(event: Event) -> None:
    make_ticket_type(make_event(slug="other"))
    sign_up("a@x.org", by="2001:db8:1:2::1"), sign_up("b@x.org", by="2001:db8:1:2::ffff")
    Client(REMOTE_ADDR="2001:db8:1:2::1").post("/other/register/", {"name": "A", "email": "a@x.org"})

    here = set(event.registrations.values_list("client", flat=True))
    there = set(Registration.objects.exclude(event=event).values_list("client", flat=True))

    assert (len(here), len(there), here & there) == (1, 1, set())
    assert all(len(one) == 12 and "2001" not in one for one in here | there)


def test_the_print_is_gone_when_somebody_is_forgotten_or_passes_the_seat_on(event: Event) -> None:
    sign_up("a@x.org"), sign_up("b@x.org")
    ada, bea = event.registrations.order_by("email")

    privacy.erase(ada)
    transfers.take(transfers.begin(bea, name="Cy", email="cy@x.org"), name="Cy")

    assert list(event.registrations.values_list("client", flat=True)) == ["", ""]


@pytest.mark.parametrize(
    ("value", "found"),
    [("", 1), ("x", 1), ("client:", 0), ("mailbox:@", 0), ("mailbox:%@x.org", 0), ("domain:" + "a" * 5000, 0)],
)
def test_a_made_up_group_is_no_error(event: Event, organizer: Client, value: str, found: int) -> None:
    make_registration(event, "ada@x.org")
    address = reverse("admin:registration_registration_changelist", query={"alike": value})

    assert len(listed(organizer, address)) == found


def test_a_group_that_is_no_text_is_refused(event: Event, organizer: Client) -> None:
    address = reverse("admin:registration_registration_changelist", query={"alike": "mailbox:\0"})

    assert organizer.get(address).status_code == 400


def test_the_page_reads_as_much_for_one_as_for_a_thousand(
    event: Event, organizer: Client, django_assert_num_queries: Any
) -> None:
    for count in (1, 999):
        Registration.objects.bulk_create(
            Registration(
                event=event,
                ticket_type=event.ticket_types.get(),
                name="P",
                email=f"p{count}+{n}@mailinator.com",
                email_key=f"p{count}+{n}@mailinator.com",
                client=str(n % 100),
            )
            for n in range(count)
        )
        with django_assert_num_queries(8):
            shown = page(organizer, event)

    assert len(links(shown)) == 1 + 50 + 1


@pytest.mark.services
def test_a_script_is_stopped_by_its_client_and_its_mailbox_and_is_seen(
    event: Event, organizer: Client, redis_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = redis_url
    monkeypatch.setattr(rates, "counter", rates.Counter())
    monkeypatch.setattr(limits, "BY_ADDRESS", Rate("address", 5, 60))
    monkeypatch.setattr(limits, "BY_CLIENT", Rate("client", 20, 60))
    plus = [sign_up(f"eve+{n}@x.org") for n in range(8)]
    names = [sign_up(f"eve{n}@mailinator.com") for n in range(15)]

    statuses = [[one.status_code for one in some] for some in (plus, names)]
    shown = page(organizer, event)

    assert statuses == [[302] * 5 + [429] * 3, [302] * 12 + [429] * 3]
    assert all(0 < int(one["Retry-After"]) <= 60 for one in plus + names if one.status_code == 429)
    assert [len(listed(organizer, one)) for one in links(shown)] == [5, 17, 12]
