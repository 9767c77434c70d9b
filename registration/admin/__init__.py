"""Ticket types, registrations, followers, announcements and the door in the organizers' admin.

With what hears of redacted speakers: the admin is loaded by every process.
"""

from registration import purging
from registration.admin import announcements, door, followers, labs, questions, registrations, tickets

__all__ = ["announcements", "door", "followers", "labs", "purging", "questions", "registrations", "tickets"]
