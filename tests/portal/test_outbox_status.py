import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from portal.mail import queue
from portal.models import Mail
from tests.factories import make_event

pytestmark = pytest.mark.django_db


def fill():
    event = make_event()
    for number, state in enumerate(["waiting", "waiting", "sending", "sent", "failed"]):
        queue("plain", event=event, address=f"p{number}@example.org", occasion="test")
        Mail.objects.filter(address=f"p{number}@example.org").update(
            state=state, changed_at=timezone.now(), created_at=timezone.now() - timedelta(seconds=60 - number)
        )


def test_it_prints_json_for_programs(capsys):
    fill()

    call_command("outbox_status", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "waiting": 2,
        "sending": 1,
        "sent": 1,
        "failed": 1,
        "bounced": 0,
        "complained": 0,
        "held": 0,
        "withdrawn": 0,
        "oldest_waiting_seconds": 60,
        "sent_per_second": 0.02,
    }


def test_an_empty_outbox_has_no_oldest(capsys):
    call_command("outbox_status", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "waiting": 0,
        "sending": 0,
        "sent": 0,
        "failed": 0,
        "bounced": 0,
        "complained": 0,
        "held": 0,
        "withdrawn": 0,
        "oldest_waiting_seconds": None,
        "sent_per_second": 0.0,
    }


def test_it_prints_a_line_for_people(capsys):
    fill()

    call_command("outbox_status")

    assert capsys.readouterr().out == "2 waiting, 1 sending, 1 sent, 1 failed; the oldest has been waiting for 60 s\n"


def test_the_line_is_short_while_nothing_waits(capsys):
    call_command("outbox_status")

    assert capsys.readouterr().out == "0 waiting, 0 sending, 0 sent, 0 failed\n"
