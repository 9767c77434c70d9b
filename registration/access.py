"""Who may use a personal link. Each function gives the object or raises LinkError, which becomes a page that helps."""

from portal.access import NOBODY, EventRequest, Viewer
from portal.links import LinkError
from portal.models import Event, Mail
from registration import links
from registration.models import Registration


def registration_to_confirm(event: Event, token: str) -> Registration:
    return links.registration_of(token, links.CONFIRM, event)


def own_registration(event: Event, token: str) -> Registration:
    return links.registration_of(token, links.MANAGE, event)


def ticket_holder(event: Event, token: str) -> Registration:
    """Only a confirmed seat has a ticket."""
    registration = own_registration(event, token)
    if registration.state != Registration.State.CONFIRMED:
        raise LinkError("There is a ticket only while your seat is confirmed.")
    return registration


def own_mail(event: Event, token: str) -> Mail:
    return links.mail_of(token, event)


def viewer_of(request: EventRequest, token: str) -> Viewer:
    """Who opened this personal link; nobody where it isn't the link that manages a registration."""
    try:
        registration = own_registration(request.event, token)
    except LinkError:
        return NOBODY
    return Viewer(registration.state == Registration.State.CONFIRMED, registration.pk)
