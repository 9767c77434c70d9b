from datetime import date

from portal.listing import upcoming_and_past
from portal.models import Event

TODAY = date(2026, 3, 22)


def event(pk, starts_on=None, **fields):
    return Event(pk=pk, title=f"Event {pk}", starts_on=starts_on, **fields)


def numbers(entries):
    return [(entry.event.pk, [guest.pk for guest in entry.guests]) for entry in entries]


def test_the_next_comes_first_and_the_undated_last():
    events = [event(1), event(2, date(2026, 5, 1)), event(3, date(2026, 4, 1))]

    upcoming, past = upcoming_and_past(events, TODAY)

    assert numbers(upcoming) == [(3, []), (2, []), (1, [])]
    assert past == []


def test_past_events_stand_latest_first():
    events = [event(1, date(2025, 1, 1)), event(2, date(2026, 3, 21))]

    assert numbers(upcoming_and_past(events, TODAY)[1]) == [(2, []), (1, [])]


def test_an_event_is_not_over_on_its_last_day():
    events = [event(1, date(2026, 3, 20), ends_on=TODAY), event(2, TODAY)]

    assert numbers(upcoming_and_past(events, TODAY)[0]) == [(1, []), (2, [])]


def test_guests_stand_below_their_host_and_keep_it_from_being_over():
    events = [event(1, date(2026, 3, 1)), event(2, date(2026, 3, 25), host_id=1)]

    assert numbers(upcoming_and_past(events, TODAY)[0]) == [(1, [2])]


def test_a_guest_whose_host_is_not_listed_stands_by_itself():
    assert numbers(upcoming_and_past([event(2, TODAY, host_id=1)], TODAY)[0]) == [(2, [])]


def test_no_event_is_lost_below_guests_of_guests_or_in_a_ring():
    chain = [event(1, TODAY), event(2, TODAY, host_id=1), event(3, TODAY, host_id=2)]
    ring = [event(1, TODAY, host_id=2), event(2, TODAY, host_id=1)]

    assert numbers(upcoming_and_past(chain, TODAY)[0]) == [(1, [2]), (3, [])]
    assert numbers(upcoming_and_past(ring, TODAY)[0]) == [(1, []), (2, [])]
