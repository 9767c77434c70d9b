"""A hundred people cancel while a hundred more register: who waited longest is next."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

from bench.figures import Figures
from bench.ground import TUTORIAL
from bench.seats import AT_ONCE, OUTCOME, PEOPLE, SEATS, Outcome, address, opened, post, register, said, watched

CHANGING = 100
MY_PAGES = f"""
import json
from portal.models import Event
from registration import links
found = Event.objects.get(slug="{TUTORIAL}").registrations.all()
print(json.dumps({{one.email: links.manage_path(one) for one in found}}))
"""

type Act = Callable[[], int]


def main() -> bool:
    """Whether all figures are reached."""
    figures = Figures()
    with opened() as found, ThreadPoolExecutor(AT_ONCE) as crowd:
        answers = list(crowd.map(lambda number: register(found.product, number), range(PEOPLE)))
        places = {address(number): place for number, (_, place) in enumerate(answers)}
        seated = {one for one, place in places.items() if place is None}
        leaving = set(Random(1).sample(sorted(seated), CHANGING))
        pages = said(found, MY_PAGES)
        acts = [leave(found.product, pages[one]) for one in leaving]
        acts += [come(found.product, number) for number in range(PEOPLE, PEOPLE + CHANGING)]
        Random(2).shuffle(acts)
        with watched(found) as watch:
            statuses = sorted(crowd.map(lambda act: act(), acts))
        outcome = Outcome(**said(found, OUTCOME))
    longest = {one for one, place in places.items() if place and place <= CHANGING}
    name = f"{CHANGING} of {SEATS} cancel while {CHANGING} come to {PEOPLE - SEATS} who wait: everybody is answered"
    figures.show(statuses == [201] * CHANGING + [302] * CHANGING and not outcome.problems, name, f"{outcome.problems}")
    confirmed = outcome.who_is("confirmed")
    figures.show(len(confirmed) == SEATS, f"{len(confirmed)} are confirmed in the end", "")
    name = f"the {CHANGING} who waited longest have the seats, nobody else, and were told once"
    right = confirmed == seated - leaving | longest and outcome.told("promoted") == sorted(longest)
    figures.show(right and outcome.who_is("cancelled") == leaving, name, "")
    watch.show(figures)
    return figures.are_reached


def leave(port: int, page: str) -> Act:
    return lambda: post(port, f"{page}cancel/", "")[0]


def come(port: int, number: int) -> Act:
    return lambda: register(port, number)[0]
