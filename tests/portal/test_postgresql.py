from collections.abc import Iterator

import pytest
from django.db import OperationalError, ProgrammingError, close_old_connections, connection, transaction

from portal.rows import value

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PID = "SELECT pg_backend_pid()"


def hang_up() -> None:
    """What a restart of the server does to our connection."""
    pid, other = value(PID), connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()


@pytest.fixture(autouse=True)
def new_connection() -> Iterator[None]:
    """One that isn't given up for its age, and is asked after at each request."""
    connection.close()
    connection.ensure_connection()
    connection.health_check_enabled = True
    yield
    connection.close()


def test_a_connection_that_works_is_kept() -> None:
    before = value(PID)

    close_old_connections()

    assert connection.is_usable()
    assert value(PID) == before


def test_after_the_server_hung_up_a_request_has_a_new_one() -> None:
    before = value(PID)
    hang_up()

    close_old_connections()

    assert value(PID) != before


def test_without_a_look_the_request_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    value(PID)
    hang_up()
    monkeypatch.setattr(connection, "is_usable", lambda: True)

    close_old_connections()

    with pytest.raises(OperationalError):
        value(PID)


def test_one_that_a_failed_transaction_holds_is_no_use() -> None:
    with transaction.atomic():
        with pytest.raises(ProgrammingError):
            value("SELECT nonsense")

        assert not connection.is_usable()
        transaction.set_rollback(True)
    assert connection.is_usable()
