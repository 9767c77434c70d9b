import json
from base64 import b64encode

import pytest
from anymail.signals import AnymailTrackingEvent
from django.utils import timezone

from portal import bounces, mail_reports
from portal.mail import send_again
from portal.models import Mail
from tests.factories import make_event
from tests.portal.outbox import crowd, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
HOOK = "/webhooks/mail/postmark/"
SECRET = "lectern:sesame"


def make_sent(*addresses, event=None):
    mailing = write_to(*addresses, event=event or make_event())
    mailing.mails.update(state="sent", sent_at=timezone.now())
    return mailing


def states(mailing):
    return dict(mailing.mails.values_list("address", "state"))


def report(client, kind="Bounce", address="ada@example.org", secret=SECRET, body=None, **more):
    contents = {
        "RecordType": kind,
        "Type": "HardBounce" if kind == "Bounce" else "SpamComplaint",
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Email": address,
        "BouncedAt": "2026-03-22T14:42:04Z",
        "Details": "smtp;550 5.1.1 no such user",
    } | more
    headers = {"Authorization": f"Basic {b64encode(secret.encode()).decode()}"}
    return client.post(HOOK, body or json.dumps(contents), content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def open_hook(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


def test_a_bounce_marks_the_mail_and_ends_mass_mail_to_the_address(client):
    event = make_event()
    mailing = make_sent("Ada@example.org", "bob@example.org", event=event)

    answer = report(client)

    row = mailing.mails.get(address="Ada@example.org")
    assert answer.status_code == 200
    assert (row.state, row.answer) == ("bounced", "smtp;550 5.1.1 no such user")
    assert states(mailing)["bob@example.org"] == "sent"
    assert event.suppressions.get().reason == "bounced"
    assert write_to("ada@example.org", event=event, occasion="two").mails.count() == 0


def test_a_mailbox_that_is_full_gets_the_next_mail_and_can_be_sent_this_one_again(client):
    mailing = make_sent("ada@example.org")

    report(client, Type="SoftBounce", Details="smtp;552 5.2.2 mailbox full")

    assert [*mailing.mails.values_list("state", "answer")] == [("bounced", "smtp;552 5.2.2 mailbox full")]
    assert mailing.event.suppressions.count() == 0
    assert (send_again(mailing.mails.all()), states(mailing)) == (1, {"ada@example.org": "waiting"})


@pytest.mark.parametrize(("kind", "state"), [("Bounce", "bounced"), ("SpamComplaint", "complained")])
def test_what_comes_back_for_good_after_a_full_mailbox_ends_mass_mail(client, kind, state):
    mailing = make_sent("ada@example.org")
    report(client, Type="SoftBounce", Details="smtp;552 5.2.2 mailbox full")

    report(client, kind)

    assert mailing.event.suppressions.get().reason == state
    assert states(mailing) == {"ada@example.org": state}


def test_a_complaint_stays_one_whatever_comes_back_later(client):
    mailing = make_sent("ada@example.org")
    report(client, "SpamComplaint")

    report(client, Type="SoftBounce", Details="smtp;552 5.2.2 mailbox full")
    report(client)

    assert mailing.event.suppressions.get().reason == "complained"
    assert states(mailing) == {"ada@example.org": "complained"}


def test_a_complaint_never_passes_whatever_else_the_provider_says():
    mailing = make_sent("ada@example.org")
    event = AnymailTrackingEvent(
        event_type="complained", recipient="ada@example.org", esp_event={"event": "spam", "hard_bounce": False}
    )

    mail_reports.hear(event)

    assert mailing.event.suppressions.get().reason == "complained"


@pytest.mark.parametrize(
    ("raw", "is_passing"),
    [
        ({"Type": "SoftBounce"}, True),
        ({"Type": "HardBounce"}, False),
        ({"event": "soft_bounce"}, True),
        ({"event": "hard_bounce"}, False),
        ({"event": "bounce", "hard_bounce": False}, True),
        ({"event": "bounce", "hard_bounce": True}, False),
        ({"event": "bounce"}, False),
    ],
)
def test_each_provider_has_its_own_word_for_it(raw, is_passing):
    assert mail_reports.is_passing(raw) is is_passing


def test_a_complaint_ends_it_in_every_event_that_has_written(client):
    first, second = make_event(), make_event()
    make_sent("ada@example.org", event=first)
    mailing = make_sent("ada@example.org", event=second)

    report(client, "SpamComplaint")

    assert states(mailing) == {"ada@example.org": "complained"}
    assert [event.suppressions.get().reason for event in (first, second)] == ["complained"] * 2


def test_the_same_report_again_changes_nothing(client):
    mailing = make_sent("ada@example.org")

    statuses = [report(client).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert mailing.event.suppressions.count() == 1


def test_opened_mails_and_unknown_addresses_change_nothing(client):
    mailing = make_sent("ada@example.org")

    statuses = [report(client, address="eve@example.org").status_code, report(client, "Open").status_code]

    assert statuses == [200, 200]
    assert states(mailing) == {"ada@example.org": "sent"}


@pytest.mark.parametrize("secret", ["lectern:wrong", ""])
def test_who_does_not_know_the_secret_is_refused(client, secret):
    mailing = make_sent("ada@example.org")

    answer = report(client, secret=secret)

    assert (answer.status_code, states(mailing)) == (400, {"ada@example.org": "sent"})


def test_without_a_secret_there_is_no_hook(client, settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": ""}

    assert report(client).status_code == 404


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "\x00"])
def test_what_is_no_report_is_refused(client, body):
    assert report(client, body=body or " ").status_code == 400


@pytest.mark.parametrize("field", ["Email", "MessageID", "Details"])
def test_a_report_with_a_nul_is_no_error_of_ours(client, field):
    make_sent("ada@example.org")

    assert report(client, **{field: "ada@example.org\0"}).status_code < 500


def test_bounces_count_when_a_mailing_is_judged():
    mailing = make_sent(*crowd(20))

    bounces.mark(Mail.objects.filter(address__in=crowd(5)), "bounced")

    mailing.refresh_from_db()
    assert mailing.state == "stopped"
