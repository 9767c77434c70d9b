"""An invented conference of any size: three days in parallel rooms, the same at every run but for its dates."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random

from django.db import transaction

from portal.demo import updates, words
from portal.demo.frame import CLOSING, COMMON, DAYS, HALVES, KEYNOTE, OPENINGS, ROOMS, TRACKS
from portal.demo.updates import identity
from portal.models import Event, Hue
from portal.text import slug as make_slug
from registration.models import TicketType
from sessions_app.models import Appearance, Block, Room, Session, Speaker, Track

SLUG = "lanterna"
SESSIONS = 60
FEWEST_ROOMS = 3
USUAL = 38  # minutes of a session, from which the number of rooms follows
LENGTHS = (10, 15, 20, 25, 30, 40, 45, 50, 60, 90, 120)
LEVELS = [*Session.Level, "", ""]
LANGUAGES = ["en"] * 15 + ["it"]
MOST_SPEAKERS = 1000
Kind = Session.Kind


def load_conference(today: date, sessions: int = SESSIONS) -> Event:
    """The conference of this size with its releases up to today. Leaves an existing one alone."""
    slug = SLUG if sessions == SESSIONS else f"{SLUG}-{sessions}"
    if event := Event.objects.filter(slug=slug).first():
        return event
    with transaction.atomic():
        event = make_event(slug, today, "" if sessions == SESSIONS else f" ({sessions:,} sessions)")
        Draft(event, sessions).fill()
        TicketType.objects.create(event=event, name="Conference", capacity=400 if sessions <= SESSIONS else None)
        updates.release_all(event, today)
        return event


def make_event(slug: str, today: date, size: str) -> Event:
    first_day = today + timedelta(days=78 - today.weekday())
    return Event.objects.create(
        slug=slug,
        title=f"Lanterna {first_day.year}{size}",
        subtitle="Software for ports, ships and coasts",
        kind=Event.Kind.CONFERENCE,
        timezone="Europe/Rome",
        starts_on=first_day,
        ends_on=first_day + timedelta(days=DAYS - 1),
        final_program_due=today - timedelta(days=updates.FINAL),
        venue="Old Cotton Warehouse, Genoa",
        hue=Hue.MADDER,
        overview="Three days for people who write software that gets wet: harbour services, sensors on buoys, charts, "
        "forecasts, and the many small programs that keep a coast running.\n\nEverything here is invented, "
        "to show what a larger program looks like.",
        audience="Engineers of ports and shipping lines, researchers of sea and weather, and volunteers of all kinds.",
        prerequisites="None for the talks. For the labs, bring a laptop with Python.",
        organizers="The Lanterna program committee",
        additional="The warehouse is a short walk from the station Principe. All rooms have step-free access.",
    )


class Draft:
    """The rows of the program, made in bulk."""

    def __init__(self, event: Event, sessions: int) -> None:
        self.event = event
        self.random = Random(event.slug)  # noqa: S311 - for the same program each time
        self.total = sessions
        self.number = max(sessions - sum(len(common.sessions) for common in COMMON), 0)
        self.titles = words.titles(self.random)
        self.slugs: set[str] = set()
        self.blocks: list[Block] = []
        self.sessions: list[Session] = []

    def fill(self) -> None:
        minutes = DAYS * sum(HALVES.values())
        self.rooms = Room.objects.bulk_create(self.new_rooms(max(FEWEST_ROOMS, -(-self.number * USUAL // minutes))))
        self.tracks = Track.objects.bulk_create(self.new_tracks(min(len(TRACKS), max(5, len(self.rooms) // 2))))
        self.speakers = Speaker.objects.bulk_create(self.new_speakers())
        self.fill_common()
        self.fill_halves()
        Block.objects.bulk_create(self.blocks)
        Session.objects.bulk_create(self.sessions[: self.total])
        Appearance.objects.bulk_create(self.appearances())

    def new_rooms(self, number: int) -> list[Room]:
        names = [*ROOMS, *((f"Quay {n}", 40) for n in range(1, number))][:number]
        return [
            Room(event=self.event, uuid=identity(self.random), name=name, capacity=capacity, position=position)
            for position, (name, capacity) in enumerate(names)
        ]

    def new_tracks(self, number: int) -> list[Track]:
        hues = cycle([Hue.PRUSSIAN, Hue.UMBER, Hue.LAGOON, Hue.PINE, Hue.PLUM, Hue.MOSS, Hue.INDIGO, Hue.MADDER])
        rows = enumerate(zip(TRACKS[:number], hues, strict=False))
        return [
            Track(event=self.event, slug=make_slug(name), name=name, hue=hue, position=place)
            for place, (name, hue) in rows
        ]

    def new_speakers(self) -> list[Speaker]:
        taken: set[str] = set()
        speakers = []
        for name, place, life in words.people(min(max(self.number * 10 // 9, 8), MOST_SPEAKERS), self.random):
            taken.add(unique := make_slug(name, taken=taken))
            about = {"affiliation": place, "biography": life}
            speakers.append(Speaker(event=self.event, uuid=identity(self.random), slug=unique, name=name, **about))
        return speakers

    def fill_common(self) -> None:
        for common in COMMON:
            block = self.new_block(common.day, common.start, self.rooms[0])
            for title, kind, duration in common.sessions:
                session = self.add(block, title, kind, duration)
                if title in OPENINGS or title == CLOSING:
                    session.abstract = KEYNOTE

    def fill_halves(self) -> None:
        """Spread the other sessions evenly over rooms and days. A room has one track for a day."""
        halves = [(day, start, room) for day in range(DAYS) for start in HALVES for room in self.rooms]
        total = sum(HALVES[start] for _, start, _ in halves)
        done = passed = 0
        for day, start, room in halves:
            passed += HALVES[start]
            number = self.number * passed // total - done
            done += number
            if number:
                self.fill_half(self.new_block(day, start, room), day, number, HALVES[start])

    def new_block(self, day: int, start: time, room: Room) -> Block:
        assert self.event.starts_on
        begin = datetime.combine(self.event.starts_on + timedelta(days=day), start, self.event.zone)
        title = f"Day {day + 1}, {start:%H:%M}, {room}"
        block = Block(
            event=self.event,
            uuid=identity(self.random),
            title=title,
            start=begin,
            room=room,
            position=len(self.blocks) + 1,
        )
        self.blocks.append(block)
        return block

    def fill_half(self, block: Block, day: int, number: int, minutes: int) -> None:
        assert block.room
        track = self.tracks[(block.room.position + day) % len(self.tracks)]
        for duration in lengths(number, minutes, self.random):
            title, subject = next(self.titles)
            session = self.add(block, title, self.kind_of(duration), duration)
            session.abstract = words.abstract(subject, self.random)
            session.track = track if self.random.random() < 0.8 else self.random.choice(self.tracks)
            session.level = self.random.choice(LEVELS)
            session.language = self.random.choice(LANGUAGES)
            if session.kind == Kind.LAB:
                session.prerequisites = "A laptop with Python 3.12 or newer. Sockets are few: come charged."

    def kind_of(self, duration: int) -> str:
        if duration >= 90:
            return Kind.LAB
        return Kind.PANEL if duration >= 45 and self.random.random() < 0.15 else Kind.TALK

    def add(self, block: Block, title: str, kind: str, duration: int) -> Session:
        self.slugs.add(unique := make_slug(title, taken=self.slugs))
        names = {"slug": unique, "title": title, "kind": kind, "duration": duration}
        position = sum(1 for one in self.sessions[-30:] if one.block is block)
        session = Session(event=self.event, uuid=identity(self.random), block=block, position=position, **names)
        self.sessions.append(session)
        return session

    def appearances(self) -> Iterator[Appearance]:
        """Speakers in turn, so that nobody is in two rooms at once; the first of a panel leads it."""
        speakers = cycle(self.speakers)
        for turn, session in enumerate(self.sessions[: self.total]):
            number = 0 if session.kind in (Kind.BREAK, Kind.SOCIAL) else 1 + (turn % 5 == 4)
            is_panel = session.kind == Kind.PANEL
            for position, speaker in enumerate(islice(speakers, 4 if is_panel else number)):
                role = "moderator" if is_panel and position == 0 else ""
                yield Appearance(session=session, speaker=speaker, position=position, role=role)


def lengths(number: int, minutes: int, random: Random) -> Iterator[int]:
    """So many lengths, different ones, that fit into these minutes."""
    for left in range(number, 0, -1):
        mean, most = minutes / left, minutes - LENGTHS[0] * (left - 1)
        near = [one for one in LENGTHS if mean * 0.5 <= one <= min(mean * 1.4, most)]
        found = random.choice(near) if near else max(1, int(mean))
        minutes -= found
        yield found
