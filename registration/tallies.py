"""Figures about the registrations of an event: by state, by day, by answer."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.db.models import Count
from django.db.models.functions import TruncDate

from portal.models import Event
from registration.models import Answer, CheckIn, Question, Registration

MOST_BARS = 120
LINES = 20  # texts shown of a question


@dataclass(frozen=True)
class Bar:
    """A day of the chart: how many had registered by its end. `height` is of 100."""

    day: date
    count: int
    height: float
    place: int


@dataclass(frozen=True)
class Summary:
    """What was answered to a question: counts by answer, or the first texts."""

    label: str
    answered: int
    counts: list[tuple[str, int]]
    texts: list[str]


def by_state(event: Event) -> list[tuple[str, int]]:
    counts = dict(event.registrations.order_by().values_list("state").annotate(Count("pk")))
    return [(label, counts.get(state, 0)) for state, label in Registration.State.choices if counts.get(state)]


def by_ticket(event: Event) -> list[tuple[str, int, int]]:
    """Each ticket with its confirmed and how many of them are in."""
    confirmed = event.registrations.filter(state=Registration.State.CONFIRMED).order_by()
    counts = dict(confirmed.values_list("ticket_type__name").annotate(Count("pk")))
    doors = CheckIn.objects.at_the_door().filter(event=event).order_by()
    came = Count("registration", distinct=True)
    present = dict(doors.values_list("registration__ticket_type__name").annotate(came))
    return [(name, count, present.get(name, 0)) for name, count in sorted(counts.items())]


def over_time(event: Event) -> list[Bar]:
    """Registrations up to each day, those that ended included; of a long time every so many days."""
    rows = event.registrations.order_by().annotate(day=TruncDate("created_at", tzinfo=event.zone))
    counts = dict(rows.values_list("day").annotate(Count("pk")))
    if not counts:
        return []
    first, last = min(counts), max(counts)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    totals = list(accumulate(counts.get(day, 0) for day in days))
    step = -(-len(days) // MOST_BARS)
    kept = list(zip(days, totals, strict=True))[::-1][::step][::-1]
    return [Bar(day, total, round(100 * total / totals[-1], 2), n) for n, (day, total) in enumerate(kept)]


def summaries(event: Event) -> list[Summary]:
    """Of those whose registration stands."""
    standing = (
        Answer.objects.filter(registration__event=event)
        .exclude(registration__state__in=Registration.ENDED)
        .order_by("pk")
    )
    found: dict[int, list[Answer]] = {}
    for answer in standing.iterator(chunk_size=2000):
        found.setdefault(answer.question_id, []).append(answer)
    return [summary(question, found.get(question.pk, [])) for question in event.questions.all()]


def summary(question: Question, answers: list[Answer]) -> Summary:
    if question.kind in (Question.Kind.TEXT, Question.Kind.LONG, Question.Kind.FILE):
        texts = [str(one.filename or one.value) for one in answers[:LINES]]
        return Summary(question.label, len(answers), [], texts)
    counts: Counter[str] = Counter()
    for answer in answers:
        counts.update(map(in_words, answer.value if isinstance(answer.value, list) else [answer.value]))
    return Summary(question.label, len(answers), counts.most_common(LINES), [])


def in_words(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
