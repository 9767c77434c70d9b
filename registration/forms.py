"""What attendees fill in."""

import unicodedata
from typing import Any

from django import forms

from portal.text import clean_line
from registration import booking
from registration.addresses import LONGEST, clean_address
from registration.models import TicketType


class LineField(forms.CharField):
    """One line of text in which something is to be seen."""

    def __init__(self, *, label: str, autocomplete: str, required: bool = True, help_text: str = "") -> None:
        widget = forms.TextInput({"class": "input", "autocomplete": autocomplete})
        super().__init__(label=label, required=required, help_text=help_text, widget=widget, max_length=booking.LONGEST)

    def to_python(self, value: Any) -> str:
        line = clean_line(super().to_python(value) or "")
        return line if any(unicodedata.category(letter)[0] in "LNPS" for letter in line) else ""


class AddressField(forms.CharField):
    def __init__(self) -> None:
        widget = forms.EmailInput({"class": "input", "autocomplete": "email"})
        missing = {"required": "Write your mail address, as in name@example.org."}
        super().__init__(label="E-mail", widget=widget, max_length=LONGEST, error_messages=missing)

    def clean(self, value: Any) -> str:
        return clean_address(super().clean(value))


class RegisterForm(forms.Form):
    """Asks for the ticket type only where there are several."""

    name = LineField(label="Name", autocomplete="name", help_text="As it should stand on the list of attendees.")
    email = AddressField()
    affiliation = LineField(label="Affiliation", autocomplete="organization", required=False)
    ticket_type = forms.ModelChoiceField(
        TicketType.objects.none(), label="Ticket", empty_label=None, widget=forms.RadioSelect
    )

    def __init__(self, ticket_types: list[TicketType], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].error_messages["required"] = "Write your name."
        if len(ticket_types) > 1:
            choice = self.fields["ticket_type"]
            assert isinstance(choice, forms.ModelChoiceField)
            choice.queryset = TicketType.objects.filter(pk__in=[one.pk for one in ticket_types])
            choice.error_messages["required"] = "Choose a ticket."
        else:
            del self.fields["ticket_type"]


class FollowForm(forms.Form):
    email = AddressField()
