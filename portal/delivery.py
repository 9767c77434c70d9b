"""Sending what is in the outbox: one mail after the other is claimed, written, handed to the mail server, recorded."""

import logging
import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, cast

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Model
from django.utils.module_loading import import_string

from portal import mailings
from portal.bell import bell
from portal.celery import is_stopping
from portal.mail import MailError
from portal.message import message_of
from portal.models import Event, Mail, Mailing, Suppression
from portal.pace import LONGEST_WAIT, take_turn
from portal.refusals import answer_of, is_about_the_address, is_about_us, may_be_about_us
from portal.rows import FromNow, changing, from_now, prepared, read, shape_of
from portal.wire import Backend, WiredMessage

logger = logging.getLogger(__name__)

State = Mail.State
DRAIN_SECONDS = 40
# Of a comparison PostgreSQL expects to hold for many rows, of one OR the other for hardly any: it then sorts all that
# wait for each claim, instead of taking the first of the index.
DUE = "CASE state WHEN 'waiting' THEN due_at WHEN 'sending' THEN lease_until END <= {now}"
# The states once more, in the words of the index: SQLite wouldn't use it without.
CLAIM = """
UPDATE portal_mail SET state = 'sending', lease_until = {lease}, changed_at = {now}, tries = tries + 1
WHERE {due} AND id = (
    SELECT id FROM portal_mail WHERE state IN ('waiting', 'sending') AND {due} AND id <> %s
    ORDER BY is_urgent DESC, due_at, id LIMIT 1 {skip}
)
RETURNING {columns}, EXISTS (
    SELECT 1 FROM portal_suppression AS refusal LEFT JOIN portal_mailing ON portal_mailing.id = portal_mail.mailing_id
    WHERE refusal.event_id = portal_mail.event_id AND refusal.address_key = portal_mail.address_key
    AND refusal.category IN ('', portal_mailing.category)
)
"""
OURS = "id = %s AND state = 'sending' AND lease_until = %s"


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed mail."""

    mail: Mail
    state: str
    answer: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    is_dead_address: bool = False
    stops: str = ""  # why its mailing has to stop
    is_too_soon: bool = False  # for any more mass mail of this sender's


class Post:
    """A connection to the mail server, kept from mail to mail and opened anew after a failure."""

    def __init__(self) -> None:
        self.mailer = mailers["default"]
        self.is_down = False

    def send(self, message: EmailMultiAlternatives, hand: "Hand | None" = None) -> None:
        """The `hand` looks ahead when the server has the whole message and hasn't answered yet."""
        try:
            if isinstance(self.mailer, Backend):
                self.mailer.turn_to(message, hand.look_ahead if hand else None)
            self.connect()
            self.mailer.send_messages([message])
        except BaseException:
            self.close()
            raise
        if isinstance(self.mailer, Backend):
            self.mailer.announce(message.from_email, hand.next.written if hand and hand.next else None)

    def connect(self) -> None:
        self.is_down = True
        self.mailer.open()
        self.is_down = False

    def close(self) -> None:
        with suppress(OSError):
            self.mailer.close()


def drain(seconds: float = DRAIN_SECONDS) -> None:
    """Send until nothing is due, the mail server is away, the worker is told to stop, or the time is up; then leave the
    rest to the next one.

    What became of a mail and the claim of the next are one commit. The second mail wakes a colleague: there is more.
    """
    end = time.monotonic() + seconds
    post, hand, outcome, sent = Post(), Hand(), None, 0
    try:
        while mail := hand.next_after(outcome):
            outcome = attempt(mail, post, None if settings.MAIL_RATE else hand)
            sent += 1
            if sent == 2:
                bell.ring()
            if post.is_down or outcome.is_too_soon or is_stopping() or time.monotonic() >= end:
                break
    finally:
        post.close()
        hand.put_back()
    if mail and outcome:
        persist(lambda: settle(outcome))
        if not (post.is_down or outcome.is_too_soon):
            bell.ring()


class Hand:
    """What a sender has claimed: the mail whose turn it is, and the next one, written while the mail server takes that.

    That one is sent only after it was recorded what became of the one before, so a sender that is killed leaves at most
    one in doubt.
    """

    def __init__(self) -> None:
        self.shared = Shared()
        self.next: Mail | None = None

    def next_after(self, outcome: Outcome | None) -> Mail | None:
        claimed = claim_next(outcome)
        mail, self.next = (self.next, claimed) if self.next else (claimed, None)
        if outcome and outcome.state != State.SENT:
            self.shared.forget()  # its mailing may have stopped because of it
        return mail and self.shared.attach(mail)

    def look_ahead(self) -> None:
        """An error here is no reason not to hear the server's answer: it comes again when it is this mail's turn. One
        that was tried before may have ended its sender, and isn't written while another mail is in doubt."""
        try:
            self.next = self.next or claim_due()
            if self.next and self.next.tries == 1:
                message = compose(self.shared.attach(self.next))
                message.write()
                self.next.written = message
        except SoftTimeLimitExceeded:
            raise
        except Exception as error:
            logger.debug("The next mail can't be written ahead: %s.", type(error).__name__)

    def put_back(self) -> None:
        """What wasn't sent."""
        if mail := self.next:
            persist(lambda: settle(untried(mail, State.WAITING)))


def claim_next(outcome: Outcome | None) -> Mail | None:
    def act() -> Mail | None:
        if outcome and not outcome.is_dead_address and connection.vendor == "postgresql":
            return claim_due(after=outcome)
        with transaction.atomic():
            if outcome:
                settle(outcome)
            return claim_due()

    mail = persist(act)
    if outcome:
        draw_conclusions(outcome)
    return mail


def draw_conclusions(outcome: Outcome) -> None:
    """For the mailing, of which the others would fare no better."""
    mailing = outcome.mail.mailing
    if mailing and outcome.stops:
        mailings.stop(mailing, outcome.stops, even_trusted=True)
    elif mailing and outcome.state == State.FAILED:
        answer = outcome.answer
        is_put_back = may_be_about_us(answer) and mailings.hold_refused(mailing, outcome.mail.pk, answer)
        if not is_put_back:
            mailings.judge(mailing)


def claim_due(*, after: Outcome | None = None) -> Mail | None:
    """Take the next mail that is due; from here it is ours until its lease ends. To be committed before it is sent.

    One conditional UPDATE decides between senders, on every database alike; where rows can be skipped that another
    sender is just taking, nobody waits for anybody. On PostgreSQL the same statement can record what became of the
    mail before, which spares three ways to the database of four. What is due and whose lease has ended the database's
    clock says: those of senders may be hours apart.
    """
    given = [settings.MAIL_LEASE, after.mail.pk if after else 0]
    settling, values = settling_of(after) if after else ("", [])
    return next(iter(read(Mail, claiming(settling), [*values, *given], "is_refused")), None)


@cache
def claiming(settling: str) -> str:
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    before = f"WITH settled AS ({settling}) " if settling else ""
    due, columns = DUE.format(now=from_now()), shape_of(Mail).columns
    return before + CLAIM.format(due=due, now=from_now(), lease=from_now("%s"), skip=skip, columns=columns)


class Shared:
    """What thousands of mails have in common, read once a second: their events and mailings, what was read ahead."""

    def __init__(self) -> None:
        self.known: dict[tuple[type[Model], int], Model] = {}
        self.ahead: dict[Any, Any] = {}
        self.read_at = 0.0

    def attach(self, mail: Mail) -> Mail:
        if time.monotonic() > self.read_at + 1:
            self.forget()
        mail.ahead = self.ahead
        mail.event = self.get(Event, mail.event_id)
        if mail.mailing_id:
            mail.mailing = self.get(Mailing, mail.mailing_id)
        return mail

    def forget(self) -> None:
        self.known, self.ahead, self.read_at = {}, {}, time.monotonic()

    def get[M: Model](self, model: type[M], pk: int) -> M:
        if (model, pk) not in self.known:
            self.known[model, pk] = model._default_manager.get(pk=pk)
        return cast(M, self.known[model, pk])


def deliver(mail: Mail) -> None:
    """One try to send a claimed mail, over a connection of its own."""
    post = Post()
    try:
        outcome = attempt(mail, post)
    finally:
        post.close()
    persist(lambda: settle(outcome))
    draw_conclusions(outcome)


def attempt(mail: Mail, post: Post, hand: Hand | None = None) -> Outcome:
    """Write and send a claimed mail. Raises what is no fault of the mail's: its lease ends then, and another tries."""
    mailing = mail.mailing
    if mailing and mailing.is_held:
        return held(mail, mail.answer)
    if mailing and mailing.state == Mailing.State.RUNNING and not mail.event.is_public:
        return held(mail, mail.answer, mailings.NOT_PUBLIC)
    if mail.tries > settings.MAIL_TRIES:
        return Outcome(mail, State.FAILED, mail.answer or "Each try to send it ended halfway.")
    try:
        check(mail)
        message = mail.written or persist(lambda: compose(mail))
        if not mail.is_urgent and not has_turn(mail):
            return replace(untried(mail, State.WAITING), is_too_soon=True)
        post.send(message, hand)
    except MailError as reason:
        return Outcome(mail, State.WITHDRAWN, str(reason))
    except (InterfaceError, OperationalError, SoftTimeLimitExceeded):
        raise
    except (OSError, ValueError) as error:
        return put_back(mail, error, is_down=post.is_down)
    except Exception:
        logger.exception("Mail %s (%s) can't be written.", mail.pk, mail.kind)
        return Outcome(mail, State.FAILED, f"It couldn't be written: see mail {mail.pk} in the log.")
    # Of mass mail the outbox tells as much, and a line each for thousands would take a share of their time.
    logger.log(logging.INFO if mail.is_urgent else logging.DEBUG, "Mail %s (%s) was sent.", mail.pk, mail.kind)
    return Outcome(mail, State.SENT, values={"sent_at": FromNow(0)})


def has_turn(mail: Mail) -> bool:
    """Waits for it, if there is a rate: even a sleep of no time gives the processor away."""
    pause = persist(lambda: take_turn(mail.written_at))
    if 0 < pause <= LONGEST_WAIT:
        time.sleep(pause)
    return pause <= LONGEST_WAIT


def check(mail: Mail) -> None:
    """Raises MailError if it isn't to be sent any more."""
    mailing = mail.mailing
    if mailing:
        if mailing.state == Mailing.State.CANCELLED:
            raise MailError("Not sent: the mailing was cancelled.")
        if mail.is_refused:
            raise MailError("Not sent: the address gets no such mail any more.")


def compose(mail: Mail) -> WiredMessage:
    """Raises MailError if it isn't to be sent."""
    return message_of(mail, import_string(settings.LETTERS[mail.kind])(mail))


def put_back(mail: Mail, error: Exception, *, is_down: bool) -> Outcome:
    """A failure: for good, or until a next try after a growing gap. A server that is away or takes nothing of ours is
    no fault of the mail's."""
    code, said = answer_of(error)
    logger.info("Mail %s (%s) was not sent: %s.", mail.pk, mail.kind, code or type(error).__name__)
    if is_down:
        back = {"due_at": FromNow(gap_after(1)), "tries": mail.tries - 1}
        return Outcome(mail, State.WAITING, said, back)
    if mail.mailing and is_about_us(error):
        return held(mail, said, f"The mail server refused to send anything of ours: {said}.")
    is_refused = isinstance(error, smtplib.SMTPRecipientsRefused)
    may_pass = mail.is_urgent and is_refused and may_be_about_us(said)
    if not may_pass and (isinstance(error, ValueError) or 500 <= code < 600):
        return Outcome(mail, State.FAILED, said, is_dead_address=is_refused and is_about_the_address(said))
    if mail.tries >= settings.MAIL_TRIES:
        return Outcome(mail, State.FAILED, said)
    return Outcome(mail, State.WAITING, said, {"due_at": FromNow(gap_after(mail.tries))})


def held(mail: Mail, answer: str, stops: str = "") -> Outcome:
    """It waits until its mailing goes on."""
    return replace(untried(mail, State.HELD), answer=answer, stops=stops)


def untried(mail: Mail, state: str) -> Outcome:
    """This was no try."""
    return Outcome(mail, state, mail.answer, {"tries": mail.tries - 1})


def gap_after(tries: int) -> int:
    """In seconds."""
    return min(settings.MAIL_FIRST_GAP << min(tries - 1, 20), settings.MAIL_LONGEST_GAP)


def settle(outcome: Outcome) -> None:
    """Record what became of a claimed mail, unless its lease ended and another sender has it now."""
    mail = outcome.mail
    with connection.cursor() as cursor:
        cursor.execute(*settling_of(outcome))
        is_ours = cursor.rowcount == 1
    if is_ours and outcome.is_dead_address:
        reason = {"reason": Suppression.Reason.BOUNCED}
        Suppression.objects.get_or_create(event=mail.event, address_key=mail.address_key, category="", defaults=reason)


def settling_of(outcome: Outcome) -> tuple[str, list[Any]]:
    """The statement that records it, and what it is given."""
    values = {"state": outcome.state, "lease_until": None, "changed_at": FromNow(0), "answer": outcome.answer[:500]}
    lease = prepared(Mail, "lease_until", outcome.mail.lease_until)
    return changing(Mail, values | outcome.values, OURS, outcome.mail.pk, lease)


def persist[T](act: Callable[[], T]) -> T:
    """Try again while the database is away for a moment: what the mail server took must not be forgotten."""
    for pause in (0.1, 0.5, 1, 2, 4, 4, 4):
        try:
            return act()
        except (InterfaceError, OperationalError):
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return act()
