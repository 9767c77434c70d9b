"""What must always hold. Each check looks at all rows and says in words what doesn't."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import groupby

from django.core.files.storage import default_storage
from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from portal.models import Mail
from registration.ledger import seats_left
from registration.models import Admission, Answer, Choice, Lab, LabSeat, Question, Registration, TicketType
from sessions_app.models import Material, Release
from sessions_app.program import digest

type Check = Callable[[], Iterator[str]]
State = Registration.State
FOLDERS = ("materials", "answers")
UNFINISHED = timedelta(days=1)  # after it a file is of no transaction that may still end well


def problems() -> list[str]:
    return [problem for check in CHECKS for problem in check()]


def seats() -> Iterator[str]:
    """The counter is what was counted, and within the capacity."""
    holding = Q(registrations__state__in=[State.PENDING, State.CONFIRMED], mode=TicketType.Mode.SEATS)
    for row in TicketType.objects.select_related("event").annotate(held=Count("registrations", filter=holding)):
        name = f"{row.event.slug}, {row.name}"
        if row.taken != row.held:
            yield f"{name}: {row.taken} seats are counted as taken, but {row.held} registrations hold one."
        if row.capacity is not None and row.taken > row.capacity:
            yield f"{name}: {row.taken} of {row.capacity} seats are taken."


def admissions() -> Iterator[str]:
    """Each event with ticket types has an admission, which counts the seats of all of them."""
    totals = dict(TicketType.objects.order_by().values_list("event").annotate(Sum("taken")))
    rows = {row.event_id: row for row in Admission.objects.select_related("event")}
    for event, total in totals.items():
        row = rows.get(event)
        if row is None:
            yield f"Event {event} has ticket types, but no admission."
        elif row.taken != total:
            yield f"{row.event.slug}: {row.taken} seats are counted as taken altogether, but {total} by ticket type."
        elif row.capacity is not None and row.taken > row.capacity:
            yield f"{row.event.slug}: {row.taken} of {row.capacity} seats are taken altogether."


def waitlists() -> Iterator[str]:
    """Who waits is counted, nobody waits beside a free seat, each place is one person's, and none is beyond the last
    that was given out."""
    waiting = Q(registrations__state=State.WAITLISTED)
    admitted = TicketType.objects.exclude(event__admission=None).select_related("event__admission")
    rows = admitted.annotate(
        in_line=Count("registrations", filter=waiting),
        places=Count("registrations__place", filter=waiting, distinct=True),
        last=Max("registrations__place", filter=waiting),
    )
    for row in rows.filter(Q(in_line__gt=0) | Q(waiting__gt=0)):
        name = f"{row.event.slug}, {row.name}"
        if row.waiting != row.in_line:
            yield f"{name}: {row.waiting} are counted as waiting, but {row.in_line} do."
            continue
        if seats_left(row) != 0:
            yield f"{name}: {row.waiting} wait although seats are free."
        if row.places != row.waiting:
            yield f"{name}: {row.waiting} wait on {row.places} places."
        if row.last > row.event.admission.queue:
            yield f"{name}: place {row.last} was never given out; the last was {row.event.admission.queue}."


def labs() -> Iterator[str]:
    """Lab seats are counted, belong to people with a seat at the event, none of these waits beside a free one, and each
    place in line is one person's."""
    seated, waiting = Q(seats__state__in=LabSeat.HELD), Q(seats__state=LabSeat.State.WAITLISTED)
    with_seat = Q(
        seats__registration__state__in=[State.PENDING, State.CONFIRMED],
        seats__registration__ticket_type__mode=TicketType.Mode.SEATS,
    )
    rows = Lab.objects.select_related("event").annotate(
        held=Count("seats", filter=seated),
        homeless=Count("seats", filter=seated & ~with_seat),
        waiting=Count("seats", filter=waiting & with_seat),
        in_line=Count("seats__place"),
        places=Count("seats__place", distinct=True),
        last=Max("seats__place"),
    )
    for row in rows:
        name = f"{row.event.slug}, lab {row.pk}"
        if row.taken != row.held:
            yield f"{name}: {row.taken} seats are counted as taken, but {row.held} are."
        if row.taken > row.capacity:
            yield f"{name}: {row.taken} of {row.capacity} seats are taken."
        if row.homeless:
            yield f"{name}: {row.homeless} seats belong to people without a seat at the event."
        if row.waiting and row.taken < row.capacity:
            yield f"{name}: {row.waiting} wait although seats are free."
        if row.places != row.in_line:
            yield f"{name}: {row.in_line} wait on {row.places} places."
        if (row.last or 0) > row.queue:
            yield f"{name}: place {row.last} was never given out; the last was {row.queue}."


def choices() -> Iterator[str]:
    """Each choice is counted as often as somebody chose it whose registration hasn't ended, and within its limit."""
    kinds = [Question.Kind.CHOICE, Question.Kind.MANY]
    alive = Answer.objects.filter(question__kind__in=kinds).exclude(registration__state__in=Registration.ENDED)
    counted: Counter[tuple[int, str]] = Counter()
    for question, value in alive.order_by().values_list("question", "value"):
        counted.update((question, str(text)) for text in (value if isinstance(value, list) else [value]))
    for row in Choice.objects.select_related("question__event"):
        name, chosen = f"{row.question.event.slug}, choice {row.pk}", counted[row.question_id, row.text]
        if row.taken != chosen:
            yield f"{name}: counted {row.taken} times, but chosen {chosen} times."
        if row.limit is not None and row.taken > row.limit:
            yield f"{name}: taken {row.taken} of {row.limit} times."


def confirmations() -> Iterator[str]:
    """Only a proven address confirms a seat."""
    for row in Registration.objects.filter(state=State.CONFIRMED, verified_at=None).select_related("event"):
        yield f"{row.event.slug}: registration {row.pk} is confirmed without its address being proven."


def releases() -> Iterator[str]:
    """Numbers from 1 without a gap, and each document is the one that was released."""
    rows = Release.objects.select_related("event").order_by("event", "number")
    for event, group in groupby(rows.iterator(chunk_size=20), key=lambda row: row.event):
        for expected, row in enumerate(group, 1):
            if row.number != expected:
                yield f"{event.slug}: release {row.number} stands where release {expected} should."
            if row.digest != digest({"program": row.data, "stage": row.stage, "number": row.number}):
                yield f"{event.slug}: release {row.number} is not what was released."
            if row.change_count != len(row.changes):
                yield f"{event.slug}: release {row.number} has {len(row.changes)} changes, not {row.change_count}."


def mails() -> Iterator[str]:
    """A mail has a moment of sending exactly if a mail server took it, and one that is being sent has a lease."""
    is_taken = Q(state__in=Mail.TAKEN)
    wrong = (is_taken & Q(sent_at=None)) | (~is_taken & Q(sent_at__isnull=False))
    for row in Mail.objects.filter(wrong | Q(state=Mail.State.SENDING, lease_until=None)):
        yield f"Mail {row.pk} is {row.state}, with sent_at {row.sent_at} and lease_until {row.lease_until}."


def files() -> Iterator[str]:
    """Each file of a row is in the storage, in full."""
    materials = Material.objects.exclude(file="").select_related("event")
    answers = Answer.objects.exclude(file="").select_related("registration__event")
    named: list[tuple[str, Material | Answer]]
    named = [(f"{row.event.slug}: the file of material {row.pk}", row) for row in materials]
    named += [(f"{row.registration.event.slug}: the file of answer {row.pk}", row) for row in answers]
    for name, row in named:
        if not row.file.storage.exists(str(row.file)):
            yield f"{name} is missing."
        elif row.file.size != row.size:
            yield f"{name} has {row.file.size} bytes instead of {row.size}."


def leftovers() -> Iterator[str]:
    """Files in the storage that are no row's. They do no harm but that they stay: a killed process may leave some."""
    known = {*Material.objects.values_list("file", flat=True), *Answer.objects.values_list("file", flat=True)}
    before = timezone.now() - UNFINISHED
    for name in (name for folder in FOLDERS for name in stored(folder)):
        if name not in known and default_storage.get_modified_time(name) < before:
            yield f"The file {name} belongs to no row."


def stored(folder: str) -> Iterator[str]:
    """The names of the files below."""
    if default_storage.exists(folder):
        folders, names = default_storage.listdir(folder)
        yield from (f"{folder}/{name}" for name in names)
        for inner in folders:
            yield from stored(f"{folder}/{inner}")


def belongings() -> Iterator[str]:
    """Nothing joins rows of two events."""
    for registration in Registration.objects.exclude(event=F("ticket_type__event")):
        yield f"Registration {registration.pk} has a ticket type of another event."
    for seat in LabSeat.objects.exclude(registration__event=F("lab__event")):
        yield f"Lab seat {seat.pk} is in a lab of another event."
    for answer in Answer.objects.exclude(registration__event=F("question__event")):
        yield f"Answer {answer.pk} belongs to a question of another event."
    for material in Material.objects.exclude(session=None).exclude(event=F("session__event")):
        yield f"Material {material.pk} belongs to a session of another event."


CHECKS: list[Check] = [
    seats,
    admissions,
    waitlists,
    labs,
    choices,
    confirmations,
    releases,
    mails,
    files,
    belongings,
]
