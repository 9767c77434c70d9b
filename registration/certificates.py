"""Certificates of attendance: what was attended by the check-ins, word for word as it was when they were made.

Whoever is shown one can look its code up on a public page, which says what stands on the paper and nothing else.
"""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.links import absolute
from portal.models import Event
from portal.templatetags.words import at, day, length, through
from portal.text import clean_line
from registration.attended import attended, days_of, minutes_of, sessions_of
from registration.makers import maker
from registration.models import Certificate, CheckIn, Registration
from sessions_app.program import Item

if TYPE_CHECKING:
    from registration.typesetting import Sheet

REVOKED = "The organizers have withdrawn your certificate. Write to them if you need another."
MOST_TITLES = 12  # of sessions on the paper
A4 = (210, 297)


class CertificateError(Exception):
    """Why there is no certificate; the message is shown to the person."""


@transaction.atomic
def issue(registration: Registration) -> Certificate:
    """The person's certificate, made now if there is none. Safe to repeat."""
    locked = Registration.objects.select_for_update().get(pk=registration.pk)
    locked.event = registration.event
    if valid := certificate_of(locked):
        return valid
    if reason := why_none(locked, timezone.now()):
        raise CertificateError(reason)
    check_ins = list(locked.check_ins.standing())
    sessions = attended(locked.event, check_ins)
    return Certificate.objects.create(
        event=locked.event,
        registration=locked,
        name=locked.name,
        affiliation=locked.affiliation,
        minutes=minutes_of(sessions),
        words=words(locked.event, check_ins, sessions),
    )


def certificate_of(registration: Registration) -> Certificate | None:
    return registration.certificates.filter(revoked_at=None).first()


def why_none(registration: Registration, now: datetime) -> str:
    """Why this person can't have one now; empty where they can."""
    if revoked_of(registration).exists():
        return REVOKED
    if not registration.check_ins.standing().exists():
        return "Certificates are for those who were checked in at the door or in a session."
    if not is_over(registration.event, now):
        return "The certificate can be had when the event is over."
    return ""


def is_over(event: Event, now: datetime) -> bool:
    end = end_of(event)
    return end is not None and end <= now


def end_of(event: Event) -> datetime | None:
    """When the event is over: with its last session or, while these have no times, with its last day."""
    ends = [item.end for item in sessions_of(event) if item.end]
    return max(ends) if ends else event.midnight_after


def words(event: Event, check_ins: list[CheckIn], sessions: list[Item]) -> dict[str, object]:
    """Names only the sessions somebody was checked in to: the door doesn't know which of a day these were."""
    chosen = {str(one.session) for one in check_ins}
    return {
        "title": event.title,
        "host": event.public_host.title if event.public_host else "",
        "when": spans(days_of(event, check_ins, sessions)),
        "where": event.venue,
        "sessions": [one.title for one in sessions if one.uuid in chosen],
    }


def spans(days: list[date]) -> str:
    """Those that follow each other as one: "January 15 – 16, 2026; Sunday, January 18, 2026"."""
    runs = groupby(enumerate(days), key=lambda place: place[1] - timedelta(days=place[0]))
    found = [[one for _, one in run] for _, run in runs]
    return "; ".join(through(run[0], run[-1]) for run in found)


@transaction.atomic
def revoke(certificate: Certificate) -> bool:
    """From now on the public page says that it isn't valid. Safe to repeat: whether it was valid until now."""
    valid = Certificate.objects.filter(pk=certificate.pk, revoked_at=None)
    return bool(valid.update(revoked_at=timezone.now()))


@transaction.atomic
def allow_another(registration: Registration) -> bool:
    """The person may make one anew, of how things stand then; the revoked one stays so. Safe to repeat: whether it
    wasn't allowed until now."""
    return bool(revoked_of(registration).update(allows_another=True))


def revoked_of(registration: Registration) -> QuerySet[Certificate]:
    return registration.certificates.exclude(revoked_at=None).filter(allows_another=False)


def find(event: Event, code: str) -> Certificate | None:
    return event.certificates.filter(code=clean_line(code).upper()).first()


def address_of(certificate: Certificate) -> str:
    return absolute(reverse("registration:certificate", args=[certificate.event.slug, certificate.code]))


def paper(certificate: Certificate) -> bytes:
    said = certificate.words
    titles = said["sessions"][:MOST_TITLES]
    rest = len(said["sessions"]) - len(titles)
    listed = [*titles, f"and {rest} more"] if rest else titles
    address = address_of(certificate)
    texts = [certificate.name, certificate.affiliation, *map(str, listed), str(said)]
    sheet: Sheet = maker("sheet")(A4, f"Certificate: {said['title']}", texts)
    sheet.add_page()
    sheet.rect(12, 12, 186, 273)
    sheet.write_in((25, 45, 160, 14), "Certificate of attendance", 28, style="B")
    sheet.line(25, 64, 185, 64)
    y = 80 + sheet.write_in((25, 80, 160, 26), certificate.name, 24, style="B")
    y += sheet.write_in((25, y, 160, 12), certificate.affiliation, 12) + 8
    y += sheet.write_in((25, y, 160, 7), "attended", 12) + 3
    y += sheet.write_in((25, y, 160, 20), said["title"], 17, style="B") + 2
    spent = f"{length(certificate.minutes)} of the program" if certificate.minutes else ""
    facts = [said["host"], said["where"], said["when"], spent]
    for line in [*filter(None, facts), *([""] if listed else []), *listed]:
        y += sheet.write_in((25, y, 160, 6), line, 11) if line else 3
    sheet.draw_code(address, 22, 232, 36)
    sheet.write_in((62, 238, 123, 6), f"Issued on {day(at(certificate.issued_at, certificate.event.zone))}", 10)
    sheet.write_in((62, 245, 123, 6), f"Code {certificate.code}", 10, style="B")
    sheet.write_in((62, 252, 123, 12), f"Whether it is valid: {address}", 8)
    return sheet.finished()
