"""What is filled in at the door and when badges are printed."""

from typing import Any

from django import forms

from portal.models import Event
from registration.badges import SIZES
from registration.forms import AddressField, LineField
from registration.models import TicketType


class WalkInForm(forms.Form):
    """All ticket types that give a seat can be chosen, those behind an access code too."""

    name = LineField(label="Name", autocomplete="off")
    email = AddressField()
    affiliation = LineField(label="Affiliation", autocomplete="off", required=False)
    ticket_type = forms.ModelChoiceField(TicketType.objects.none(), label="Ticket", empty_label=None)

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["ticket_type"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = event.ticket_types.filter(mode=TicketType.Mode.SEATS)
        choice.widget.attrs["class"] = "input"


class BadgesForm(forms.Form):
    """Whose badges are printed, and how large."""

    WHO = {"new": "Those not printed yet", "all": "All who hold a ticket", "in": "Those who are in"}

    size = forms.ChoiceField(label="Size", choices=[(key, size.label) for key, size in SIZES.items()])
    who = forms.ChoiceField(label="Whose", choices=list(WHO.items()))
    ticket_type = forms.ModelChoiceField(TicketType.objects.none(), label="Ticket", required=False, empty_label="Any")
    has_code = forms.BooleanField(label="With the code of the ticket", required=False, initial=True)

    def __init__(self, event: Event, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["ticket_type"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = event.ticket_types.all()
        for name in ("size", "who", "ticket_type"):
            self.fields[name].widget.attrs["class"] = "input"
