"""Which mail addresses are taken, and in which spelling they are kept. Pure."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from portal.text import clean_line

LONGEST = 254
LONGEST_NAME = 64  # octets before the @, by RFC 5321
LOOKALIKES = re.compile("[ßςẞ\u200b-\u200d]")  # read differently by the two IDNA standards: mail could go astray
is_address = EmailValidator(allowlist=[])


def clean_address(text: str) -> str:
    """The address with its domain in small letters and its own script, as in ada@bücher.example.

    Domains of all scripts are taken; before the @ only ASCII, since many mail servers take nothing else. Quoted names
    and bare IP numbers are refused. Raises ValidationError with what to mend.
    """
    address = clean_line(text)
    name, at, domain = address.rpartition("@")
    if not at:
        raise ValidationError("The part from @ on is missing, as in name@example.org.")
    if not name or not domain:
        raise ValidationError(f"The part {'after' if name else 'before'} @ is missing, as in name@example.org.")
    if not name.isascii():
        raise ValidationError("Letters such as ü can't be used before the @. Give another address of yours.")
    sent = f"{name}@{in_ascii(domain)}"
    if name.startswith('"') or domain.startswith("[") or len(name) > LONGEST_NAME or len(sent) > LONGEST:
        raise ValidationError("We can't write to addresses of this kind. Give another address of yours.")
    try:
        is_address(sent)
    except ValidationError as error:
        raise ValidationError("This isn't a mail address. It has to look like name@example.org.") from error
    return f"{name}@{readable(domain)}"


def readable(domain: str) -> str:
    """The domain in its own script, whether it was written so or as xn--…"""
    code = in_ascii(domain)
    try:
        return code.encode().decode("idna")
    except UnicodeError:  # encoded by the newer standard: stays as it is
        return code


def in_ascii(domain: str) -> str:
    if LOOKALIKES.search(domain):
        raise ValidationError("Write the part after @ in its international form, which begins with xn--.")
    try:
        return domain.encode("idna").decode().lower()
    except UnicodeError as error:
        raise ValidationError("The part after @ can't be the name of a mail server.") from error
