"""What people answered, kept; and choices of which there are only so many, counted under the admission's lock."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.files import File
from django.db.models import F
from django.db.models.signals import post_delete
from django.dispatch import receiver

from portal.storage import StorageError
from registration.ledger import BookingError
from registration.models import Answer, Choice, Question, Registration
from sessions_app import files

type Answers = Mapping[Question, Any]
type Answered = tuple[int, Any]  # the id of a question and the answer's value
WITH_CHOICES = [Question.Kind.CHOICE, Question.Kind.MANY]


def replace(registration: Registration, answers: Answers) -> None:
    """Make these the answers of a registration. A file stays where no new one came. Counts nothing, and raises as
    `add` does."""
    kept = [question for question, value in answers.items() if value is None]
    registration.answers.exclude(question__in=kept).delete()
    add(registration, answers)


def add(registration: Registration, answers: Answers) -> list[Answer]:
    """Keep these, and give them as they are kept. Raises BookingError where a file can't be stored, and then none of
    them is."""
    made: list[Answer] = []
    try:
        for question, value in answers.items():
            if value is not None:
                made.append(answer_of(registration, question, value))
    except BookingError:
        for answer in made:
            if answer.file:
                files.remove(answer.file.storage, str(answer.file.name))
        raise
    return Answer.objects.bulk_create(made)


def answer_of(registration: Registration, question: Question, value: Any) -> Answer:
    answer = Answer(registration=registration, question=question)
    if isinstance(value, File):
        found = files.examine(value)
        try:
            answer.file.save(found.filename, value, save=False)
        except StorageError as error:
            raise BookingError(str(error), question.key) from error
        answer.filename, answer.media_type = found.filename, found.media_type
        answer.size, answer.sha256 = found.size, found.sha256
    else:
        answer.value = value
    return answer


@receiver(post_delete, sender=Answer)
def discard_file(instance: Answer, **kwargs: Any) -> None:
    """A signal, because a row that goes with its registration calls no method of its own."""
    if instance.file:
        files.discard(instance.file.storage, str(instance.file.name))


def take_choices(answered: Iterable[Answered]) -> None:
    """Count what one person chooses here. Raises BookingError where something was chosen by enough people already."""
    choices = chosen(answered)
    for choice in choices:
        if choice.why_not:
            said = f"“{choice.text}” is no longer free. Choose something else."
            raise BookingError(said, choice.question.key)
    if choices:
        Choice.objects.filter(pk__in=[one.pk for one in choices]).update(taken=F("taken") + 1)


def free_choices(answered: Iterable[Answered]) -> None:
    for choice, times in Counter(one.pk for one in chosen(answered)).items():
        Choice.objects.filter(pk=choice).update(taken=F("taken") - times)


def stored(registrations: Iterable[Registration]) -> list[Answered]:
    """What these have answered to questions with choices."""
    rows = Answer.objects.filter(registration__in=registrations, question__kind__in=WITH_CHOICES)
    return list(rows.order_by().values_list("question", "value"))


def given(answers: Answers) -> list[Answered]:
    return [(question.pk, value) for question, value in answers.items() if question.has_choices]


def chosen(answered: Iterable[Answered]) -> list[Choice]:
    """Locked, in order of their ids; one that several chose stands there as often."""
    texts = [(pk, text) for pk, value in answered for text in (value if isinstance(value, list) else [value])]
    if not texts:
        return []
    rows = Choice.objects.select_for_update(of=["self"]).select_related("question")
    choices = rows.filter(question__in={pk for pk, _ in texts}).order_by("pk")
    return [choice for choice in choices for one in texts if one == (choice.question_id, choice.text)]
