"""Calendars of less than an event, and of more."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest

from portal.models import Event
from sessions_app.exports import ical
from sessions_app.releases import family, latest
from tests.factories import NOON, make_event, make_program, make_release

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]
START = datetime(2026, 3, 22, 12, 30, tzinfo=UTC)


def released(**fields) -> Event:
    event = make_event(**fields)
    make_program(event, start=START)
    make_release(event, now=NOON)
    Event.objects.filter(pk=event.pk).update(changed_at=NOON)
    event.refresh_from_db()
    return event


def read(data: bytes | None) -> icalendar.Calendar:
    assert data
    return icalendar.Calendar.from_ical(data)


class TestSession:
    def test_it_has_the_entry_of_the_whole_calendar(self) -> None:
        event = released(slug="tutorial", title="Tutorial")
        published = latest(event)
        whole = read(ical.calendar(event, published))

        found = read(ical.session(event, published, published.program.items[2]))

        assert [entry.to_ical() for entry in found.events] == [whole.events[2].to_ical()]
        assert {name: str(found[name]) for name in ("NAME", "X-WR-CALNAME", "SOURCE")} == {
            "NAME": "Part 2 · Tutorial",
            "X-WR-CALNAME": "Part 2 · Tutorial",
            "SOURCE": "https://portal.example/tutorial/sessions/part-2.ics",
        }

    def test_each_calendar_has_its_own_id(self) -> None:
        event = released()
        published = latest(event)

        calendars = [ical.session(event, published, item) for item in published.program.items]

        assert len({str(read(one)["UID"]) for one in [ical.calendar(event, published), *calendars]}) == 4

    def test_without_a_clock_time_there_is_none(self) -> None:
        event = make_event()
        make_release(event)
        published = latest(event)

        assert ical.session(event, published, published.program.items[0]) is None


class TestMerged:
    def test_it_has_the_sessions_of_all_with_their_own_places(self) -> None:
        host = released(slug="host", title="Host", venue="Omni")
        released(title="Guest", host=host, venue="Library", starts_on=date(2026, 3, 22))

        found = read(ical.merged(host, family(host)))

        assert [(str(entry["SUMMARY"]), str(entry["LOCATION"])) for entry in found.events] == [
            (title, place) for place in ("Omni", "Library") for title in ("Part 1", "Coffee break", "Part 2")
        ]
        assert (str(found["NAME"]), str(found["SOURCE"])) == (
            r"Host\, all events",  # as it stands in the file: the library knows no such text
            "https://portal.example/host/merged.ics",
        )

    def test_it_is_published_once_each_of_its_entries_names_an_organizer(self) -> None:
        host = released(contact_email="host@example.org")
        guest = released(host=host)
        methods = ["METHOD" in read(ical.merged(host, family(host)))]

        Event.objects.filter(pk=guest.pk).update(contact_email="guest@example.org")
        methods.append("METHOD" in read(ical.merged(host, family(host))))

        assert methods == [False, True]

    def test_a_guest_without_clock_times_is_told_by_its_days(self) -> None:
        host = make_event(title="Host")
        guest = make_event(title="Guest", host=host, starts_on=date(2026, 3, 22))
        make_release(guest)

        found = read(ical.merged(host, family(host)))

        assert [(str(entry["SUMMARY"]), entry["DTSTART"].dt) for entry in found.events] == [
            ("Guest", date(2026, 3, 22))
        ]

    def test_its_zone_is_that_of_the_hosts_released_times_or_the_hosts_while_it_has_none(self) -> None:
        host, empty = released(), make_event(timezone="Europe/Berlin")
        released(host=host)
        released(host=empty)
        host.timezone = "Asia/Tokyo"

        zones = [str(read(ical.merged(one, family(one)))["X-WR-TIMEZONE"]) for one in (host, empty)]

        assert zones == ["America/New_York", "Europe/Berlin"]

    def test_private_guests_and_drafts_are_not_in_it(self) -> None:
        host = released(title="Host")
        released(host=host, is_public=False)
        make_program(make_event(host=host), start=START)

        assert len(read(ical.merged(host, family(host))).events) == 3

    def test_it_is_stamped_by_the_newest_release_and_by_a_later_change_of_the_event_itself(self) -> None:
        host = released()
        guest = released(host=host)
        days = [NOON + timedelta(days=number) for number in (1, 2)]
        make_release(guest, now=days[0])
        stamps = [read(ical.merged(host, family(host)))["LAST-MODIFIED"].dt]

        Event.objects.filter(pk=guest.pk).update(venue="Library", changed_at=days[1])
        stamps.append(read(ical.merged(host, family(host)))["LAST-MODIFIED"].dt)

        assert stamps == days

    @pytest.mark.parametrize("guests", [1, 3, 20])
    def test_the_family_takes_one_query(self, guests: int, django_assert_num_queries) -> None:
        host = released()
        for _ in range(guests):
            released(host=host)

        with django_assert_num_queries(1):
            assert len(family(host)) == guests + 1


class TestPersonal:
    def test_the_chosen_sessions_take_up_time_under_the_ids_they_have_everywhere(self) -> None:
        event = released()
        published = latest(event)
        whole = read(ical.calendar(event, published)).events
        share = (event, published, published.program.items[:1])

        found = read(ical.personal(share, name="Ada’s sessions", uid="mine"))

        assert [(str(one["UID"]), str(one["TRANSP"])) for one in found.events] == [(str(whole[0]["UID"]), "OPAQUE")]
        assert {str(one["TRANSP"]) for one in whole} == {"TRANSPARENT"}
        assert (str(found["X-WR-CALNAME"]), "SOURCE" in found) == ("Ada’s sessions", False)

    def test_while_nothing_chosen_has_a_clock_time_it_has_the_days(self) -> None:
        event = make_event(title="Tutorial", starts_on=date(2026, 3, 22))
        make_program(event)
        make_release(event)
        published = latest(event)
        whole = read(ical.calendar(event, published))
        chosen = [published.program.items, published.program.items[:1], []]

        found = [read(ical.personal((event, published, items), name="Mine", uid="mine")) for items in chosen]

        assert [one.events for one in found] == [whole.events] * 3
        assert str(whole.events[0]["STATUS"]) == "TENTATIVE"

    def test_times_taken_back_leave_the_days_and_what_was_withdrawn(self) -> None:
        event = released(starts_on=date(2026, 3, 22))
        event.blocks.update(start=None)
        make_release(event)
        published = latest(event)

        found = read(ical.personal((event, published, published.withdrawn[:1]), name="Mine", uid="mine"))

        assert [str(entry["STATUS"]) for entry in found.events] == ["TENTATIVE", "CANCELLED"]

    def test_without_times_and_days_there_is_none(self) -> None:
        event = make_event()
        make_release(event)
        published = latest(event)

        assert ical.personal((event, published, published.program.items), name="Mine", uid="mine") is None
