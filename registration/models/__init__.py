"""Who comes: ticket types and their questions, registrations, lab seats, and followers who want to be told."""

from registration.models.announcements import Announcement
from registration.models.attendance import Certificate, CheckIn, Device, new_code
from registration.models.labs import Lab, LabSeat, Star
from registration.models.privacy import Consent, ConsentText, Erasure
from registration.models.questions import Answer, Choice, Question
from registration.models.registrations import Follower, Registration, Transfer, new_key
from registration.models.repeats import IdempotencyKey
from registration.models.tickets import Admission, TicketType

__all__ = [
    "Admission",
    "Announcement",
    "Answer",
    "Certificate",
    "CheckIn",
    "Choice",
    "Consent",
    "ConsentText",
    "Device",
    "Erasure",
    "Follower",
    "IdempotencyKey",
    "Lab",
    "LabSeat",
    "Question",
    "Registration",
    "Star",
    "TicketType",
    "Transfer",
    "new_code",
    "new_key",
]
