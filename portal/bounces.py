"""What comes back: mails that weren't delivered after all, and readers who call them spam."""

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from portal import mailings
from portal.models import Event, Mail, MailQuerySet, Suppression
from portal.text import address_key, clean_line

State, Reason = Mail.State, Suppression.Reason
REASONS = {State.BOUNCED: Reason.BOUNCED, State.COMPLAINED: Reason.COMPLAINED}


def report(address: str, state: str, said: str = "", message_id: str = "", *, is_passing: bool = False) -> int:
    """Note that a mail came back, and write to the address no more, unless it may take the next one. Returns how many
    mails it is about.

    It is the mail of this Message-ID or, as many providers know only ids of their own, the last one the address got.
    Every event that has written to the address stops; safe to repeat.
    """
    key = address_key(address)
    taken = Mail.objects.filter(address_key=key, state__in=Mail.TAKEN)
    row = (taken.filter(message_id=message_id).first() if message_id else None) or taken.order_by("-sent_at").first()
    if row is None:
        return 0
    return mark(Mail.objects.filter(pk=row.pk), state, said, is_passing=is_passing)


@transaction.atomic
def mark(mails: MailQuerySet, state: str, said: str = "", *, is_passing: bool = False) -> int:
    """These mails came back, perhaps not for the first time; a complaint stays one. Returns how many had been sent."""
    rows = list(mails.filter(state__in=Mail.TAKEN).select_related("mailing__event"))
    for row in [] if is_passing else rows:
        for event in Event.objects.filter(Q(pk=row.event_id) | Q(mails__address_key=row.address_key)).distinct():
            suppress(event, row.address_key, REASONS[State(state)])
    said, new = clean_line(said)[:500], [row for row in rows if row.state not in (state, State.COMPLAINED)]
    Mail.objects.filter(pk__in=[row.pk for row in new]).update(state=state, answer=said, changed_at=Now())
    for mailing in {row.mailing for row in new if row.mailing}:
        mailings.judge(mailing)
    return len(rows)


def suppress(event: Event, key: str, reason: str, category: str = "") -> None:
    """Never milder than before: who complained isn't just unsubscribed."""
    row, is_new = Suppression.objects.get_or_create(
        event=event, address_key=key, category=category, defaults={"reason": reason}
    )
    if not is_new and row.reason == Reason.UNSUBSCRIBED and reason != row.reason:
        row.reason = reason
        row.save(update_fields=["reason"])
