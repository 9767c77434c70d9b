from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal.access import NOBODY, Viewer
from sessions_app.access import in_words, lock_on
from tests.factories import NOON, make_event, make_material

REGISTERED = Viewer(is_registered=True, registration_id=1)


@pytest.mark.django_db
class TestLockOn:
    def test_what_is_public_and_open_has_no_lock(self) -> None:
        material = make_material(make_event())

        assert lock_on(material, NOBODY, NOON, is_final=False) == ""

    def test_what_is_for_the_registered_tells_others_the_way(self) -> None:
        material = make_material(make_event(), audience="registered")

        assert lock_on(material, NOBODY, NOON, is_final=False) == "for registered attendees; use the link in your mail"
        assert lock_on(material, REGISTERED, NOON, is_final=False) == ""

    def test_what_opens_at_release_waits_for_a_final_one(self) -> None:
        material = make_material(make_event(), opening="at_release")

        assert lock_on(material, NOBODY, NOON, is_final=False) == "opens when the final program is released"
        assert lock_on(material, NOBODY, NOON, is_final=True) == ""

    def test_what_opens_at_a_time_says_it_in_the_zone_of_the_event(self) -> None:
        material = make_material(make_event(), opening="at_time", opens_at=datetime(2026, 2, 20, 14, tzinfo=UTC))

        reason = lock_on(material, NOBODY, material.opens_at - timedelta(seconds=1), is_final=True)

        assert reason == "opens on February 20, 2026 at 09:00 EST"
        assert lock_on(material, NOBODY, material.opens_at, is_final=False) == ""

    def test_both_reasons_are_given_where_there_are_two(self) -> None:
        material = make_material(make_event(), audience="registered", opening="at_release")

        assert (
            lock_on(material, NOBODY, NOON, is_final=False)
            == "for registered attendees, opens when the final program is released"
        )


def test_a_zone_without_letters_is_named_by_its_difference() -> None:
    moment = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)

    assert in_words(moment, ZoneInfo("America/Sao_Paulo")) == "February 3, 2026 at 01:05 UTC−3"
