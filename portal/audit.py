"""What goes into the audit log, by those that do it and by a look at each answer to organizers."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import get_user
from django.db import models
from django.db.models import F, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.encoding import escape_uri_path

from portal.models import AuditEntry
from portal.rates import client_of

Kind = AuditEntry.Kind
NOBODY = "(erased)"
REFUSED = {403, 404}
REPEATED = {Kind.FAILED, Kind.REFUSED}  # by scripts that try, and by pages that poll
ALIKE = timedelta(minutes=1)  # in which what is repeated is one entry


def note(request: HttpRequest, rows: Iterable[models.Model], message: Any, flag: int = CHANGE) -> list[LogEntry]:
    """Put an action into the history of each of these rows, and into the audit log."""
    user = cast(int, request.user.pk)
    made = LogEntry.objects.log_actions(user, list(rows), flag, message)
    origin = {"kind": Kind.ACTION, "user_id": user, "client": client_of(request)}
    AuditEntry.objects.bulk_create([AuditEntry(log_entry=one, **origin) for one in made])
    request.is_noted = True  # type: ignore[attr-defined]
    return made


def record(request: HttpRequest, kind: str, user: int | None, what: str = "") -> None:
    """Put what is about no row into the audit log."""
    entry = {"kind": kind, "user_id": user, "client": client_of(request), "what": what}
    latest = AuditEntry.objects.filter(**entry, at__gt=timezone.now() - ALIKE).order_by("-pk").values("pk")[:1]
    is_told = kind in REPEATED and AuditEntry.objects.filter(pk__in=latest).update(times=F("times") + 1)
    if not is_told:
        AuditEntry.objects.create(**entry)
    request.is_noted = True  # type: ignore[attr-defined]


class Noted:
    """For pages of the admin: what Django puts into the history is put into the audit log as well."""

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        return note(request, [obj], message, ADDITION)[0]

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> LogEntry:
        return note(request, [obj], message)[0]

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> list[LogEntry]:
        return note(request, queryset, "", DELETION)


class NotedWithoutNames(Noted):
    """For rows that are personal: the name of one that is deleted goes with it, as no term would find it later."""

    def log_deletions(self, request: HttpRequest, queryset: Iterable[models.Model]) -> list[LogEntry]:
        rows = list(queryset)
        made = super().log_deletions(request, rows)
        unlog(type(rows[0])._default_manager.filter(pk__in=[one.pk for one in rows]))
        return made


def unlog(rows: QuerySet[Any]) -> None:
    """The history names the rows it is about; of these it tells no more than what was done when by whom."""
    pks = rows.order_by().values_list(Cast("pk", models.CharField()))
    entries = LogEntry.objects.filter(content_type__model=rows.model._meta.model_name, object_id__in=pks)
    entries.update(object_repr=NOBODY, change_message="")


def audited(handler: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Records what organizers are refused in the admin, and what they do or download there that nothing else notes."""

    def middleware(request: HttpRequest) -> HttpResponse:
        is_theirs = request.path.startswith("/admin/") and has_session(request)
        user = request.user.pk if is_theirs else None  # who logs out is nobody afterwards
        response = handler(request)
        kind = kind_of(request, response) if user and not hasattr(request, "is_noted") else None
        if kind:
            record(request, kind, user, address_of(request))
        return response

    return middleware


def refuse(request: HttpRequest) -> None:
    """For what is refused outside the admin, perhaps by making its user unknown."""
    user = get_user(request).pk if has_session(request) else None
    if user:
        record(request, Kind.REFUSED, user, address_of(request))


def has_session(request: HttpRequest) -> bool:
    """Said without a look at it, which would tell caches that the answer depends on it."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def address_of(request: HttpRequest) -> str:
    """Without a query, in which names are looked for."""
    return f"{request.method} {escape_uri_path(request.path)}"[:200]


def kind_of(request: HttpRequest, response: HttpResponse) -> Kind | None:
    location = response.headers.get("Location", "")
    if response.status_code in REFUSED or location.startswith("/admin/login/"):
        return Kind.REFUSED
    is_download = response.headers.get("Content-Disposition", "").startswith("attachment")
    return Kind.ACTION if is_download or (location and request.method == "POST") else None


def forget(now: datetime) -> None:
    """What is kept no longer. The history of the rows goes on telling who did what when."""
    AuditEntry.objects.filter(at__lt=now - timedelta(days=settings.AUDIT_DAYS)).delete()
