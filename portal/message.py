"""A letter as the message that goes to the mail server."""

from email.message import MIMEPart
from functools import lru_cache

from portal.mail import Attachment, Letter
from portal.models import Mail
from portal.text import clean_line
from portal.wire import WiredMessage

SUBJECT_LENGTH = 200


def message_of(mail: Mail, letter: Letter) -> WiredMessage:
    headers = {"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"}
    if letter.unsubscribe:
        headers["List-Unsubscribe"] = f"<{clean_line(letter.unsubscribe)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    contact = mail.event.contact_email
    message = WiredMessage(
        clean_line(letter.subject)[:SUBJECT_LENGTH],
        letter.text,
        to=[mail.address],
        reply_to=[contact] if contact else None,
        headers=headers,
        attachments=[part_of(one) for one in letter.attachments],  # type: ignore[misc]  # the stubs know MIMEBase only
    )
    message.attach_alternative(letter.html, "text/html")
    return message


@lru_cache(maxsize=8)
def part_of(attachment: Attachment) -> MIMEPart:
    kind, *rest = (word.strip() for word in attachment.media_type.split(";"))
    main, sub = kind.split("/")
    part = MIMEPart()
    part.set_content(
        attachment.content,
        main,
        sub,
        disposition="attachment",
        filename=attachment.filename,
        params=dict(parameter.split("=") for parameter in rest),
    )
    return part
