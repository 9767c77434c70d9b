"""What machines ask: is it alive, is it ready, and how is it doing."""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address

import redis
from django.conf import settings
from django.core.mail import mailers
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from portal import mail
from portal.caching import only_read
from portal.wire import Backend
from registration.models import Registration
from sessions_app.models import Release

PATIENCE = 2  # seconds for each server to answer
PLAIN = "text/plain; charset=utf-8"


@only_read
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nobody else."""
    return HttpResponse("ok\n", content_type=PLAIN)


@only_read
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """503 with a line for each part that doesn't answer."""
    troubles = [*database_troubles(), *broker_troubles(), *mail_troubles()]
    body = "".join(f"{one}\n" for one in troubles) or "ready\n"
    return HttpResponse(body, status=503 if troubles else 200, content_type=PLAIN)


@only_read
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, without any address or name of a person; for our own network only."""
    if not is_from_inside(request):
        raise Http404("There is nothing at this address.")
    return HttpResponse("".join(f"{line}\n" for line in figures()), content_type="text/plain; version=0.0.4")


def database_troubles() -> list[str]:
    """Asks on a connection of its own: the thread's may hang, or have been opened before the trouble."""
    fresh = connection.copy()
    if fresh.vendor == "postgresql":
        fresh.settings_dict["OPTIONS"] = {**fresh.settings_dict["OPTIONS"], "connect_timeout": PATIENCE}
    try:
        executor = MigrationExecutor(fresh)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error:
        return ["database: doesn't answer"]
    finally:
        fresh.close()
    return ["migrations: not all applied"] if is_behind else []


def broker_troubles() -> list[str]:
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE, retry=None
        ) as client:
            client.ping()
    except redis.RedisError:
        return ["broker: doesn't answer"]
    return []


def mail_troubles() -> list[str]:
    """By the greeting alone: nobody logs in for that."""
    mailer = mailers.default
    if not isinstance(mailer, Backend):
        return []
    try:
        mailer.connection_class(mailer.host, mailer.port, "localhost", timeout=PATIENCE).close()
    except OSError:
        return ["mail server: doesn't answer"]
    return []


def is_from_inside(request: HttpRequest) -> bool:
    """Straight from a loopback or private address, not through a proxy, which stands for the whole world."""
    if {"Forwarded", "X-Forwarded-For"} & set(request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_private
    except ValueError:
        return False


def figures() -> Iterator[str]:
    outbox = mail.status()
    waited, rate = outbox.pop("oldest_waiting_seconds") or 0, outbox.pop("sent_per_second") or 0
    registrations = Counter(dict.fromkeys(Registration.State.values, 0))
    registrations.update(dict(Registration.objects.order_by().values_list("state").annotate(Count("pk"))))
    yield from gauge("lectern_mails", "Rows of the outbox.", {key: value or 0 for key, value in outbox.items()})
    yield from gauge("lectern_mail_oldest_waiting_seconds", "Age of the oldest mail that waits.", {"": waited})
    yield from gauge("lectern_mails_sent_per_second", "Mails sent in the last minute, a second.", {"": rate})
    yield from gauge("lectern_registrations", "Registrations of all events.", registrations)
    yield from gauge("lectern_releases", "Releases of all events.", {"": Release.objects.count()})


def gauge(name: str, explanation: str, value_by_state: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {explanation}"
    yield f"# TYPE {name} gauge"
    for state, value in value_by_state.items():
        label = f'{{state="{state}"}}' if state else ""
        yield f"{name}{label} {value}"
