"""The portal app and the organizers' admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "portal"


class OrganizersAdminConfig(AdminConfig):
    default_site = "portal.organizing.OrganizersSite"
