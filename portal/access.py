"""Who may see and change an event. Each function gives the object or raises 404."""

from dataclasses import dataclass

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


class EventRequest(HttpRequest):
    """A request below /<event>/, after the middleware."""

    event: Event
    viewer: Viewer


def event_read(slug: str) -> Event:
    """The public event of this address. Private ones exist for the admin only."""
    try:
        return row(Event, "slug = %s AND is_public", slug)
    except Event.DoesNotExist:
        raise Http404("There is no such event.") from None


def event_write(user: AbstractBaseUser | AnonymousUser, slug: str, right: Role | None = None) -> Event:
    """The event, if this user organizes it and has this right; without one, whatever their role."""
    if not (user.is_authenticated and user.is_active and getattr(user, "is_staff", False)):
        raise Http404("There is no such event.")
    event = Event.objects.organized_by(user, right).filter(slug=slug).first()
    if event is None:
        raise Http404("There is no such event.")
    return event
