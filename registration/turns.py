"""People who come at once are let in together: one lock on the seats, one transaction, one commit for all of them.

Each would wait for the lock, and then for the disk, until all before have theirs. So of the threads of a process one
has the turn, and serves those who wait for it too, or come while it waits for the lock; docs/decisions/010-plain-sql.md
has the figures.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Condition
from typing import cast

from django.db import transaction

from portal.models import Event
from portal.rows import together
from registration.guests import Guests
from registration.ledger import BookingError
from registration.reception import Reception
from registration.repeats import Answer, Answered, Attempt, stored

type Join = Callable[[], list["Wish"]]  # who comes late

TRIES = 3  # of a company, each without who was refused

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """One of a company can't be let in with it."""

    def __init__(self, wish: "Wish") -> None:
        self.wish = wish


@dataclass(eq=False)
class Wish:
    """Of somebody to be let in. `act` books and answers, in a transaction that may be others' too, unless it
    `goes_alone`; by `email`, as it was typed, it is expected there."""

    attempt: Attempt
    email: str
    act: Callable[[Reception, Guests], Answer]
    goes_alone: bool = False
    is_repeat: bool = False  # whose answer had been given to another
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

        self.is_repeat = False
        try:
            self.answer = stored(self.attempt, act)
        except Exception as error:
            self.error = error

    def outcome(self) -> Answer:
        """Raises what was raised of it alone."""
        try:
            if self.error:
                raise self.error
            return cast(Answer, self.answer)
        finally:
            self.error = None  # it knows this frame, which would keep both


class Turn:
    """Of the threads of a process one at a time lets people in: all who wait then with a like wish."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.waiting: list[Wish] = []
        self.is_taken = False

    def take(self, wish: Wish) -> Answer:
        with self.changed:
            self.waiting.append(wish)
            self.changed.wait_for(lambda: not wish.is_open or not self.is_taken)
            company = self.begin(wish) if wish.is_open else []
        if company:
            try:
                grant(company, partial(self.join, company))
            finally:
                self.end(company)
        return wish.outcome()

    def begin(self, wish: Wish) -> list[Wish]:
        self.is_taken = True
        company = [one for one in self.waiting if one.is_like(wish)]
        self.waiting = [one for one in self.waiting if one not in company]
        return company

    def join(self, company: list[Wish]) -> list[Wish]:
        """Those who came since this company began, and now are of it."""
        with self.changed:
            late = self.begin(company[0])
        company += late
        return late

    def end(self, company: Sequence[Wish]) -> None:
        """Who wasn't served, as this thread is ended, goes on waiting."""
        with self.changed:
            self.waiting += [one for one in company if one.is_open]
            self.is_taken = False
            self.changed.notify_all()


turn = Turn()


def grant(wishes: Sequence[Wish], join: Join = list) -> None:
    """As many together as can be, and those who `join` them. Nothing is left of a company of which one is refused: it
    comes once more without, and who was refused goes alone in the end."""
    company, refused = [*wishes], list[RefusedError]()
    while len(company) > 1 and len(refused) < TRIES:
        try:
            let_in(company, join)
            break
        except RefusedError as error:
            company.remove(error.wish)
            refused.append(error)
        except BookingError:
            break
        except Exception:
            logger.exception("%s people couldn't be let in together, so each goes alone.", len(company))
            break
    for wish in [one for one in company if one.is_open]:
        wish.grant()
    for one in refused:
        one.wish.grant()
        if not one.wish.error:
            logger.warning("Somebody was refused among others, but not alone.", exc_info=one.__cause__)


def let_in(company: list[Wish], join: Join) -> None:
    """Adds those to it who came while it waited for the lock. Raises RefusedError."""
    event = company[0].event
    with transaction.atomic(), together():
        reception = Reception(event, is_locked=True)
        reception.ticket_types  # noqa: B018 - locked, so that nobody else answers from here on
        company += join()
        guests = Guests(event, [one.email for one in company])
        answered = Answered([one.attempt for one in company])
        answers = [answer_to(one, reception, guests, answered) for one in company]
    for wish, answer in zip(company, answers, strict=True):
        wish.answer = answer


def answer_to(wish: Wish, reception: Reception, guests: Guests, answered: Answered) -> Answer:
    try:
        found = None if wish.attempt.is_form else answered.find(wish.attempt)
        wish.is_repeat = found is not None
        answer = found or wish.act(reception, guests)
        if not wish.is_repeat:
            answered.keep(wish.attempt, answer)
    except Exception as error:
        raise RefusedError(wish) from error
    return answer
