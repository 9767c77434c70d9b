"""How often somebody may do something, counted in Redis over all web processes.

Where Redis doesn't answer nobody is refused: it is better to take a few registrations too many than none. Of whom it
counts it keeps a print only, and that for the length of the window.
"""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

import redis
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)
PATIENCE = 0.3  # seconds
SILENCE = 10  # seconds after a failure
LONG = 100  # seconds that are rather said in minutes
TALLY = """
local said = {}
for place, key in ipairs(KEYS) do
    said[place] = {redis.call("INCRBY", key, ARGV[1])}
    redis.call("EXPIRE", key, ARGV[place + 1], "NX")
    said[place][2] = redis.call("TTL", key)
end
return said
"""  # of the step and the windows: what each key has come to, and how long its window still lasts


@dataclass(frozen=True)
class Rate:
    """So many tries in a window of so many seconds."""

    name: str
    most: int
    seconds: int


class TooOften(Exception):
    """Somebody may not yet do this again."""

    def __init__(self, wait: int) -> None:
        said = f"{wait} seconds" if wait < LONG else f"{-(-wait // 60)} minutes"
        super().__init__(f"This was tried too often. Please wait {said} and try again.")
        self.wait = wait


class Counter:
    """Its client is there from the start: of two that threads make at once, one is closed while it is in use. A new
    connection introduces itself by nothing, as each would look up the version of the library on the disk."""

    def __init__(self) -> None:
        self.silent_until = 0.0
        self.client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
            retry=None,
            driver_info=None,
            protocol=2,
        )
        self.tally = self.client.register_script(TALLY)

    def waits(self, tries: Iterable[tuple[Rate, str]], step: int = 1) -> list[int]:
        """Counts them, each as `step`. Of each that comes too often, how many seconds its window still lasts."""
        if time.monotonic() < self.silent_until:
            return []
        rates = {key_of(rate, who): rate for rate, who in tries}
        try:
            said = self.tally([*rates], [step, *[rate.seconds for rate in rates.values()]], self.client)
        except redis.RedisError as error:
            self.silent_until = time.monotonic() + SILENCE
            logger.warning("Nothing is counted for a while (%s).", type(error).__name__)
            return []
        counted = zip(rates.values(), said, strict=True)
        return [left for rate, (count, left) in counted if count - step >= rate.most]


counter = Counter()


def check(*tries: tuple[Rate, str]) -> None:
    """Count a try of each, by whom. Raises TooOften."""
    refuse(counter.waits(tries))


def look(*tries: tuple[Rate, str]) -> None:
    """Raises TooOften where `check` would, and counts nothing."""
    refuse(counter.waits(tries, 0))


def count(*tries: tuple[Rate, str]) -> None:
    """For what has been answered already."""
    counter.waits(tries)


def take_back(*tries: tuple[Rate, str]) -> None:
    """For what was counted by `check` and turned out to use nothing up."""
    counter.waits(tries, -1)


def refuse(waits: list[int]) -> None:
    if waits:
        raise TooOften(max(*waits, 1))


def key_of(rate: Rate, who: str) -> str:
    return f"lectern:rate:{rate.name}:{salted_hmac('lectern.rates', who, algorithm='sha256').hexdigest()[:24]}"


def client_of(request: HttpRequest) -> str:
    """The address a request came from: what our own proxies say, never what a client claims. Of IPv6 the network, as
    one has all addresses of it."""
    count = settings.TRUSTED_PROXY_COUNT
    said = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    address = said[-count] if count and len(said) >= count else request.META.get("REMOTE_ADDR", "")
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
