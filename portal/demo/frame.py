"""What every size of the invented conference has: its days, its rooms, its tracks, and what all attend together."""

from dataclasses import dataclass
from datetime import time

from sessions_app.models import Session

DAYS = 3
Kind = Session.Kind

ROOMS = [
    ("Great Hall", 400),
    ("Lamp Room", 120),
    ("Pier 4", 90),
    ("Rope Store", 60),
    ("Sextant", 60),
    ("Chart House", 80),
    ("Foghorn", 45),
    ("Upper Deck", 150),
    ("Lower Deck", 150),
    ("Signal Mast", 40),
    ("Boathouse", 100),
    ("Dry Dock", 200),
    ("Customs Hall", 180),
    ("Net Loft", 50),
    ("Old Scales", 50),
    ("Barometer", 40),
    ("Compass Rose", 70),
    ("Breakwater", 70),
    ("Gangway", 30),
    ("Harbour Master", 40),
]
TRACKS = [
    "Navigation",
    "Harbour",
    "Weather and water",
    "Living sea",
    "Tools and formats",
    "Radio and signals",
    "Safety at sea",
    "Open data",
    "Sensors",
    "Logistics",
    "Maps and charts",
    "History of computing",
    "Energy",
    "Teaching",
]

OPENINGS = ["A city that watches the water", "What the sea forgets", "The next hundred years of this light"]
CLOSING = "What we take home"
KEYNOTE = "An hour for everybody, before the rooms fill. No slides are promised, and there is time for questions."
COFFEE = ("Coffee", Kind.BREAK, 30)


@dataclass(frozen=True)
class Common:
    """A block of the first room that everybody attends: its sessions by title, kind and minutes."""

    day: int
    start: time
    sessions: tuple[tuple[str, str, int], ...]


COMMON = [
    *(Common(day, time(9), ((title, Kind.KEYNOTE, 60), COFFEE)) for day, title in enumerate(OPENINGS)),
    *(Common(day, time(12, 30), (("Lunch", Kind.BREAK, 90),)) for day in range(DAYS)),
    *(Common(day, time(16), (COFFEE,)) for day in range(DAYS)),
    Common(0, time(19, 30), (("Evening at the lighthouse", Kind.SOCIAL, 150),)),
    Common(DAYS - 1, time(18, 30), ((CLOSING, Kind.TALK, 30),)),
]
HALVES = {time(10, 30): 120, time(14): 120, time(16, 30): 120}  # minutes for sessions side by side
