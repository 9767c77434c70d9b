"""The attendees: ticket types, registrations, followers, and the mail they get."""

from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "registration"
