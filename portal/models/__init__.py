"""What both apps stand on: events, who may organize them, and the outbox."""

from portal.models.audit import AuditEntry
from portal.models.events import (
    RESERVED_SLUGS,
    YEARS,
    Event,
    EventQuerySet,
    Hue,
    LiveModel,
    LiveQuerySet,
    Membership,
    Role,
    Telling,
    validate_slug,
    validate_timezone,
)
from portal.models.outbox import Category, Mail, Mailing, MailQuerySet, Pace, Suppression
from portal.models.second_factor import RecoveryCode, SecondFactor

__all__ = [
    "RESERVED_SLUGS",
    "YEARS",
    "AuditEntry",
    "Category",
    "Event",
    "EventQuerySet",
    "Hue",
    "LiveModel",
    "LiveQuerySet",
    "Mail",
    "MailQuerySet",
    "Mailing",
    "Membership",
    "Pace",
    "RecoveryCode",
    "Role",
    "SecondFactor",
    "Suppression",
    "Telling",
    "validate_slug",
    "validate_timezone",
]
