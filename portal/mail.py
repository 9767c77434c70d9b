"""The outbox: mails are rows, written in the transaction of their cause and sent afterwards, one by one."""

import logging
import smtplib
import time
from collections.abc import Callable, Iterable
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import MIMEPart
from email.policy import Policy
from functools import lru_cache
from typing import Any, Self

from celery import current_app
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, F, Min
from django.utils import timezone
from django.utils.module_loading import import_string
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from portal.models import Event, Mail, MailQuerySet, Suppression
from portal.text import address_key, clean_line

logger = logging.getLogger(__name__)

State = Mail.State
SUBJECT_LENGTH = 200
DRAIN_SECONDS = 40
FIRST_GAP = 10  # seconds
LONGEST_GAP = 3600
LAST_TRY = 80  # with the gaps above, three days after the first
OUR_FAULTS = {530, 534, 535, 538}  # the server wants a login: true of every mail, and mended by the operator


class MailError(Exception):
    """Why a mail can't be written any more, such as a registration that is gone."""


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
    Mail.objects.bulk_create([row], ignore_conflicts=True)
    wake()


def queue_mass(kind: str, *, event: Event, occasion: str, people: Iterable[tuple[str, dict[str, Any]]]) -> int:
    """Write a mail to each of many, one for each person who hasn't unsubscribed. Returns how many were new."""
    with transaction.atomic():
        written = Mail.objects.filter(event=event, kind=kind, occasion=occasion)
        known = [address_key(address) for address in written.values_list("address", flat=True)]
        left_out = {*known, *suppressed(event)}
        rows = [
            new_mail(kind, event, address, occasion, context, is_urgent=False)
            for address, context in one_per_person(people, left_out)
        ]
        Mail.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        wake()
        return written.count() - len(known)


def suppressed(event: Event) -> set[str]:
    return set(Suppression.objects.filter(event=event).values_list("address_key", flat=True))


def one_per_person[T](people: Iterable[tuple[str, T]], left_out: set[str]) -> Iterable[tuple[str, T]]:
    seen = set(left_out)
    for address, context in people:
        key = address_key(address)
        if key not in seen:
            seen.add(key)
            yield address, context


def new_mail(
    kind: str, event: Event, address: str, occasion: str, context: dict[str, Any], *, is_urgent: bool = True
) -> Mail:
    return Mail(
        event=event,
        kind=kind,
        address=address,
        occasion=occasion,
        context=context,
        is_urgent=is_urgent,
        message_id=Mail.new_message_id(),
        due_at=timezone.now(),
    )


def send_again(mails: MailQuerySet) -> int:
    """Give failed mails another three days of tries. Returns how many."""
    with transaction.atomic():
        count = mails.filter(state=State.FAILED).update(state=State.WAITING, tries=0, due_at=timezone.now(), answer="")
        wake()
    return count


class Bell:
    """Wakes a worker through the broker. A lost ring costs half a minute, no mail: the sweep finds every row.

    Of the rings within a gap the second is put off to its end, where it speaks for all others. After a failure it stays
    silent for a while, so that a dead broker delays one request and not each of them.
    """

    SILENCE = 10  # seconds
    GAP = 0.25  # seconds
    PATIENCE: dict[str, float] = {
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
        "socket_connect_timeout": 0.5,
        "socket_timeout": 1,
    }

    def __init__(self) -> None:
        self.silent_until = 0.0
        self.heard_at = float("-inf")

    def ring(self) -> None:
        now = time.monotonic()
        if now < max(self.silent_until, self.heard_at):
            return
        delay = self.GAP if now < self.heard_at + self.GAP else 0
        self.heard_at = now + delay
        options = current_app.conf.broker_transport_options | self.PATIENCE
        try:
            with current_app.connection_for_write(connect_timeout=1, transport_options=options) as link:
                current_app.send_task(
                    "portal.tasks.deliver_due", countdown=delay, connection=link, retry=False, ignore_result=True
                )
        except (KombuError, RedisError, OSError) as error:
            self.silent_until = time.monotonic() + self.SILENCE
            logger.warning("No worker could be woken (%s); the sweep will send the mails.", type(error).__name__)


bell = Bell()


def wake() -> None:
    """Ring the bell after the commit, once a transaction."""
    waiting = connection.run_on_commit
    if not any(entry[1] == bell.ring for entry in waiting):
        transaction.on_commit(bell.ring, robust=True)


def claim_due(now: datetime | None = None) -> Mail | None:
    """Take the next mail that is due; from here it is ours until its lease ends. Commits before anything is sent.

    One conditional UPDATE decides between senders, on every database alike.
    """
    now = now or timezone.now()
    due = Mail.objects.due(now)
    while candidates := list(due.values_list("pk", flat=True)[:10]):
        for pk in candidates:
            taken = due.filter(pk=pk).order_by()
            if taken.update(state=State.SENDING, lease_until=now + Mail.LEASE, tries=F("tries") + 1):
                return Mail.objects.select_related("event__host").get(pk=pk)
    return None


def drain(seconds: float = DRAIN_SECONDS) -> None:
    """Send until nothing is due, the mail server is away, or the time is up; then leave the rest to the next worker."""
    end = time.monotonic() + seconds
    post = Post()
    try:
        while not post.is_down and (mail := persist(claim_due)):
            deliver(mail, post)
            if time.monotonic() >= end:
                bell.ring()
                return
    finally:
        post.close()


class Post:
    """A connection to the mail server, kept from mail to mail and opened anew after a failure."""

    def __init__(self) -> None:
        self.mailer = mailers["default"]
        self.is_down = False

    def send(self, message: EmailMultiAlternatives) -> None:
        try:
            self.connect()
            self.mailer.send_messages([message])
        except BaseException:
            self.close()
            raise

    def connect(self) -> None:
        self.is_down = True
        self.mailer.open()
        self.is_down = False

    def close(self) -> None:
        with suppress(OSError):
            self.mailer.close()


def deliver(mail: Mail, post: Post | None = None) -> None:
    """Write and send a claimed mail, and record what the server said."""
    if mail.tries > LAST_TRY:
        return settle(mail, State.FAILED)
    message = persist(lambda: compose(mail))
    if message is None:
        return None
    try:
        with nullcontext(post) if post else closing(Post()) as opened:
            opened.send(message)
    except (OSError, ValueError) as error:
        return put_back(mail, error)
    logger.info("Mail %s (%s) was sent.", mail.pk, mail.kind)
    return settle(mail, State.SENT, sent_at=timezone.now(), answer="")


def compose(mail: Mail) -> EmailMultiAlternatives | None:
    """The message, or None if it can't be written; then the row says why and the queue goes on."""
    try:
        if not mail.is_urgent and address_key(mail.address) in suppressed(mail.event):
            raise MailError("Not sent: the address has unsubscribed.")
        return message_of(mail, import_string(settings.LETTERS[mail.kind])(mail))
    except MailError as error:
        settle(mail, State.FAILED, answer=str(error))
    except (InterfaceError, OperationalError, SoftTimeLimitExceeded):
        raise  # no fault of the mail's: it is written later
    except Exception as error:
        logger.exception("Mail %s (%s) can't be written.", mail.pk, mail.kind)
        settle(mail, State.FAILED, answer=f"It couldn't be written: {type(error).__name__}.")
    return None


class Whole(str):
    """A header's value that stays on one line: folding would turn a long address into unreadable encoded words."""

    name: str

    @classmethod
    def named(cls, name: str, value: str) -> Self:
        header = cls(value)
        header.name = name
        return header

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def message_of(mail: Mail, letter: Letter) -> EmailMultiAlternatives:
    headers = {"Message-ID": Whole.named("Message-ID", mail.message_id), "Auto-Submitted": "auto-generated"}
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = Whole.named("List-Unsubscribe", f"<{clean_line(letter.unsubscribe)}>")
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    contact = mail.event.contact_email
    message = EmailMultiAlternatives(
        clean_line(letter.subject)[:SUBJECT_LENGTH],
        letter.text,
        to=[mail.address],
        reply_to=[contact] if contact else None,
        headers=headers,
        attachments=[part_of(one) for one in letter.attachments],  # type: ignore[misc]  # the stubs know MIMEBase only
    )
    message.attach_alternative(letter.html, "text/html")
    return message


@lru_cache(maxsize=8)
def part_of(attachment: Attachment) -> MIMEPart:
    kind, *rest = (word.strip() for word in attachment.media_type.split(";"))
    main, sub = kind.split("/")
    part = MIMEPart()
    part.set_content(
        attachment.content,
        main,
        sub,
        disposition="attachment",
        filename=attachment.filename,
        params=dict(parameter.split("=") for parameter in rest),
    )
    return part


def put_back(mail: Mail, error: Exception) -> None:
    """Record a failure: for good, or until a next try after a growing gap."""
    code, said = answer_of(error)
    is_final = isinstance(error, ValueError) or 500 <= code < 600 or mail.tries >= LAST_TRY
    logger.info("Mail %s (%s) was not sent: %s.", mail.pk, mail.kind, code or type(error).__name__)
    if is_final:
        settle(mail, State.FAILED, answer=said)
    else:
        settle(mail, State.WAITING, due_at=timezone.now() + gap_after(mail.tries), answer=said)


def gap_after(tries: int) -> timedelta:
    return timedelta(seconds=min(FIRST_GAP << min(tries - 1, 20), LONGEST_GAP))


def answer_of(error: Exception) -> tuple[int, str]:
    """The server's code, 0 where it gave none that is about this mail, and its words."""
    said: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError() | smtplib.SMTPSenderRefused():
            code, said = error.smtp_code, error.smtp_error
        case smtplib.SMTPResponseException():
            return 0, in_words(error.smtp_code, error.smtp_error)
        case ValueError():
            return 0, "The address can't be written to."
        case _:
            return 0, type(error).__name__
    return 0 if code in OUR_FAULTS else code, in_words(code, said)


def in_words(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return clean_line(f"{code} {text}")


def settle(mail: Mail, state: str, **values: Any) -> None:
    """Record what became of a claimed mail, unless its lease ended and another sender has it now."""
    if "answer" in values:
        values["answer"] = values["answer"][:500]
    ours = Mail.objects.filter(pk=mail.pk, state=State.SENDING, lease_until=mail.lease_until)
    persist(lambda: ours.update(state=state, lease_until=None, **values))


def persist[T](act: Callable[[], T]) -> T:
    """Try again while the database is away for a moment: what the mail server took must not be forgotten."""
    for pause in (0.1, 0.5, 1, 2, 4):
        try:
            return act()
        except (InterfaceError, OperationalError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return act()


def status(now: datetime | None = None) -> dict[str, int | None]:
    """How many mails are in each state, and the age in seconds of the oldest that waits."""
    counts = dict(Mail.objects.values_list("state").annotate(Count("pk")))
    oldest = Mail.objects.filter(state=State.WAITING).aggregate(Min("created_at"))["created_at__min"]
    age = int(((now or timezone.now()) - oldest).total_seconds()) if oldest else None
    return {state.value: counts.get(state.value, 0) for state in State} | {"oldest_waiting_seconds": age}
