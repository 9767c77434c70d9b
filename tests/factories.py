"""Plain functions that make rows. Each takes what a test cares about and fills in the rest."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F

from portal.models import Event, Membership
from registration.models import (
    Admission,
    CheckIn,
    Choice,
    IdempotencyKey,
    Lab,
    LabSeat,
    Question,
    Registration,
    Star,
    TicketType,
)
from sessions_app import program
from sessions_app.models import Appearance, Block, Material, Release, Room, Session, Speaker
from sessions_app.program import day_of
from sessions_app.publishing import publish

numbers = count(1)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def make_event(**fields: Any) -> Event:
    number = next(numbers)
    return Event.objects.create(
        **{"slug": f"event-{number}", "title": f"Event {number}", "timezone": "America/New_York"} | fields
    )


def make_block(event: Event, **fields: Any) -> Block:
    return Block.objects.create(event=event, **{"position": event.blocks.count()} | fields)


def make_room(event: Event, name: str = "Room A", **fields: Any) -> Room:
    return Room.objects.create(event=event, name=name, **fields)


def make_speaker(event: Event, name: str = "Ada Lovelace", **fields: Any) -> Speaker:
    return Speaker.objects.create(event=event, name=name, **fields)


def make_session(block: Block, title: str = "", *, speakers: tuple[Speaker, ...] = (), **fields: Any) -> Session:
    values = {"title": title or f"Session {next(numbers)}", "duration": 45, "position": block.sessions.count()} | fields
    session = Session.objects.create(event=block.event, block=block, **values)
    for position, speaker in enumerate(speakers):
        Appearance.objects.create(session=session, speaker=speaker, position=position)
    return session


def make_program(event: Event, sessions: int = 2, *, start: datetime | None = None) -> list[Session]:
    """A block of 45-minute sessions by one speaker, with a break of 30 minutes after the first."""
    block = make_block(event, start=start)
    speaker = make_speaker(event)
    first = make_session(block, "Part 1", speakers=(speaker,))
    pause = make_session(block, "Coffee break", kind=Session.Kind.BREAK, duration=30)
    return [first, pause, *(make_session(block, f"Part {n}", speakers=(speaker,)) for n in range(2, sessions + 1))]


def make_release(event: Event, stage: str = Release.Stage.TENTATIVE, **options: Any) -> Release:
    """Releases the event's draft; makes a small one where there is none."""
    if not event.sessions.exists():
        make_program(event)
    return publish(event, stage, **options)


def make_long_release(event: Event, sessions: int) -> Release:
    """A release of this many 45-minute sessions in three rooms at a time, straight from a document."""
    rooms = tuple(program.Room(f"room-{n}", f"Room {n}") for n in range(3))
    items = tuple(long_item(n) for n in range(sessions))
    people = tuple(program.Person(f"person-{n}", f"person-{n}", f"Person {n}") for n in range(sessions))
    data = program.Program(event.timezone, items, (program.Block("block"),), rooms, (), people).to_json()
    values = {"stage": "final", "published_at": NOON, "digest": program.digest(data), "data": data}
    return Release.objects.create(event=event, number=event.releases.count() + 1, **values)


def long_item(number: int) -> program.Item:
    start = NOON + timedelta(hours=number // 3)
    times = {"start": start, "end": start + timedelta(minutes=45), "offset": number // 3 * 60}
    names = {"uuid": f"uuid-{number}", "slug": f"session-{number}", "title": f"Session {number}", "kind": "talk"}
    speakers = (program.Appearance(f"person-{number}"),)
    return program.Item(
        **names, **times, id=number + 1, duration=45, block="block", room=f"room-{number % 3}", speakers=speakers
    )


def make_ticket_type(event: Event, capacity: int | None = 10, **fields: Any) -> TicketType:
    return TicketType.objects.create(event=event, capacity=capacity, **fields)


def make_registration(event: Event, email: str = "", **fields: Any) -> Registration:
    """A registration put straight into the table, with its seat counted; use booking for the real way."""
    ticket_type = fields.pop("ticket_type", None) or event.ticket_types.first() or make_ticket_type(event)
    values = {
        "name": "Grace Hopper",
        "email": email or f"person{next(numbers)}@example.org",
        "state": "confirmed",
    } | fields
    registration = Registration.objects.create(event=event, ticket_type=ticket_type, **values)
    if registration.holds_seat:
        ticket_type.taken += 1
        ticket_type.save()
        Admission.objects.filter(event=event).update(taken=F("taken") + 1)
    return registration


def make_question(event: Event, label: str = "", *, choices: tuple[str, ...] = (), **fields: Any) -> Question:
    values = {"label": label or f"Question {next(numbers)}", "position": event.questions.count()} | fields
    question = Question.objects.create(event=event, **values)
    for position, text in enumerate(choices):
        Choice.objects.create(question=question, text=text, position=position)
    return question


def make_lab(event: Event, session: Session | str, capacity: int = 2) -> Lab:
    return Lab.objects.create(event=event, session=getattr(session, "uuid", session), capacity=capacity)


def make_lab_seat(
    registration: Registration, lab: Lab, *, is_waitlisted: bool = False, hold_until: datetime | None = None
) -> LabSeat:
    """Put straight into the table and counted, on offer where it is held until some time; use registration.labs for the
    real way."""
    counter = "queue" if is_waitlisted else "taken"
    setattr(lab, counter, getattr(lab, counter) + 1)
    lab.save()
    state, place = ("waitlisted", lab.queue) if is_waitlisted else ("offered" if hold_until else "seat", None)
    return LabSeat.objects.create(registration=registration, lab=lab, state=state, place=place, hold_until=hold_until)


def make_star(registration: Registration, session: Session | str) -> Star:
    return Star.objects.create(registration=registration, session=getattr(session, "uuid", session))


def make_check_in(registration: Registration, at: datetime = NOON, **fields: Any) -> CheckIn:
    """By the door; use registration.checkin for the real way."""
    values = {"event": registration.event, "desk": "B", "day": day_of(at, registration.event.zone)} | fields
    return CheckIn.objects.create(registration=registration, at=at, **values)


def make_idempotency_key(event: Event, key: str = "key", **fields: Any) -> IdempotencyKey:
    values = {"scope": "registrations", "body_hash": "0" * 64, "status": 201, "answer": {}} | fields
    return IdempotencyKey.objects.create(event=event, key=key, **values)


def make_material(event: Event, **fields: Any) -> Material:
    return Material.objects.create(event=event, **{"title": "Slides", "url": "https://example.org/slides"} | fields)


def make_organizer(event: Event | None = None, username: str = "", *, role: str = "all") -> User:
    """A staff user with a membership of the event; without an event a superuser."""
    name = username or f"organizer{next(numbers)}"
    if event is None:
        return User.objects.create_superuser(name, password="secret")
    user = User.objects.create_user(name, password="secret", is_staff=True)
    Membership.objects.create(user=user, event=event, role=role)
    return user
