"""On what terms an event takes people in, as its YAML has them: seats, tickets, questions, labs. Never who came, nor
how many did: counts stay, and a capacity below what is taken is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from portal.models import Event, Role
from registration import booking, labs, ledger
from registration.inquiries import Inquiries, question_values
from registration.ledger import BookingError
from registration.models import Admission, Lab, TicketType
from sessions_app.importers.live import LiveRows
from sessions_app.importers.members import Members, Read
from sessions_app.importers.outline import Part
from sessions_app.importers.sections import Names, session_named
from sessions_app.models import Session
from sessions_app.program import is_said

MOST = 1_000_000
MOST_ROWS = 500
TICKET = ("name", "description", "mode", "host_url", "access_code")
STAYS = "People are registered with this ticket, so it stays what it is."

type Rows = list[tuple[Part, dict[str, Any]]]


@dataclass(frozen=True)
class Terms:
    part: Part
    seats: dict[str, Any]
    tickets: Rows = field(default_factory=list)
    questions: Rows = field(default_factory=list)
    labs: Rows = field(default_factory=list)
    right = Role.REGISTRATIONS

    @classmethod
    def read(cls, part: Part, members: Members, names: Names) -> Self:
        number = partial(members.number, most=MOST)
        known: dict[str, Read] = {"capacity": number, "confirms_at_once": members.flag}
        values = members.values(part, known | dict.fromkeys(("tickets", "questions", "labs"), list))
        ticket: dict[str, Read] = dict.fromkeys(TICKET, members.text)
        ticket |= dict.fromkeys(("opens_at", "closes_at"), members.moment)
        ticket |= {"capacity": number, "needs_approval": members.flag, "offer_hours": number}
        lab: dict[str, Read] = {"session": lambda one: session_named(one, members, names), "capacity": number}
        return cls(
            part,
            {name: value for name, value in values.items() if name in known},
            rows(members, part["tickets"], ticket, "name"),
            rows(members, part["questions"], question_values(members), "key"),
            rows(members, part["labs"], lab, "session"),
        )

    @classmethod
    def written(cls, event: Event) -> dict[str, Any]:
        admission = Admission.objects.filter(event=event).first() or Admission()
        names = {str(uuid): title for uuid, title in event.sessions.values_list("uuid", "title")}
        limited = [one for one in event.labs.all() if str(one.session) in names]
        found = {
            "capacity": admission.capacity,
            "confirms_at_once": admission.confirms_at_once,
            "tickets": [ticket_of(event, one) for one in event.ticket_types.all()],
            "questions": Inquiries.written(event),
            "labs": [{"session": str(one.session), "capacity": one.capacity} for one in limited],
        }
        return {name: value for name, value in found.items() if is_said(value)}

    def hold(self, slug: str) -> None:
        """The lock before all counting, as has to be taken before that on the event."""
        event = Event.objects.filter(slug=slug, admission__isnull=False).first()
        if event:
            ledger.opened(event)

    def load(self, event: Event, sessions: Mapping[str, Session]) -> tuple[list[str], list[str]]:
        live = LiveRows()
        self.load_seats(event, live)
        self.load_tickets(event, live)
        Inquiries(event, live).load(self.questions)
        for part, values in self.labs:
            load_lab(event, live, part, sessions[values["session"]], values.get("capacity", 0))
        return live.done()

    def load_seats(self, event: Event, live: LiveRows) -> None:
        if not self.seats:
            return
        admission, _ = Admission.objects.get_or_create(event=event)
        values = {name: value for name, value in self.seats.items() if name != "capacity"}
        if live.put(admission, values, self.part, "admission") and "capacity" in self.seats:
            act = partial(booking.set_event_capacity, event)
            resize(live, self.part, "admission", admission, self.seats["capacity"], act)

    def load_tickets(self, event: Event, live: LiveRows) -> None:
        known = {one.name: one for one in event.ticket_types.all()}
        last = max((one.position for one in known.values()), default=-1)
        for number, (part, values) in enumerate(self.tickets, start=last + 1):
            name = values.get("name", "")
            what = f"ticket “{name}”"
            row = known.get(name)
            if row is None:
                live.put(TicketType(event=event, position=number), {"name": name} | values, part, what)
                continue
            if values.get("mode", row.mode) != row.mode and row.registrations.exists():
                live.fail(part["mode"], STAYS)
            plain = {name: value for name, value in values.items() if name != "capacity"}
            if live.put(row, plain, part, what) and "capacity" in values:
                resize(live, part, what, row, values["capacity"], partial(booking.set_capacity, row))


def rows(members: Members, parts: Part, known: Mapping[str, Read], key: str) -> Rows:
    """Each mapping of a list. No two may have the same key."""
    found = [(part, members.values(part, known)) for part in members.elements(parts, MOST_ROWS)]
    taken: set[str] = set()
    for part, values in found:
        if key in values and values[key] in taken:
            members.fail(part[key], "It stands in this list twice.")
        taken.add(values.get(key, ""))
    return found


def ticket_of(event: Event, one: TicketType) -> dict[str, Any]:
    names = (*TICKET, "capacity", "needs_approval", "offer_hours")
    moments = {name: getattr(one, name) for name in ("opens_at", "closes_at")}
    local = {name: moment and moment.astimezone(event.zone) for name, moment in moments.items()}
    values = {name: getattr(one, name) for name in names} | local
    return {name: value for name, value in values.items() if is_said(value)}


def load_lab(event: Event, live: LiveRows, part: Part, session: Session, capacity: int) -> None:
    what = f"seats in “{session.title}”"
    row = event.labs.filter(session=session.uuid).first()
    if not capacity:
        live.fail(part, "Say how many seats it has, as capacity.")
    elif row is None:
        live.put(Lab(event=event, session=session.uuid), {"capacity": capacity}, part, what)
    else:
        resize(live, part, what, row, capacity, partial(labs.set_capacity, row))


def resize(
    live: LiveRows,
    part: Part,
    what: str,
    row: Admission | TicketType | Lab,
    capacity: int,
    set_capacity: Callable[[int], object],
) -> None:
    """By the verb that counts, and that gives new seats to those who wait."""
    before = row.capacity
    if capacity == before:
        return
    try:
        set_capacity(capacity)
    except BookingError as error:
        live.fail(part["capacity"], str(error))
    else:
        live.tell(what, ("capacity", before, capacity))
