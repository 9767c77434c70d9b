"""What many see who come at once, and who come while the program changes."""

import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, nullcontext
from threading import Barrier, Lock, Thread
from threading import Event as Flag
from typing import Any

import pytest
from django.db import connection

from portal.front import Front, Turns
from portal.models import Event
from portal.shelf import Environ, StartResponse
from tests.factories import NOON, make_event, make_program, make_release
from tests.portal.fronts import Counted, ask
from tests.services import wait_until

SCHEDULE = "/api/v1/events/tutorial/schedule/"
FORMS = ["/tutorial/schedule/", SCHEDULE, "/tutorial/schedule.ics", "/tutorial/schedule.xml"]
CROWD = 8


@pytest.fixture
def event(transactional_db: None) -> Event:
    event = make_event(slug="tutorial")
    make_program(event, start=NOON)
    make_release(event)
    return event


class Slow(Counted):
    """Django, so slow that all of a crowd come before the first answer is there."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(0.2)
        return super().__call__(environ, start_response)


class Overtaken(Counted):
    """Django, with something that happens while it makes its first answer."""

    def __init__(self, meanwhile: Any) -> None:
        super().__init__()
        self.meanwhile = [meanwhile]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        chunks = list(super().__call__(environ, start_response))
        if self.meanwhile:
            self.meanwhile.pop()()
        return chunks


class Watched(Slow):
    """Django, and how many it answers at once."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.most, self.lock = 0, 0, Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        try:
            return list(super().__call__(environ, start_response))
        finally:
            with self.lock:
                self.inside -= 1


def after_a_release(event: Event) -> tuple[Front, Slow]:
    """A front that has the answer of before the release, and knows of it."""
    django = Slow()
    front = Front(django, pause=60)
    ask(front, SCHEDULE)
    make_release(event, "final")
    front.versions.read()
    return front, django


def rush(front: Front, paths: Sequence[str] = (SCHEDULE,) * CROWD) -> set[bytes]:
    """What a crowd gets who all come for these at once."""
    bodies: set[bytes] = set()
    start = Barrier(len(paths))

    def visit(path: str) -> None:
        start.wait()
        bodies.add(ask(front, path).body)
        connection.close()

    threads = [Thread(target=visit, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return bodies


def test_through_a_release_everybody_sees_the_old_or_the_new_and_nothing_between(event: Event) -> None:
    readers = 50
    front = Front(Counted(), pause=0.05)
    old = {path: ask(front, path).body for path in FORMS}
    seen: dict[str, list[bytes]] = {path: [] for path in FORMS}
    start, is_over = Barrier(readers + 1), Flag()

    def read(path: str) -> None:
        start.wait()
        while not is_over.wait(0.05):
            seen[path].append(ask(front, path).body)
        connection.close()

    threads = [Thread(target=read, args=(FORMS[number % len(FORMS)],)) for number in range(readers)]
    for thread in threads:
        thread.start()
    start.wait()
    make_release(event, "final")
    new = {path: ask(Front(Counted()), path).body for path in FORMS}
    wait_until(lambda: all(bodies and bodies[-1] == new[path] for path, bodies in seen.items()))
    is_over.set()
    for thread in threads:
        thread.join(timeout=30)

    assert [set(bodies) - {old[path], new[path]} for path, bodies in seen.items()] == [set()] * len(FORMS)
    assert [new[path] != old[path] and bodies[-1] == new[path] for path, bodies in seen.items()] == [True] * len(FORMS)


def test_after_a_release_a_crowd_has_the_new_answer_made_once(event: Event) -> None:
    front, django = after_a_release(event)

    bodies = rush(front)

    assert (len(bodies), django.count) == (1, 2)


def test_with_nothing_made_yet_too_a_crowd_has_it_made_once(event: Event) -> None:
    django = Slow()

    bodies = rush(Front(django, pause=60))

    assert (len(bodies), django.count) == (1, 1)


def test_what_may_not_be_kept_is_made_for_each(event: Event) -> None:
    django = Slow()

    rush(Front(django, pause=60, limit=0))

    assert django.count == CROWD


def test_after_an_error_the_next_one_tries(event: Event) -> None:
    turns = Turns()

    with pytest.raises(RuntimeError), turns.of(("key",)):
        raise RuntimeError

    with turns.of(("key",)) as is_first:
        assert is_first


def test_nobody_waits_for_ever(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.front.PATIENCE", 0.01)
    turns = Turns()

    with turns.of(("key",)) as is_first, turns.of(("key",)) as is_first_too:
        assert (is_first, is_first_too) == (True, False)


def test_without_taking_turns_each_has_it_made(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Turns, "of", lambda turns, key, **_: nullcontext(True))
    front, django = after_a_release(event)

    rush(front)

    assert django.count == 1 + CROWD


@pytest.mark.parametrize(("large", "most"), [(0, 1), (10**9, len(FORMS))])
def test_large_answers_are_made_anew_one_after_the_other(
    event: Event, monkeypatch: pytest.MonkeyPatch, large: int, most: int
) -> None:
    monkeypatch.setattr("portal.front.LARGE", large)
    monkeypatch.setattr("portal.front.HEADWAY", 30)
    django = Watched()
    front = Front(django, pause=60)
    for path in FORMS:
        ask(front, path)
    make_release(event, "final")
    front.versions.read()

    bodies = rush(front, FORMS)

    assert (len(bodies), django.most) == (len(FORMS), most)


def test_a_large_answer_waits_for_others_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.front.HEADWAY", 0.01)
    turns = Turns()

    with ExitStack() as stack:
        assert all(stack.enter_context(turns.of((key,), is_large=True)) for key in "abc")

    assert not turns.place.locked()


def test_an_answer_whose_rows_changed_while_it_was_made_is_made_again(event: Event) -> None:
    django = Overtaken(lambda: make_release(event, "final"))

    answer = ask(Front(django, pause=0), SCHEDULE)

    assert (b'"stage":"final"' in answer.body, django.count) == (True, 2)


def test_without_looking_again_the_older_one_would_be_given(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.front.TRIES", 1)
    django = Overtaken(lambda: make_release(event, "final"))

    answer = ask(Front(django, pause=0), SCHEDULE)

    assert (b'"stage":"final"' in answer.body, django.count) == (False, 1)
