"""The outbox: mails are rows, written in the transaction of their cause and sent afterwards, one by one.

Here they are written and counted; portal.mailings has those of many people, portal.delivery sends them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from portal.bell import bell, wake
from portal.models import Event, Mail, Mailing, MailQuerySet, Suppression
from portal.rows import columns, insert
from portal.text import address_key

__all__ = ["Attachment", "Letter", "MailError", "bell", "new_mail", "queue", "send_again", "status", "wake"]

State = Mail.State
MINUTE = timedelta(minutes=1)


class MailError(Exception):
    """Why a mail isn't to be written any more, such as a registration that is gone."""


@dataclass(frozen=True)
class Attachment:
    """`media_type` may have parameters: "text/calendar; method=PUBLISH"."""

    filename: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Letter:
    """The text of a mail. `unsubscribe` is the https address of its one-click unsubscribing."""

    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str = ""


def queue(kind: str, *, event: Event, address: str, occasion: str, context: dict[str, Any] | None = None) -> None:
    """Write a mail somebody waits for, in the caller's transaction. The same one again does nothing."""
    row = new_mail(kind, event, address, occasion, context or {})
    insert(Mail, [columns(row)], anew=False)
    wake()


def new_mail(
    kind: str, event: Event, address: str, occasion: str, context: dict[str, Any], mailing: Mailing | None = None
) -> Mail:
    return Mail(
        event=event,
        mailing=mailing,
        kind=kind,
        address=address,
        address_key=address_key(address),
        occasion=occasion,
        context=context,
        is_urgent=mailing is None,
        message_id=Mail.new_message_id(),
        state=State.HELD if mailing and mailing.is_held else State.WAITING,
    )


@transaction.atomic
def send_again(mails: MailQuerySet) -> int:
    """Try those that failed or bounced anew, as an organizer asks who knows better. Returns how many."""
    lost = mails.lost().exclude(mailing__state=Mailing.State.CANCELLED)
    for event, key in set(lost.values_list("event_id", "address_key")):
        Suppression.objects.filter(event=event, address_key=key, reason=Suppression.Reason.BOUNCED).delete()
    count = lost.order_by().update(
        state=State.WAITING, tries=0, due_at=Now(), changed_at=Now(), sent_at=None, lease_until=None, answer=""
    )
    wake()
    return count


def status(now: datetime | None = None) -> dict[str, int | float | None]:
    """How many mails are in each state, the age in seconds of the oldest that waits, and how many a second were sent
    in the last minute."""
    now = now or timezone.now()
    counts = dict(Mail.objects.order_by().values_list("state").annotate(Count("pk")))
    oldest = Mail.objects.filter(state=State.WAITING).aggregate(Min("created_at"))["created_at__min"]
    lately = Mail.objects.filter(state=State.SENT, changed_at__gt=now - MINUTE).count()
    return {state.value: counts.get(state.value, 0) for state in State} | {
        "oldest_waiting_seconds": int((now - oldest).total_seconds()) if oldest else None,
        "sent_per_second": round(lately / MINUTE.total_seconds(), 2),
    }
