from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from portal.models import Event, Membership
from registration import duties, timer
from registration.tasks import release_due
from sessions_app.models import TimedRelease
from sessions_app.models.releases import TimedReleaseQuerySet
from sessions_app.publishing import ProgramError, publish
from tests.factories import make_event, make_organizer, make_program, make_registration

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=16)
State = TimedRelease.State


@pytest.fixture
def event() -> Event:
    event = make_event(slug="tutorial", title="Large models")
    make_program(event)
    make_registration(event, "grace@example.org")
    return event


def set_time(event: Event, at: datetime = LATER, stage: str = "final", **wishes) -> TimedRelease:
    with time_machine.travel(NOW, tick=False):
        return timer.set_time(event, at, stage, **wishes)


def states(event: Event) -> list[tuple[str, str]]:
    return list(event.timed_releases.order_by("pk").values_list("state", "stage"))


@pytest.mark.django_db
class TestSetTime:
    def test_a_second_time_takes_the_place_of_the_first(self, event: Event) -> None:
        set_time(event, stage="tentative", note="Old note.")

        set_time(event, LATER + timedelta(hours=1), note="See you.", is_mailed=False)

        timed = event.timed_releases.get()
        assert (timed.at, timed.stage, timed.note, timed.is_mailed) == (
            LATER + timedelta(hours=1),
            "final",
            "See you.",
            False,
        )

    def test_a_moment_that_has_passed_is_refused(self, event: Event) -> None:
        with pytest.raises(ProgramError, match="This time has passed"):
            set_time(event, NOW)

        assert not event.timed_releases.exists()

    def test_after_one_is_made_another_can_be_set(self, event: Event) -> None:
        timer.carry_out(set_time(event, stage="tentative").pk, LATER)

        set_time(event, LATER + timedelta(days=1))

        assert states(event) == [("done", "tentative"), ("waiting", "final")]


@pytest.mark.django_db
class TestCallOff:
    def test_it_is_not_made_any_more(self, event: Event) -> None:
        timed = set_time(event)

        assert timer.call_off(event) is True
        timer.carry_out(timed.pk, LATER)

        assert (states(event), event.releases.count()) == ([("called_off", "final")], 0)

    def test_with_none_waiting_there_is_none_to_call_off(self, event: Event) -> None:
        assert timer.call_off(event) is False


@pytest.mark.django_db
class TestCarryOut:
    def test_at_its_time_the_draft_of_that_moment_is_released_and_told(self, event: Event) -> None:
        chair = make_organizer(event)
        timed = set_time(event, note="At last.", by=chair)
        event.sessions.filter(title="Part 1").update(title="Welcome")

        timer.carry_out(timed.pk, LATER)

        release = event.releases.get()
        timed.refresh_from_db()
        assert (release.stage, release.note, release.published_by) == ("final", "At last.", chair)
        assert release.data["items"][0]["title"] == "Welcome"
        assert [(mail.kind, mail.address) for mail in event.mails.all()] == [("release", "grace@example.org")]
        assert (timed.state, timed.release) == (State.DONE, release)

    def test_before_its_time_nothing_happens(self, event: Event) -> None:
        timed = set_time(event)

        timer.carry_out(timed.pk, LATER - timedelta(seconds=1))

        assert (states(event), event.releases.count()) == ([("waiting", "final")], 0)

    def test_a_second_time_changes_nothing(self, event: Event) -> None:
        timed = set_time(event)

        for _ in range(2):
            timer.carry_out(timed.pk, LATER)

        assert (event.releases.count(), event.mails.count()) == (1, 1)

    def test_a_quiet_one_mails_nobody(self, event: Event) -> None:
        timer.carry_out(set_time(event, is_mailed=False).pk, LATER)

        assert (event.releases.count(), event.mails.count()) == (1, 0)

    @pytest.mark.parametrize("number", [0, 10**12])
    def test_one_that_is_not_there_is_passed_over(self, event: Event, number: int) -> None:
        timer.carry_out(number, LATER)

        assert not event.releases.exists()

    def test_an_empty_draft_is_not_released_and_the_organizers_are_told_why(self, event: Event) -> None:
        make_organizer(event, "chair")
        Membership.objects.create(event=event, user=make_organizer(username="deskhand"), role="check-in")
        for member in event.memberships.select_related("user"):
            member.user.email = f"{member.user.username}@example.org"
            member.user.save()
        timed = set_time(event)
        event.sessions.all().delete()

        timer.carry_out(timed.pk, LATER)
        timer.carry_out(timed.pk, LATER)

        timed.refresh_from_db()
        mail = event.mails.get()
        letter = duties.unreleased(mail)
        assert (timed.state, event.releases.count()) == (State.FAILED, 0)
        assert timed.reason == "The program has no sessions to show. Add at least one, then release it."
        assert (mail.kind, mail.address, letter.subject) == (
            "unreleased",
            "chair@example.org",
            "Not released: Large models",
        )
        assert "as final on February 17, 2026 at 07:00 EST. That was not done: The program has no" in " ".join(
            letter.text.split()
        )
        assert f"https://portal.example/admin/portal/event/{event.pk}/release/" in letter.text

    def test_what_was_released_by_hand_before_is_not_released_once_more(self, event: Event) -> None:
        timed = set_time(event)
        publish(event, "final")

        timer.carry_out(timed.pk, LATER)

        timed.refresh_from_db()
        assert (timed.state, timed.reason) == (State.FAILED, "Nothing had changed since release 1.")
        assert (event.releases.count(), event.mails.count()) == (1, 0)

    def test_the_step_from_tentative_to_final_is_a_change_of_its_own(self, event: Event) -> None:
        timed = set_time(event)
        publish(event, "tentative")

        timer.carry_out(timed.pk, LATER)

        assert list(event.releases.values_list("number", "stage")) == [(2, "final"), (1, "tentative")]


@pytest.mark.django_db
def test_due_are_those_whose_moment_has_come_the_earliest_first(event: Event) -> None:
    other, third = make_event(), make_event()
    second, first = set_time(event), set_time(other, LATER - timedelta(hours=1))
    set_time(third, LATER + timedelta(seconds=1))

    assert timer.due(LATER) == [first.pk, second.pk]


@pytest.mark.django_db
def test_the_scheduler_asks_once_however_many_events_there_are(django_assert_num_queries) -> None:
    for _ in range(3):
        set_time(make_event(), timezone.now() + timedelta(hours=1))

    with time_machine.travel(timezone.now() + timedelta(hours=2)), django_assert_num_queries(2):
        release_due()  # and the database what time it is: this worker's clock is off


def at_once(count: int, act: Callable[[], None]) -> None:
    """Runs it in so many threads that start together."""
    start = Barrier(count)

    def run(_: int) -> None:
        try:
            start.wait(30)
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        list(threads.map(run, range(count)))


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_the_same_moment_make_one_release(event: Event) -> None:
    timed = set_time(event)

    at_once(8, lambda: timer.carry_out(timed.pk, LATER))

    assert (event.releases.count(), event.mails.count()) == (1, 1)
    assert states(event) == [("done", "final")]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_make_several(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimedReleaseQuerySet, "select_for_update", lambda rows: rows)
    timed = set_time(event)

    at_once(8, lambda: timer.carry_out(timed.pk, LATER))

    assert event.releases.count() > 1
