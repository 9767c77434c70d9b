"""The code of a ticket: what it says, how it is read, how it is drawn.

It is the number of the registration and a print of its secret key and address: no personal data, and nothing to be
guessed. It dies when the key or the address changes. Letters and digits only, so that its QR code stays small.
"""

import hmac
import re
from base64 import b32encode
from hashlib import sha256

import segno

from portal.models import Event
from registration.models import Registration

PRINT = 24  # letters of 5 bits each
CODE = re.compile(rf"([0-9]{{1,18}})-([A-Z2-7]{{{PRINT}}})")


def code_of(registration: Registration) -> str:
    mark = hmac.digest(registration.key.encode(), f"ticket {registration.email_key}".encode(), sha256)
    return f"{registration.pk}-{b32encode(mark)[:PRINT].decode()}"


def registration_of(code: str, event: Event) -> Registration | None:
    """Whose ticket this is; None for a code that belongs to no registration of the event."""
    found = CODE.fullmatch("".join(code.upper().split()))
    if found is None:
        return None
    registration = Registration.objects.select_related("ticket_type").filter(pk=found[1], event=event).first()
    if registration is None or not hmac.compare_digest(code_of(registration), found[0]):
        return None
    registration.event = event
    return registration


def digest_of(code: str) -> str:
    """By which a device knows a code without having it in its list."""
    return sha256(code.encode()).hexdigest()


def drawing(code: str) -> str:
    """The QR code as the address of an image."""
    return segno.make(code, error="m", micro=False).svg_data_uri(border=4, unit="", scale=1, xmldecl=False)
