"""The log of what people consented to: which text, when, where, and when it was withdrawn."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.models import Event
from portal.rows import columns, insert
from registration.models import Consent, ConsentText, Question, Registration

PURPOSE = (
    "The organizers use your name, address and answers to run this event: to give you a seat, to write to you about "
    "it, and to know you at the door. Nobody else gets them."
)
PAGE, API, IMPORT, DOOR, ADMIN = "page", "api", "import", "door", "admin"
OF_ORGANIZERS = {IMPORT, DOOR, ADMIN}
logged: set[tuple[int, str]] = set()  # texts that this process has committed


def purpose(event: Event) -> str:
    return event.purpose.strip() or PURPOSE


def version_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def note(registration: Registration, source: str, answers: Mapping[Question, Any]) -> None:
    """Log what is consented to now and wasn't before, and what no longer is."""
    given = {"": purpose(registration.event)} | asked_for(answers)
    log(registration, source, given, {} if registration.round == 1 else standing_of(registration))


def renew(registration: Registration, source: str, answers: Mapping[Question, Any]) -> None:
    """The same after the answers have changed; what was told at the beginning stays what it was, and so does a consent
    that organizers leave: they were shown another text, the person wasn't."""
    given, standing = asked_for(answers), standing_of(registration)
    left = given.keys() & standing.keys() if source in OF_ORGANIZERS else set()
    for subject in {"", *left}:
        given.pop(subject, None)
        standing.pop(subject, None)
    log(registration, source, given, standing)


def log(registration: Registration, source: str, given: Mapping[str, str], standing: Mapping[str, Consent]) -> None:
    versions = {subject: version_of(text) for subject, text in given.items()}
    withdraw(one for subject, one in standing.items() if versions.get(subject) != one.version)
    fresh = [
        Consent(registration=registration, subject=subject, version=version, source=source)
        for subject, version in versions.items()
        if subject not in standing or standing[subject].version != version
    ]
    if fresh:
        keep(registration.event, given.values())
        insert(Consent, [columns(one) for one in fresh])


def standing_of(registration: Registration) -> dict[str, Consent]:
    return {one.subject: one for one in registration.consents.filter(withdrawn_at=None)}


def withdraw(consents: Iterable[Consent]) -> None:
    pks = [one.pk for one in consents]
    if pks:
        Consent.objects.filter(pk__in=pks).update(withdrawn_at=timezone.now())


def asked_for(answers: Mapping[Question, Any]) -> dict[str, str]:
    """The consents among the answers, by the keys of their questions."""
    return {
        question.key: f"{question.label}\n{question.help}".strip()
        for question, value in answers.items()
        if question.kind == Question.Kind.CONSENT and value is True
    }


def keep(event: Event, texts: Iterable[str]) -> None:
    found = {version_of(text): text for text in texts if (event.pk, version_of(text)) not in logged}
    if not found:
        return
    rows = [ConsentText(event=event, version=version, text=text) for version, text in found.items()]
    ConsentText.objects.bulk_create(rows, ignore_conflicts=True)
    transaction.on_commit(lambda: logged.update((event.pk, version) for version in found))
