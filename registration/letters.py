"""The letters to attendees and followers. Each function takes a row of the outbox and tells how things are now."""

import re
import textwrap
from dataclasses import replace
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from portal.links import absolute
from portal.mail import Letter, MailError
from portal.models import Event, Mail
from portal.templatetags.words import day
from registration import links, preferences, seating, tickets
from registration.bulletin import Bulletin, day_in_zone, harmless, latest_bulletin, when, where
from registration.models import Follower, Registration

WIDTH = 76
NOT_A_NAME = re.compile(r"[/\\@<>\[\]{}|]|\w\.\w{2}|\bwww\b", re.IGNORECASE)
LONGEST_NAME = 60
HEAD = re.compile(r"\s*(?:\* |\S+ {2,})?")
State = Registration.State
ELSEWHERE = {"transfer", "passed_on", "proof"}  # kinds that go to others than those whose registration they are about
TO_ORGANIZERS = {"because": "you organize this event", "unsubscribe": ""}  # no mail that one could stop


def confirm(mail: Mail) -> Letter:
    return to_registration(mail, "Please confirm your registration", "Confirm your registration")


def confirmed(mail: Mail) -> Letter:
    return to_registration(mail, "You are registered", "You are registered", is_dated=True)


def waitlisted(mail: Mail) -> Letter:
    return to_registration(mail, "You are on the waitlist", "You are on the waitlist")


def promoted(mail: Mail) -> Letter:
    return to_registration(mail, "A seat is free for you", "A seat is free for you", is_dated=True)


def cancelled(mail: Mail) -> Letter:
    return to_registration(mail, "Your registration is cancelled", "Registration cancelled")


def again(mail: Mail) -> Letter:
    if mail.context.get("twice"):
        raise MailError("The same form came twice within a minute, and the first one has its mail.")
    return to_registration(mail, "You have registered already", "Your registration")


def follow(mail: Mail) -> Letter:
    follower = Follower.objects.filter(pk=mail.context.get("follower")).first()
    if follower is None:
        raise MailError("The address is no longer to be told.")
    due = mail.event.final_program_due
    words = {"due": day(due) if due else "", "because": "somebody, probably you, asked for it on the event's page"}
    if preferences.refusal(mail.event, mail.address):
        words |= {"tell_me_url": links.tell_me_url(mail)}
        return write(mail, "Shall we tell you again?", f"Shall we tell you again? {mail.event.title}", words)
    return write(mail, "You will hear from us", f"You will be told: {mail.event.title}", words)


def to_registration(
    mail: Mail, heading: str, subject: str, *, is_dated: bool = False, more: dict[str, Any] | None = None
) -> Letter:
    """A letter about a registration; `is_dated` ones bring the calendar file and, for a confirmed seat, the ticket.
    `more` are words of its own."""
    registration = registration_of(mail)
    bulletin = latest_bulletin(mail.event)
    words = {
        "registration": registration,
        "greeting": greeting(registration.name),
        "gives_seat": registration.ticket_type.has_seats,
        "is_held": registration.state == State.PENDING,
        "is_waiting": registration.state == State.WAITLISTED,
        "is_confirmed": registration.state == State.CONFIRMED,
        "hold_until": day_in_zone(registration.hold_until, mail.event) if registration.hold_until else "",
        "place": seating.ahead_of(registration) + 1 if registration.place else 0,
        "confirm_url": links.confirm_url(registration),
        "manage_url": links.manage_url(registration),
        "register_url": address(mail.event, "registration:register"),
        "is_final": bulletin is not None and bulletin.is_final,
        "when": bulletin.when if bulletin else when(mail.event),
        "where": bulletin.where if bulletin else where(mail.event),
        "because": "this address was registered",
    }
    words |= more or {}
    letter = write(mail, heading, f"{subject}: {mail.event.title}", words, bulletin if is_dated else None)
    if not (is_dated and registration.has_ticket):
        return letter
    return replace(letter, attachments=(*letter.attachments, tickets.attachment(registration)))


def registration_of(mail: Mail) -> Registration:
    rows = Registration.objects.select_related("ticket_type")
    registration = rows.filter(pk=mail.context.get("registration"), event=mail.event).first()
    if registration is None:
        raise MailError("The registration no longer exists.")
    check_address(mail, registration)
    registration.event = registration.ticket_type.event = mail.event
    return registration


def check_address(mail: Mail, registration: Registration) -> None:
    """Its links are for who has it now: by the time a mail goes out that may be another person. Raises MailError."""
    is_to_others = mail.kind in ELSEWHERE or "is_preview" in mail.context
    if registration.email_key != mail.address_key and not is_to_others:
        raise MailError("The registration is no longer that of this address.")


def called(name: str) -> str:
    """Names are typed by anybody: what looks like an address or a message isn't repeated to its victim."""
    plain = harmless(name)
    return plain if len(plain) <= LONGEST_NAME and not NOT_A_NAME.search(name) else ""


def greeting(name: str) -> str:
    plain = called(name)
    return f"Hello {plain}," if plain else "Hello,"


def address(event: Event, name: str) -> str:
    return absolute(reverse(name, args=[event.slug]))


def write(mail: Mail, heading: str, subject: str, words: dict[str, Any], bulletin: Bulletin | None = None) -> Letter:
    """Text and HTML from the two templates of this kind of mail, or those that `words` names."""
    template = words.get("template", mail.kind)
    words = {
        "heading": heading,
        "title": harmless(mail.event.title),
        "label": harmless(mail.event.subtitle),
        "event_url": absolute(mail.event.get_absolute_url()),
        **own_links(mail, {}),
        **words,
    }
    return Letter(
        subject=harmless(subject),
        text=tidy(render_to_string(f"mail/{template}.txt", words)),
        html=render_to_string(f"mail/{template}.html", words),
        attachments=bulletin.attachments if bulletin else (),
        unsubscribe=words["unsubscribe"],
    )


def own_links(mail: Mail, words: dict[str, Any]) -> dict[str, str]:
    """The addresses in a mail that are its reader's alone, by the names templates know them by."""
    found = {name: words.get(name, "") for name in ("manage_url", "feed_url")}
    found |= {"unsubscribe": links.unsubscribe_url(mail), "mails_url": "" if mail.is_urgent else links.mails_url(mail)}
    return {name: url for name, url in found.items() if url}


def slot(name: str) -> str:
    """Stands in a letter to many where each has a link of their own."""
    return f"\0{name}\0"


def with_links(letter: Letter, own: dict[str, str]) -> Letter:
    text, html = letter.text, letter.html
    for name, url in own.items():
        text, html = text.replace(slot(name), url), html.replace(slot(name), escape(url))
    return replace(letter, text=text, html=html, unsubscribe=own["unsubscribe"])


def tidy(text: str) -> str:
    """Lines of at most 76 characters, except for addresses, and never more than one empty line in a row."""
    lines = [wrapped for line in text.strip().splitlines() for wrapped in wrap(line.rstrip())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def wrap(line: str) -> list[str]:
    """Further lines begin below the text of the first, behind its time or its list sign."""
    if len(line) <= WIDTH and "\t" not in line:
        return [line]
    head = HEAD.match(line)
    indent = " " * len(head[0] if head else "")
    return textwrap.wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
