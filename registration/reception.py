"""What an event has to offer to somebody who registers, and what it asks, as the form shows it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hmac import compare_digest

from django.utils import timezone

from portal.models import Event
from portal.rows import rows
from registration import labs, ledger, questions, seating
from registration.booking import chosen
from registration.models import Lab, Question, TicketType
from registration.opening import why_closed
from sessions_app.program import Item

ANY = "EXISTS (SELECT 1 FROM {} WHERE event_id = registration_tickettype.event_id)"
MORE = {"has_questions": ANY.format("registration_question"), "has_labs": ANY.format("registration_lab")}


@dataclass(frozen=True)
class Option:
    """A ticket or a lab to choose. `count` says how many are left, `why_not` why it can't be chosen."""

    pk: int
    text: str
    details: str = ""
    count: str = ""
    why_not: str = ""
    is_chosen: bool = False


class Reception:
    """Reads of an event only what somebody asks for. One that `is_locked` has its ticket types as they stay until the
    transaction ends, ready to be booked."""

    def __init__(self, event: Event, *, is_locked: bool = False) -> None:
        self.event, self.is_locked = event, is_locked
        self.now = timezone.now()

    @cached_property
    def ticket_types(self) -> list[TicketType]:
        """In the same query, whether there is anything to ask for beside them."""
        if self.is_locked:
            ledger.opened(self.event)
        where = "event_id = %s ORDER BY position, id"
        found = rows(TicketType, where, self.event.pk, more=MORE, locked=self.is_locked)
        self.has_questions = any(vars(one)["has_questions"] for one in found)
        self.has_labs = any(vars(one)["has_labs"] for one in found)
        for one in found:
            one.event = self.event
        return found

    def locked(self, wanted: TicketType | None) -> TicketType:
        """The one that was chosen, as it is now. Raises BookingError where it can't be had any more."""
        if wanted is None:
            return chosen(self.event, None)
        found = next((one for one in self.ticket_types if one.pk == wanted.pk), None)
        if found is None:
            raise ledger.BookingError(ledger.GONE)
        return found

    @cached_property
    def questions(self) -> list[Question]:
        return questions.of(self.event) if self.ticket_types and self.has_questions else []

    @cached_property
    def labs(self) -> list[tuple[Lab, Item]]:
        return labs.released(self.event) if self.ticket_types and self.has_labs else []

    @property
    def has_codes(self) -> bool:
        return any(one.access_code for one in self.ticket_types)

    @property
    def hosts(self) -> list[TicketType]:
        """Tickets that are had elsewhere."""
        return [one for one in self.ticket_types if one.mode == TicketType.Mode.HOST and not one.access_code]

    def visible(self, code: str = "") -> list[TicketType]:
        """The tickets to be had here: those for everybody, and those behind this access code."""
        here = [one for one in self.ticket_types if one.mode != TicketType.Mode.HOST]
        return [one for one in here if not one.access_code or is_code(one, code)]

    def tickets(self, ticket_types: Iterable[TicketType]) -> list[Option]:
        return [self.ticket(one) for one in ticket_types]

    def ticket(self, one: TicketType) -> Option:
        return Option(one.pk, one.name, one.description, seating.seats_in_words(one), why_closed(one, self.now))

    @cached_property
    def lab_options(self) -> list[Option]:
        in_line = labs.waiting(self.event) if self.labs else {}
        others = seating.clashes([item for _, item in self.labs])
        return [
            Option(
                lab.pk,
                item.title,
                seating.when(item, self.event, others[item.uuid]),
                seating.lab_in_words(lab, in_line.get(lab.pk, 0)),
            )
            for lab, item in self.labs
        ]

    @property
    def why_closed(self) -> str:
        """Why nobody can register now; empty where at least one ticket can be had here."""
        return seating.why_closed(self.ticket_types, self.now)


def is_code(ticket_type: TicketType, code: str) -> bool:
    """Typed by hand: case and spaces at the ends don't count."""
    wanted, typed = (one.strip().casefold().encode() for one in (ticket_type.access_code, code))
    return compare_digest(wanted, typed)
