"""An organizer presses release for ten thousand people, whose mail server takes its time; meanwhile others register and
have their links mailed, and wait for it no longer than on any other day. BENCH_PEOPLE says how many."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from bench import sink
from bench.figures import Figures
from bench.ground import ENVIRONMENT, TUTORIAL, database_url, start
from tests import services
from tests.filling import Fields

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "10000"))
NEWCOMERS = 20
DELAY = 0.02  # seconds for each mail
MOST_RELEASING, MOST_WAITING, LEAST_RATE = 2.0, 10.0, 35.0
AWAITED = f"{sink.AWAITED}@example.org"
LOGIN = f"""
from django.contrib.auth.models import User
from django.test import Client
from portal.models import Event
browser = Client()
browser.force_login(User.objects.create_superuser("bench"))
print(Event.objects.get(slug="{TUTORIAL}").pk, *(f"{{one.key}}={{one.value}}" for one in browser.cookies.values()))
"""
REGISTERED = f"""
from portal.models import Event
from registration.models import Registration
event = Event.objects.get(slug="{TUTORIAL}")
values = {{"state": "pending", "name": "Ada", "email": "{AWAITED}", "email_key": "{AWAITED}"}}  # not told of releases
Registration.objects.create(event=event, ticket_type=event.ticket_types.all()[0], **values)
"""
SENT = """
import json
from collections import Counter
from portal.models import Mail
mails = Mail.objects.filter(kind="release")
print(json.dumps([dict(Counter(mails.values_list("state", flat=True))), mails.values("address").distinct().count()]))
"""


def main() -> bool:
    """Whether all figures are reached."""
    directory = Path(tempfile.mkdtemp(prefix="lectern-bench-"))
    redis, address = services.start_redis(directory)
    url = database_url("postgres", directory)
    with sink.running(DELAY) as server, services.Production(url, address, directory) as made:
        made.environment |= ENVIRONMENT | {
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "MEDIA_ROOT": str(directory / "media"),
        }
        try:
            return measure(made, server)
        finally:
            redis.kill()


def measure(made: services.Production, server: sink.Sink) -> bool:
    figures = Figures()
    for command in (["migrate"], ["collectstatic", "--no-input"], ["seed_demo", "--attendees", str(PEOPLE)]):
        made.manage(*command)
    made.manage("shell", "-v0", "-c", REGISTERED)
    pk, *cookies = made.manage("shell", "-v0", "-c", LOGIN).split()
    start(made, made.port, "portal.wsgi:application", 2)
    made.start_worker()
    made.start_scheduler()

    took = release(made.port, pk, "; ".join(cookies))
    figures.at_most(MOST_RELEASING, took, f"s for the answer to a release to {PEOPLE:,} people")
    began = time.monotonic()
    waits = list(newcomers(made.port, server))
    left = PEOPLE + NEWCOMERS - server.taken
    answers, arrivals = zip(*waits, strict=True)
    figures.at_most(MOST_WAITING, max(arrivals[:-1]), f"s for the mails of {NEWCOMERS} who registered meanwhile", "")
    figures.at_most(MOST_WAITING, arrivals[-1], "s for a link that was asked for meanwhile", f"{left:,} mails waited")
    print(f"Their pages were answered after {max(answers):.2f} s at most.")
    services.wait_until(lambda: server.taken >= PEOPLE + NEWCOMERS + 1, patience=PEOPLE / LEAST_RATE + 60)
    rate = PEOPLE / (time.monotonic() - began)
    figures.at_least(LEAST_RATE, rate, "mails a second by two processes", f"{DELAY * 1000:.0f} ms each at the server")
    states, addresses = json.loads(made.manage("shell", "-v0", "-c", SENT))
    is_whole = states == {"sent": addresses} and addresses >= PEOPLE
    figures.show(is_whole, f"one mail to each of {addresses:,}", str(states))
    return figures.are_reached


def release(port: int, pk: str, cookies: str) -> float:
    """Seconds until the page that releases is answered."""
    path = f"/admin/portal/event/{pk}/release/"
    _, headers, page = ask(port, "GET", f"{path}?stage=final&mail=1", Cookie=cookies)
    token = next(value.partition(";")[0] for name, value in headers if name.lower() == "set-cookie")
    form = Fields(SimpleNamespace(content=page)).values  # type: ignore[arg-type]
    began = time.monotonic()
    status, _, page = ask(port, "POST", path, form, Cookie=f"{cookies}; {token}", Referer=f"http://localhost:{port}/")
    if status != 302:
        raise RuntimeError(f"The release was answered with {status}: {page[:500]!r}")
    return time.monotonic() - began


def newcomers(port: int, server: sink.Sink) -> Iterator[tuple[float, float]]:
    """How long each waited for the answer and for the mail; the last one only asks for a link."""
    for number in range(NEWCOMERS):
        form = {"name": f"Newcomer {number}", "email": f"{sink.AWAITED}{number}@example.net"}
        yield wait(port, f"/{TUTORIAL}/register/", form, server)
    yield wait(port, f"/{TUTORIAL}/link/", {"email": AWAITED}, server)


def wait(port: int, path: str, form: dict[str, str], server: sink.Sink) -> tuple[float, float]:
    before, began = server.awaited, time.monotonic()
    status, _, page = ask(port, "POST", path, form)
    answered = time.monotonic() - began
    if status != 302:
        raise RuntimeError(f"{path} was answered with {status}: {page[:500]!r}")
    services.wait_until(lambda: server.awaited > before, patience=60)
    return answered, time.monotonic() - began


def ask(
    port: int, method: str, path: str, form: dict[str, str] | None = None, **headers: str
) -> tuple[int, Any, bytes]:
    link = HTTPConnection("127.0.0.1", port, timeout=60)
    body = urlencode(form) if form else None
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    link.request(method, path, body, {"Host": f"localhost:{port}"} | kind | headers)
    answer = link.getresponse()
    found = answer.status, answer.getheaders(), answer.read()
    link.close()
    return found
