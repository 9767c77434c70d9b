from datetime import UTC, datetime, timedelta

import pytest

from portal.access import NOBODY
from sessions_app.materials import found, listed, opens_next
from tests.factories import NOON, make_block, make_event, make_material, make_program, make_release, make_session

pytestmark = pytest.mark.django_db


def test_the_ones_of_the_event_come_first_and_the_rest_in_the_order_of_the_program() -> None:
    event = make_event()
    first, _, last = make_program(event)
    make_release(event)
    make_material(event, title="Of the last", session=last)
    make_material(event, title="Of the first", session=first)
    make_material(event, title="Of the event", position=9)

    shown = [(one.material.title, one.session_title) for one in listed(event, NOBODY, NOON)]

    assert shown == [("Of the event", ""), ("Of the first", "Part 1"), ("Of the last", "Part 2")]


def test_nothing_of_an_unreleased_session_is_listed_or_found() -> None:
    event = make_event()
    make_release(event)
    secret = make_session(make_block(event), "Surprise")
    material = make_material(event, session=secret)

    assert listed(event, NOBODY, NOON) == []
    assert found(event, material.uuid, NOBODY, NOON) is None


def test_before_the_first_release_only_the_ones_of_the_event_are_listed() -> None:
    event = make_event()
    first, *_ = make_program(event)
    make_material(event, session=first)
    make_material(event, title="Reading list", opening="at_release")

    shown = [(one.material.title, one.lock) for one in listed(event, NOBODY, NOON)]

    assert shown == [("Reading list", "opens when the final program is released")]


def test_the_session_is_named_as_released_not_as_drafted() -> None:
    event = make_event()
    first, *_ = make_program(event)
    make_release(event)
    make_material(event, session=first)
    first.title = "A secret new title"
    first.save()

    assert [one.session_title for one in listed(event, NOBODY, NOON)] == ["Part 1"]


def test_a_material_of_another_event_is_not_found() -> None:
    material = make_material(make_event())

    assert found(make_event(), material.uuid, NOBODY, NOON) is None


def test_the_list_holds_until_the_next_one_opens() -> None:
    event = make_event()
    moments = [datetime(2026, 1, day, tzinfo=UTC) for day in (10, 20, 25)]
    for moment in moments:
        make_material(event, opening="at_time", opens_at=moment)

    assert opens_next(event, NOON) == moments[1]
    assert opens_next(event, moments[2] + timedelta(seconds=1)) is None


@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_list_of_any_length_takes_two_queries(count: int, django_assert_num_queries) -> None:
    event = make_event()
    first, *_ = make_program(event)
    make_release(event)
    for _ in range(count):
        make_material(event, session=first)

    with django_assert_num_queries(2):
        assert len(listed(event, NOBODY, NOON)) == count
