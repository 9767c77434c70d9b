"""People who come at once are let in together: one lock on the seats, one transaction, one commit for all of them.

Each would wait for the lock, and then for the disk, until all before have theirs. So of the threads of a process one
has the turn, and serves those who wait for it too; docs/decisions/010-plain-sql.md has the figures.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import cast

from django.db import transaction

from portal.models import Event
from portal.rows import together
from registration.guests import Guests
from registration.reception import Reception
from registration.repeats import Answer, Answered, Attempt, stored


@dataclass(eq=False)
class Wish:
    """Of somebody with this address to be let in. `act` books and answers, in a transaction that may be others' too,
    unless it `goes_alone`."""

    attempt: Attempt
    email: str
    act: Callable[[Reception, Guests], Answer]
    goes_alone: bool = False
    answer: Answer | None = None
    error: Exception | None = None

    @property
    def event(self) -> Event:
        return self.attempt.event

    @property
    def is_open(self) -> bool:
        return self.answer is None and self.error is None

    def is_like(self, other: "Wish") -> bool:
        is_same = (self.event, self.attempt.scope) == (other.event, other.attempt.scope)
        return self is other or (is_same and not self.goes_alone and not other.goes_alone)

    def grant(self) -> None:
        def act() -> Answer:
            return self.act(Reception(self.event, is_locked=True), Guests(self.event))

        try:
            self.answer = stored(self.attempt, act)
        except Exception as error:
            self.error = error

    def outcome(self) -> Answer:
        """Raises what was raised of it alone."""
        if self.error:
            raise self.error
        return cast(Answer, self.answer)


class Turn:
    """Of the threads of a process one at a time lets people in: all who wait then for the same event."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.waiting: list[Wish] = []

    def take(self, wish: Wish) -> Answer:
        self.waiting.append(wish)
        try:
            with self.lock:
                if wish.is_open:
                    grant([one for one in tuple(self.waiting) if one.is_open and one.is_like(wish)])
        finally:
            self.waiting.remove(wish)
        return wish.outcome()


turn = Turn()


def grant(wishes: Sequence[Wish]) -> None:
    """All together; where one of them is refused, nothing was done, and each goes alone."""
    if len(wishes) > 1:
        with suppress(Exception):
            for wish, answer in zip(wishes, granted(wishes), strict=True):
                wish.answer = answer
            return
    for wish in wishes:
        wish.grant()


@transaction.atomic
def granted(wishes: Sequence[Wish]) -> list[Answer]:
    """Raises what is raised of any of them."""
    event, answers = wishes[0].event, []
    with together():
        reception, guests = Reception(event, is_locked=True), Guests(event, [one.email for one in wishes])
        reception.ticket_types  # noqa: B018 - locked, so that nobody else answers from here on
        answered = Answered([one.attempt for one in wishes])
        for wish in wishes:
            answer = None if wish.attempt.is_form else answered.find(wish.attempt)
            if answer is None:
                answer = wish.act(reception, guests)
                answered.keep(wish.attempt, answer)
            answers.append(answer)
    return answers
