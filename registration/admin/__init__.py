"""Ticket types, registrations, followers, announcements and the door in the organizers' admin."""

from registration.admin import announcements, door, followers, registrations, tickets

__all__ = ["announcements", "door", "followers", "registrations", "tickets"]
