"""How PostgreSQL finds the next mail of the many of a release that it hasn't counted yet."""

import pytest
from django.conf import settings
from django.db import connection

from portal import delivery
from tests.factories import make_event
from tests.portal.outbox import crowd, write_to

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def plan() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {delivery.claiming.__wrapped__('')}", [settings.MAIL_LEASE, 0])
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.fixture(autouse=True)
def uncounted(plain_letters: None) -> None:
    """As after the first release: the database knows nothing of mails yet."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid = 'portal_mail'::regclass")
        cursor.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'portal_mail'::regclass")
    write_to(*crowd(10_000), event=make_event())


def test_it_takes_the_first_of_the_index() -> None:
    assert "mail_due" in plan()
    assert "Sort" not in plan()


def test_asked_for_one_or_the_other_it_would_sort_all_that_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    due = "((state = 'waiting' AND due_at <= {now}) OR (state = 'sending' AND lease_until <= {now}))"
    monkeypatch.setattr(delivery, "DUE", due)

    assert "Sort" in plan()
