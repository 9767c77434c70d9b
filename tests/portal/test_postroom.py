"""The organizers' page of a mailing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from portal import delivery, mailings
from portal.mail import send_again
from portal.models import Event, Mailing, Role, Suppression
from registration import mending, transfers
from registration.notices import release_program
from tests.factories import make_event, make_organizer, make_program, make_registration, make_speaker
from tests.pages import Page
from tests.services import free_port
from tests.smtp import Server

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_program(event)
    for name in ("ada", "bob", "carl"):
        make_registration(event, f"{name}@example.org")
    release_program(event, "final")
    return event


@pytest.fixture
def mailing(event: Event) -> Mailing:
    return event.mailings.get()


@pytest.fixture(autouse=True)
def organizer(client: Client, event: Event) -> None:
    client.force_login(make_organizer(event))


def lose(mailing: Mailing, address: str, **fields: object) -> None:
    values = {"state": "failed", "answer": "550 5.1.1 no such user", "tries": 1, "changed_at": timezone.now()}
    mailing.mails.filter(address=address).update(**values | fields)


def states(mailing: Mailing) -> dict[str, str]:
    return dict(mailing.mails.values_list("address", "state"))


def test_it_shows_how_many_were_sent_wait_and_could_not_be_reached(client: Client, mailing: Mailing) -> None:
    mailing.mails.filter(address="bob@example.org").update(state="sent", sent_at=timezone.now())
    lose(mailing, "ada@example.org")

    page = client.get(mailing.get_absolute_url())
    figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()

    assert "550 5.1.1 no such user" in page.text
    assert "Could not be reached: 1" in page.text
    assert page.text.count("Times are New York time.") == 2
    assert figures.pop("rate") > 0
    assert figures.pop("left").startswith("about ")
    assert figures == {
        "state": "running",
        "says": "On its way",
        "sent": 1,
        "waiting": 1,
        "held": 0,
        "failed": 1,
        "complained": 0,
        "withdrawn": 0,
        "trouble": "",
        "total": 3,
        "is_moving": True,
    }


def test_who_called_it_spam_was_reached(client: Client, mailing: Mailing) -> None:
    lose(mailing, "ada@example.org", state="complained")

    page = Page(client.get(mailing.get_absolute_url()))

    assert "could not be reached 0 called it spam 1" in page.words("figures")


def test_a_release_leads_to_who_got_it_for_those_who_may_see_that(
    client: Client, event: Event, mailing: Mailing
) -> None:
    page = f"/admin/sessions_app/release/{event.releases.get().pk}/change/"
    whole = client.get(page).text
    event.memberships.update(role=Role.PROGRAM)
    program = client.get(page)

    assert f'<a href="{mailing.get_absolute_url()}">Who got it when</a>' in whole
    assert (program.status_code, "Who got it when" in program.text) == (200, False)


def test_it_says_why_nothing_is_sent(client: Client, mailing: Mailing, settings: Any) -> None:
    settings.MAILERS = Server(port=free_port()).mailers()

    delivery.drain()

    page = client.get(mailing.get_absolute_url()).text
    assert (
        "Nothing was sent in the last minute. The mail server takes no connections at the moment. "
        "What waits is tried again by itself; nothing is lost."
    ) in page.replace("&#x27;", "'")


def test_nothing_is_wrong_while_some_are_sent(client: Client, mailing: Mailing) -> None:
    mailing.mails.filter(address="ada@example.org").update(answer="450 4.2.0 greylisted")
    mailing.mails.filter(address="bob@example.org").update(state="sent", sent_at=timezone.now())

    figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()

    assert figures["trouble"] == ""


def test_nothing_is_wrong_while_mails_are_minutes_apart_by_the_rate_that_is_set(
    client: Client, mailing: Mailing, settings: Any
) -> None:
    now = timezone.now()
    Mailing.objects.update(created_at=now - timedelta(hours=1))
    mailing.mails.filter(address="ada@example.org").update(answer="450 4.2.0 greylisted")
    mailing.mails.filter(address="bob@example.org").update(state="sent", sent_at=now - timedelta(minutes=3))

    found = []
    for settings.MAIL_RATE in (0, 0.01):
        figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()
        found.append((figures["rate"], figures["trouble"].partition(".")[0], figures["left"]))

    assert found == [(0, "Nothing was sent in the last minute", ""), (0.002, "", "about 20 min")]


def test_how_long_nothing_was_sent_goes_by_the_rate_that_is_set(
    client: Client, mailing: Mailing, settings: Any
) -> None:
    settings.MAIL_RATE = 0.01
    mailing.mails.filter(address="ada@example.org").update(answer="450 4.2.0 greylisted")

    figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()

    assert figures["trouble"].startswith("Nothing was sent in the last 10 minutes. 450 4.2.0 greylisted. What waits")


def test_it_is_done_when_nothing_waits(client: Client, mailing: Mailing) -> None:
    mailing.mails.update(state="sent", sent_at=timezone.now())

    figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()

    assert (figures["says"], figures["is_moving"], figures["left"]) == ("Done", False, "")


def test_mails_not_written_yet_count_as_waiting(client: Client, mailing: Mailing) -> None:
    Mailing.objects.update(is_filled=False, expected=10)

    figures = client.get(f"{mailing.get_absolute_url()[:-1]}.json").json()

    assert (figures["waiting"], figures["total"]) == (10, 10)


def test_it_is_paused_goes_on_and_is_cancelled(client: Client, mailing: Mailing) -> None:
    found = []
    for deed in ("pause", "resume", "cancel", "resume"):
        client.post(f"{mailing.get_absolute_url()}do/{deed}/")
        mailing.refresh_from_db()
        found.append((mailing.state, set(states(mailing).values())))

    assert found == [
        ("paused", {"held"}),
        ("running", {"waiting"}),
        ("cancelled", {"withdrawn"}),
        ("cancelled", {"withdrawn"}),
    ]


def test_of_an_event_that_is_not_public_it_does_not_go_on(client: Client, mailing: Mailing) -> None:
    Event.objects.update(is_public=False)
    delivery.drain()

    page = client.get(mailing.get_absolute_url())
    resumed = client.post(f"{mailing.get_absolute_url()}do/resume/", follow=True)

    mailing.refresh_from_db()
    assert "The event was not public, and its mails lead to its pages. Make the event public, then let" in page.text
    assert "Let it go on</button>" not in page.text
    assert "Make it public first" in resumed.text
    assert (mailing.state, set(states(mailing).values())) == ("stopped", {"held"})


def test_there_is_nothing_else_to_do(client: Client, mailing: Mailing) -> None:
    assert client.post(f"{mailing.get_absolute_url()}do/explode/").status_code == 404
    assert client.get(f"{mailing.get_absolute_url()}do/cancel/").status_code == 405


def test_all_that_could_not_be_reached_are_sent_again(client: Client, mailing: Mailing) -> None:
    lose(mailing, "ada@example.org")
    lose(mailing, "bob@example.org", state="bounced", sent_at=timezone.now())

    answer = client.post(f"{mailing.get_absolute_url()}resend/", follow=True)

    assert "On its way again to 2." in answer.text
    assert set(states(mailing).values()) == {"waiting"}


def test_of_a_cancelled_mailing_nothing_is_sent_again(client: Client, mailing: Mailing) -> None:
    lose(mailing, "ada@example.org")
    mailings.cancel(mailing)

    answers = [
        client.post(f"{mailing.get_absolute_url()}resend/", follow=True).text,
        mend(client, mailing, "ada@example.org", "new@example.org").text,
    ]

    assert [one.count("It was cancelled; nothing more can be done with it.") for one in answers] == [1, 1]
    assert [one.count("Correct and send") + one.count("Send again") for one in answers] == [0, 0]
    assert send_again(mailing.mails.all()) == 0
    assert states(mailing)["ada@example.org"] == "failed"


def mend(client: Client, mailing: Mailing, address: str, new: str):
    row = mailing.mails.get(address=address)
    return client.post(f"{mailing.get_absolute_url()}mails/{row.pk}/", {"address": new}, follow=True)


def test_a_corrected_address_gets_the_mail_and_is_the_persons_from_now_on(client: Client, mailing: Mailing) -> None:
    lose(mailing, "ada@example.org")
    Suppression.objects.create(event=mailing.event, address_key="ada@example.org", reason="bounced")
    message_id = mailing.mails.get(address="ada@example.org").message_id

    mend(client, mailing, "ada@example.org", "ada@Example.com")

    row = mailing.mails.get(message_id=message_id)
    assert (row.address, row.state, row.tries) == ("ada@example.com", "waiting", 0)
    assert mailing.event.registrations.filter(email_key="ada@example.com").count() == 1


def test_an_address_that_is_corrected_twice_at_once_gets_the_mail_once(mailing: Mailing) -> None:
    lose(mailing, "ada@example.org")
    first, second = (mailing.mails.get(address="ada@example.org") for _ in range(2))
    mending.mend(first, "new@example.org")
    mailing.mails.filter(pk=first.pk).update(state="sent")

    mending.mend(second, "new@example.org")

    assert states(mailing)["new@example.org"] == "sent"


def test_of_who_took_the_registration_over_no_address_is_corrected(client: Client, mailing: Mailing) -> None:
    lose(mailing, "ada@example.org")
    ada = mailing.event.registrations.get(email="ada@example.org")
    transfers.take(transfers.begin(ada, name="Grace", email="grace@example.org"), name="Grace")

    answer = mend(client, mailing, "ada@example.org", "new@example.org")

    assert "The person this mail was for has another address by now" in answer.text
    assert states(mailing)["ada@example.org"] == "failed"
    assert mailing.event.registrations.filter(email_key="grace@example.org").exists()


@pytest.mark.parametrize(
    ("email", "after"), [("ADA@example.org", "new@example.org"), ("x@example.org", "x@example.org")]
)
def test_who_speaks_with_the_same_address_is_corrected_as_well(event: Event, email: str, after: str) -> None:
    speaker = make_speaker(event, email=email)
    mail = event.mails.get(address="ada@example.org")
    mail.context["speaker"], mail.state = speaker.pk, "failed"
    mail.save()

    mending.mend(mail, "new@example.org")

    assert event.speakers.get(pk=speaker.pk).email == after
    assert event.registrations.filter(email_key="new@example.org").exists()


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("ada", "The part from @ on is missing"),
        ("bob@example.org", "Somebody with this address is on the list already"),
        ("", "The part from @ on is missing"),
    ],
)
def test_an_address_that_can_not_be_is_refused_at_its_field(
    client: Client, mailing: Mailing, new: str, fault: str
) -> None:
    lose(mailing, "ada@example.org")

    answer = mend(client, mailing, "ada@example.org", new)

    assert (answer.status_code, fault in answer.text) == (400, True)
    assert states(mailing)["ada@example.org"] == "failed"
    assert mailing.event.registrations.filter(email="ada@example.org").exists()


def test_a_mail_that_was_sent_is_not_corrected(client: Client, mailing: Mailing) -> None:
    mailing.mails.update(state="sent", sent_at=timezone.now())

    assert mend(client, mailing, "ada@example.org", "new@example.org").status_code == 404


def test_the_log_tells_who_got_it_when(client: Client, mailing: Mailing) -> None:
    moment = datetime(2026, 3, 1, 17, tzinfo=UTC)
    mailing.mails.update(state="sent", sent_at=moment, changed_at=moment, tries=1)
    lose(mailing, "bob@example.org", sent_at=None, changed_at=moment)

    lines = client.get(f"{mailing.get_absolute_url()[:-1]}.csv").getvalue().decode().splitlines()

    assert lines[1:3] == [
        "ada@example.org,sent,1,2026-03-01T12:00:00-05:00,2026-03-01T12:00:00-05:00,",
        "bob@example.org,failed,1,2026-03-01T12:00:00-05:00,,550 5.1.1 no such user",
    ]


def test_who_downloads_the_log_is_in_the_history(client: Client, mailing: Mailing) -> None:
    client.get(f"{mailing.get_absolute_url()[:-1]}.csv")

    entries = LogEntry.objects.order_by("pk")
    assert [(one.get_edited_object(), one.change_message) for one in entries] == [
        (row, f"Downloaded the log of the mailing “{mailing}” as CSV.") for row in (mailing.event, mailing)
    ]


def test_others_organizers_find_nothing(client: Client, mailing: Mailing) -> None:
    client.force_login(make_organizer(make_event()))
    own = make_event()
    client.force_login(make_organizer(own))

    statuses = [
        client.get(mailing.get_absolute_url()).status_code,
        client.get(f"/admin/portal/event/{own.pk}/mailings/{mailing.pk}/").status_code,
        client.post(f"/admin/portal/event/{own.pk}/mailings/{mailing.pk}/do/cancel/").status_code,
    ]

    assert statuses == [404, 404, 404]


@pytest.mark.parametrize("size", [1, 3, 1_000])
def test_the_page_takes_as_many_queries_for_any_number_of_mails(
    client: Client, mailing: Mailing, size: int, django_assert_num_queries
) -> None:
    lose(mailing, "ada@example.org")
    rows = list(mailing.mails.all())
    for number in range(size - 3):
        row = mailing.mails.model(
            **{field: getattr(rows[0], field) for field in ("event", "mailing", "kind", "occasion")}
        )
        row.address, row.address_key, row.message_id = f"p{number}@x.org", f"p{number}@x.org", f"<{number}@x>"
        row.state, row.due_at = "failed", timezone.now()
        rows.append(row)
    mailing.mails.bulk_create(rows[3:])
    client.get(mailing.get_absolute_url())

    with django_assert_num_queries(14):
        client.get(mailing.get_absolute_url())
