"""Ticket types, registrations, followers, announcements and the door in the organizers' admin."""

from registration.admin import announcements, door, followers, labs, questions, registrations, tickets

__all__ = ["announcements", "door", "followers", "labs", "questions", "registrations", "tickets"]
