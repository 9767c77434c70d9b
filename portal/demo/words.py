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
ABSTRACTS = """{subject} look simple until somebody depends on them. We show what broke first, what we
measured, and which part we would throw away today.|This session follows {lower} from the quay to the screen:
who writes them, who reads them, and where the numbers change on the way. All code and data are open.|Three
ports, three ways to handle {lower}. We compare cost, failures and the time a newcomer needs, and end with the
list we wish we had been given.|Most of what is written about {lower} assumes calm weather. We bring two
winters of logs and a small model that did better than the large one."""
FIRST = """Amina Bengt Chiara Dario Elif Farah Giulia Henrik Ines Jonas Keiko Lamine Marta Nadir Oriana Pavel Quentin
Rosa Samir Teresa Ugo Vera Wanjiru Xavier Yara Zeno Aiko Bruno Camila Dag Emeka Frida"""
LAST = """Adeyemi Bianchi Costa Dahl Eriksen Ferrando Grgic Hoshino Ibarra Jansson Kowalska Lindqvist Moreau Novak
Okafor Parodi Quist Rinaldi Santos Takeda Ulloa Vassallo Weber Ximenes Yilmaz Zanetti Aalto Brandt Cattaneo
Duarte"""
PLACES = """Harbour Authority of Lanterna|Institute for Coastal Computing|North Quay Cooperative|University of the Gulf
Open Charts Foundation|Ferry Lines of the West|Lighthouse Service|Tidal Research Station|Free Port Software"""


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
    text = random.choice(ABSTRACTS.replace("\n", " ").split("|"))
    return text.format(subject=subject, lower=subject.lower())


def people(number: int, random: Random) -> list[tuple[str, str]]:
    """So many different names, each with an affiliation."""
    names = [f"{first} {last}" for first, last in product(FIRST.split(), LAST.split())]
    random.shuffle(names)
    return [(name, random.choice(split(PLACES))) for name in names[:number]]
