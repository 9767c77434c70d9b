import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import environment as env

ROOT = Path(__file__).parents[2]
KEY = "".join(chr(number) for number in range(33, 123))  # long and of many characters, as the checks want it


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOME_VALUE", raising=False)

    with pytest.raises(ImproperlyConfigured, match="Set SOME_VALUE in the environment"):
        env.text("SOME_VALUE")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("yes", True), ("off", False), ("", False)])
def test_booleans(monkeypatch: pytest.MonkeyPatch, value: str, expected: bool) -> None:
    monkeypatch.setenv("SOME_VALUE", value)

    assert env.boolean("SOME_VALUE") is expected


def test_an_unclear_boolean_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VALUE", "maybe")

    with pytest.raises(ImproperlyConfigured, match="use 1 or 0"):
        env.boolean("SOME_VALUE")


@pytest.mark.parametrize("value", ["-1", "two", "1.5"])
def test_an_unclear_number_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_VALUE", value)

    with pytest.raises(ImproperlyConfigured, match="use a whole number"):
        env.integer("SOME_VALUE", 0)


@pytest.mark.parametrize(("value", "expected"), [("", 2), ("0", 0), ("20", 20), ("0.5", 0.5), (" 0.001 ", 0.001)])
def test_numbers(monkeypatch: pytest.MonkeyPatch, value: str, expected: float) -> None:
    monkeypatch.setenv("SOME_VALUE", value)

    assert env.number("SOME_VALUE", 2) == expected


@pytest.mark.parametrize("value", ["-1", "1e3", ".5", "1.", "0,5", "nan", "inf", "two", "1_000", "٣", "0.0005"])
def test_a_number_that_is_written_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_VALUE", value)

    with pytest.raises(ImproperlyConfigured, match="use a number of 0 or more"):
        env.number("SOME_VALUE", 0)


def test_a_stored_secret_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"

    first, second = env.stored_secret(path), env.stored_secret(path)

    assert first == second
    assert len(first) >= 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_mail_url_is_read_in_full() -> None:
    options = env.mailer("smtp+tls://us%40er:p%2Fw@mail.example:2525?timeout=5")["OPTIONS"]

    assert options == {
        "host": "mail.example",
        "port": 2525,
        "username": "us@er",
        "password": "p/w",
        "use_tls": True,
        "use_ssl": False,
        "timeout": 5,
    }


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_an_unclear_mail_url_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL has to look like"):
        env.mailer(url)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL"])
def test_production_refuses_to_start_without(missing: str) -> None:
    given = {
        name: os.environ[name]
        for name in ("PATH", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_URL")
    }
    environment = {name: value for name, value in given.items() if name != missing}
    command = [sys.executable, "-c", "import portal.settings"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == 1
    assert f"Set {missing} in the environment" in done.stderr


@pytest.mark.parametrize(("site", "status"), [("https://portal.example", 0), ("http://portal.example", 1)])
def test_djangos_checks_of_a_deployment_warn_of_nothing_but_a_site_without_tls(site: str, status: int) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings", "SECRET_KEY": KEY, "SITE_URL": site}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the tests' own
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert done.returncode == status, done.stderr


def test_what_is_noted_is_read_and_else_the_default_holds(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://127.0.0.1:7000/0\n")
    (tmp_path / "empty").write_text("")

    found = [env.noted(tmp_path / name, "default") for name in ("url", "empty", "missing")]

    assert found == ["redis://127.0.0.1:7000/0", "default", "default"]
