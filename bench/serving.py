"""The schedule as JSON and the event's page, against a bare view that gives the same bytes."""

from http.client import HTTPConnection

from bench.ground import Ground, ground
from bench.load import ratio, reading

EVENT = "deepspeed-tutorial"
PATHS = (f"/api/v1/events/{EVENT}/schedule/", f"/{EVENT}/")
LEAST = 0.7


def main() -> bool:
    """Whether all figures are reached."""
    with ground("sqlite") as found:
        found.start_bare({path: answer(found.product, path) for path in PATHS})
        reached = [measure(found, path) for path in PATHS]
    return all(reached)


def measure(found: Ground, path: str) -> bool:
    ours, bare, share = ratio(reading(found.product, path), reading(found.bare, path))
    print(f"GET {path}: {share:.2f} x a bare view (at least {LEAST}); {ours:,.0f}/s and {bare:,.0f}/s")
    return share >= LEAST


def answer(port: int, path: str) -> tuple[dict[str, str], str]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    if response.status != 200:
        raise RuntimeError(f"{path} answers {response.status}: {body[:500]}")
    of_the_server = {"date", "server", "transfer-encoding", "connection"}
    return {name: value for name, value in response.getheaders() if name.lower() not in of_the_server}, body
