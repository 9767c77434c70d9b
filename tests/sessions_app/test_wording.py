from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sessions_app.wording import Described, describe, utc_offset, zone_words

ZONE = ZoneInfo("America/New_York")


def change(kind, before=None, after=None, title="Part 1"):
    return {"kind": kind, "session": "u", "slug": "part-1", "title": title, "before": before, "after": after}


def test_a_new_title_is_told_as_old_and_new():
    described = describe(change("retitled", "Old", "Part 1"), ZONE)

    assert described == Described("Retitled", "Part 1", "Old", "Part 1")
    assert described.sentence == "Old → Part 1"


def test_a_first_clock_time_follows_the_offset_with_its_day():
    described = describe(change("timed", "+0:45", "2026-03-22T09:15:00-04:00"), ZONE)

    assert described.sentence == "Part 1: +0:45 → Sunday, March 22, 09:15"


def test_a_move_within_a_day_names_the_day_once():
    described = describe(change("moved", "2026-03-22T09:15:00-04:00", "2026-03-22T10:30:00-04:00"), ZONE)

    assert described.sentence == "Part 1: Sunday, March 22, 09:15 → 10:30"


def test_a_move_to_another_day_names_both_days():
    described = describe(change("moved", "2026-03-22T09:15:00-04:00", "2026-03-23T09:15:00-04:00"), ZONE)

    assert described.sentence == "Part 1: Sunday, March 22, 09:15 → Monday, March 23, 09:15"


def test_a_time_lost_again_becomes_an_offset():
    described = describe(change("moved", "2026-03-22T09:15:00-04:00", "+0:45"), ZONE)

    assert described.sentence == "Part 1: Sunday, March 22, 09:15 → +0:45"


def test_what_is_not_known_is_to_be_announced():
    assert describe(change("room", None, "Room 2"), ZONE).sentence == "Part 1: to be announced → Room 2"


def test_who_came_and_who_went_is_told_by_name():
    came = describe(change("speaker_added", None, "Ada Lovelace"), ZONE)
    went = describe(change("speaker_removed", "Ada Lovelace"), ZONE)

    assert (came.label, came.sentence) == ("New speaker", "Part 1: Ada Lovelace")
    assert (went.label, went.sentence) == ("No longer speaks", "Part 1: Ada Lovelace")


def test_another_order_of_the_speakers_is_told_with_all_of_them():
    described = describe(change("speakers", ["Ada", "Grace"], ["Grace (chair)", "Ada"]), ZONE)

    assert described.sentence == "Part 1: Ada, Grace → Grace (chair), Ada"


def test_what_a_session_lost_or_got_is_told_with_none():
    assert describe(change("track", "Theory", None), ZONE).sentence == "Part 1: Theory → none"
    assert describe(change("level", None, "advanced"), ZONE).sentence == "Part 1: none → advanced"


def test_lengths_are_told_in_minutes():
    assert describe(change("length", 45, 90), ZONE).sentence == "Part 1: 45 min → 1 h 30 min"


def test_a_session_that_came_or_went_is_told_by_its_title():
    assert describe(change("added", None, "Part 1"), ZONE) == Described("Added", "Part 1")
    assert describe(change("removed", "Part 1"), ZONE) == Described("Removed", "Part 1")


def test_a_text_is_not_repeated():
    assert describe(change("abstract", "a", "b"), ZONE) == Described("New abstract", "Part 1")
    assert describe(change("abstract", "a", ""), ZONE) == Described("No abstract", "Part 1")


def test_zones_are_named_by_their_city_and_their_offset():
    noon = datetime(2026, 3, 22, 12, tzinfo=UTC)

    assert zone_words(ZONE) == "New York time"
    assert zone_words(ZONE, noon) == "New York time (EDT, UTC−4)"
    assert zone_words(ZoneInfo("Asia/Kathmandu"), noon) == "Kathmandu time (UTC+5:45)"
    assert zone_words(ZoneInfo("UTC"), noon) == "UTC"


def test_an_offset_without_minutes_stays_short():
    assert utc_offset(datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))) == "UTC+1"
