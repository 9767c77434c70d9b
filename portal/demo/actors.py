"""People to try the portal as, with their logins and links in a file."""

import json
import os
import secrets
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from portal.models import Event, Membership
from registration import booking
from registration.links import confirm_url, manage_url
from registration.models import Registration

ATTENDEE = "attendee@example.net"
NEWCOMER = "newcomer@example.net"


def secret_file(path: Path) -> TextIO:
    """To be read by its owner only. Raises OSError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w")


def write_actors(file: TextIO, event: Event, other: Event) -> None:
    """Make the people where they are missing, give them new passwords, and write them down."""
    with transaction.atomic():
        people = {
            "site": settings.SITE_URL,
            "event": event.slug,
            "other_event": other.slug,
            "superuser": login("demo-superuser", is_superuser=True),
            "organizer": login("demo-organizer", event),
            "other_organizer": login("demo-other-organizer", other),
            "attendee": links(registered(event, ATTENDEE, is_confirmed=True)),
            "newcomer": links(registered(event, NEWCOMER, is_confirmed=False)),
        }
    with file:
        json.dump(people, file, indent=2)


def login(username: str, *events: Event, is_superuser: bool = False) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user, _ = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "is_superuser": is_superuser, "email": f"{username}@example.net"}
    )
    user.set_password(password)
    user.save()
    for event in events:
        Membership.objects.get_or_create(user=user, event=event)
    return {"username": username, "password": password}


def registered(event: Event, email: str, *, is_confirmed: bool) -> Registration:
    registration = event.registrations.filter(email_key=email).first()
    if registration is None or registration.state == Registration.State.CANCELLED:
        registration = booking.register(event, name=email.partition("@")[0].title(), email=email)
    return booking.confirm(registration) if is_confirmed else registration


def links(registration: Registration) -> dict[str, Any]:
    return {
        "id": registration.pk,
        "name": registration.name,
        "email": registration.email,
        "state": registration.state,
        "manage_url": manage_url(registration),
        "confirm_url": confirm_url(registration),
    }
