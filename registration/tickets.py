"""Tickets: what their code says, how it is read, and how they are drawn.

The code is the number of the registration and a print of its secret key and address: no personal data, and nothing
to be guessed. It dies when the key or the address changes. Letters and digits only, so that its QR code stays small.
"""

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from typing import TYPE_CHECKING

import segno
from django.db.models import QuerySet

from portal.mail import Attachment
from registration.bulletin import latest_bulletin, when, where
from registration.makers import maker
from registration.models import Registration

if TYPE_CHECKING:
    from registration.typesetting import Sheet

PRINT = 24  # letters of 5 bits each
CODE = re.compile(rf"([0-9]{{1,18}})-([A-Z2-7]{{{PRINT}}})")


def code_of(registration: Registration) -> str:
    mark = hmac.digest(registration.key.encode(), f"ticket {registration.email_key}".encode(), sha256)
    return f"{registration.pk}-{b32encode(mark)[:PRINT].decode()}"


def registration_of(code: str, registrations: QuerySet[Registration]) -> Registration | None:
    """Whose ticket this is; None for a code that belongs to none of these."""
    found = CODE.fullmatch("".join(code.upper().split()))
    if found is None:
        return None
    registration = next(iter(registrations.filter(pk=found[1])), None)
    if registration is None or not hmac.compare_digest(code_of(registration), found[0]):
        return None
    return registration


def digest_of(code: str) -> str:
    """By which a device knows a code without having it in its list."""
    return sha256(code.encode()).hexdigest()


def drawing(code: str) -> str:
    """The QR code as the address of an image."""
    return segno.make(code, error="m", micro=False).svg_data_uri(border=4, light="#fff", xmldecl=False)


def paper(registration: Registration) -> bytes:
    """The ticket as a PDF of the size of a hand, A6."""
    event, code = registration.event, code_of(registration)
    number, _, mark = code.partition("-")
    bulletin = latest_bulletin(event)
    days, place = (bulletin.when, bulletin.where) if bulletin else (when(event), where(event))
    small = [f"{registration.ticket_type.name} · {days} · {place}", registration.affiliation]
    texts = [event.title, registration.name, *small]
    sheet: Sheet = maker("sheet")((105, 148), f"Ticket: {event.title}", texts)
    sheet.add_page()
    y = 8 + sheet.write_in((8, 8, 89, 14), event.title, 13, style="B")
    sheet.write_in((8, y + 1, 89, 12), small[0], 8.5)
    sheet.draw_code(code, 20, 34, 65)
    sheet.write_in((8, 99, 89, 4), f"{number}-{' '.join(mark[n : n + 4] for n in range(0, PRINT, 4))}", 7, align="C")
    sheet.line(8, 107, 97, 107)
    y = 110 + sheet.write_in((8, 110, 89, 18), registration.name, 18, style="B")
    sheet.write_in((8, y, 89, 138 - y), registration.affiliation, 10)
    sheet.write_in((8, 140, 89, 4), "Show the code at the door. It is yours alone.", 7)
    return sheet.finished()


def attachment(registration: Registration) -> Attachment:
    return Attachment(f"{registration.event.slug}-ticket.pdf", paper(registration), "application/pdf")
