"""Who is registered for an event already, looked up by address below the lock on its seats."""

from collections.abc import Iterable

from portal.models import Event
from portal.rows import reserve, rows
from portal.text import address_key
from registration.models import Registration


class Guests:
    """All who are `expected`, by their addresses, are looked up with the first of them."""

    def __init__(self, event: Event, expected: Iterable[str] = ()) -> None:
        self.event, self.expected = event, [address_key(one) for one in expected]
        self.known: dict[str, Registration] = {}
        self.numbers: dict[str, int] = {}

    def find(self, email: str) -> Registration:
        """The registration of this address, ours until the transaction ends; a newcomer where there is none. Who asks
        again gets the same."""
        key = address_key(email)
        if key not in self.known:
            self.look([one for one in dict.fromkeys([*self.expected, key]) if one not in self.known])
        return self.known[key]

    def look(self, keys: list[str]) -> None:
        where = f"event_id = %s AND email_key IN ({', '.join(['%s'] * len(keys))}) ORDER BY id"
        found = rows(Registration, where, self.event.pk, *keys, locked=True)
        self.numbers |= zip(keys, reserve(Registration, len(keys)), strict=False)
        self.known |= {key: self.newcomer(key) for key in keys} | {one.email_key: one for one in found}

    def newcomer(self, email: str) -> Registration:
        """Somebody of this address who isn't there yet, with the key that was reserved."""
        number = self.numbers.get(address_key(email))
        return Registration(pk=number, round=0, state=Registration.State.CANCELLED)
