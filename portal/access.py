"""Who may see and change an event. Each function gives the object or raises 404."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import Http404, HttpRequest

from portal.models import Event, Role
from portal.rows import row


@dataclass(frozen=True)
class Viewer:
    """What the person behind a request is at its event. Filled by registration.middleware."""

    is_registered: bool = False
    registration_id: int | None = None


NOBODY = Viewer()
NO_EVENT = "There is no such event."
REFUSALS = {403, 404, 405}


class EventRequest(HttpRequest):
    """A request below /<event>/, after the middleware."""

    event: Event
    viewer: Viewer


def event_read(slug: str) -> Event:
    """The public event of this address. Private ones exist for the admin only."""
    try:
        return row(Event, "slug = %s AND is_public", slug)
    except Event.DoesNotExist:
        raise Http404(NO_EVENT) from None


def event_of_link(slug: str) -> Event:
    """The event of a personal link, which works for who holds it even where the event isn't public any more."""
    try:
        return row(Event, "slug = %s", slug)
    except Event.DoesNotExist:
        raise Http404(NO_EVENT) from None


def is_told(event: Event, status: int) -> bool:
    """Whether an answer of this status may be given: that there is an event which isn't public learns only whom a link
    has opened something."""
    return event.is_public or status not in REFUSALS


def may_enter(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this login opens what organizers see. Who has a second factor could log in only with it."""
    is_organizer = user.is_authenticated and user.is_active and getattr(user, "is_staff", False)
    return is_organizer and (not settings.REQUIRE_SECOND_FACTOR or hasattr(user, "second_factor"))


def event_write(user: AbstractBaseUser | AnonymousUser, slug: str, right: Role | None = None) -> Event:
    """The event, if this user organizes it and has this right; without one, whatever their role."""
    if not may_enter(user):
        raise Http404(NO_EVENT)
    event = Event.objects.organized_by(user, right).filter(slug=slug).first()
    if event is None:
        raise Http404(NO_EVENT)
    return event
