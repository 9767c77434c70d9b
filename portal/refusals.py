"""What a mail server's refusal or silence is about, as far as it tells: an address, or perhaps us."""

import re
import smtplib
from socket import gaierror
from ssl import SSLCertVerificationError, SSLError

from portal.text import clean_line

DEAD = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}  # enhanced codes that are about the address alone
OURS = re.compile(r"5\.7\.\d+|5\.1\.[78]")  # about policy, or about a sender's address
NAMED = re.compile(
    r"\bsender (?:address )?(?:is )?(?:rejected|refused|denied|not |unknown|verif)|\brelay", re.IGNORECASE
)
ADDRESS = re.compile(r"\S*@\S*")
OUR_FAULTS = {530, 534, 535, 538}  # the server wants a login: true of every mail, and mended by the operator
SENDER_REFUSED = {550, 551, 553, 554}  # as an answer to MAIL; others are about this mail, such as that it is too large
NO_ANSWER = "The mail server didn't answer in time."


def is_about_the_address(said: str) -> bool:
    """Whether the server says that there is no such mailbox, rather than that it dislikes the mail or us."""
    return code_of(said) in DEAD and not names_us(said)


def may_be_about_us(said: str) -> bool:
    """Whether others may be refused as well, as the server wants no mails of our sender's or passes none on. It may be
    the will of this one reader's server too: only what becomes of others tells."""
    return said.startswith("5") and (bool(OURS.fullmatch(code_of(said))) or names_us(said))


def code_of(said: str) -> str:
    """The enhanced code; empty or no code where the server gives none."""
    return [*said.split(), "", ""][1]


def names_us(said: str) -> bool:
    return bool(NAMED.search(ADDRESS.sub("", said)))


def is_about_us(error: Exception) -> bool:
    """Whether the server takes no mail from our address, whoever it is to."""
    return isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code in SENDER_REFUSED


def answer_of(error: Exception) -> tuple[int, str]:
    """The server's code, 0 where it gave none that is about this mail, and its words."""
    said: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError() | smtplib.SMTPSenderRefused():
            code, said = error.smtp_code, error.smtp_error
        case smtplib.SMTPResponseException():
            return 0, in_words(error.smtp_code, error.smtp_error)
        case OSError():  # first, as a certificate that isn't trusted is a ValueError as well
            return 0, silence(error)
        case _:
            return 0, "The address can't be written to."
    return 0 if code in OUR_FAULTS or is_about_us(error) else code, in_words(code, said)


def silence(error: Exception) -> str:
    """Why the server said nothing about a mail, as organizers are told."""
    match error:
        case TimeoutError():
            return NO_ANSWER
        case smtplib.SMTPServerDisconnected() | ConnectionResetError() | BrokenPipeError():
            return NO_ANSWER if "timed out" in str(error) else "The mail server cut the connection before it answered."
        case ConnectionRefusedError():
            return "The mail server takes no connections at the moment."
        case gaierror():
            return "There is no mail server of the name that is set."
        case SSLCertVerificationError():
            return f"The mail server's certificate isn't trusted: {error.verify_message}."
        case SSLError():
            return f"The connection to the mail server couldn't be secured: {error.reason}."
        case smtplib.SMTPException():
            return clean_line(str(error))
    return "The mail server can't be reached."


def in_words(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return clean_line(f"{code} {text}")
