"""Ticket types, registrations, followers and the door in the organizers' admin."""

from registration.admin import door, followers, registrations, tickets

__all__ = ["door", "followers", "registrations", "tickets"]
