"""Mailings: the mass mails of one release or announcement, written step by step, held, gone on with, and judged."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Case, Count, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.bell import wake
from portal.mail import new_mail, queue
from portal.models import Category, Event, Mail, Mailing, Role, Suppression
from portal.refusals import may_be_about_us
from portal.rows import columns, insert, prepared
from portal.text import address_key

logger = logging.getLogger(__name__)

State = Mail.State
STEP = 1000  # rows that are written at a time
FILL_SECONDS = 20
MINUTE = timedelta(minutes=1)
AT_ONCE = 12  # steps that are taken in the transaction of the cause; workers take the others
IN_A_ROW, IN_A_ROW_OF_TRUSTED = 3, 30  # mails to different people, all refused for what may be our fault
NOT_PUBLIC = "The event was not public, and its mails lead to its pages."
LEAST_LOST = 5  # mails, before a share of them says anything: fewer are typos in a list of forty
END = ""
LOST = Q(state__in=[State.FAILED, State.BOUNCED, State.COMPLAINED])


type Person = tuple[str, dict[str, Any]]  # an address with the ids that the mail is made from


@dataclass(frozen=True)
class Step:
    """Some people of an audience. `cursor` is where the next step begins, END after the last."""

    people: list[Person]
    cursor: str


@transaction.atomic
def open_mailing(
    kind: str,
    *,
    event: Event,
    occasion: str,
    title: str,
    category: Category,
    context: dict[str, Any] | None = None,
    expected: int = 0,
) -> Mailing:
    """Begin a mailing in the caller's transaction, with the mails of its first twelve thousand people. Opening it once
    more writes to those only who have come since."""
    values = {"title": title[:200], "category": category, "context": context or {}, "expected": expected}
    mailing, is_new = Mailing.objects.get_or_create(event=event, kind=kind, occasion=occasion, defaults=values)
    if not is_new:
        mailing.cursor, mailing.is_filled, mailing.expected = END, False, expected
        mailing.save(update_fields=["cursor", "is_filled", "expected"])
    for _ in range(AT_ONCE):
        if fill(mailing):
            mailing.is_filled = True
            break
    return mailing


def fill_all(seconds: float = FILL_SECONDS) -> None:
    """Write what is left of every mailing that was begun; for workers. When the time is up, the rest is for the next.

    Of those whose people can't be found the log tells; the mails of others mustn't wait for that.
    """
    end = time.monotonic() + seconds
    for mailing in Mailing.objects.filter(is_filled=False).exclude(state=Mailing.State.CANCELLED):
        try:
            while not fill(mailing):
                if time.monotonic() >= end:
                    return
        except (InterfaceError, OperationalError, SoftTimeLimitExceeded):
            raise
        except Exception:
            logger.exception("Mailing %s (%s) can't be written.", mailing.pk, mailing.kind)


@transaction.atomic
def fill(mailing: Mailing) -> bool:
    """Write one step's mails and remember where to go on, both or neither. Whether all are written.

    The unique key leaves out who has a mail already: the same person in another group, or another spelling.
    """
    now = Mailing.objects.select_for_update().get(pk=mailing.pk)
    now.event = mailing.event
    if now.is_filled or now.state == Mailing.State.CANCELLED:
        return True
    step: Step = import_string(settings.AUDIENCES[now.kind])(now, STEP)
    keys = {address_key(address) for address, _ in step.people}
    left_out = suppressed(now.event, now.category, keys)
    if people := [person for person in step.people if address_key(person[0]) not in left_out]:
        write(now, people)
    now.cursor, now.is_filled = step.cursor, step.cursor == END
    now.save(update_fields=["cursor", "is_filled"])
    wake()
    return now.is_filled


def write(mailing: Mailing, people: list[Person]) -> None:
    common = columns(new_mail(mailing.kind, mailing.event, "", mailing.occasion, {}, mailing))
    each = [
        {
            "address": address,
            "address_key": address_key(address),
            "context": prepared(Mail, "context", context),
            "message_id": Mail.new_message_id(),
        }
        for address, context in people
    ]
    insert(Mail, [common | one for one in each], anew=False)


def reached(event: Event, category: str, groups: Iterable[QuerySet[Any]]) -> int:
    """How many people of these groups would get a mail of this category now, each counted once."""
    keys = {address_key(address) for group in groups for address in group.values_list("email", flat=True)}
    refused = Suppression.objects.filter(event=event, category__in=["", category])
    return len(keys.difference(refused.values_list("address_key", flat=True)))


def suppressed(event: Event, category: str, keys: set[str]) -> set[str]:
    """Those of these addresses that get no mail of this category."""
    rows = Suppression.objects.filter(event=event, category__in=["", category], address_key__in=keys)
    return set(rows.values_list("address_key", flat=True))


# What organizers do


def pause(mailing: Mailing) -> None:
    change(mailing, Mailing.State.PAUSED, State.WAITING, State.HELD)


def resume(mailing: Mailing) -> None:
    """Go on. What had stopped because of its mails is trusted from here on: somebody has looked at it."""
    if mailing.state == Mailing.State.STOPPED and mailing.reason != NOT_PUBLIC:
        mailing.context["is_trusted"] = True
        mailing.save(update_fields=["context"])
    change(mailing, Mailing.State.RUNNING, State.HELD, State.WAITING)
    wake()


def cancel(mailing: Mailing) -> None:
    """No more mails of it; those sent stay sent."""
    change(mailing, Mailing.State.CANCELLED, State.WAITING, State.WITHDRAWN)
    change(mailing, Mailing.State.CANCELLED, State.HELD, State.WITHDRAWN)


@transaction.atomic
def change(mailing: Mailing, state: str, from_state: str, to_state: str, reason: str = "") -> None:
    Mailing.objects.filter(pk=mailing.pk).update(state=state, reason=reason)
    tried_last = Case(When(answer="", then="due_at"), default=Now())  # lest a few refused stop it before the others
    mailing.mails.filter(state=from_state).update(state=to_state, changed_at=Now(), due_at=tried_last)
    mailing.state, mailing.reason = state, reason


def heal() -> None:
    """A mail in hand while its mailing was held or went on may have been put back the other way."""
    held = [Mailing.State.PAUSED, Mailing.State.STOPPED]
    changes = [
        (State.HELD, State.WAITING, Q(mailing__state=Mailing.State.RUNNING)),
        (State.WAITING, State.HELD, Q(mailing__state__in=held)),
        (State.WAITING, State.WITHDRAWN, Q(mailing__state=Mailing.State.CANCELLED)),
    ]
    for before, after, wrong in changes:
        Mail.objects.filter(wrong, state=before).update(state=after, changed_at=Now())


# What it does by itself


def judge(mailing: Mailing) -> None:
    """Stop a mailing of which too many mails can't be delivered, and tell the organizers: mail providers would soon
    take none of the others' either."""
    figures = mailing.mails.aggregate(
        lost=Count("pk", filter=LOST), tried=Count("pk", filter=LOST | Q(state=State.SENT))
    )
    lost, tried = figures["lost"], figures["tried"]
    if lost < LEAST_LOST or lost * 100 <= tried * settings.MAIL_LOST_PERCENT:
        return
    stop(mailing, f"{lost} of the first {tried} mails could not be delivered.")


@transaction.atomic
def hold_refused(mailing: Mailing, pk: int, answer: str) -> bool:
    """Stop a mailing of which the server has refused several mails in a row, to different people, for what may be our
    fault, and lose none of them; nor one that was in hand meanwhile. Whether the mail of this key waits now."""
    now = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if now.state == Mailing.State.CANCELLED:
        return False
    refused = [pk] if now.is_held else last_refused(now)
    if refused:
        reason = f"The mail server refused {len(refused)} mails in a row, to different people: {answer}."
        stop(now, reason, even_trusted=True)
    now.mails.filter(pk__in=refused, state=State.FAILED).update(state=State.HELD, tries=0, changed_at=Now())
    return bool(refused)


def last_refused(mailing: Mailing) -> list[int]:
    """The mails that were tried last, where they are many enough to say that it is our fault; else none."""
    tried = mailing.mails.filter(state__in=[State.SENT, State.FAILED]).order_by("-changed_at", "-pk")
    is_trusted = mailing.context.get("is_trusted") and tried.filter(state=State.SENT).exists()
    wanted = IN_A_ROW_OF_TRUSTED if is_trusted else IN_A_ROW
    last = [one.pk for one in tried[:wanted] if one.state == State.FAILED and may_be_about_us(one.answer)]
    return last if len(last) == wanted else []


@transaction.atomic
def stop(mailing: Mailing, reason: str, *, even_trusted: bool = False) -> None:
    """Unless somebody has looked at it before, and let it go on; `even_trusted`: then too."""
    now = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if now.state != Mailing.State.RUNNING or (now.context.get("is_trusted") and not even_trusted):
        return
    change(now, Mailing.State.STOPPED, State.WAITING, State.HELD, reason[:500])
    for address in organizers(now.event):
        occasion = f"mailing-{now.pk}-{timezone.now():%Y%m%d%H%M%S}"
        queue("stopped", event=now.event, address=address, occasion=occasion, context={"mailing": now.pk})


def organizers(event: Event, right: Role | None = None) -> set[str]:
    """Whom to write about the event's own matters: all members, or those who have a right."""
    roles = right.holders if right else set(Role)
    users = event.memberships.filter(user__is_active=True, role__in=roles).exclude(user__email="")
    return {*users.values_list("user__email", flat=True), *filter(None, [event.contact_email])}


def progress(mailing: Mailing) -> dict[str, int]:
    """How many of its mails are in each state."""
    rows: QuerySet[Mail, tuple[str, int]] = mailing.mails.values_list("state").annotate(Count("pk"))
    return dict.fromkeys(State.values, 0) | dict(rows)


def lately() -> timedelta:
    """The last minute or, where MAIL_RATE is low, as long as six mails take by it."""
    return max(MINUTE, timedelta(seconds=6 / settings.MAIL_RATE)) if settings.MAIL_RATE else MINUTE


def rate(mailing: Mailing, now: datetime) -> float:
    """How many of its mails were sent a second, lately."""
    since = max(now - lately(), mailing.created_at)
    sent = mailing.mails.filter(state=State.SENT, sent_at__gt=since).count()
    return sent / max((now - since).total_seconds(), 1)
