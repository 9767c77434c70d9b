import socket
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from portal import mail
from tests.factories import make_event, make_registration, make_release
from tests.smtp import Server, recording_server

REDIS_DOWN = "broker: doesn't answer\n"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


class TestHealthz:
    def test_it_is_alive_without_asking_anybody(self, client: Client) -> None:
        response = client.get("/healthz")  # without a database: pytest-django would refuse

        assert (response.status_code, response.content) == (200, b"ok\n")
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db(transaction=True)
class TestReadyz:
    def test_it_names_the_broker(self, client: Client) -> None:
        response = client.get("/readyz")

        assert (response.status_code, response.content.decode()) == (503, REDIS_DOWN)

    def test_it_names_the_database(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(connection.settings_dict, "NAME", "/nowhere/at/all")

        response = client.get("/readyz")

        assert response.status_code == 503
        assert response.content.decode() == "database: doesn't answer\n" + REDIS_DOWN

    def test_it_names_migrations_that_are_not_applied(self, client: Client) -> None:
        applied = MigrationRecorder.Migration.objects.filter(app="registration")
        name = applied.order_by("-pk").values_list("name", flat=True)[0]
        MigrationRecorder(connection).record_unapplied("registration", name)

        response = client.get("/readyz")

        MigrationRecorder(connection).record_applied("registration", name)
        assert response.content.decode() == "migrations: not all applied\n" + REDIS_DOWN

    def test_a_broker_that_says_nothing_is_not_waited_for(self, client: Client, settings, silent_port: int) -> None:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"

        response = client.get("/readyz")

        assert response.content.decode() == REDIS_DOWN

    def test_it_names_the_mail_server(self, client: Client, settings) -> None:
        with recording_server() as server:
            settings.MAILERS = server.mailers()
            there = client.get("/readyz")

        gone = client.get("/readyz")

        assert there.content.decode() == REDIS_DOWN
        assert gone.content.decode() == REDIS_DOWN + "mail server: doesn't answer\n"

    def test_a_mail_server_that_says_nothing_is_not_waited_for(
        self, client: Client, settings, silent_port: int
    ) -> None:
        settings.MAILERS = Server(silent_port).mailers()

        response = client.get("/readyz")

        assert response.content.decode() == REDIS_DOWN + "mail server: doesn't answer\n"

    @pytest.mark.services
    def test_with_everything_there_it_is_ready(self, client: Client, settings, redis_url: str) -> None:
        settings.REDIS_URL = redis_url

        response = client.get("/readyz")

        assert (response.status_code, response.content) == (200, b"ready\n")


@pytest.mark.django_db
class TestMetrics:
    def test_it_gives_all_figures(self, client: Client) -> None:
        event = make_event()
        make_release(event)
        make_registration(event)
        make_registration(event, state="pending")
        mail.queue("confirm", event=event, address="someone@example.org", occasion="once")

        lines = client.get("/metrics").content.decode().splitlines()

        figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        assert int(figures.pop("lectern_mail_oldest_waiting_seconds")) in range(60)
        assert figures == {
            'lectern_mails{state="waiting"}': "1",
            'lectern_mails{state="sending"}': "0",
            'lectern_mails{state="sent"}': "0",
            'lectern_mails{state="failed"}': "0",
            'lectern_mails{state="bounced"}': "0",
            'lectern_mails{state="complained"}': "0",
            'lectern_mails{state="held"}': "0",
            'lectern_mails{state="withdrawn"}': "0",
            "lectern_mails_sent_per_second": "0",
            'lectern_registrations{state="pending"}': "1",
            'lectern_registrations{state="awaiting_approval"}': "0",
            'lectern_registrations{state="declined"}': "0",
            'lectern_registrations{state="confirmed"}': "1",
            'lectern_registrations{state="waitlisted"}': "0",
            'lectern_registrations{state="cancelled"}': "0",
            "lectern_releases": "1",
        }

    def test_each_figure_is_introduced(self, client: Client) -> None:
        lines = client.get("/metrics").content.decode().splitlines()

        names = [line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")]
        assert set(names) == {line.split()[2] for line in lines if line.startswith("# TYPE")}

    @pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.1.2.3", "192.168.0.7", "fd00::1"])
    def test_our_own_network_may_ask(self, client: Client, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 200

    @pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "", "not an address"])
    def test_others_find_nothing(self, client: Client, address: str) -> None:
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404

    @pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded"])
    def test_nor_does_anybody_behind_a_proxy(self, client: Client, header: str) -> None:
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_they_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
