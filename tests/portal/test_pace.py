"""How fast mass mail goes."""

from datetime import timedelta
from itertools import takewhile

import pytest
from django.utils import timezone

from portal.bell import bell
from portal.delivery import drain
from portal.mail import queue
from portal.pace import LONGEST_WAIT, take_turn
from tests.factories import make_event
from tests.portal.outbox import crowd, write_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


def test_mass_mail_keeps_to_its_rate_and_what_somebody_waits_for_does_not(server, settings):
    settings.MAIL_RATE = 20
    event = make_event()
    write_to(*crowd(5), event=event)
    queue("plain", event=event, address="urgent@example.org", occasion="now")

    drain()

    sent = list(event.mails.filter(is_urgent=False).order_by("sent_at").values_list("sent_at", flat=True))
    assert sent[-1] - sent[0] >= timedelta(seconds=3 / 20)
    assert server.recipients[0] == "urgent@example.org"
    assert event.mails.get(is_urgent=True).sent_at < timezone.now()


def test_more_senders_than_the_rate_has_turns_for_leave_it_to_the_others(settings):
    settings.MAIL_RATE = 0.5
    now = timezone.now()

    pauses = [take_turn(now) for _ in range(8)]

    assert pauses == [0, 2, 4, 6, 8, 10, 12, 12]
    assert take_turn(now + timedelta(seconds=10)) == 2


def test_a_mail_whose_turn_is_far_off_waits_as_it_was(server, settings, monkeypatch):
    settings.MAIL_RATE = 0.01
    rings = []
    monkeypatch.setattr(bell, "ring", lambda: rings.append("ring"))
    mailing = write_to(*crowd(3), event=make_event())

    for _ in range(2):
        drain()

    assert sorted(mailing.mails.values_list("state", "tries", "answer")) == [
        ("sent", 1, ""),
        ("waiting", 0, ""),
        ("waiting", 0, ""),
    ]
    assert rings == ["ring"]  # when the second was in hand


@pytest.mark.parametrize("rate", [0.09, 0.05, 0.025, 0.01])
def test_a_low_rate_is_kept_though_only_the_sweep_asks(settings, rate):
    settings.MAIL_RATE = rate
    begin, sent = timezone.now(), []

    for second in range(0, 3600, settings.MAIL_SWEEP):
        pauses = iter(lambda now=begin + timedelta(seconds=second): take_turn(now), None)
        sent += [second + pause for pause in takewhile(lambda pause: pause <= LONGEST_WAIT, pauses)]

    assert len(sent) == pytest.approx(rate * 3600, abs=2)
    assert all(count <= rate * (second + settings.MAIL_SWEEP) + 1 for count, second in enumerate(sent, 1))


def test_after_a_pause_a_low_rate_makes_up_for_no_more_than_a_sweep(settings):
    settings.MAIL_RATE = 0.05
    now = timezone.now()
    take_turn(now)

    pauses = [take_turn(now + timedelta(hours=1)) for _ in range(3)]

    assert pauses == [0, 0, 10]


def test_a_rate_is_not_held_up_by_what_a_slower_one_has_left(settings):
    settings.MAIL_RATE = 0.001
    now = timezone.now()
    take_turn(now)
    settings.MAIL_RATE = 10

    assert [take_turn(now), take_turn(now)] == [0, 0.1]
