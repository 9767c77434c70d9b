"""Registrations that may be one person's or one program's, grouped for organizers to look at. It refuses nobody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from portal.models import Event
from portal.rates import client_of
from registration.limits import mailbox_of
from registration.makers import maker
from registration.models import Registration

FEW = 5  # registrations by one client; a household or an office may share one
MOST = 50  # groups of a kind
NAMES = 5  # told of a group
PRINT = 12  # characters
MAILBOX, CLIENT, DOMAIN = "mailbox", "client", "domain"


@dataclass(frozen=True)
class Group:
    """`what` its registrations share: a mailbox, the print of a client, or a domain. The names are the first ones."""

    kind: str
    what: str
    count: int
    names: list[str]
    first: datetime
    last: datetime

    @property
    def value(self) -> str:
        """What `alike` reads."""
        return f"{self.kind}:{self.what}"


def print_of(request: HttpRequest, event: Event) -> str:
    """Tells that two registrations of an event came from one client, but not from which."""
    who = f"{event.pk} {client_of(request)}"
    return salted_hmac("registration.client", who, algorithm="sha256").hexdigest()[:PRINT]


def groups(event: Event) -> dict[str, list[Group]]:
    """By what is shared; the largest first."""
    rows = list(event.registrations.order_by("created_at", "pk").only("name", "email_key", "client", "created_at"))
    domains = maker("throwaway_domains")
    return {
        MAILBOX: grouped(MAILBOX, rows, lambda one: mailbox_of(one.email_key), least=2),
        CLIENT: grouped(CLIENT, rows, lambda one: one.client, least=FEW),
        DOMAIN: grouped(DOMAIN, rows, lambda one: throwaway(one.email_key, domains), least=1),
    }


def grouped(
    kind: str, rows: Iterable[Registration], shared: Callable[[Registration], str], *, least: int
) -> list[Group]:
    found: dict[str, list[Registration]] = {}
    for one in rows:
        if what := shared(one):
            found.setdefault(what, []).append(one)
    large = sorted((what for what in found if len(found[what]) >= least), key=lambda what: -len(found[what]))
    return [group(kind, what, found[what]) for what in large[:MOST]]


def group(kind: str, what: str, rows: list[Registration]) -> Group:
    names = [one.name for one in rows[:NAMES]]
    return Group(kind, what, len(rows), names, rows[0].created_at, rows[-1].created_at)


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
