"""The invented conference's words: titles, abstracts and people, the same at every run."""

from collections.abc import Iterator
from itertools import count, product
from random import Random

SUBJECTS = """Tide tables|Buoy telemetry|Berth planning|Underwater noise|Lighthouse lamps|Coastal radar|Ferry timetables
Container weights|Pilot tablets|Salt-proof sensors|Storm surge models|Fish-counting cameras|Customs forms
Crane schedules|Dredging maps|Sea-level archives|Rescue radio|Anchor alarms|Wind forecasts
Ballast water logs|Harbour lights|Mooring lines|Shore power|Ship-to-shore links|Cargo manifests
Wave height sensors|Lock keepers' ledgers|Fog signals|Chart updates|Crew rosters|Fuel bunkering|Ice reports
Port statistics|Signal flags|Canal traffic|Oyster farms|Quay walls|Tugboat dispatch|Water level gauges
Nautical almanacs"""
ANGLES = """without the cloud|in a thousand lines|, measured and not guessed|when the link is down
for people with wet hands|after ten years in use|on a shoestring|as open data|tested against the sea
and the people who read them|in twelve languages|from paper to screen|: what we got wrong|: a second attempt
for the night shift|with half the hardware|as a classroom project|: a field report|that explain themselves
under audit|, one format for all|seen from orbit|on batteries for a winter|, and how to retire them
in the open|by volunteers"""

BEGINNINGS = """{subject} look simple until somebody depends on them.
Four ports, four ways to handle {lower}, and one winter in which all of them failed.
Most of what is written about {lower} assumes calm weather.
When we took over {lower} from our predecessors, the manual was a shoebox.
{subject} are older than the net they now have to live on.
Nobody is thanked for {lower} that work.
Two years ago we promised to make {lower} boring. This is how far we came.
Ask three crews about {lower} and you get four answers.
{subject} come up in every incident report we have read, mostly as a footnote."""
MIDDLES = """We show what broke first, what we measured, and which part we would throw away today.
The session follows them from the quay to the screen: who writes them, who reads them, where the numbers change.
We compare cost, failures, and the time a newcomer needs to mend something at night.
We bring two winters of logs and a small model that did better than the large one.
Everything runs on a board that costs less than lunch, and we will take one apart on stage.
The hard part wasn't the code. It was agreeing on what a *minute* is.
We moved them one pier at a time, with the old system next to the new one, and learned to love the differences.
There is a demonstration, and it may go wrong; that is rather the point."""
ENDS = """You will leave with the list we wish we had been given.
All code and data are [open](https://example.org/lanterna).
No knowledge of ports is needed; some of regular expressions helps.
Bring your own horror story: half of the time is for questions.
The talk is for people who will be called when it stops.
Slides and recordings follow after the conference."""
LISTS = [
    """What we look at:

- what is written down, and by whom
- what is thrown away too early
- what should have been thrown away long ago""",
    """In three parts:

1. the state of things on a Tuesday in November
2. the change that was meant to be small
3. what the night shift made of it""",
]

FIRST = """Amina Bengt Chiara Dario Elif Farah Giulia Henrik Inês Jonas Keiko Lamine Marta Nadir Oriana Pavel Quentin
Rosa Samir Teresa Ugo Věra Wanjiru Xavier Yara Zeno Aiko Bruno Camila Dagný Emeka Frida Łukasz Søren Noor Thandiwe"""
LAST = """Adeyemi Bianchi Costa Dahl Eriksen Ferrando Grgić Hoshino Ibarra Jansson Kowalska Lindqvist Moreau Novák
Okafor Parodi Quist Rinaldi Santos Takeda Ulloa Vassallo Weber Ximenes Yılmaz Zanetti Aalto Brandt Cattaneo
Duarte Nguyễn Ó_Briain Şahin Tjønneland"""
PLACES = """Harbour Authority of Lanterna|Institute for Coastal Computing|North Quay Cooperative|University of the Gulf
Open Charts Foundation|Ferry Lines of the West|Lighthouse Service|Tidal Research Station|Free Port Software
Museum of Signals|Polytechnic of the Strait|Rescue at Sea e.V."""
LIVES = """{name} works at {place} and has been at sea more often than planned.
{name} writes software for {place}, teaches it in the evenings, and repairs radios.
After ten years on ferries, {name} came ashore to look after the data of {place}.
{name} leads a team of three at {place}, two of whom are sensors.
At {place}, {name} keeps things running that were meant to be temporary."""


def split(text: str) -> list[str]:
    return [part for line in text.splitlines() for part in line.split("|")]


def titles(random: Random) -> Iterator[tuple[str, str]]:
    """Different titles without end, each with its subject."""
    pairs = list(product(split(SUBJECTS), split(ANGLES)))
    random.shuffle(pairs)
    for part in count(1):
        again = f", part {part}" if part > 1 else ""
        for subject, angle in pairs:
            yield f"{subject}{'' if angle[0] in ',:' else ' '}{angle}{again}", subject


def abstract(subject: str, random: Random) -> str:
    """Two paragraphs of Markdown, of which every fourth has a list."""
    first = " ".join(random.choice(part.splitlines()) for part in (BEGINNINGS, MIDDLES))
    aside = [random.choice(LISTS)] if random.random() < 0.25 else []
    text = "\n\n".join([first, *aside, random.choice(ENDS.splitlines())])
    return text.format(subject=subject, lower=subject[0].lower() + subject[1:])


def people(number: int, random: Random) -> list[tuple[str, str, str]]:
    """So many different names, each with an affiliation and a life."""
    names = [f"{first} {last.replace('_', ' ')}" for first, last in product(FIRST.split(), LAST.split())]
    random.shuffle(names)
    found = []
    for name in names[:number]:
        place = random.choice(split(PLACES))
        found.append((name, place, random.choice(LIVES.splitlines()).format(name=name, place=place)))
    return found
