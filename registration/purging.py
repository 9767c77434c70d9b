"""What is forgotten by itself: what is kept no longer, and whom an older backup brought back."""

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal import audit
from portal.models import Event, Mail, Suppression
from registration import answers, erasures, ledger, links, privacy, repeats
from registration.models import Follower, Question, Registration, Transfer
from sessions_app.models import Speaker
from sessions_app.redaction import everybody, redact


def purge(now: datetime | None = None) -> dict[str, int]:
    """Forget what is kept no longer, and whom an older backup brought back. Gives how much. Safe to repeat."""
    today = (now or timezone.now()).astimezone(UTC).date()
    done = {"registrations": 0, "answers": 0, "erased again": 0}
    for event in Event.objects.exclude(retention_days=None):
        day = privacy.deleted_on(event)
        if day and day <= today:
            done["registrations"] += purge_event(event)
    for question in Question.objects.exclude(retention_days=None).select_related("event"):
        day = privacy.deleted_on(question.event, question.retention_days)
        if day and day <= today:
            done["answers"] += purge_question(question)
    Mail.objects.filter(kind="link", state=Mail.State.WITHDRAWN).delete()  # asked for by addresses of strangers
    too_late = (now or timezone.now()) - links.MAX_AGE[links.TRANSFER]
    Transfer.objects.filter(created_at__lt=too_late).withdraw()
    repeats.forget(now or timezone.now())
    audit.forget(now or timezone.now())
    erasures.complete()
    brought_back = erasures.unknown()
    done["erased again"] += redact_again(brought_back)
    for entry in brought_back:
        done["erased again"] += erase_again(entry)
    return done


def purge_event(event: Event) -> int:
    count, kept = 0, event.registrations.exclude(email__endswith=f"@{privacy.NOWHERE}").order_by("pk")
    while rows := list(kept[: privacy.BATCH]):
        with transaction.atomic():
            privacy.anonymize(rows)
        count += len(rows)
    with transaction.atomic():
        privacy.unlog_all(event)
        for rows_of_event in (event.mails, event.followers, event.suppressions, event.idempotency_keys):
            rows_of_event.all().delete()
    return count


@transaction.atomic
def purge_question(question: Question) -> int:
    ledger.hold(question.event)
    held = question.answers.exclude(registration__state__in=Registration.ENDED)
    if question.has_choices:
        answers.free_choices(held.values_list("question", "value"))
    count, _ = question.answers.all().delete()
    return count


def redact_again(entries: set[erasures.Entry]) -> int:
    """The speakers among them. Gives how many."""
    count = 0
    for event in Event.objects.filter(slug__in={entry.event for entry in entries}):
        marks = {entry.print for entry in entries if entry.event == event.slug}
        found = {one.uuid: one for one in everybody(event) if marks & erasures.prints(name_of(one))}
        for speaker in found.values():
            redact(speaker)
        count += len(found)
    return count


def remember_speaker(speaker: Speaker) -> None:
    """Called by sessions_app.redaction, see settings.REDACTED."""
    erasures.remember(name_of(speaker), speaker.event)


def name_of(speaker: Speaker) -> str:
    """On the list of erasures. Not by their address: who erases a registration of theirs goes on as a speaker."""
    return f"speaker {speaker.uuid}"


@transaction.atomic
def erase_again(entry: erasures.Entry) -> int:
    """After an older backup was restored: forget whom it still knows."""
    event = Event.objects.filter(slug=entry.event).first() if entry.event else None
    count = 0
    if event or not entry.event:
        for address in known_addresses(event, entry.erased_at):
            if entry.print in erasures.prints(address):
                count += privacy.forget(address, event, before=entry.erased_at)
    erasures.adopt(entry)
    return count


def known_addresses(event: Event | None, before: datetime) -> set[str]:
    within = Q(created_at__lt=before) & (Q(event=event) if event else Q())
    sources = (Registration.objects.values_list("email_key"), Follower.objects.values_list("email_key"))
    more = (Mail.objects.values_list("address_key"), Suppression.objects.values_list("address_key"))
    return {address for rows in (*sources, *more) for (address,) in rows.filter(within).distinct()}
