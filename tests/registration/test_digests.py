from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from portal.delivery import claim_due
from portal.models import Event
from registration import circulars, digests
from sessions_app.models import Material
from tests.factories import make_event, make_material, make_registration

pytestmark = pytest.mark.django_db


def make_digested(**fields):
    event = make_event(has_material_digest=True, **fields)
    make_registration(event, "ada@example.org")
    return event


def put_up(event, title, hours=2, **fields):
    row = make_material(event, title=title, **fields)
    Material.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=hours))
    return row


def letters(event):
    return [circulars.materials(mail).text for mail in event.mails.order_by("pk")]


def test_slides_that_are_up_are_told_once_together():
    event = make_digested()
    put_up(event, "Slides")
    put_up(event, "Code", audience="registered")

    digests.send_due()
    digests.send_due()

    (text,) = letters(event)
    assert "These can be opened now:\n\n* Slides\n* Code\n\nOpen them here:\n\nhttps://portal.example/" in text


def test_the_next_digest_is_a_day_later_and_tells_only_what_is_new():
    event = make_digested()
    put_up(event, "Slides")
    digests.send_due()
    put_up(event, "Code")

    digests.send_due()
    same_day = event.mails.count()
    digests.send_due(timezone.now() + timedelta(days=1))

    assert same_day == 1
    assert ["* Code" in text and "* Slides" not in text for text in letters(event)] == [False, True]


def test_a_worker_whose_clock_is_behind_tells_of_what_has_just_opened():
    event = make_digested()
    put_up(event, "Slides", opening="at_time", opens_at=timezone.now() - timedelta(hours=1))
    digests.send_due()

    with time_machine.travel(timezone.now() - timedelta(hours=2)):
        letter = circulars.materials(claim_due())

    assert "* Slides" in letter.text


@pytest.mark.parametrize(
    "fields", [{"hours": 0}, {"opening": "at_time", "opens_at": timezone.now() + timedelta(days=3)}]
)
def test_what_was_just_put_up_or_is_not_open_yet_waits(fields):
    event = make_digested()
    put_up(event, "Slides", **fields)

    digests.send_due()

    assert event.mailings.count() == 0


def test_of_an_event_that_is_not_public_they_are_told_once_it_is():
    event = make_digested(is_public=False)
    put_up(event, "Slides")

    digests.send_due()
    hidden = event.mailings.count()
    Event.objects.update(is_public=True)
    digests.send_due()

    assert (hidden, event.mailings.count()) == (0, 1)


def test_events_that_do_not_want_it_write_none():
    event = make_digested()
    event.has_material_digest = False
    event.save()
    put_up(event, "Slides")

    digests.send_due()

    assert event.mailings.count() == 0
