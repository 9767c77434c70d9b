"""The short letters that answer what somebody did with a registration: what has come of it, and one link."""

from portal.links import absolute
from portal.mail import Letter, MailError
from portal.models import Mail
from registration import labs, links
from registration.bulletin import day_in_zone, harmless
from registration.letters import address, greeting, registration_of, to_registration
from registration.models import LabSeat, Transfer

YOURS = "Your registration"


def awaiting(mail: Mail) -> Letter:
    said = (
        "The organizers decide who gets this ticket. Confirm that the address is yours; as soon as they have "
        "decided, we write to you."
    )
    url = absolute(links.confirm_path(registration_of(mail)))
    return reply(mail, "Please confirm your address", "Confirm your registration", said, url, "Confirm your address")


def declined(mail: Mail) -> Letter:
    said = "The organizers could not give you this ticket. You are no longer registered, and no seat is kept for you."
    return reply(
        mail,
        "No seat for you this time",
        "Your registration",
        said,
        absolute(mail.event.get_absolute_url()),
        "To the event",
    )


def lapsed(mail: Mail) -> Letter:
    if "lab" in mail.context:
        said = f"The seat held for you in {lab_title(mail)} wasn't accepted in time, so it goes to the next in line."
        url, deed = links.manage_url(registration_of(mail)), YOURS
    else:
        said = "The seat that was offered to you wasn't accepted in time, so it goes to the next in line."
        url, deed = address(mail.event, "registration:register"), "Register again"
    return reply(mail, "The offer has ended", "The offer has ended", said, url, deed)


def link(mail: Mail) -> Letter:
    """Somebody asked by an address, which needn't be anybody's."""
    found = mail.event.registrations.filter(email_key=mail.address_key).first()
    if found is None:
        raise MailError("Nobody is registered with this address.")
    mail.address, mail.context = found.email, {"registration": found.pk}
    said = "Somebody, probably you, asked for the link to your registration. It shows and changes everything."
    return reply(mail, YOURS, YOURS, said, links.manage_url(registration_of(mail)), YOURS)


def lab_seat(mail: Mail) -> Letter:
    title, registration = lab_title(mail), registration_of(mail)
    seat = registration.lab_seats.filter(lab=mail.context["lab"], state__in=LabSeat.HELD).first()
    if seat is None:
        raise MailError("The lab seat is no longer theirs.")
    if seat.hold_until:
        until = day_in_zone(seat.hold_until, mail.event)
        said = (
            f"A lab seat became free, and it is held for you until {until}: {title}. After that, or if you decline it, "
            "it goes to the next in line."
        )
        url, deed = absolute(links.lab_offer_path(registration, seat.lab_id)), "Take or decline the seat"
    else:
        said = f"A lab seat became free, and it is yours: {title}. If you don't need it, please give it back."
        url, deed = links.manage_url(registration), YOURS
    return reply(mail, "A lab seat for you", "A lab seat for you", said, url, deed)


def lab_title(mail: Mail) -> str:
    """As in the latest release."""
    titles = {lab.pk: item.title for lab, item in labs.released(mail.event)}
    title = harmless(titles.get(mail.context.get("lab", 0), ""))
    if not title:
        raise MailError("The lab is no longer in the program.")
    return title


def transfer(mail: Mail) -> Letter:
    """To the person who is to take over; the link is theirs and shows nothing of the other person's."""
    row = Transfer.objects.select_related("registration__event").filter(pk=mail.context.get("transfer")).first()
    if row is None or row.email != mail.address:
        raise MailError("The registration is no longer on its way to this address.")
    said = (
        "Somebody who is registered wants to pass the registration on to you. Take it within a week, and it is yours; "
        "until then it stays theirs."
    )
    url = absolute(links.transfer_path(row))
    words = {"greeting": greeting(row.name), "because": "somebody who is registered gave us this address"}
    return reply(mail, "A registration for you", "A registration for you", said, url, "Take it", **words)


def passed_on(mail: Mail) -> Letter:
    """The name at the head of the letter would be the new person's."""
    said = "Your registration has been taken over by the person you passed it on to. Your link to it works no more."
    url = absolute(mail.event.get_absolute_url())
    return reply(mail, "Passed on", "Your registration is passed on", said, url, "To the event", greeting="Hello,")


def reply(mail: Mail, heading: str, subject: str, said: str, url: str, deed: str, **words: str) -> Letter:
    more = {"template": "reply", "said": said, "url": url, "deed": deed} | words
    return to_registration(mail, heading, subject, more=more)
