"""What people are told of their data where they give it."""

from collections.abc import Iterable
from typing import Any

from django import template

from portal.models import Event
from registration import consents, privacy
from registration.models import Question

register = template.Library()


@register.inclusion_tag("registration/personal_data.html")
def personal_data(event: Event, questions: Iterable[Question], token: str = "") -> dict[str, Any]:
    """Of these questions, which are those the reader is asked. With a token also what its owner can do about it."""
    return {
        "event": event,
        "token": token,
        "purpose": consents.purpose(event),
        "deleted_on": privacy.deleted_on(event),
        "deletions": privacy.deletions(event, questions),
    }
