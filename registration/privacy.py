"""What we know of a person, told and forgotten.

A registration that is forgotten stays as a row without a name: states, seats and check-ins go on being counted. What
else stays is in docs/security.md.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.utils import timezone

from portal.audit import NOBODY, unlog
from portal.models import Event, Mail, Suppression
from portal.text import address_key
from registration import answers, booking, erasures, ledger
from registration.certificates import is_over
from registration.models import (
    Answer,
    Certificate,
    Follower,
    IdempotencyKey,
    Question,
    Registration,
    Star,
    Transfer,
    new_key,
)

NOWHERE = "erased.invalid"
BATCH = 500


def last_day(event: Event) -> date | None:
    return event.ends_on or event.starts_on


def deleted_on(event: Event, days: int | None = None) -> date | None:
    """The day personal data of the event, or what is kept for this number of days, is deleted; None: it isn't."""
    kept, last = days if days is not None else event.retention_days, last_day(event)
    return None if kept is None or last is None else last + timedelta(days=kept + 1)


def deletions(event: Event, questions: Iterable[Question]) -> list[tuple[str, date]]:
    """Those of these questions whose answers go before the rest does, with the day."""
    kept = [one for one in questions if one.retention_days is not None]
    found = [(one.label, deleted_on(event, one.retention_days)) for one in kept]
    return [(label, day) for label, day in found if day]


def of_address(address: str, event: Event | None = None) -> QuerySet[Registration]:
    found = Registration.objects.filter(email_key=address_key(address)).select_related("event", "ticket_type")
    return found.filter(event=event) if event else found


def export(address: str, event: Event | None = None) -> dict[str, Any]:
    """All that is kept of an address, as rows of plain values."""
    key = address_key(address)
    within = Q(event=event) if event else Q()
    registrations = of_address(address, event)
    mails = Mail.objects.filter(within, address_key=key)
    return {
        "address": address,
        "made_at": timezone.now().isoformat(),
        "registrations": [rows_of(one) for one in registrations],
        "follows": plain(Follower.objects.filter(within, email_key=key)),
        "suppressions": plain(Suppression.objects.filter(within, address_key=key)),
        "mails": plain(mails.defer("context")),
        "transfers_to_this_address": plain(Transfer.objects.filter(email__iexact=address)),
    }


def rows_of(registration: Registration) -> dict[str, Any]:
    related = ("lab_seats", "stars", "check_ins", "certificates", "consents")
    answered = registration.answers.select_related("question")
    consent_texts = registration.event.consent_texts.filter(version__in=registration.consents.values("version"))
    return {
        **plain(Registration.objects.filter(pk=registration.pk))[0],
        "event": registration.event.slug,
        "ticket_type": registration.ticket_type.name,
        "answers": [row | {"question": one.question.label} for one, row in zip(answered, plain(answered), strict=True)],
        "passed_on_to": plain(Transfer.objects.filter(registration=registration)),
        "consent_texts": dict(consent_texts.values_list("version", "text")),
        **{name: plain(getattr(registration, name).all()) for name in related},
    }


def plain(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """All columns, but no secret ones."""
    return [{name: said(value) for name, value in row.items() if name != "key"} for row in rows.values()]


def said(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | type(None)) else str(value)


@transaction.atomic
def erase(registration: Registration) -> None:
    """Forget a person at an event, and end their part in it if it isn't over."""
    erase_address(registration.email, registration.event)


@transaction.atomic
def erase_address(address: str, event: Event | None = None) -> int:
    """Forget an address at one event or all. Gives how many registrations were forgotten."""
    count = forget(address, event)
    erasures.remember(address, event)
    return count


def forget(address: str, event: Event | None, *, before: datetime | None = None) -> int:
    """What was there before this moment; the address may have been registered again since."""
    key = address_key(address)
    within = (Q(event=event) if event else Q()) & (Q(created_at__lt=before) if before else Q())
    found = list(of_address(address, event).filter(within).order_by("event", "pk"))
    for registration in found:
        if not registration.has_ended and not is_over(registration.event, timezone.now()):
            registration.state = booking.cancel(registration).state
    anonymize(found)
    mails = Mail.objects.filter(within, address_key=key)
    unlog(mails)
    mails.delete()
    Follower.objects.filter(within, email_key=key).delete()
    Suppression.objects.filter(within, address_key=key).delete()
    Transfer.objects.filter(Q(registration__event=event) if event else Q(), email__iexact=address).withdraw()
    LogEntry.objects.filter(Q(object_repr__icontains=address) | Q(change_message__icontains=address)).update(
        object_repr=NOBODY, change_message=""
    )
    return len(found)


def anonymize(registrations: Iterable[Registration]) -> None:
    """Take everything personal out of these rows and what hangs on them."""
    found = list(registrations)
    pks = [one.pk for one in found]
    for event in sorted({one.event for one in found}, key=lambda one: one.pk):
        ledger.hold(event)
    answers.free_choices(answers.stored(Registration.objects.filter(pk__in=pks).exclude(state__in=Registration.ENDED)))
    Answer.objects.filter(registration__in=pks).delete()
    Certificate.objects.filter(registration__in=pks).delete()
    Star.objects.filter(registration__in=pks).delete()
    Transfer.objects.filter(registration__in=pks).withdraw()
    for one in found:
        of_person = Q(answer__person__id=str(one.uuid)) | Q(answer__id=str(one.uuid))
        IdempotencyKey.objects.filter(of_person, event=one.event_id).delete()
        one.name, one.affiliation, one.language, one.note, one.client = NOBODY, "", "", "", ""
        one.email = one.email_key = f"erased-{one.pk}@{NOWHERE}"
        one.key, one.uuid = new_key(), uuid4()
        one.calendar_number += 1
    fields = ["name", "affiliation", "language", "note", "client", "email", "email_key", "key", "uuid"]
    fields += ["calendar_number"]
    Registration.objects.bulk_update(found, fields, batch_size=BATCH)
    unlog(Registration.objects.filter(pk__in=pks))


@receiver(pre_delete, sender=Event)
def unlog_all(instance: Event, **kwargs: Any) -> None:
    """The admin's log, unlike all else, doesn't go with an event."""
    for rows in (instance.registrations, instance.mails, instance.followers, instance.suppressions):
        unlog(rows.all())
