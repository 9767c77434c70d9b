"""Whoever was forgotten has left no trace: neither in the database and among the files, nor in what the processes
logged and sent through Redis."""

from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from portal.models import Event
from registration import links
from tests.factories import make_event, make_lab, make_question, make_release, make_ticket_type
from tests.registration.traces import Listener, in_files, in_tables
from tests.services import Production, wait_until
from tests.smtp import Server, recording_server

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
CANARY = "quokka"
ADDRESS = "ada.quokka@example.org"
PERSON = {"name": "Ada Quokka", "email": ADDRESS, "affiliation": "Quokka & Co"}


@pytest.fixture
def post() -> Iterator[Server]:
    """Refuses one mail at once and puts another one off, both times by the person's address."""
    with recording_server() as server:
        server.script("rcpt", f"450 4.2.1 <{ADDRESS}> comes too often", match=CANARY, first=1)
        server.script("rcpt", "550 5.1.1 <friend@example.org> is unknown", match="friend")
        yield server


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", starts_on=date(2099, 1, 15))
    make_ticket_type(event, 5)
    make_question(event, "Diet", key="diet")
    make_question(event, "CV", key="cv", kind="file")
    make_release(event)
    make_lab(event, event.sessions.earliest("pk"))
    return event


class Visitor:
    """Sends forms as a browser without scripts does. Gives the status, and where it leads."""

    def __init__(self, port: int) -> None:
        self.port = port

    def post(self, path: str, **form: Any) -> tuple[int, str]:
        link = HTTPConnection("localhost", self.port, timeout=20)
        link.request("POST", path, encode_multipart(BOUNDARY, form), {"Content-Type": MULTIPART_CONTENT})
        return self.answer(link)

    def get(self, path: str) -> tuple[int, str]:
        link = HTTPConnection("localhost", self.port, timeout=20)
        link.request("GET", path)
        return self.answer(link)

    def answer(self, link: HTTPConnection) -> tuple[int, str]:
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer.status, answer.headers.get("Location", "")

    def register(self, **more: Any) -> tuple[int, str]:
        return self.post("/tutorial/register/", **PERSON | {"q-diet": "Quokka food", "q-cv": paper()} | more)


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("quokka.txt", b"Ten years among quokkas")


def stay(visitor: Visitor, event: Event) -> None:
    """All that a person does, and some of it wrong. Ends on the page that asks whether to forget it all."""
    assert visitor.register(email="ada.quokka@")[0] == 422
    assert visitor.register()[0] == 302
    assert visitor.register()[0] == 302
    ada = event.registrations.get()
    assert visitor.post(links.confirm_path(ada))[0] == 302
    ada.refresh_from_db()
    mine = links.manage_path(ada)
    assert visitor.post("/tutorial/link/", email=ADDRESS)[0] == 302
    assert visitor.post("/tutorial/follow/", email=ADDRESS)[0] == 302
    assert visitor.post(f"{mine}edit/", **PERSON | {"q-diet": "Quokka bread", "q-cv": paper()})[0] == 302
    assert visitor.post(f"{mine}labs/", lab_seats=str(event.labs.get().pk))[0] == 302
    assert visitor.post(f"{mine}pass-on/", name="Quokka's friend", email="friend@example.org")[0] == 302
    pages = ["", "ticket/", "ticket.pdf", "data.json", "answers/0/", "erase/", "quokka/"]
    assert [visitor.get(f"{mine}{page}")[0] for page in pages] == [200, 200, 200, 200, 404, 200, 404]
    assert visitor.get(links.calendar_path(ada))[0] == 200


def test_nothing_is_left_of_who_was_forgotten(
    event: Event, production: Production, post: Server, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    quick = {"MAIL_FIRST_GAP": "1", "MAIL_SWEEP": "1"}
    production.environment |= {"EMAIL_URL": post.url, "MEDIA_ROOT": str(media)} | quick
    with Listener(production.environment["REDIS_URL"]) as listener:
        production.start_web(), production.start_worker(), production.start_scheduler()
        visitor = Visitor(production.port)
        stay(visitor, event)
        assert wait_until(lambda: not event.mails.filter(state__in=["waiting", "sending"]).exists())
        there = in_tables(CANARY).keys()
        files = in_files(CANARY, tmp_path)
        erased = visitor.post(f"{links.manage_path(event.registrations.get())}erase/")
        assert wait_until(lambda: not in_files(CANARY, media))

    assert {"registration_registration", "registration_answer", "portal_mail", "registration_transfer"} <= there
    assert [one.is_relative_to(media) for one in files] == [True]
    assert erased == (302, "/tutorial/erased/")
    assert (in_tables(CANARY), event.mails.count()) == ({}, 0)
    assert in_files(CANARY, tmp_path) == []
    assert (len(listener.commands) > 20, listener.heard(CANARY)) == (True, [])
    assert "was sent" in "".join(one.output for one in production.processes)
