"""How often the public forms and the API may be used; docs/security.md tells it to everybody.

A whole conference may come from one client address, so the limits by client are wide. Those by mail address count all
of a mailbox as one, with or without a plus and what follows it, and whether it is registered or not.
"""

from django.http import HttpRequest

from portal.rates import Rate, check, client_of, count, look, take_back
from portal.text import address_key

BY_CLIENT = Rate("client", 6000, 600)
BY_ADDRESS = Rate("address", 30, 3600)
LINKS_BY_CLIENT = Rate("links", 1200, 600)
CODES_BY_CLIENT = Rate("codes", 200, 600)


def on_registering(request: HttpRequest, email: str) -> None:
    check((BY_CLIENT, client_of(request)), (BY_ADDRESS, mailbox_of(email)))


def on_repeat(request: HttpRequest, email: str) -> None:
    """For what turned out to be no further try."""
    take_back((BY_CLIENT, client_of(request)), (BY_ADDRESS, mailbox_of(email)))


def on_asking(request: HttpRequest, email: str) -> None:
    """For what makes us write to an address."""
    check((LINKS_BY_CLIENT, client_of(request)), (BY_ADDRESS, mailbox_of(email)))


def on_code(request: HttpRequest, code: str) -> None:
    """Before it is looked at: who has guessed too often isn't told of right ones either. Those use nothing up, as a
    whole class may have one."""
    if code:
        look((CODES_BY_CLIENT, client_of(request)))


def on_wrong_code(request: HttpRequest) -> None:
    count((CODES_BY_CLIENT, client_of(request)))


def mailbox_of(email: str) -> str:
    name, _, domain = address_key(email).rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"
