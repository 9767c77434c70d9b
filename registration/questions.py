"""An event's questions: how they are shown, and what counts as an answer. One place for page, API, admin and import."""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from portal.models import Event
from portal.text import clean_line, clean_text
from registration.models import Question, TicketType
from sessions_app import files

Kind = Question.Kind
LONGEST_LINE, LONGEST_TEXT = 300, 5000
LARGEST = 10**12
MAX_MEGABYTES = 10
KEPT = object()  # given for a file question: the file that is there stays
YES, NO = {True, "yes", "on", "true", "1"}, {False, "no", "off", "false", "0"}
MISSING = {
    Kind.CHOICE: "Choose one.",
    Kind.MANY: "Choose at least one.",
    Kind.YES_NO: "Say yes or no.",
    Kind.FILE: "Choose a file.",
    Kind.CONSENT: "Please tick this: without it we can't register you.",
}

type Given = Mapping[str, Any]  # by the keys of the questions: texts of a form, or values from JSON


def of(event: Event) -> list[Question]:
    """With their choices and ticket types."""
    return list(event.questions.prefetch_related("choices", "ticket_types").select_related("depends_on"))


def check(
    questions: Iterable[Question], ticket_type: TicketType | None, given: Given
) -> tuple[dict[Question, Any], dict[str, str]]:
    """The answers to what is asked, and what is wrong with the others, by key. An empty answer isn't kept."""
    answers: dict[Question, Any] = {}
    errors: dict[str, str] = {}
    for question in sorted(questions, key=lambda one: one.depends_on_id is not None):
        if not is_asked(question, ticket_type, answers):
            continue
        try:
            value = read(question, given.get(question.key))
        except ValidationError as error:
            errors[question.key] = " ".join(error.messages)
        else:
            if value is not None:
                answers[question] = None if value is KEPT and question.kind == Kind.FILE else value
    return answers, errors


def is_asked(question: Question, ticket_type: TicketType | None, answers: Mapping[Question, Any]) -> bool:
    """By the ticket type, and by the answer to the question it depends on."""
    only = question.ticket_types.all()
    if only and ticket_type not in only:
        return False
    above = question.depends_on
    return above is None or (above in answers and is_so(answers[above], question.waits_for))


def is_so(answer: Any, wanted: str) -> bool:
    """As questions.js decides it on the page."""
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    return not wanted or wanted in (answer if isinstance(answer, list) else [str(answer)])


def to_choose(question: Question) -> list[str]:
    """The answers another question may wait for; none where people write what they like."""
    if question.is_yes_or_no:
        return ["yes", "no"]
    return [choice.text for choice in question.choices.all()] if question.has_choices else []


def why_never(above: Question, wanted: str) -> str:
    """Why no question can wait for this answer to the one above it; empty where one can."""
    known = to_choose(above)
    if not wanted or wanted in known:
        return ""
    if not known:
        return f"“{above}” has no answers to choose from. Leave this empty: asked after any answer."
    return f"“{above}” is never answered by “{wanted}”. Write {' or '.join(f'“{one}”' for one in known)}."


def read(question: Question, value: Any) -> Any:
    """What is kept of a given value: None where there is no answer. Raises ValidationError."""
    found = None if value in (None, "", []) else READERS[Kind(question.kind)](question, value)
    is_missing = found is None or (found is False and question.kind == Kind.CONSENT)
    if is_missing and question.is_required:
        raise ValidationError(MISSING.get(Kind(question.kind), "Answer this."))
    return found


def read_line(question: Question, value: Any) -> str | None:
    return no_longer_than(LONGEST_LINE, clean_line(text_of(value)))


def read_long(question: Question, value: Any) -> str | None:
    return no_longer_than(LONGEST_TEXT, clean_text(text_of(value)).strip())


def text_of(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise ValidationError("This has to be a text.")


def no_longer_than(length: int, text: str) -> str | None:
    if len(text) > length:
        raise ValidationError(f"This may have {length} characters; it has {len(text)}.")
    return text or None


def read_choice(question: Question, value: Any) -> str:
    if value not in [choice.text for choice in question.choices.all()]:
        raise ValidationError("This isn't one of the choices.")
    return str(value)


def read_many(question: Question, value: Any) -> list[str]:
    """In the order of the choices."""
    texts = [choice.text for choice in question.choices.all()]
    if not isinstance(value, list) or any(one not in texts for one in value):
        raise ValidationError("Some of these aren't among the choices.")
    return [text for text in texts if text in value]


def read_number(question: Question, value: Any) -> int | float:
    """Whole where it can be; with a comma or a point."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError
        number = float(value.strip().replace(",", ".")) if isinstance(value, str) else value
        if not math.isfinite(number) or abs(number) > LARGEST:
            raise ValueError
    except (ValueError, OverflowError):
        raise ValidationError("This has to be a number, such as 12 or 2.5.") from None
    return int(number) if number == int(number) else float(number)


def read_yes_no(question: Question, value: Any) -> bool:
    word = value.strip().casefold() if isinstance(value, str) else value
    if isinstance(word, bool | str) and word in YES | NO:
        return word in YES
    raise ValidationError("Say yes or no.")


def read_file(question: Question, value: Any) -> Any:
    """A file that may be taken, as it is kept, or the mark that the one there is stays. To strip a photo may take a
    second, so it isn't left to booking, where everybody waits."""
    if value is KEPT:
        return KEPT
    if not isinstance(value, UploadedFile):
        raise ValidationError("A file can be given on the page only.")
    if value.size is not None and value.size > MAX_MEGABYTES * 1_000_000:
        raise ValidationError(f"This file has {value.size / 1_000_000:.1f} MB; the limit is {MAX_MEGABYTES} MB.")
    files.check(value)
    return files.prepared(value)


READERS: dict[str, Callable[[Question, Any], Any]] = {
    Kind.TEXT: read_line,
    Kind.LONG: read_long,
    Kind.CHOICE: read_choice,
    Kind.MANY: read_many,
    Kind.NUMBER: read_number,
    Kind.YES_NO: read_yes_no,
    Kind.FILE: read_file,
    Kind.CONSENT: read_yes_no,
}


class Closable:
    """Of its options those that nobody can choose any more are disabled, but for one that is chosen already, and for
    somebody's own: they can go back to it."""

    own: Collection[str] = ()

    def create_option(self, name: str, value: Any, label: Any, selected: bool, *args: Any, **kwargs: Any) -> Any:
        option = super().create_option(name, value, label, selected, *args, **kwargs)  # type: ignore[misc]
        if getattr(label, "why_not", "") and not selected and label.text not in self.own:
            option["attrs"]["disabled"] = True
        return option


class Tick(forms.CheckboxInput):
    """Hands on what was given as it is: what an import or a client says in words, “no” among them, is read with the
    other answers."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        return data.get(name, False)


class OneOf(Closable, forms.RadioSelect):
    pass


class AnyOf(Closable, forms.CheckboxSelectMultiple):
    pass


def widget_of(question: Question) -> forms.Widget:
    choices: list[tuple[str, Any]] = [(choice.text, choice) for choice in question.choices.all()]
    match question.kind:
        case Kind.LONG:
            return forms.Textarea({"class": "input", "rows": 4})
        case Kind.CHOICE:
            return OneOf(choices=choices)
        case Kind.MANY:
            return AnyOf(choices=choices)
        case Kind.NUMBER:
            return forms.TextInput({"class": "input", "inputmode": "decimal"})
        case Kind.YES_NO:
            return forms.RadioSelect(choices=[("yes", "Yes"), ("no", "No")])
        case Kind.FILE:
            return forms.FileInput({"class": "input"})
        case Kind.CONSENT:
            return Tick(check_test=lambda value: value in ("on", True))
        case _:
            return forms.TextInput({"class": "input"})
