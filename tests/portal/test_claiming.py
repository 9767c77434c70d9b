"""How PostgreSQL finds the next mail of the many of a release that it hasn't counted yet."""

import pytest
from django.conf import settings
from django.db import connection

from portal.delivery import claiming, go_by_index
from tests.factories import make_event
from tests.portal.outbox import crowd, write_to

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("plain_letters")]


def plan() -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {claiming('')}", [settings.MAIL_LEASE, 0])
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.fixture
def new_connection() -> None:
    """One without settings of its own, to a database that knows nothing of mails yet."""
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM pg_statistic WHERE starelid = 'portal_mail'::regclass")
        cursor.execute("UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'portal_mail'::regclass")
    write_to(*crowd(2000), event=make_event())


def test_it_takes_the_first_of_the_index(new_connection: None) -> None:
    go_by_index()

    assert "mail_due" in plan()
    assert "Sort" not in plan()


def test_left_alone_it_would_sort_all_that_wait(new_connection: None) -> None:
    assert "Sort" in plan()
