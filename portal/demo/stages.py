"""Smaller invented events at the other stages: without a program, tentative with clock times, and over."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.db import transaction

from portal.demo.tutorial import one_page_pdf
from portal.demo.updates import identify, identity
from portal.models import Event, Hue
from registration.models import TicketType
from sessions_app.models import Appearance, Block, Material, Release, Room, Session, Speaker
from sessions_app.publishing import publish

Kind, Stage, Opening = Session.Kind, Release.Stage, Material.Opening
AGO = 150  # days, of the event that is over


@dataclass(frozen=True)
class Part:
    """A session of a small event. `people` are names of those who appear."""

    title: str
    minutes: int
    kind: str = Kind.TUTORIAL
    people: tuple[str, ...] = ()
    abstract: str = ""


def load_placeholder(host: Event, today: date) -> Event:
    """A tutorial of the conference whose program isn't out: its page, its promise, and who wants to be told."""
    slug = f"{host.slug}-radio"
    if event := Event.objects.filter(slug=slug).first():
        return event
    assert host.starts_on
    with transaction.atomic():
        event = Event.objects.create(
            slug=slug,
            title="Listening to harbours",
            subtitle="Radio for people who never held an antenna",
            kind=Event.Kind.TUTORIAL,
            host=host,
            timezone=host.timezone,
            starts_on=host.starts_on - timedelta(days=1),
            venue="Old Cotton Warehouse, Genoa",
            hue=Hue.INDIGO,
            final_program_due=today + timedelta(days=30),
            organizers="Yara Novák and Emeka Dahl, North Quay Cooperative",
            overview="Ships say who and where they are, several times a minute, to anybody who listens. In half a day "
            "we build a receiver from parts that fit into a pocket, and read what it hears.",
            audience="Everybody. No radio licence is needed to listen.",
            prerequisites="- a laptop with a free USB socket\n- patience with small screws",
        )
        TicketType.objects.create(event=event, name="Seat with a kit", capacity=24)
        return event


WORKSHOP = (
    Part("Why a map is never done", 30, people=("Ines Ferrando",), abstract="Three charts of one bay."),
    Part("Soundings by fishing boats", 45, people=("Bengt Adeyemi", "Ines Ferrando"), abstract="Depth by chance."),
    Part("Coffee", 30, Kind.BREAK),
    Part("Mapping a quay together", 75, Kind.LAB, ("Rosa Hoshino",), "We walk, measure, and draw before lunch."),
)
STARTS = time(9, 30)


def load_workshop(host: Event, today: date) -> Event:
    """A workshop of the conference: tentative, at first by lengths alone, since a week with clock times."""
    slug = f"{host.slug}-charts"
    if event := Event.objects.filter(slug=slug).first():
        return event
    assert host.starts_on
    second_day = host.starts_on + timedelta(days=1)
    with transaction.atomic():
        event = Event.objects.create(
            slug=slug,
            title="Open charts",
            subtitle="A morning of mapping",
            kind=Event.Kind.WORKSHOP,
            host=host,
            timezone=host.timezone,
            starts_on=second_day,
            venue="Old Cotton Warehouse, Genoa",
            hue=Hue.PINE,
            final_program_due=today + timedelta(days=14),
            organizers="Ines Ferrando, Open Charts Foundation",
            overview="Nautical charts are expensive, old, and copied from each other. This morning is about making "
            "ones that are none of it.",
            audience="People who sail, people who draw maps, and people who have an opinion on projections.",
        )
        TicketType.objects.create(event=event, capacity=40)
        block = add_program(event, WORKSHOP, Room(name="Map Room", capacity=40))
        publish(event, Stage.TENTATIVE, now=morning(today - timedelta(days=28)))
        Block.objects.filter(pk=block.pk).update(start=at(second_day, STARTS, event.zone))
        publish(event, Stage.TENTATIVE, note="Clock times are set.", now=morning(today - timedelta(days=6)))
        return event


SCHOOL = (
    Part(
        "What a buoy knows",
        40,
        people=("Keiko Lindqvist",),
        abstract="Warmth, salt, height, trouble.",
    ),
    Part("Batteries in winter", 50, people=("Samir Okafor",), abstract="What six volts are at minus four degrees."),
    Part("Tea", 20, Kind.BREAK),
    Part("Reading a year of data", 60, Kind.LAB, ("Keiko Lindqvist", "Wanjiru Costa"), "A notebook, a year, a storm."),
    Part("Questions, and where to go from here", 30, Kind.PANEL, ("Wanjiru Costa", "Samir Okafor")),
)


def load_school(today: date) -> Event:
    """A tutorial that is over: its final program, and what was shown there."""
    slug = "buoy-school"
    if event := Event.objects.filter(slug=slug).first():
        return event
    first_day = today - timedelta(days=AGO)
    with transaction.atomic():
        event = Event.objects.create(
            slug=slug,
            title="Buoy School",
            subtitle="Sensors that swim",
            kind=Event.Kind.TUTORIAL,
            timezone="Europe/Lisbon",
            starts_on=first_day,
            venue="Tidal Research Station, Setúbal",
            hue=Hue.LAGOON,
            final_program_due=first_day - timedelta(days=30),
            organizers="Keiko Lindqvist, Tidal Research Station",
            overview="An afternoon for those who have to look after a buoy, from the first bolt to the last number.",
        )
        TicketType.objects.create(event=event, capacity=30, closes_at=at(first_day, time(13), event.zone))
        room = Room(name="Wet Lab", capacity=30)
        block = add_program(event, SCHOOL, room, start=at(first_day, time(14), event.zone))
        publish(event, Stage.FINAL, now=morning(first_day - timedelta(days=31)))
        add_materials(event, block)
        identify(f"materials of {slug}", event.materials.all())
        return event


def add_program(event: Event, parts: tuple[Part, ...], room: Room, start: datetime | None = None) -> Block:
    random = Random(event.slug)  # noqa: S311 - for the same program each time
    room.event, room.uuid = event, identity(random)
    room.save()
    block = Block.objects.create(event=event, uuid=identity(random), room=room, start=start)
    for position, part in enumerate(parts):
        session = Session.objects.create(
            event=event,
            block=block,
            uuid=identity(random),
            position=position,
            title=part.title,
            kind=part.kind,
            duration=part.minutes,
            abstract=part.abstract,
        )
        for place, name in enumerate(part.people):
            speaker, _ = Speaker.objects.get_or_create(event=event, name=name, defaults={"uuid": identity(random)})
            Appearance.objects.create(session=session, speaker=speaker, position=place)
    return block


def add_materials(event: Event, block: Block) -> None:
    for session in block.sessions.exclude(kind__in=[Kind.BREAK, Kind.PANEL]):
        slides = ContentFile(one_page_pdf(session.title), f"{session.slug}.pdf")
        Material.objects.create(event=event, session=session, title="Slides", file=slides)
    year = ContentFile(YEAR.encode(), "year.csv")
    Material.objects.create(event=event, title="A year of data", file=year, position=1)
    Material.objects.create(event=event, title="Recording", url="https://example.org/buoy-school", position=2)


def at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone)


def morning(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


YEAR = """month,water_celsius,wave_metres
1,13.9,2.4
2,13.6,2.2
3,14.1,1.9
4,15.0,1.5
5,16.4,1.2
6,18.2,1.0
7,19.6,0.9
8,20.3,0.9
9,19.8,1.2
10,18.4,1.7
11,16.5,2.1
12,14.8,2.5
"""
