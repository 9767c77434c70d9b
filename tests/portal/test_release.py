from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from tests.factories import make_event, make_program, make_registration, make_session

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


@pytest.fixture
def event():
    event = make_event(slug="tutorial")
    make_program(event, start=START)
    make_registration(event)
    return event


def test_it_prints_what_it_did(event, capsys):
    call_command("release", "tutorial", "--stage", "tentative")

    assert capsys.readouterr().out == "release 1 (tentative): 3 added, 0 moved, 0 removed; 1 mails\n"


def test_it_counts_sessions_that_moved_came_and_went(event, capsys):
    call_command("release", "tutorial", "--stage", "tentative")
    capsys.readouterr()
    event.blocks.update(start=START + timedelta(hours=1))
    event.sessions.filter(title="Part 2").delete()
    make_session(event.blocks.get(), "Part 3")

    call_command("release", "tutorial", "--stage", "final", "--note", "At last.")

    assert capsys.readouterr().out == "release 2 (final): 1 added, 2 moved, 1 removed; 1 mails\n"
    assert event.releases.first().note == "At last."


def test_it_can_tell_nobody(event, capsys):
    call_command("release", "tutorial", "--stage", "final", "--no-mail")

    assert capsys.readouterr().out == "release 1 (final): 3 added, 0 moved, 0 removed; 0 mails\n"
    assert event.mails.count() == 0


@pytest.mark.parametrize("at", ["2036-02-17T09:00", "2036-02-17T15:00+01:00"])
def test_it_can_wait_for_a_time_in_the_events_zone(event, capsys, at):
    call_command("release", "tutorial", "--stage", "final", "--note", "At last.", "--no-mail", "--at", at)

    timed = event.timed_releases.get()
    assert capsys.readouterr().out == "will release as final on February 17, 2036 at 09:00 EST\n"
    assert (timed.stage, timed.note, timed.is_mailed) == ("final", "At last.", False)
    assert not event.releases.exists()


@pytest.mark.parametrize(("at", "said"), [("soon", "Enter a valid date/time"), ("2020-01-01T09:00", "has passed")])
def test_a_time_that_is_none_is_refused(event, at, said):
    with pytest.raises(CommandError, match=said):
        call_command("release", "tutorial", "--stage", "final", "--at", at)

    assert not event.timed_releases.exists()


def test_an_event_that_is_not_there_is_named():
    with pytest.raises(CommandError, match="There is no event “nowhere”"):
        call_command("release", "nowhere", "--stage", "final")


def test_an_event_without_sessions_is_not_released():
    event = make_event()

    with pytest.raises(CommandError, match="The program has no sessions"):
        call_command("release", event.slug, "--stage", "final")

    assert event.releases.count() == 0


def test_a_stage_that_does_not_exist_is_refused(event):
    with pytest.raises(CommandError, match="argument --stage: invalid choice: 'draft'"):
        call_command("release", "tutorial", "--stage", "draft")


def test_a_note_that_is_too_long_is_refused_before_anything_is_written(event):
    with pytest.raises(CommandError, match="The note is longer than 1000 characters"):
        call_command("release", "tutorial", "--stage", "final", "--note", "x" * 1001)

    assert event.releases.count() == 0
