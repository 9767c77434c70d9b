import time
from uuid import uuid4

import pytest
from django.db import transaction

from portal import mailings
from portal.delivery import claim_due, deliver, drain
from portal.mail import queue, send_again
from portal.models import Event, Mail, Mailing, Membership, Suppression
from portal.tasks import deliver_due
from tests.factories import make_event, make_organizer
from tests.portal.outbox import crowd, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]
State = Mail.State


def states(mailing):
    return {state: count for state, count in mailings.progress(mailing).items() if count}


# Writing its mails


def test_mass_mail_goes_to_each_person_once_however_they_are_spelled():
    event = make_event()

    write_to("ada@example.org", "ADA@example.org", "bob@example.org", event=event)

    assert sorted(event.mails.values_list("address", "is_urgent")) == [
        ("ada@example.org", False),
        ("bob@example.org", False),
    ]


def test_opened_again_it_writes_only_to_who_is_new():
    event = make_event()
    mailing = write_to("ada@example.org", event=event)
    mailing.context["people"] = ["Ada@Example.org", "bob@example.org"]
    mailing.save()

    again = write_to("ada@example.org", event=event)

    assert again == mailing
    assert sorted(event.mails.values_list("address", flat=True)) == ["ada@example.org", "bob@example.org"]


@pytest.mark.parametrize(
    ("category", "reached"),
    [
        ("", ["bob@example.org"]),
        ("news", ["bob@example.org"]),
        ("program", ["Ada@example.org", "bob@example.org"]),
    ],
)
def test_mass_mail_leaves_out_who_wants_none_of_its_category(category, reached):
    event, other = make_event(), make_event()
    Suppression.objects.create(event=event, address_key="ada@example.org", category=category, reason="unsubscribed")

    write_to("Ada@example.org", "bob@example.org", event=event)
    write_to("Ada@example.org", "bob@example.org", event=other)

    assert sorted(event.mails.values_list("address", flat=True)) == reached
    assert other.mails.count() == 2


def test_ten_thousand_mails_are_written_in_the_transaction_of_their_cause(django_assert_num_queries):
    event = make_event()
    start = time.process_time()

    with django_assert_num_queries(66):
        mailing = write_to(*crowd(10_000), event=event)

    assert (mailing.mails.count(), Mailing.objects.get().is_filled) == (10_000, True)
    assert time.process_time() - start < 5


def test_what_is_more_is_written_by_workers(monkeypatch):
    monkeypatch.setattr(mailings, "STEP", 2)
    monkeypatch.setattr(mailings, "AT_ONCE", 2)
    mailing = write_to(*crowd(9), event=make_event())
    at_once = mailing.mails.count()

    mailings.fill_all()

    assert (at_once, mailing.mails.count(), Mailing.objects.get().is_filled) == (4, 9, True)


def test_when_its_time_is_up_a_worker_leaves_the_other_steps_to_the_next(monkeypatch):
    monkeypatch.setattr(mailings, "STEP", 2)
    monkeypatch.setattr(mailings, "AT_ONCE", 1)
    mailing = write_to(*crowd(9), event=make_event())

    mailings.fill_all(seconds=0)

    assert mailing.mails.count() == 4


def test_a_mailing_whose_people_cannot_be_found_is_logged_and_keeps_nobody_waiting(monkeypatch, server, caplog):
    monkeypatch.setattr(mailings, "STEP", 2)
    monkeypatch.setattr(mailings, "AT_ONCE", 1)
    event = make_event()
    broken = write_to(*crowd(3), event=event)
    Mailing.objects.update(context={})
    write_to(*crowd(3), event=event, occasion="two")

    deliver_due()

    assert sorted(server.recipients) == sorted([*crowd(2), *crowd(3)])
    assert [one.getMessage() for one in caplog.records if one.name == "portal.mailings"] == [
        f"Mailing {broken.pk} (plain) can't be written."
    ]


def test_a_step_that_fails_is_taken_again(monkeypatch):
    monkeypatch.setattr(mailings, "STEP", 2)
    monkeypatch.setattr(mailings, "AT_ONCE", 1)
    mailing = write_to(*crowd(4), event=make_event())

    with pytest.raises(RuntimeError), transaction.atomic():
        mailings.fill(mailing)
        raise RuntimeError
    mailings.fill_all()

    assert sorted(mailing.mails.values_list("address", flat=True)) == crowd(4)


def test_without_the_unique_key_filling_again_would_write_twice(monkeypatch):
    mailing = write_to(*crowd(3), event=make_event())
    monkeypatch.setattr(mailings, "address_key", lambda address: uuid4().hex)
    write_to(*crowd(3), event=mailing.event)

    assert mailing.mails.count() == 6


# Holding it


def test_a_paused_mailing_sends_nothing_until_it_goes_on(server):
    mailing = write_to(*crowd(3), event=make_event())

    mailings.pause(mailing)
    drain()
    held = states(mailing)
    mailings.resume(mailing)
    drain()

    assert (held, states(mailing)) == ({"held": 3}, {"sent": 3})
    assert sorted(server.recipients) == crowd(3)


def test_what_is_written_while_it_is_paused_is_held_too(monkeypatch):
    monkeypatch.setattr(mailings, "STEP", 1)
    monkeypatch.setattr(mailings, "AT_ONCE", 1)
    mailing = write_to(*crowd(3), event=make_event())

    mailings.pause(mailing)
    mailings.fill_all()

    assert states(mailing) == {"held": 3}


def test_a_mail_in_hand_is_put_back_when_its_mailing_was_paused_before(server):
    mailing = write_to("ada@example.org", event=make_event())
    Mailing.objects.update(state="paused")

    deliver(claim_due())

    row = mailing.mails.get()
    assert (row.state, row.tries, server.recipients) == (State.HELD, 0, [])


def test_a_mail_that_was_put_back_the_other_way_meanwhile_is_found():
    mailing = write_to(*crowd(2), event=make_event())
    mailing.mails.filter(address="p0@example.org").update(state=State.HELD)

    mailings.heal()
    running = states(mailing)
    Mailing.objects.update(state="paused")
    mailings.heal()

    assert (running, states(mailing)) == ({"waiting": 2}, {"held": 2})


def test_a_cancelled_mailing_keeps_what_is_sent_and_withdraws_the_rest(server):
    mailing = write_to(*crowd(3), event=make_event())
    deliver(claim_due())

    mailings.cancel(mailing)
    drain()

    assert states(mailing) == {"sent": 1, "withdrawn": 2}
    assert len(server.taken) == 1


# Of an event that isn't public


def test_what_was_cancelled_is_withdrawn_whether_or_not_it_is_public(server):
    mailing = write_to("ada@example.org", event=make_event(is_public=False))
    Mailing.objects.update(state="cancelled")

    deliver(claim_due())

    assert (states(mailing), server.recipients) == ({"withdrawn": 1}, [])


def test_of_an_event_that_is_no_longer_public_no_mass_mail_goes_and_its_organizers_are_told(server):
    event = make_event(contact_email="us@example.org")
    mailing = write_to(*crowd(3), event=event)
    deliver(claim_due())
    Event.objects.update(is_public=False)
    queue("plain", event=event, address="ada@example.org", occasion="two")

    drain()
    drain()

    mailing.refresh_from_db()
    assert (mailing.state, mailing.reason) == ("stopped", mailings.NOT_PUBLIC)
    assert states(mailing) == {"sent": 1, "held": 2}
    assert sorted(server.recipients) == ["ada@example.org", "p0@example.org", "us@example.org"]


def test_public_again_the_rest_goes_when_an_organizer_says_so(server):
    mailing = write_to(*crowd(3), event=make_event(is_public=False))
    drain()
    Event.objects.update(is_public=True)

    drain()
    waits = states(mailing)
    mailing.refresh_from_db()
    mailings.resume(mailing)
    drain()

    assert (waits, states(mailing)) == ({"held": 3}, {"sent": 3})
    assert "is_trusted" not in mailing.context  # nobody has looked at addresses


def test_who_unsubscribes_meanwhile_is_left_out_but_asked_for_mail_is_sent(server):
    event = make_event()
    mailing = write_to("ada@example.org", event=event)
    queue("plain", event=event, address="ada@example.org", occasion="two")
    Suppression.objects.create(event=event, address_key="ada@example.org", reason="unsubscribed")

    drain()

    row = mailing.mails.get()
    assert (row.state, row.answer) == (State.WITHDRAWN, "Not sent: the address gets no such mail any more.")
    assert len(server.taken) == 1


# Stopping by itself


@pytest.fixture
def hard_server(server):
    """One that knows nobody of whose address begins with dead."""
    server.script("rcpt", "550 5.1.1 no such user", match="dead")
    return server


def dead(size):
    return [f"dead{number}@example.org" for number in range(size)]


def test_a_mailing_with_too_many_dead_addresses_stops_and_tells_the_organizers(hard_server):
    event = make_event(contact_email="us@example.org")
    organizer = make_organizer(event)
    organizer.email = "olga@example.org"
    organizer.save()
    mailing = write_to(*dead(5), *crowd(20), event=event)

    drain()

    mailing.refresh_from_db()
    assert (mailing.state, mailing.reason) == ("stopped", "5 of the first 5 mails could not be delivered.")
    assert states(mailing)["held"] >= 19  # one may be in hand
    told = event.mails.filter(kind="stopped")
    assert sorted(told.values_list("address", flat=True)) == ["olga@example.org", "us@example.org"]


def test_once_somebody_has_looked_it_goes_on_to_the_end(hard_server):
    event = make_event()
    mailing = write_to(*dead(8), *crowd(20), event=event)
    drain()

    mailing.refresh_from_db()
    mailings.resume(mailing)
    drain()

    mailing.refresh_from_db()
    assert (mailing.state, states(mailing)) == ("running", {"sent": 20, "failed": 8})


@pytest.mark.parametrize(("fine", "lost"), [(37, 3), (100, 5)], ids=["three of 40", "less than 5 %"])
def test_a_few_dead_addresses_do_not_stop_it(hard_server, fine, lost):
    mailing = write_to(*crowd(fine), *dead(lost), event=make_event())

    drain()

    mailing.refresh_from_db()
    assert (mailing.state, states(mailing)) == ("running", {"sent": fine, "failed": lost})


def test_of_400_people_it_stops_long_before_the_last(hard_server):
    people = [f"dead{n}@example.org" if n % 16 == 15 else f"p{n}@example.org" for n in range(400)]
    mailing = write_to(*people, event=make_event())

    drain()

    mailing.refresh_from_db()
    assert mailing.reason == "5 of the first 80 mails could not be delivered."
    assert states(mailing)["held"] == 320


def test_a_letter_that_can_be_written_to_nobody_stops_it_too(server):
    mailing = write_to(*crowd(20), event=make_event(), kind="broken")

    drain()

    mailing.refresh_from_db()
    assert (mailing.state, states(mailing)["held"] >= 14) == ("stopped", True)


def test_a_former_organizer_is_not_told(hard_server):
    event = make_event()
    user = make_organizer(event)
    user.email, user.is_active = "gone@example.org", False
    user.save()
    Membership.objects.exclude(user=user).delete()

    assert mailings.organizers(event) == set()


# Dead addresses


def test_an_address_the_server_does_not_know_gets_no_more_mass_mail(hard_server):
    event = make_event()
    write_to("dead@example.org", event=event)
    drain()

    later = write_to("dead@example.org", event=event, occasion="two")

    assert later.mails.count() == 0
    assert event.suppressions.get().reason == "bounced"


def test_a_refusal_that_is_not_about_the_address_suppresses_nobody(server):
    event = make_event()
    server.script("rcpt", "550 5.7.1 we don't like you")
    write_to("ada@example.org", event=event)

    drain()

    assert not event.suppressions.exists()


def test_sent_again_by_an_organizer_it_is_believed_to_be_alive(server):
    server.script("rcpt", "550 5.1.1 no such user", first=1)
    event = make_event()
    mailing = write_to("ada@example.org", event=event)
    drain()

    count = send_again(Mail.objects.all())
    drain()

    assert (count, states(mailing), event.suppressions.count()) == (1, {"sent": 1}, 0)
