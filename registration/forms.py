"""What attendees fill in."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django import forms

from portal.models import Event
from portal.text import clean_line
from registration import booking, questions
from registration.addresses import LONGEST, clean_address
from registration.models import Answer, LabSeat, Question, Registration, TicketType, Transfer
from registration.reception import Option, Reception

CODE_HINT = "Only if you were given one. It shows more tickets."
HELD = {
    LabSeat.State.SEAT: "A seat is yours",
    LabSeat.State.OFFERED: "A seat is held for you: save to take it",
    LabSeat.State.WAITLISTED: "You are on its waitlist",
}
PREFIX = "q-"  # of the fields of questions, before their key


class LineField(forms.CharField):
    """One line of text in which something is to be seen."""

    def __init__(self, *, label: str, autocomplete: str, required: bool = True, help_text: str = "") -> None:
        widget = forms.TextInput({"class": "input", "autocomplete": autocomplete})
        super().__init__(label=label, required=required, help_text=help_text, widget=widget, max_length=booking.LONGEST)

    def to_python(self, value: Any) -> str:
        line = clean_line(super().to_python(value) or "")
        return line if any(unicodedata.category(letter)[0] in "LNPS" for letter in line) else ""


class NameField(LineField):
    def __init__(self, help_text: str = "") -> None:
        super().__init__(label="Name", autocomplete="name", help_text=help_text)
        self.error_messages["required"] = "Write your name."


class AddressField(forms.CharField):
    def __init__(self) -> None:
        widget = forms.EmailInput({"class": "input", "autocomplete": "email"})
        missing = {"required": "Write your mail address, as in name@example.org."}
        super().__init__(label="E-mail", widget=widget, max_length=LONGEST, error_messages=missing)

    def clean(self, value: Any) -> str:
        return clean_address(super().clean(value))


class CodeField(forms.CharField):
    def __init__(self) -> None:
        widget = forms.TextInput({"class": "input", "autocomplete": "off"})
        super().__init__(label="Access code", required=False, max_length=50, widget=widget, help_text=CODE_HINT)


class QuestionField(forms.Field):
    """Shows a question and hands on what was given; registration.questions says whether that is an answer."""

    def __init__(self, question: Question, tickets: Sequence[TicketType]) -> None:
        """`tickets` are those that can be had: it says nothing of others."""
        self.question, self.when = question, question.when(tickets)
        self.tickets = [one.pk for one in question.ticket_types.all() if one in tickets]
        super().__init__(
            required=False, label=question.label, help_text=question.help, widget=questions.widget_of(question)
        )


class LanguageField(forms.ChoiceField):
    """Where it isn't given, it is the event's usual one. `is_new`: languages.js may take the browser's instead."""

    def __init__(self, event: Event, *, is_new: bool) -> None:
        names = event.languages_to_choose
        self.usual = next(iter(names))
        widget = forms.Select({"class": "input"} | ({"data-languages": ""} if is_new else {}))
        wrong = f"Choose one of these languages: {', '.join(names)}."
        super().__init__(
            label="Language of mails",
            help_text="The organizers write to you in it where they can.",
            choices=list(names.items()),
            widget=widget,
            error_messages={"invalid_choice": wrong},
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).strip().casefold()

    def clean(self, value: Any) -> str:
        return str(super().clean(value or self.usual))


class DetailsForm(forms.Form):
    """What can be said at registering and changed later: name, affiliation, language, ticket, and the organizers'
    questions. One that `asks_code` has a field for an access code where the event has tickets behind one."""

    asks_code = False

    name = NameField("As it should stand on the badge and the certificate.")
    affiliation = LineField(label="Affiliation", autocomplete="organization", required=False)

    def __init__(self, reception: Reception, tickets: Sequence[TicketType], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reception, self.tickets = reception, {str(one.pk): one for one in tickets}
        self.questions = asked(reception.questions, tickets)
        if reception.event.languages_to_choose:
            self.fields["language"] = LanguageField(reception.event, is_new=not (self.is_bound or self.initial))
        if self.asks_code and reception.has_codes:
            self.fields["access_code"] = CodeField()
        if len(tickets) > 1:
            self.fields["ticket_type"] = forms.ChoiceField(
                label="Ticket",
                choices=[(pk, one.name) for pk, one in self.tickets.items()],
                error_messages={"required": "Choose a ticket.", "invalid_choice": "Choose one of these tickets."},
            )
        for question in self.questions:
            self.fields[PREFIX + question.key] = QuestionField(question, tickets)

    @property
    def ticket_options(self) -> list[Option]:
        return marked(self.reception.tickets(self.tickets.values()), [self["ticket_type"].value()])

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[PREFIX + question.key] for question in self.questions]

    def clean_access_code(self) -> str:
        code: str = clean_line(self.cleaned_data["access_code"])
        if code and len(self.reception.visible(code)) == len(self.reception.visible()):
            raise forms.ValidationError("This code opens no ticket.", code="wrong")
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = self.completed({one.key: data.pop(PREFIX + one.key, None) for one in self.questions})
        chosen = data.get("ticket_type") if "ticket_type" in self.fields else next(iter(self.tickets), None)
        data["ticket_type"] = self.tickets.get(str(chosen))
        data["answers"], errors = questions.check(self.questions, data["ticket_type"], given)
        for key, error in errors.items():
            self.add_error(PREFIX + key, error)
        return data

    def completed(self, given: dict[str, Any]) -> dict[str, Any]:
        return given

    @property
    def details(self) -> dict[str, Any]:
        """What booking is told."""
        return {name: value for name, value in self.cleaned_data.items() if name != "access_code"}

    def forget_errors(self, *, except_of: str) -> None:
        """For somebody who isn't done yet and only wants to see more."""
        for name in self.errors.keys() - {except_of}:
            del self.errors[name]

    def refuse(self, error: booking.BookingError) -> None:
        """Say what booking refused, at its field where that is on the page."""
        places = {error.field, f"{PREFIX}{error.field}"} & self.fields.keys()
        self.add_error(next(iter(places), None), str(error))


class RegisterForm(DetailsForm):
    """Asks for the ticket only where there are several."""

    asks_code = True
    email = AddressField()
    field_order = ["name", "email", "affiliation", "language", "access_code", "ticket_type", "lab_seats"]

    def __init__(self, reception: Reception, data: Any = None, files: Any = None) -> None:
        super().__init__(reception, reception.visible(code_in(data)), data, files)
        if reception.labs and any(one.has_seats for one in self.tickets.values()):
            self.fields["lab_seats"] = LabsField(reception)
        self.order_fields(self.field_order)

    @property
    def lab_options(self) -> list[Option]:
        return marked(self.reception.lab_options, self["lab_seats"].value() or [])

    @property
    def lab_hint(self) -> str:
        without = " and ".join(f"“{one.name}”" for one in self.tickets.values() if not one.has_seats)
        return f"Sessions with few seats. You can change this later.{f' Not with {without}.' if without else ''}"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.tickets and "access_code" in data:
            self.add_error("access_code", "Give the access code you were given.")
        return data


class EditForm(DetailsForm):
    """A file that was given stays unless another one comes."""

    asks_code = True

    def __init__(self, registration: Registration, reception: Reception, data: Any = None, files: Any = None) -> None:
        self.given = {one.question_id: one for one in registration.answers.select_related("question")}
        self.own_ticket = registration.ticket_type_id
        others = [one for one in self.tickets_of(reception, code_in(data)) if one.pk != registration.ticket_type_id]
        initial = {PREFIX + one.question.key: said(one) for one in self.given.values()}
        initial |= {"name": registration.name, "affiliation": registration.affiliation}
        initial |= {"ticket_type": registration.ticket_type_id, "language": registration.spoken}
        super().__init__(reception, [registration.ticket_type, *others], data, files, initial=initial)
        for question in [one for one in self.questions if one.pk in self.given]:
            own, field = self.given[question.pk], self.fields[PREFIX + question.key]
            if own.file:
                there = f"There is {own.filename}; another file takes its place."
                field.help_text = f"{question.help} {there}".strip()
                field.widget.attrs["data-kept"] = "yes"
            elif question.has_choices:
                chosen = own.value if isinstance(own.value, list) else [own.value]
                field.widget.own = chosen

    @property
    def ticket_options(self) -> list[Option]:
        """Without a word on the seats of the ticket that is there already, which can always be kept."""
        own, all_of_them = self.own_ticket, super().ticket_options
        return [replace(one, count="", why_not="") if one.pk == own else one for one in all_of_them]

    def tickets_of(self, reception: Reception, code: str) -> list[TicketType]:
        return reception.visible(code)

    def completed(self, given: dict[str, Any]) -> dict[str, Any]:
        """With the files that are there already."""
        files = {one.question.key for one in self.given.values() if one.file}
        return given | {key: questions.KEPT for key in files & given.keys() if not given[key]}


class OrganizersForm(EditForm):
    """What somebody said, edited for them; tickets behind an access code may be given too, at any time."""

    asks_code = False

    @property
    def ticket_options(self) -> list[Option]:
        return [replace(one, why_not="") for one in super().ticket_options]

    def tickets_of(self, reception: Reception, code: str) -> list[TicketType]:
        return given_here(reception)


class LabsField(forms.TypedMultipleChoiceField):
    def __init__(self, reception: Reception) -> None:
        super().__init__(
            label="Lab seats",
            required=False,
            coerce=int,
            choices=[(lab.pk, item.title) for lab, item in reception.labs],
            error_messages={"invalid_choice": "Choose among these labs."},
        )


class LabsForm(forms.Form):
    """`held` has the states of this person's seats in labs."""

    def __init__(self, reception: Reception, held: Mapping[int, str], data: Any = None) -> None:
        super().__init__(data, initial={"lab_seats": list(held)})
        self.reception, self.held = reception, held
        self.fields["lab_seats"] = LabsField(reception)

    @property
    def lab_options(self) -> list[Option]:
        told = {pk: HELD[LabSeat.State(state)] for pk, state in self.held.items()}
        options = [replace(one, count=told.get(one.pk, one.count)) for one in self.reception.lab_options]
        return marked(options, self["lab_seats"].value() or [])


class TakeForm(DetailsForm):
    """For the person a registration is passed on to; the ticket stays as it is, and so does a name that isn't sent."""

    def __init__(self, transfer: Transfer, reception: Reception, data: Any = None, files: Any = None) -> None:
        if data is not None:
            data = data.copy()
            data.setdefault("name", transfer.name)
        super().__init__(reception, [transfer.registration.ticket_type], data, files)
        self.fields["name"].initial = transfer.name

    @property
    def details(self) -> dict[str, Any]:
        return {name: value for name, value in super().details.items() if name != "ticket_type"}


class TransferForm(forms.Form):
    name = NameField("Of the person who comes instead of you.")
    email = AddressField()


class LinkForm(forms.Form):
    email = AddressField()


class FollowForm(forms.Form):
    email = AddressField()


def code_in(data: Any) -> str:
    """The access code that was sent along, if any: it says which tickets a form has."""
    return clean_line(data.get("access_code", "")) if data else ""


def given_here(reception: Reception) -> list[TicketType]:
    """All tickets but those that are had elsewhere."""
    return [one for one in reception.ticket_types if one.mode != TicketType.Mode.HOST]


def marked(options: Sequence[Option], chosen: Iterable[Any]) -> list[Option]:
    """With a mark at those that are chosen in the form."""
    texts = {str(one) for one in chosen}
    return [replace(one, is_chosen=str(one.pk) in texts) for one in options]


def asked(questions: Iterable[Question], tickets: Sequence[TicketType]) -> list[Question]:
    """Those that can come up with one of these tickets, and so can what they depend on."""
    found = [one for one in questions if concerns(one, tickets)]
    kept = {None, *(one.pk for one in found)}
    return [one for one in found if one.depends_on_id in kept]


def concerns(question: Question, tickets: Sequence[TicketType]) -> bool:
    only = {one.pk for one in question.ticket_types.all()}
    return not only or bool(only & {one.pk for one in tickets})


def said(answer: Answer) -> Any:
    """An answer as the fields of a form have it."""
    return answer.words if answer.question.kind == Question.Kind.YES_NO else answer.value
