"""People to write to, in groups, taken step by step so that a hundred thousand need no more memory than a thousand."""

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from django.db.models import Q, QuerySet

from portal.mailings import END, Person
from portal.models import Event
from registration.models import Registration
from registration.privacy import NOWHERE

State = Registration.State

type Group = QuerySet[Any]  # of rows with an email


def registered(event: Event) -> Group:
    """The confirmed, and the waitlisted whose address is proven."""
    waiting = Q(state=State.WAITLISTED, verified_at__isnull=False)
    return known(event).filter(Q(state=State.CONFIRMED) | waiting)


def known(event: Event) -> Group:
    """The registrations of all who haven't been forgotten."""
    return event.registrations.exclude(email__endswith=f"@{NOWHERE}")


def spoken(event: Event, language: str) -> Q:
    """Those to write to in this language: of the usual one also all who chose none that the event writes in."""
    known = list(event.languages_to_choose)
    return ~Q(language__in=known[1:]) if language in known[:1] else Q(language=language)


def followers(event: Event) -> Group:
    return event.followers.all()


def speakers(event: Event, uuids: Iterable[str]) -> Group:
    """Those of these who have an address. Whom releases name: the draft's are nobody's business yet."""
    return event.speakers.filter(uuid__in=uuids).exclude(email="")


def sample(groups: dict[str, Group], size: int) -> list[Person]:
    """A few real people, of each group if there are several."""
    each = [[(address, {name: pk}) for pk, address in first_of(group, size)] for name, group in groups.items()]
    return [one for turn in zip_longest(*each) for one in turn if one][:size]


def first_of(group: Group, size: int) -> list[tuple[int, str]]:
    return list(group.order_by("pk").values_list("pk", "email")[:size])


def step(groups: dict[str, Group], cursor: str, size: int) -> tuple[list[Person], str]:
    """The next people of the groups, first all of the first, and where to go on: a group's name and its last key."""
    people: list[Person] = []
    names = list(groups)
    name, _, after = (cursor or f"{names[0]}:0").partition(":")
    while len(people) < size:
        wanted = size - len(people)
        rows = list(groups[name].filter(pk__gt=int(after)).order_by("pk").values_list("pk", "email")[:wanted])
        people += [(address, {name: pk}) for pk, address in rows]
        if len(rows) == wanted:
            return people, f"{name}:{rows[-1][0]}"
        following = names.index(name) + 1
        if following == len(names):
            return people, END
        name, after = names[following], "0"
    return people, f"{name}:{after}"
