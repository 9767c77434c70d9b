from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.delivery import drain
from portal.models import Event, Suppression
from registration import booking, privacy
from registration.models import Follower, Registration
from registration.notices import count, release_program, tell
from sessions_app.models import Appearance
from sessions_app.publishing import ProgramError, preview
from tests.factories import (
    make_block,
    make_event,
    make_program,
    make_registration,
    make_session,
    make_speaker,
    make_ticket_type,
)
from tests.smtp import recording_server

pytestmark = pytest.mark.django_db


def make_audience() -> Event:
    """One person of each kind."""
    event = make_event()
    make_session(make_block(event), speakers=(make_speaker(event, "Speaker", email="speaker@example.org"),))
    make_registration(event, "confirmed@example.org")
    make_registration(event, "pending@example.org", state="pending")
    make_registration(event, "cancelled@example.org", state="cancelled")
    make_registration(event, "unproven@example.org", state="waitlisted", place=1)
    make_registration(
        event, "waiting@example.org", state="waitlisted", place=2, verified_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    Follower.objects.create(event=event, email="follower@example.org")
    return event


def told(event: Event, stage: str = "final") -> list[str]:
    """Who is mailed a release made now, in the order of writing."""
    release, number = release_program(event, stage)
    mails = event.mails.filter(occasion=f"release-{release.number}").order_by("pk")
    assert number == mails.count()
    return list(mails.values_list("address", flat=True))


def test_a_final_release_is_told_to_the_registered_the_followers_and_the_speakers():
    event = make_audience()
    expected = count(event, "final", preview(event))

    assert told(event, "final") == [
        "confirmed@example.org",
        "waiting@example.org",
        "follower@example.org",
        "speaker@example.org",
    ]
    assert expected == {"registration": 2, "follower": 1, "speaker": 1}


def test_followers_who_wait_for_the_final_program_are_not_told_of_a_tentative_one():
    event = make_audience()
    expected = count(event, "tentative", preview(event))

    assert "follower@example.org" not in told(event, "tentative")
    assert expected == {"registration": 2, "speaker": 1}


def test_after_the_final_program_followers_are_told_of_every_release():
    event = make_audience()
    release_program(event, "final")

    assert "follower@example.org" in told(event, "tentative")


def test_a_person_who_is_several_counts_as_the_first_of_them():
    event = make_event()
    make_session(make_block(event), speakers=(make_speaker(event, email="ada@Example.org"),))
    registration = make_registration(event, "Ada@example.org")
    Follower.objects.create(event=event, email="ada@example.org")

    assert count(event, "final", preview(event)) == {"registration": 1, "follower": 0, "speaker": 0}
    assert told(event) == ["Ada@example.org"]
    assert event.mails.get().context["registration"] == registration.pk


def test_who_has_unsubscribed_is_left_out():
    event = make_event()
    make_program(event)
    make_registration(event, "Ada@example.org")
    Suppression.objects.create(event=event, address_key="ada@example.org", reason="unsubscribed")

    assert count(event, "final", preview(event)).total() == 0
    assert told(event) == []


def test_whoever_is_to_get_no_mail_gets_none_of_any_release(settings):
    event = make_event()
    make_program(event)
    make_ticket_type(event, capacity=None)
    for reason in ("bounced", "complained", "unsubscribed"):
        for number in range(3):
            make_registration(event, f"{reason}{number}@example.org")
            Suppression.objects.create(event=event, address_key=f"{reason}{number}@example.org", reason=reason)
    for number, day in enumerate((date(2099, 1, 1), date(2020, 1, 1))):  # whose event is over stays confirmed
        Event.objects.update(starts_on=day, ends_on=day)
        privacy.erase(make_registration(event, f"erased{number}@example.org"))
    make_registration(event, "ada@example.org")
    event.mails.all().delete()
    release_program(event, "final")
    release_program(event, "final")
    states = set(event.registrations.filter(name="(erased)").values_list("state", flat=True))
    booking.cancel(event.registrations.get(email="unsubscribed0@example.org"))

    with recording_server() as server:
        settings.MAILERS = server.mailers()
        drain()

    assert states == {"cancelled", "confirmed"}
    assert sorted(server.recipients) == ["ada@example.org", "ada@example.org", "unsubscribed0@example.org"]


def test_speakers_without_a_session_or_an_address_are_left_out():
    event = make_event()
    make_speaker(event, "Idle", email="idle@example.org")
    make_session(make_block(event), speakers=(make_speaker(event, "Silent"),))

    assert count(event, "final", preview(event)).total() == 0
    assert told(event) == []


def make_speaker_to_leave(**fields: str) -> Event:
    """After a release with a speaker of a keynote and a panel, and somebody else in a third talk."""
    event = make_event(**fields)
    block = make_block(event)
    eve = make_speaker(event, "Eve", email="eve@example.org")
    make_session(block, "Keynote", speakers=(eve,))
    make_session(block, "Panel", speakers=(eve,))
    make_session(block, "Other", speakers=(make_speaker(event, "Other", email="other@example.org"),))
    release_program(event, "final", is_mailed=False)
    return event


def leave_out(event: Event, how: str, *titles: str) -> None:
    sessions = event.sessions.filter(title__in=titles)
    if how == "hidden":
        sessions.update(visibility="hidden")
    elif how == "deleted":
        sessions.delete()
    else:
        Appearance.objects.filter(session__in=sessions).update(speaker=event.speakers.get(name="Other"))


@pytest.mark.parametrize("how", ["deleted", "hidden", "given to another"])
@pytest.mark.parametrize("setting", ["everybody", "changed", "concerned"])
def test_who_has_left_the_program_is_told_so_once(how: str, setting: str) -> None:
    event = make_speaker_to_leave(told_of_releases=setting)
    leave_out(event, how, "Keynote", "Panel")
    expected = count(event, "final", preview(event)).total()

    left = told(event)
    event.sessions.filter(title="Other").update(duration=60)

    assert ("eve@example.org" in left, len(left)) == (True, expected)
    assert told(event) == ["other@example.org"]


def test_who_has_left_one_of_several_talks_is_concerned() -> None:
    event = make_speaker_to_leave(told_of_releases="concerned")
    leave_out(event, "given to another", "Keynote")

    assert told(event) == ["eve@example.org", "other@example.org"]


def test_a_release_queues_one_mail_for_each_person_with_the_ids_of_its_text():
    event = make_audience()

    release, count = release_program(event, "final", note="At last")

    follower = event.followers.get()
    assert (release.number, release.note, count) == (1, "At last", 4)
    assert event.mails.get(address="follower@example.org").context == {"follower": follower.pk, "release": release.pk}
    assert set(event.mails.values_list("kind", "occasion", "is_urgent")) == {("release", "release-1", False)}


def test_a_release_told_again_queues_nothing():
    event = make_audience()
    release, _ = release_program(event, "final")

    assert tell(release) == 4
    assert event.mails.count() == 4


def test_a_release_told_again_reaches_only_who_came_since():
    event = make_audience()
    release, _ = release_program(event, "final")
    make_registration(event, "late@example.org")

    assert tell(release) == 5
    assert event.mails.latest("pk").address == "late@example.org"


def test_each_release_mails_anew():
    event = make_audience()
    release_program(event, "final")
    release_program(event, "final")

    assert event.mails.filter(address="confirmed@example.org").count() == 2


def test_a_quiet_release_mails_nobody():
    event = make_audience()

    release, count = release_program(event, "final", is_mailed=False)

    assert (release.number, count, event.mails.count()) == (1, 0, 0)


def test_a_release_somebody_else_made_meanwhile_is_told_once():
    event = make_audience()
    release_program(event, "final", after=0)

    with pytest.raises(ProgramError):
        release_program(event, "final", after=0)

    assert (event.releases.count(), event.mails.count()) == (1, 4)


def test_a_release_and_its_mails_are_made_together_or_not_at_all(monkeypatch):
    event = make_audience()

    def fail(*_: object) -> set[str]:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("portal.mailings.suppressed", fail)
    with pytest.raises(RuntimeError):
        release_program(event, "final")

    assert (event.releases.count(), event.mails.count()) == (0, 0)


def register_many(event: Event, count: int) -> None:
    ticket_type = event.ticket_types.create(name="Many", capacity=None)
    Registration.objects.bulk_create(
        Registration(
            event=event,
            ticket_type=ticket_type,
            name=f"Person {n}",
            email=f"person{n}@example.org",
            email_key=f"person{n}@example.org",
            state="confirmed",
        )
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("people", "statements"), [(1, 27), (1_000, 31), pytest.param(10_000, 85, marks=pytest.mark.sqlite)]
)
def test_queries_grow_by_a_few_for_a_thousand_people(people, statements):
    event = make_event()
    make_program(event)
    register_many(event, people)

    with CaptureQueriesContext(connection) as queries:
        _, count = release_program(event, "final")

    assert count == people
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == statements
