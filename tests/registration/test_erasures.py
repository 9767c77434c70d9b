"""Whom we were asked to forget, kept beside the database."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.invariants import problems
from portal.models import Event
from registration import booking, erasures, links, privacy, purging
from registration.models import Erasure, Follower, Registration
from tests.factories import (
    make_block,
    make_event,
    make_organizer,
    make_release,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.registration.canary import ADA, CANARY, dump, make_ada, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]
DAY = date(2026, 3, 22)


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", starts_on=DAY)
    make_ticket_type(event, 1)
    return event


class TestTheList:
    """Who was forgotten is on it as soon as it can be written."""

    def test_a_folder_that_takes_no_files_keeps_nobody_from_being_forgotten(
        self,
        event: Event,
        client: Client,
        lists: Path,
        caplog: pytest.LogCaptureFixture,
        django_capture_on_commit_callbacks,
    ) -> None:
        ada = make_ada(event)
        lists.parent.write_text("a file, not a folder")

        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(f"{links.manage_path(ada)}erase/")

        assert response.status_code == 302
        assert dump() == {}
        assert "The list of erasures can't be written; it lacks 1." in caplog.text
        assert CANARY not in caplog.text

    def test_it_is_completed_once_it_can_be_written(self, event: Event, lists: Path) -> None:
        privacy.erase(make_ada(event))
        privacy.erase_address("grace@example.org")

        for _ in range(2):
            purging.purge()

        lines = [line.split() for line in lists.read_text().splitlines()]
        assert [(slug, mark) for _, slug, mark in lines] == [
            ("tutorial", erasures.print_of(ADA, settings.SECRET_KEY)),
            ("*", erasures.print_of("grace@example.org", settings.SECRET_KEY)),
        ]

    @pytest.mark.parametrize("kept", [3, 11, 30, 36, 60, 106])
    def test_a_line_that_was_cut_off_hides_no_other(self, event: Event, lists: Path, kept: int) -> None:
        privacy.erase(make_ada(event))
        purging.purge()
        lists.write_text(lists.read_text()[:kept])
        privacy.erase_address("grace@example.org")

        for _ in range(2):
            purging.purge()

        assert {one.print for one in erasures.entries()} == set(Erasure.objects.values_list("print", flat=True))
        assert Erasure.objects.count() == 2

    def test_a_list_that_is_complete_is_left_alone(
        self, event: Event, lists: Path, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(make_ada(event))
        before = lists.read_text()

        purging.purge()

        assert lists.read_text() == before


class TestRestoredBackups:
    def test_whom_an_older_backup_brings_back_is_forgotten_again(
        self, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        ada = make_ada(event)
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(ada)
        Registration.objects.filter(pk=ada.pk).update(name="Ada Canary", email=ADA, email_key=ADA)
        Follower.objects.create(event=event, email=ADA)
        Erasure.objects.all().delete()
        Follower.objects.update(created_at=timezone.now() - timedelta(days=1))

        done = [purging.purge()["erased again"] for _ in range(2)]

        assert done == [1, 0]
        assert dump() == {}

    def test_who_registered_after_having_been_forgotten_stays(
        self, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(make_ada(event))
        Erasure.objects.all().delete()
        again = booking.register(event, name="Ada", email=ADA)

        purging.purge()

        assert Registration.objects.get(email=ADA) == again

    def test_a_speaker_is_taken_out_of_the_program_again(
        self, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        speaker = make_speaker(event, "Ada Canary", email=ADA)
        gone = make_speaker(event, "Gus Canary")
        for one in (speaker, gone):
            make_session(make_block(event), speakers=(one,))
        make_release(event)
        event.sessions.filter(speakers=gone).delete()
        gone.delete()
        backup = rows_of_program(event)
        with django_capture_on_commit_callbacks(execute=True):
            told("erase_person", ADA)
            told("redact_speaker", "tutorial", "Gus Canary")
        assert dump() == {}
        restore(backup)

        with django_capture_on_commit_callbacks(execute=True):
            done = [purging.purge()["erased again"] for _ in range(2)]

        assert done == [2, 0]
        assert dump() == {}
        assert problems() == []

    def test_a_speaker_who_erased_their_registration_alone_stays_one(
        self, event: Event, django_capture_on_commit_callbacks
    ) -> None:
        make_speaker(event, "Ada Canary", email=ADA)
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(booking.register(event, name="Ada", email=ADA))
        Erasure.objects.all().delete()

        purging.purge()

        assert event.speakers.get().email == ADA

    def test_one_who_is_redacted_is_on_the_list_whoever_does_it(self, event: Event, client: Client) -> None:
        speaker = make_speaker(event, "Ada Canary")
        client.force_login(make_organizer(event))
        form = {"action": "redact", "_selected_action": [speaker.pk], "is_confirmed": "1"}

        client.post("/admin/sessions_app/speaker/", form)

        row = Erasure.objects.get()
        assert row.event == event
        assert row.print in erasures.prints(f"speaker {speaker.uuid}")

    def test_the_list_tells_nobodys_address(
        self, event: Event, lists: Path, django_capture_on_commit_callbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            privacy.erase(make_ada(event))

        _, slug, mark = lists.read_text().split()
        assert (slug, len(mark)) == ("tutorial", 64)
        assert mark in erasures.prints(ADA.upper())

    def test_a_new_secret_key_still_knows_those_of_the_old(self, event: Event, settings: Any) -> None:
        privacy.erase(make_ada(event))
        mark = Erasure.objects.get().print
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another"

        assert mark in erasures.prints(ADA)

    def test_an_erasure_that_failed_is_not_on_the_list(self, event: Event, lists: Path) -> None:
        make_ada(event)

        with pytest.raises(RuntimeError):
            fail_after_erasing(event)

        assert not lists.exists()


def rows_of_program(event: Event) -> list[Any]:
    return [*event.speakers.all(), *event.releases.all()]


def restore(backup: list[Any]) -> None:
    """As it was, with a database that knows of no erasure."""
    for row in backup:
        row.save_base(raw=True)
    Erasure.objects.all().delete()


def fail_after_erasing(event: Event) -> None:
    with transaction.atomic():
        privacy.erase_address(ADA, event)
        raise RuntimeError
