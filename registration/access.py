"""Who may use a personal link. Each function gives the object or raises LinkError, which becomes a page that helps."""

from django.http import Http404

from portal.access import NOBODY, EventRequest, Viewer
from portal.links import LinkError
from portal.models import Event, Mail
from registration import links
from registration.models import Answer, Registration, Transfer


def registration_to_confirm(event: Event, token: str) -> Registration:
    return links.registration_of(token, links.CONFIRM, event)


def own_registration(event: Event, token: str) -> Registration:
    return links.registration_of(token, links.MANAGE, event)


def ticket_holder(event: Event, token: str) -> Registration:
    """Only a confirmed seat has a ticket."""
    registration = own_registration(event, token)
    if not registration.has_ticket:
        raise LinkError("There is a ticket only while your seat is confirmed.")
    return registration


def transfer_to_take(event: Event, token: str) -> Transfer:
    return links.transfer_of(token, event)


def own_calendar(event: Event, token: str) -> Registration:
    return links.calendar_of(token, event)


def own_file(registration: Registration, number: int) -> Answer:
    """A file this person gave as the answer to a question."""
    found = registration.answers.exclude(file="").filter(pk=number).first()
    if found is None:
        raise Http404("There is no such file.")
    return found


def own_mail(event: Event, token: str) -> Mail:
    return links.mail_of(token, event)


def viewer_of(request: EventRequest, token: str) -> Viewer:
    """Who opened this personal link; nobody where it isn't the link that manages a registration."""
    try:
        registration = own_registration(request.event, token)
    except LinkError:
        return NOBODY
    return Viewer(registration.state == Registration.State.CONFIRMED, registration.pk)
