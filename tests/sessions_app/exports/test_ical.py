from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from sessions_app.exports.ical import calendar, media_type
from sessions_app.models import Release, Session
from sessions_app.releases import latest
from tests.factories import NOON, make_block, make_event, make_program, make_release, make_room, make_session

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


def entries(data):
    return icalendar.Calendar.from_ical(data).walk("VEVENT")


def released(stage=Release.Stage.TENTATIVE, *, start=START, **fields):
    event = make_event(**fields)
    make_program(event, start=start)
    make_release(event, stage, now=NOON)
    event.changed_at = NOON + timedelta(hours=1)
    return event


def test_each_session_is_an_entry_with_its_times_in_utc():
    event = released()

    found = entries(calendar(event, latest(event)))

    assert [(str(one["SUMMARY"]), one["DTSTART"].dt, one["DTEND"].dt) for one in found] == [
        ("Part 1", START, START + timedelta(minutes=45)),
        ("Coffee break", START + timedelta(minutes=45), START + timedelta(minutes=75)),
        ("Part 2", START + timedelta(minutes=75), START + timedelta(minutes=120)),
    ]


def test_an_entry_keeps_its_id_and_is_stamped_by_the_release():
    event = released()
    session = event.sessions.first()

    entry = entries(calendar(event, latest(event)))[0]

    assert str(entry["UID"]) == f"session-{session.uuid}@lectern"
    assert entry["DTSTAMP"].dt == entry["LAST-MODIFIED"].dt == NOON
    assert entry["SEQUENCE"] == 0
    assert str(entry["URL"]) == f"https://portal.example/{event.slug}/sessions/part-1/"


def test_the_calendar_names_the_event_and_how_often_to_look():
    event = released(title="Deep; learning, at scale")

    text = calendar(event, latest(event))

    found = icalendar.Calendar.from_ical(text)
    assert {name: str(found[name]) for name in ("PRODID", "VERSION")} == {
        "PRODID": "-//Lectern//Program//EN",
        "VERSION": "2.0",
    }
    assert b"\r\nNAME:Deep\\; learning\\, at scale\r\nX-WR-CALNAME:Deep\\; learning\\, at scale\r\n" in text
    assert found["REFRESH-INTERVAL"].dt == timedelta(hours=1)
    assert str(found["X-PUBLISHED-TTL"]) == "PT1H"


def test_the_calendar_says_what_of_and_from_where_it_is():
    event = released(overview="About *trains*.", hue="pine")

    found = icalendar.Calendar.from_ical(calendar(event, latest(event)))

    assert {name: str(found[name]) for name in ("DESCRIPTION", "URL", "SOURCE", "COLOR", "X-WR-TIMEZONE")} == {
        "DESCRIPTION": "About trains.",
        "URL": f"https://portal.example/{event.slug}/",
        "SOURCE": f"https://portal.example/{event.slug}/schedule.ics",
        "COLOR": "seagreen",
        "X-WR-TIMEZONE": "America/New_York",
    }
    assert found["LAST-MODIFIED"].dt == NOON


def test_the_zone_is_that_of_the_released_times():
    event = released()
    event.timezone = "Asia/Tokyo"

    found = icalendar.Calendar.from_ical(calendar(event, latest(event)))

    assert str(found["X-WR-TIMEZONE"]) == "America/New_York"


def test_the_organizers_are_named_where_they_can_be_written_to():
    event = released(contact_email="team@example.org", title='The "best", tutorial; here')

    (organizer, *_) = (one["ORGANIZER"] for one in entries(calendar(event, latest(event))))

    assert (str(organizer), organizer.params["CN"]) == ("mailto:team@example.org", "The 'best', tutorial; here")


def test_without_an_address_no_organizer_is_made_up():
    event = released()

    assert {"ORGANIZER" in one for one in entries(calendar(event, latest(event)))} == {False}


@pytest.mark.parametrize("address", ["team@example.org", ""])
def test_it_is_published_where_it_names_an_organizer_and_its_type_says_the_same(address):
    event = released(contact_email=address, title="METHOD:PUBLISH", overview="x\r\nMETHOD:PUBLISH\r\n")

    text = calendar(event, latest(event))

    (first, *_) = entries(text)
    says = "METHOD" in icalendar.Calendar.from_ical(text), "method=PUBLISH" in media_type(text), "ORGANIZER" in first
    assert set(says) == {bool(address)}


def test_it_is_the_same_bytes_each_time():
    event = released()

    assert calendar(event, latest(event)) == calendar(event, latest(event))


@pytest.mark.parametrize(
    ("stage", "expected"), [(Release.Stage.TENTATIVE, "TENTATIVE"), (Release.Stage.FINAL, "CONFIRMED")]
)
def test_the_stage_decides_how_sure_an_entry_is(stage, expected):
    event = released(stage)

    assert {str(one["STATUS"]) for one in entries(calendar(event, latest(event)))} == {expected}


def test_a_moved_session_gets_a_higher_revision_under_the_same_id():
    event = released()
    event.blocks.update(start=START + timedelta(hours=1))
    before = entries(calendar(event, latest(event)))[0]

    make_release(event)
    after = entries(calendar(event, latest(event)))[0]

    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_a_cancelled_session_stays_as_cancelled():
    event = released()
    event.sessions.filter(title="Part 2").update(status=Session.Status.CANCELLED)

    make_release(event)

    assert [str(one["STATUS"]) for one in entries(calendar(event, latest(event)))] == [
        "TENTATIVE",
        "TENTATIVE",
        "CANCELLED",
    ]


def test_a_removed_session_is_told_as_cancelled_with_a_higher_revision():
    event = released()
    event.sessions.filter(title="Part 2").delete()
    make_release(event)
    published = latest(event)

    last = entries(calendar(event, published))[-1]

    assert (str(last["SUMMARY"]), str(last["STATUS"]), last["SEQUENCE"]) == ("Part 2", "CANCELLED", 1)


def test_the_place_is_the_room_and_the_venue():
    event = make_event(venue="Omni Hotel, Pittsburgh")
    make_session(make_block(event, start=START, room=make_room(event, "Room 2")), "Part 1")
    make_release(event)

    assert [str(one["LOCATION"]) for one in entries(calendar(event, latest(event)))] == [
        "Room 2, Omni Hotel, Pittsburgh"
    ]


def test_a_place_that_is_open_is_said_to_be():
    event = released()

    assert {str(one["LOCATION"]) for one in entries(calendar(event, latest(event)))} == {"To be announced"}


def test_the_text_tells_speakers_abstract_and_address():
    event = released()
    event.sessions.filter(title="Part 1").update(abstract="**Why** it\nmatters:\n\n- here\n- there")
    make_release(event)

    entry = entries(calendar(event, latest(event)))[0]

    assert str(entry["DESCRIPTION"]) == (
        f"Ada Lovelace\n\nWhy it matters:\n• here\n• there\n\nhttps://portal.example/{event.slug}/sessions/part-1/"
    )


def test_a_brief_calendar_leaves_out_the_texts():
    event = released()

    (first, *_) = entries(calendar(event, latest(event), is_brief=True))

    assert {"DESCRIPTION", "CATEGORIES"} & set(first) == set()
    assert (str(first["SUMMARY"]), first["DTSTART"].dt) == ("Part 1", START)


def test_without_clock_times_the_days_of_the_event_are_one_entry():
    event = released(start=None, starts_on=date(2026, 3, 22), ends_on=date(2026, 3, 23))

    (entry,) = entries(calendar(event, latest(event)))

    assert (entry["DTSTART"].dt, entry["DTEND"].dt) == (date(2026, 3, 22), date(2026, 3, 24))
    assert (str(entry["STATUS"]), str(entry["UID"])) == (
        "TENTATIVE",
        f"event-{event.pk}-{event.created_at:%Y%m%d%H%M%S%f}@lectern",
    )


def test_times_taken_back_leave_the_days_and_what_was_withdrawn():
    event = released(starts_on=date(2026, 3, 22))
    event.sessions.filter(title="Part 2").delete()
    make_release(event)
    event.blocks.update(start=None)
    make_release(event)

    found = entries(calendar(event, latest(event)))

    assert [(str(one["SUMMARY"]), str(one["STATUS"])) for one in found] == [
        (event.title, "TENTATIVE"),
        ("Part 2", "CANCELLED"),
        ("Part 1", "CANCELLED"),
        ("Coffee break", "CANCELLED"),
    ]


def test_without_any_time_there_is_no_calendar():
    event = released(start=None)

    assert calendar(event, latest(event)) is None


def test_lines_are_folded_and_end_as_the_standard_wants():
    event = released(title="Ünïcödé " * 20)

    data = calendar(event, latest(event))

    assert max(len(line) for line in data.split(b"\r\n")) <= 75
    assert data.replace(b"\r\n", b"").count(b"\n") == 0


def test_control_characters_of_a_title_do_not_get_through():
    event = make_event(title="Event\x01 one\x0b")
    make_session(make_block(event, start=START), "Part\x07 1")
    make_release(event)

    data = calendar(event, latest(event))

    assert [str(one["SUMMARY"]) for one in entries(data)] == ["Part 1"]
    assert str(icalendar.Calendar.from_ical(data)["NAME"]) == "Event one"
