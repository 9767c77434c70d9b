"""The letters of mailings: the same news to many, with what concerns its reader first."""

from typing import Any

from django.urls import reverse
from django.utils.safestring import mark_safe

from portal.links import absolute
from portal.mail import Letter, MailError
from portal.models import Mail
from registration import links
from registration.bulletin import Bulletin, bulletin_of, marked
from registration.concerns import Concern, concern_of
from registration.letters import address, registration_of, write
from registration.models import Follower, Registration
from sessions_app.models import Release

State = Registration.State
IN_TEXT = "  * {}"
IN_HTML = (
    "<br><span class=\"mark\" style=\"font-family:-apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif;"
    'font-size:14px;font-weight:600;color:#1d4a78;">{}</span>'
)


def release(mail: Mail) -> Letter:
    try:
        bulletin = bulletin_of(mail.event, mail.context["release"], digest_of(mail))
    except Release.DoesNotExist:
        raise MailError("The release no longer exists.") from None
    concern = concern_of(mail, bulletin)
    words = program_words(mail, bulletin, concern) | reader(mail)
    return write(mail, bulletin.heading, bulletin.subject, words, bulletin)


def digest_of(mail: Mail) -> str:
    return str(mail.mailing.context["digest"]) if mail.mailing else ""


def program_words(mail: Mail, bulletin: Bulletin, concern: Concern) -> dict[str, Any]:
    """The release as this person reads it: own sessions first, and marked in the program."""
    own = concern.changes(bulletin)
    others = bulletin.total - sum(len(one.lines) for one, _ in own)
    is_long = not bulletin.sections
    return {
        "bulletin": bulletin,
        "own": own,
        "others": others if own else 0,
        "plan": [(row, concern.words[row.session]) for row in bulletin.rows if row.session in concern.words]
        if is_long
        else [],
        "text": marked(bulletin.text, concern.words, IN_TEXT),
        "html": mark_safe(marked(bulletin.html, capitalized(concern.words), IN_HTML)),
        "when": bulletin.when,
        "where": bulletin.where,
        "program_url": address(mail.event, "sessions_app:schedule"),
        "changes_url": absolute(reverse("sessions_app:release", args=[mail.event.slug, bulletin.number])),
        "materials_url": address(mail.event, "sessions_app:materials") if bulletin.has_materials else "",
    }


def capitalized(words: dict[str, str]) -> dict[str, str]:
    return {session: text[:1].upper() + text[1:] for session, text in words.items()}


def reader(mail: Mail) -> dict[str, Any]:
    """Why this person gets a mail to many, and the link to their registration if they have one."""
    if "registration" in mail.context:
        registration = registration_of(mail)
        if registration.state == State.CANCELLED:
            raise MailError("The registration was cancelled before the mail was sent.")
        because = "you are on the waitlist" if registration.state == State.WAITLISTED else "you are registered"
        return {"because": because, "manage_url": links.manage_url(registration)}
    if "follower" in mail.context:
        if not Follower.objects.filter(pk=mail.context["follower"]).exists():
            raise MailError("The address is no longer to be told.")
        return {"because": "you asked to be told of the program"}
    return {"because": "you are a speaker"}


def stopped(mail: Mail) -> Letter:
    """To organizers: a mailing has stopped by itself."""
    mailing = mail.event.mailings.filter(pk=mail.context.get("mailing")).first()
    if mailing is None or mailing.state != mailing.State.STOPPED:
        raise MailError("The mailing goes on.")
    words = {
        "mailing": mailing,
        "mailing_url": absolute(mailing.get_absolute_url()),
        "because": "you organize this event",
    }
    return write(mail, "A mailing has stopped", f"Stopped: {mailing.title}", words)
