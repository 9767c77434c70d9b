"""What people are told of their data where they give it."""

from typing import Any

from django import template

from portal.models import Event
from registration import consents, privacy

register = template.Library()


@register.inclusion_tag("registration/personal_data.html")
def personal_data(event: Event, token: str = "") -> dict[str, Any]:
    """With a token also what its owner can do about it."""
    return {
        "event": event,
        "token": token,
        "purpose": consents.purpose(event),
        "deleted_on": privacy.deleted_on(event),
        "deletions": privacy.deletions(event),
    }
