"""The letters of mailings: the same news to many, with what concerns its reader first."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import mark_safe

from portal.access import Viewer
from portal.links import absolute
from portal.mail import Letter, MailError
from portal.models import Mail, Telling
from portal.rows import rows
from portal.text import clean_text, markdown, unmarked
from registration import links, placeholders
from registration.bulletin import Bulletin, bulletin_of, harmless, latest_bulletin, marked, when, where
from registration.concerns import AHEAD, Concern, concern_of, speaker_of
from registration.letters import TO_ORGANIZERS, address, called, check_address, own_links, slot, with_links, write
from registration.models import Announcement, Follower, Registration
from sessions_app.materials import Listed, listed
from sessions_app.models import Release

State, Audience = Registration.State, Announcement.Audience
BECAUSE = {
    State.PENDING: "your registration waits for you to confirm it",
    State.CONFIRMED: "you are registered",
    State.WAITLISTED: "you are on the waitlist",
    State.AWAITING_APPROVAL: "you asked for a ticket",
    State.CANCELLED: "you had registered",
    State.DECLINED: "you asked for a ticket",
}
FOLLOWS = "you asked to be told of the program"
NAMELESS = "reader"  # whom a text calls by name who has told us none
IN_TEXT = f"\n{' ' * 7}* {{}}"
IN_HTML = (
    "<br><span class=\"mark\" style=\"font-family:-apple-system,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif;"
    'font-size:14px;font-weight:600;color:#1d4a78;">{}</span>'
)


@dataclass(frozen=True)
class Others:
    """Who gets a mail besides those first meant: the followers or not, and speakers by their uuid."""

    are_followers: bool = False
    speakers: Collection[str] = ()


def release(mail: Mail) -> Letter:
    try:
        bulletin = bulletin_of(mail.event, mail.context["release"], digest_of(mail))
    except Release.DoesNotExist:
        raise MailError("The release no longer exists.") from None
    return release_letter(mail, bulletin)


def release_letter(mail: Mail, bulletin: Bulletin, *, is_proof: bool = False) -> Letter:
    """A proof is read by others than the person it is written to: their own links lead to the event's pages.

    Readers to whom a release means the same get the same letter but for their links, so it is written once for them.
    """
    who = reader(mail, bulletin, told_too(mail))
    concern, own = concern_of(mail, bulletin, who.get("registration")), own_links(mail, who)
    if is_proof:
        own = dict.fromkeys(own, absolute(mail.event.get_absolute_url()))
    letters = {} if is_proof else mail.ahead
    alike = (mail.kind, mail.event_id, bulletin.number, who["because"], *own, *concern.words.items())
    if alike not in letters:
        words = program_words(mail, bulletin, concern) | {"because": who["because"], "template": "release"}
        words |= {name: slot(name) for name in own}
        letters[alike] = write(mail, bulletin.heading, bulletin.subject, words, bulletin)
    return with_links(letters[alike], own)


def told_too(mail: Mail) -> Others:
    reach = mail.mailing.context["reach"] if mail.mailing else {}
    are_followers = reach.get("are_followers_told", False) and reach["told"] != Telling.CONCERNED
    return Others(are_followers, reach.get("speakers", ()))


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


def reader(
    mail: Mail, bulletin: Bulletin | None = None, others: Others = Others(), *, state: str = ""
) -> dict[str, Any]:
    """Why this person gets a mail to many, and the link to their registration if that is why. Who isn't any more what
    the mail was written to may be one of the others. `state` is that of the registered who are meant."""
    try:
        return as_registered(mail, state) if "registration" in mail.context else as_other(mail, bulletin)
    except MailError:
        speaker = speaker_of(mail)
        if speaker and speaker in others.speakers:
            return {"because": speaks(speaker, bulletin)}
        if others.are_followers and mail.event.followers.filter(email_key=mail.address_key).exists():
            return {"because": FOLLOWS}
        raise


def as_registered(mail: Mail, state: str) -> dict[str, Any]:
    registration = registered(mail)
    is_meant = registration.state == state if state else not registration.has_ended
    if not is_meant:
        raise MailError(f"The registration is {registration.get_state_display().lower()} by now.")
    return {
        "because": BECAUSE[State(registration.state)],
        "manage_url": links.manage_url(registration),
        "feed_url": absolute(links.calendar_path(registration)),
        "registration": registration,
    }


def as_other(mail: Mail, bulletin: Bulletin | None) -> dict[str, Any]:
    if "follower" not in mail.context:
        return {"because": speaks(speaker_of(mail), bulletin)}
    if not Follower.objects.filter(pk=mail.context["follower"]).exists():
        raise MailError("The address is no longer to be told.")
    return {"because": FOLLOWS}


def speaks(speaker: str, bulletin: Bulletin | None) -> str:
    return "you are a speaker" if bulletin and speaker in bulletin.speakers else "you were a speaker"


def registered(mail: Mail) -> Registration:
    """Read with the next ones, since mails go out in their order."""
    pk = mail.context["registration"]
    if (Registration, pk) not in mail.ahead:
        span = range(pk, pk + AHEAD)
        read = rows(Registration, "event_id = %s AND id BETWEEN %s AND %s", mail.event.pk, span[0], span[-1])
        there = {one.pk: one for one in read}
        mail.ahead |= {(Registration, one): there.get(one) for one in span}
    found: Registration | None = mail.ahead[Registration, pk]
    if found is None:
        raise MailError("The registration no longer exists.")
    check_address(mail, found)
    found.event = mail.event
    return found


def announcement(mail: Mail) -> Letter:
    row = Announcement.objects.filter(pk=mail.context.get("announcement"), event=mail.event).first()
    if row is None:
        raise MailError("The announcement no longer exists.")
    bulletin, is_preview = latest_bulletin(mail.event), mail.context.get("is_preview")
    is_to_all = row.audience == Audience.EVERYBODY
    others = Others(is_to_all, bulletin.speakers if bulletin and is_to_all else ())
    who = reader(mail, bulletin, others, state=row.registration_state)
    if is_preview:
        who |= dict.fromkeys(own_links(mail, who), absolute(mail.event.get_absolute_url()))
    values = values_for(mail, row, who, bulletin)
    plain = {name: str(value) for name, value in values.items()}
    html = {name: as_html(name, value) for name, value in plain.items()}
    words = who | {
        "greeting": "",
        "text": placeholders.fill(unmarked(clean_text(row.text)), plain),
        "html": mark_safe(placeholders.fill_html(markdown(row.text), html, plain)),
    }
    subject = placeholders.fill(row.subject, plain)
    letter = write(mail, harmless(subject), subject, words)
    if not is_preview:
        return letter
    return replace(letter, unsubscribe="", subject=letter.subject if mail.mailing else f"Test: {letter.subject}")


def values_for(mail: Mail, row: Announcement, who: dict[str, Any], bulletin: Bulletin | None) -> dict[str, str]:
    """What each placeholder stands for to this reader; texts of others can't become links."""
    registration = who.get("registration")
    own = concern_of(mail, bulletin, registration).words if bulletin else {}
    rows = bulletin.rows if bulletin else []
    meant = [one.title for one in rows if one.session == str(row.session)]
    return {
        "name": (called(registration.name) if registration else speaker_name(mail)) or NAMELESS,
        "event": harmless(mail.event.title),
        "when": bulletin.when if bulletin else when(mail.event),
        "where": bulletin.where if bulletin else where(mail.event),
        "ticket": harmless(registration.ticket_type.name) if registration else "",
        "session": meant[0] if meant else "",
        "sessions": "\n".join(f"{one.moment}  {one.title}" for one in rows if one.session in own),
        "materials": "\n".join(open_materials(mail, registration)),
        "link": who.get("manage_url") or absolute(mail.event.get_absolute_url()),
        "program": address(mail.event, "sessions_app:schedule"),
    }


def speaker_name(mail: Mail) -> str:
    name = mail.event.speakers.filter(pk=mail.context.get("speaker")).values_list("name", flat=True).first()
    return called(name or "")


def as_html(name: str, value: str) -> str:
    text = escape(value).replace("\n", "<br>")
    return f'<a href="{escape(value)}">{text}</a>' if name in placeholders.LINKS else text


def open_materials(mail: Mail, registration: Registration | None) -> list[str]:
    """The titles of what this reader may open now."""
    viewer = Viewer(registration is not None and registration.state == State.CONFIRMED)
    found = listed(mail.event, viewer, mail.written_at)
    return [titled(one) for one in found if not one.lock]


def titled(one: Listed) -> str:
    title = harmless(one.material.title)
    return f"{harmless(one.session_title)}: {title}" if one.session_title else title


def materials(mail: Mail) -> Letter:
    """Slides are up: what has opened since the last of these mails."""
    who = reader(mail)
    registration = who.get("registration")
    viewer = Viewer(registration is not None and registration.state == State.CONFIRMED)
    new = {str(uuid) for uuid in mail.mailing.context["materials"]} if mail.mailing else set()
    found = [
        one for one in listed(mail.event, viewer, mail.written_at) if str(one.material.uuid) in new and not one.lock
    ]
    if not found:
        raise MailError("Nothing of it is open to this reader.")
    words = who | {
        "titles": [titled(one) for one in found],
        "materials_url": who.get("manage_url") or address(mail.event, "sessions_app:materials"),
    }
    return write(mail, "Slides are up", f"New materials: {mail.event.title}", words)


def stopped(mail: Mail) -> Letter:
    """To organizers: a mailing has stopped by itself."""
    mailing = mail.event.mailings.filter(pk=mail.context.get("mailing")).first()
    if mailing is None or mailing.state != mailing.State.STOPPED:
        raise MailError("The mailing goes on.")
    words = {
        "mailing": harmless(mailing.title),
        "reason": harmless(mailing.reason),
        "are_held": not mailing.is_filled or mailing.mails.filter(state=Mail.State.HELD).exists(),
        "is_public": mail.event.is_public,
        "mailing_url": absolute(mailing.get_absolute_url()),
        **TO_ORGANIZERS,
    }
    return write(mail, "A mailing has stopped", f"Stopped: {mailing.title}", words)
