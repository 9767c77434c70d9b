"""An invented conference of any size: three days in parallel rooms, the same at every run but for its dates."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random

from django.db import transaction

from portal.demo import words
from portal.models import Event, Hue
from portal.text import slug as make_slug
from registration.models import TicketType
from sessions_app.models import Appearance, Block, Release, Room, Session, Speaker, Track
from sessions_app.publishing import publish

SLUG = "lanterna"
SESSIONS = 60
DAYS = 3
FEWEST_ROOMS = 4
MOST_IN_A_ROOM = 27  # on all days together
TRACKS = {
    "Navigation": Hue.PRUSSIAN,
    "Harbour": Hue.UMBER,
    "Weather and water": Hue.LAGOON,
    "Living sea": Hue.PINE,
    "Tools and formats": Hue.PLUM,
}
ROOMS = ["Great Hall", "Lamp Room", "Pier 4", "Rope Store"]
LEVELS = [*Session.Level, ""]
Kind = Session.Kind


OPENINGS = ["A city that watches the water", "What the sea forgets", "The next hundred years of this light"]


@dataclass(frozen=True)
class Common:
    """A block of the first room that everybody attends: its sessions by title, kind and minutes."""

    day: int
    start: time
    sessions: tuple[tuple[str, str, int], ...]


KEYNOTE = "An hour for everybody, before the rooms fill. No slides are promised, and there is time for questions."
COFFEE = ("Coffee", Kind.BREAK, 30)
COMMON = [
    *(Common(day, time(9), ((title, Kind.KEYNOTE, 60), COFFEE)) for day, title in enumerate(OPENINGS)),
    *(Common(day, time(12, 30), (("Lunch", Kind.BREAK, 90),)) for day in range(DAYS)),
    Common(0, time(19, 30), (("Evening at the lighthouse", Kind.SOCIAL, 150),)),
]
HALVES = {time(10, 30): 120, time(14): 240}  # minutes for sessions side by side


def load_conference(today: date, sessions: int = SESSIONS) -> Event:
    """The conference of this size, released as final. Leaves an existing one alone."""
    slug = SLUG if sessions == SESSIONS else f"{SLUG}-{sessions}"
    if event := Event.objects.filter(slug=slug).first():
        return event
    with transaction.atomic():
        event = make_event(slug, today + timedelta(days=78 - today.weekday()))
        Draft(event, sessions).fill()
        TicketType.objects.create(event=event, name="Conference", capacity=400)
        publish(event, Release.Stage.FINAL, note="The program is complete. See you at the lighthouse!")
        return event


def make_event(slug: str, first_day: date) -> Event:
    return Event.objects.create(
        slug=slug,
        title=f"Lanterna {first_day.year}",
        subtitle="Software for ports, ships and coasts",
        kind=Event.Kind.CONFERENCE,
        timezone="Europe/Rome",
        starts_on=first_day,
        ends_on=first_day + timedelta(days=DAYS - 1),
        venue="Old Cotton Warehouse, Genoa",
        hue=Hue.MADDER,
        overview="Three days for people who write software that gets wet: harbour services, sensors on buoys, charts, "
        "forecasts, and the many small programs that keep a coast running.\n\nEverything here is invented, "
        "to show what a larger program looks like.",
        audience="Engineers of ports and shipping lines, researchers of sea and weather, and volunteers of all kinds.",
        prerequisites="None for the talks. For the labs, bring a laptop with Python.",
        organizers="The Lanterna program committee",
    )


class Draft:
    """The rows of the program, made in bulk."""

    def __init__(self, event: Event, sessions: int) -> None:
        self.event = event
        self.random = Random(1128)  # noqa: S311 - the year of the lighthouse, for the same program each time
        self.number = max(sessions - sum(len(common.sessions) for common in COMMON), 0)
        self.titles = words.titles(self.random)
        self.slugs: set[str] = set()
        self.positions = 0
        self.places: Counter[Block] = Counter()
        self.sessions: list[Session] = []

    def fill(self) -> None:
        self.tracks = [
            Track.objects.create(event=self.event, name=name, hue=hue, position=position)
            for position, (name, hue) in enumerate(TRACKS.items())
        ]
        self.rooms = Room.objects.bulk_create(self.new_rooms())
        self.speakers = Speaker.objects.bulk_create(self.new_speakers())
        self.fill_common()
        self.fill_halves()
        Session.objects.bulk_create(self.sessions)
        Appearance.objects.bulk_create(self.appearances())

    def new_rooms(self) -> list[Room]:
        number = max(FEWEST_ROOMS, -(-self.number // MOST_IN_A_ROOM))
        names = [*ROOMS, *(f"Quay {n}" for n in range(1, number))][:number]
        return [
            Room(event=self.event, name=name, capacity=400 if position == 0 else 60, position=position)
            for position, name in enumerate(names)
        ]

    def new_speakers(self) -> list[Speaker]:
        named = words.people(min(max(self.number * 4 // 5, 8), 900), self.random)
        taken: set[str] = set()
        speakers = []
        for name, affiliation in named:
            taken.add(unique := make_slug(name, taken=taken))
            biography = f"{name} works at {affiliation} and has been at sea more often than planned."
            speakers.append(
                Speaker(event=self.event, slug=unique, name=name, affiliation=affiliation, biography=biography)
            )
        return speakers

    def fill_common(self) -> None:
        for common in COMMON:
            block = self.make_block(common.day, common.start, self.rooms[0])
            for title, kind, duration in common.sessions:
                session = self.add(block, title, kind, duration)
                session.abstract = KEYNOTE if kind == Kind.KEYNOTE else ""

    def fill_halves(self) -> None:
        """Spread the other sessions evenly over rooms and days; an afternoon takes twice as many as a morning."""
        halves = [(day, start, room) for day in range(DAYS) for start in HALVES for room in self.rooms]
        total = sum(HALVES[start] for _, start, _ in halves)
        done = passed = 0
        for day, start, room in halves:
            passed += HALVES[start]
            number = self.number * passed // total - done
            done += number
            if number:
                self.fill_half(self.make_block(day, start, room), number, HALVES[start])

    def make_block(self, day: int, start: time, room: Room) -> Block:
        assert self.event.starts_on
        begin = datetime.combine(self.event.starts_on + timedelta(days=day), start, self.event.zone)
        title = f"Day {day + 1}, {start:%H:%M}, {room}"
        self.positions += 1
        return Block.objects.create(event=self.event, title=title, start=begin, room=room, position=self.positions)

    def fill_half(self, block: Block, number: int, minutes: int) -> None:
        kind = self.random.choice([Kind.LAB, Kind.LAB, Kind.PANEL]) if number == 1 else Kind.TALK
        duration = next(length for length in (90, 45, 30, 20, 10, 1) if length * number <= minutes or length == 1)
        for title, subject in islice(self.titles, number):
            session = self.add(block, title, kind, duration)
            session.abstract = words.abstract(subject, self.random)
            session.track = self.random.choice(self.tracks)
            session.level = self.random.choice(LEVELS)

    def add(self, block: Block, title: str, kind: str, duration: int) -> Session:
        self.slugs.add(unique := make_slug(title, taken=self.slugs))
        names = {"slug": unique, "title": title, "kind": kind, "duration": duration}
        session = Session(event=self.event, block=block, position=self.places[block], **names)
        self.places[block] += 1
        self.sessions.append(session)
        return session

    def appearances(self) -> Iterator[Appearance]:
        """Speakers in turn, so that nobody is in two rooms at once; every fifth session has two."""
        speakers = cycle(self.speakers)
        spoken = [session for session in self.sessions if session.kind not in (Kind.BREAK, Kind.SOCIAL)]
        for turn, session in enumerate(spoken):
            for position in range(2 if turn % 5 == 4 else 1):
                yield Appearance(session=session, speaker=next(speakers), position=position)
