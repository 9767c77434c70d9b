"""Who registers an address learns neither from the answer nor from the time it takes whether it was known."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.invariants import problems
from portal.models import Event, Mail
from registration import booking
from registration.models import Admission, Answer, Choice, Lab, LabSeat
from tests.factories import make_lab, make_question, make_registration, make_release
from tests.registration.ranks import are_told_apart, differ

TRIES = 100
ANSWER = {"q-shirt": "M", "q-meal": "L", "q-tour": "M"}
ADDED = 'INSERT INTO "registration_registration"'


def register(client: Client, address: str, **more: Any) -> Any:
    return client.post("/tutorial/register/", {"name": "Ada", "email": address} | more)


def make_known(event: Event, address: str) -> None:
    make_registration(event, address, state="awaiting_approval")
    event.registrations.update(updated_at="2026-01-01T00:00Z")


def statements(act: Any) -> Counter[str]:
    """How often each is sent, by its verb and its table; of what is written together, whether it adds somebody."""
    with CaptureQueriesContext(connection) as queries:
        act()
    asked = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
    return Counter(ADDED if ADDED in one else " ".join(one.split()[:3]).partition(".")[0] for one in asked)


@pytest.mark.django_db
@pytest.mark.parametrize(("capacity", "mode"), [(None, "seats"), (9, "seats"), (0, "seats"), (None, "interest")])
def test_the_same_is_said(event: Event, client: Client, capacity: int | None, mode: str) -> None:
    event.ticket_types.update(capacity=capacity, mode=mode)
    make_known(event, "known@example.org")

    known, new = (register(client, address) for address in ("known@example.org", "new@example.org"))

    assert (known.status_code, known.headers, known.content) == (new.status_code, new.headers, new.content)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("capacity", "mode"), [(None, "seats"), (9, "seats"), (0, "seats"), (None, "interest")])
def test_as_much_is_asked(event: Event, client: Client, capacity: int | None, mode: str) -> None:
    event.ticket_types.update(capacity=capacity, mode=mode)
    register(client, "first@example.org")
    make_known(event, "known@example.org")

    known, new = (
        statements(lambda address=address: register(client, address))  # type: ignore[misc]
        for address in ("known@example.org", "new@example.org")
    )

    assert known == new
    assert new[ADDED] == 1


@pytest.mark.django_db
def test_as_much_is_done_when_the_form_comes_a_second_time(event: Event, client: Client) -> None:
    make_known(event, "known@example.org")
    for address in ("known@example.org", "new@example.org"):
        register(client, address)

    known, new = (
        statements(lambda address=address: register(client, address))  # type: ignore[misc]
        for address in ("known@example.org", "new@example.org")
    )

    assert known == new


@pytest.mark.django_db
def test_a_known_address_keeps_all_as_it_was(event: Event, client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_release(event)
    lab = make_lab(event, event.sessions.earliest("pk"))
    make_question(event, "Shirt", key="shirt", kind="choice", choices=("M",))
    make_question(event, "CV", key="cv", kind="file")
    make_known(event, "ada@example.org")
    upload = SimpleUploadedFile("cv.txt", b"Written in a hurry")

    answer = register(client, "ada@example.org", **{"q-shirt": "M", "q-cv": upload, "lab_seats": [lab.pk]})

    assert answer.status_code == 302
    assert list(event.registrations.values_list("name", "round")) == [("Grace Hopper", 1)]
    counts = [Admission.objects.get().taken, event.ticket_types.get().taken, Choice.objects.get().taken]
    assert [*counts, Lab.objects.get().taken, Answer.objects.count(), LabSeat.objects.count()] == [0] * 6
    assert list(event.mails.values_list("kind", "address")) == [("again", "ada@example.org")]
    assert problems() == []


@pytest.mark.django_db(transaction=True)
def test_files_for_a_known_address_are_not_kept(event: Event, client: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    make_question(event, "CV", key="cv", kind="file")
    make_known(event, "ada@example.org")

    for address in ("ada@example.org", "new@example.org"):
        register(client, address, **{"q-cv": SimpleUploadedFile("cv.txt", b"Written in a hurry")})

    kept = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert kept == [Path(Answer.objects.get().file.path)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestTime:
    def test_it_tells_nobody_whether_an_address_is_known(self, event: Event) -> None:
        assert not are_told_apart(lambda: differs(event))

    def test_it_tells_no_more_where_there_are_questions(self, asking: Event) -> None:
        assert not are_told_apart(lambda: differs(asking, **ANSWER))

    def test_doing_less_for_a_known_one_would_be_noticed(self, asking: Event, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(booking, "rehearse", lambda *_: None)

        assert are_told_apart(lambda: differs(asking, **ANSWER))

    @pytest.fixture
    def asking(self, event: Event) -> Event:
        for key in ("shirt", "meal", "tour"):
            make_question(event, key.title(), key=key, kind="choice", choices=("M", "L"))
        return event


def differs(event: Event, **more: str) -> bool:
    Mail.objects.all().delete()
    event.registrations.all().delete()
    event.ticket_types.update(capacity=10_000, taken=0)
    Admission.objects.update(taken=0)
    known = [f"known{number}@example.org" for number in range(TRIES)]
    for address in known:
        make_known(event, address)
    client = Client()
    register(client, "first@example.org", **more)
    others = (f"other{n}@example.org" for n in range(TRIES))
    return differ(lambda address: register(client, address, **more), known, others)
