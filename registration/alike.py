"""Registrations that may be one person's or one program's, grouped for organizers to look at. It refuses nobody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.models import Event
from portal.rates import client_of
from registration.limits import mailbox_of
from registration.makers import maker

MOST = 50  # groups of a kind
NAMES = 5  # told of a group
PRINT = 12  # characters
MAILBOX, CLIENT, DOMAIN = "mailbox", "client", "domain"
LEAST = {MAILBOX: 2, CLIENT: 5, DOMAIN: 1}  # registrations of a group; a household or an office may share a client


@dataclass
class Group:
    """`what` its registrations share: a mailbox, the print of a client, or a domain. The names are the first ones."""

    kind: str
    what: str
    first: datetime
    last: datetime
    count: int = 0
    names: list[str] = field(default_factory=list)

    @property
    def value(self) -> str:
        """What `alike` reads."""
        return f"{self.kind}:{self.what}"

    def add(self, name: str, moment: datetime) -> None:
        self.count, self.last = self.count + 1, moment
        if len(self.names) < NAMES:
            self.names.append(name)


def print_of(request: HttpRequest, event: Event) -> str:
    """Tells that two registrations of an event came from one client, but not from which."""
    who = f"{event.pk} {client_of(request)}"
    return salted_hmac("registration.client", who, algorithm="sha256").hexdigest()[:PRINT]


def groups(event: Event) -> dict[str, list[Group]]:
    """By what is shared; the largest first. Of the registrations only what is shown stays in memory."""
    found: dict[tuple[str, str], Group] = {}
    columns = "name", "email_key", "client", "created_at"
    for name, *who, moment in event.registrations.order_by("created_at", "pk").values_list(*columns).iterator():
        for kind, what in shared(*who):
            found.setdefault((kind, what), Group(kind, what, moment, moment)).add(name, moment)
    return {kind: largest(one for one in found.values() if one.kind == kind) for kind in LEAST}


def shared(address: str, client: str) -> Iterator[tuple[str, str]]:
    """What others may share with this one, by its kind."""
    yield MAILBOX, mailbox_of(address)
    if client:
        yield CLIENT, client
    if domain := throwaway(address, maker("throwaway_domains")):
        yield DOMAIN, domain


def largest(found: Iterable[Group]) -> list[Group]:
    return sorted((one for one in found if one.count >= LEAST[one.kind]), key=lambda one: -one.count)[:MOST]


def throwaway(address: str, domains: set[str]) -> str:
    """The domain of an address that anybody can have for ten minutes; else empty."""
    parts = address.rpartition("@")[2].split(".")
    above = (".".join(parts[place:]) for place in range(len(parts) - 1))
    return next((one for one in above if one in domains), "")


def alike(value: str) -> Q:
    """The registrations of a group."""
    kind, _, what = value.partition(":")
    name, _, domain = what.rpartition("@")
    return {
        MAILBOX: Q(email_key=what) | Q(email_key__startswith=f"{name}+", email_key__endswith=f"@{domain}"),
        CLIENT: Q(client=what) & ~Q(client=""),
        DOMAIN: Q(email_key__endswith=f"@{what}") | Q(email_key__endswith=f".{what}"),
    }.get(kind, Q())
