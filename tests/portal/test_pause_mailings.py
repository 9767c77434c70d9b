import io

import pytest
from django.core.management import call_command

from portal import mailings
from portal.delivery import claim_due, drain
from portal.models import Mailing
from tests.factories import make_event
from tests.portal.outbox import crowd, write, write_to
from tests.smtp import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("plain_letters")]


def pause_all() -> str:
    said = io.StringIO()
    call_command("pause_mailings", stdout=said)
    return said.getvalue()


def test_a_restored_copy_sends_of_its_mailings_nothing_until_somebody_lets_it(server: Server) -> None:
    event = make_event()
    mailing = write_to(*crowd(3), event=event)
    claim_due()  # in hand when the copy was made
    write("ada@example.org", event=event)

    said = pause_all()
    drain()
    before = list(server.recipients)
    mailings.resume(Mailing.objects.get(pk=mailing.pk))
    drain()

    assert said == "Test: paused, with 3 mails to go\n"
    assert before == ["ada@example.org"]
    assert sorted(server.recipients) == ["ada@example.org", *crowd(3)]


def test_without_a_mailing_it_says_so() -> None:
    assert pause_all() == "No mailing is under way.\n"
