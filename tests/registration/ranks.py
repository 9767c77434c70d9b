"""Whether one can tell from how long answers take whose they are."""

import time
from collections.abc import Callable, Iterable
from random import Random
from statistics import NormalDist, median

from django.utils import timezone

UNLIKELY = 0.01  # that equals are ranked so differently
NEAR = 0.2  # of the middle time: a row that stays costs up to a tenth, which drowns in what a network adds


def are_told_apart(measure: Callable[[], bool]) -> bool:
    """By most of three measurements: equals are once in 3,000 times, and one that was disturbed tells nothing yet."""
    first, second = measure(), measure()
    return first if first == second else measure()


def differ(act: Callable[[str], object], known: Iterable[str], others: Iterable[str]) -> bool:
    """By their order, which would be unlikely if it made no difference whether they are known, and by their middles."""
    tries = [(address, True) for address in known] + [(address, False) for address in others]
    Random(timezone.now().microsecond).shuffle(tries)
    took = []
    for address, is_known in tries:
        began = time.perf_counter()
        act(address)
        took.append((time.perf_counter() - began, is_known))
    one, other = (median(seconds for seconds, is_known in took if is_known == which) for which in (True, False))
    return abs(one - other) > NEAR * other and by_ranks([is_known for _, is_known in sorted(took)]) < UNLIKELY


def by_ranks(order: list[bool]) -> float:
    """Of Mann and Whitney, by the normal distribution: two-sided."""
    first, second = sum(order), len(order) - sum(order)
    ranks = sum(rank for rank, is_known in enumerate(order, 1) if is_known)
    middle, width = first * second / 2, (first * second * (len(order) + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(ranks - first * (first + 1) / 2 - middle) / width)
