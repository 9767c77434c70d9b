from unittest import mock

import pytest

from portal.models import Event
from sessions_app import releases
from sessions_app.merging import shown_of
from sessions_app.program import Program
from tests.factories import make_event, make_program, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def event() -> Event:
    event = make_event()
    make_release(event)
    return event


def test_a_document_is_read_once(event: Event, django_assert_num_queries) -> None:
    with mock.patch.object(Program, "from_json", wraps=Program.from_json) as read, django_assert_num_queries(2):
        first, second = releases.latest(event), releases.numbered(event, 1)

    assert (first, read.call_count) == (second, 1)


def test_a_new_release_is_read_anew(event: Event) -> None:
    first = releases.latest(event)
    event.sessions.filter(title="Part 1").update(title="Welcome")

    make_release(event)

    titles = [found.program.items[0].title for found in (first, releases.latest(event)) if found]
    assert titles == ["Part 1", "Welcome"]


def test_programs_are_kept_up_to_some_sessions(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "KEPT", 7)  # two programs of three
    releases.programs.clear()

    for _ in range(3):
        make_release(event)
        releases.latest(event)

    kept = event.releases.order_by("-number").values_list("digest", flat=True)[:2]
    assert set(releases.programs) == set(kept)


def test_one_that_is_larger_is_kept_alone(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "KEPT", 2)

    found = releases.latest(event)

    assert found and list(releases.programs) == [found.digest]


def test_what_pages_show_is_put_together_once_until_a_part_of_it_changes(event: Event) -> None:
    guest = make_event(host=event, title="Guest")
    make_program(guest)
    make_release(guest)
    first = shown_of(event).agenda

    assert shown_of(event).agenda is first
    Event.objects.filter(pk=guest.pk).update(title="Visitor")
    assert {line.event for line in shown_of(event).agenda.lines} == {"", "Visitor"}
