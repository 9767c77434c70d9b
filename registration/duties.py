"""The letters to organizers: what is due soon, and what couldn't be released or sent at its time."""

from django.urls import reverse

from portal.links import absolute
from portal.mail import Letter, MailError
from portal.models import Mail
from portal.templatetags.words import day
from registration.bulletin import harmless
from registration.letters import TO_ORGANIZERS, write
from registration.missing import missing
from registration.models import Announcement
from registration.reminders import days_left, is_final
from sessions_app.access import in_words
from sessions_app.drafts import program_of
from sessions_app.models import TimedRelease


def due(mail: Mail) -> Letter:
    """The final program is due soon; what is missing in it now."""
    event = mail.event
    promised, days = event.final_program_due, days_left(event, mail.written_at)
    if promised is None or days is None or days < 0 or is_final(event):
        raise MailError("The final program is out, or no longer due.")
    when = {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
    words = {
        "when_due": when,
        "day": day(promised),
        "lines": [harmless(one.text) for one in missing(event, program_of(event))],
        "timed": timed_words(event.timed_releases.waiting().first()),
        **pages(mail),
    }
    heading = f"The final program is due {when}"
    return write(mail, heading, f"{heading}: {event.title}", words)


def unreleased(mail: Mail) -> Letter:
    timed = TimedRelease.objects.filter(pk=mail.context.get("timed"), event=mail.event).first()
    if timed is None or timed.state != TimedRelease.State.FAILED:
        raise MailError("The release is no longer to be told of.")
    words = {"moment": in_words(timed.at, mail.event.zone), "reason": timed.reason, "stage": timed.stage, **pages(mail)}
    return write(mail, "The program was not released", f"Not released: {mail.event.title}", words)


def unsent(mail: Mail) -> Letter:
    row = Announcement.objects.filter(pk=mail.context.get("announcement"), event=mail.event).first()
    if row is None or row.state != Announcement.State.LAPSED:
        raise MailError("The announcement is no longer to be told of.")
    page = absolute(reverse("admin:event-announcement", args=[mail.event.pk, row.pk]))
    words = {"subject": harmless(row.subject), "reason": row.reason, "announcement_url": page, **TO_ORGANIZERS}
    return write(mail, "An announcement was not sent", f"Not sent: {row.subject}", words)


def timed_words(timed: TimedRelease | None) -> str:
    return f"as {timed.stage} on {in_words(timed.at, timed.event.zone)}" if timed else ""


def pages(mail: Mail) -> dict[str, str]:
    address = absolute(reverse("admin:event-release", args=[mail.event.pk]))
    return {"release_url": address, **TO_ORGANIZERS}
