"""Who was there: check-ins at the door and at sessions, the devices that take them, and certificates made of them."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.models import Event
from registration.models.registrations import Registration

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none is taken for another


def new_code() -> str:
    """120 bits that can be read aloud and typed, as in 7F3K-9QXT-MNB4-2CDE-H6WP-83ZR."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(6))


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def standing(self) -> "CheckInQuerySet":
        """Those that weren't undone."""
        return self.filter(undone_at=None)

    def at_the_door(self) -> "CheckInQuerySet":
        return self.standing().filter(session=None)


class CheckIn(models.Model):
    """A person came in at the door, once a day, or into a session. Only registration.checkin writes it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="check_ins", db_index=False)
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="check_ins")
    session = models.UUIDField(null=True, blank=True, help_text="The uuid of the session; empty for the door.")
    day = models.DateField(null=True, blank=True, help_text="Of the event, for the door; empty for a session.")
    at = models.DateTimeField(help_text="By the clock of the device, which may have been offline.")
    desk = models.CharField(max_length=60, help_text="Who let the person in, as other desks are told.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "day"], condition=Q(session=None, undone_at=None), name="checked_in_once"
            ),
            models.UniqueConstraint(
                fields=["registration", "session"], condition=Q(undone_at=None), name="attended_session_once"
            ),
            models.CheckConstraint(
                condition=Q(session=None, day__isnull=False) | Q(session__isnull=False, day=None),
                name="the_door_has_days",
            ),
        ]
        indexes = [models.Index(fields=["event", "received_at"], name="check_in_news")]

    def __str__(self) -> str:
        return f"{self.registration}, {self.desk}"


class Device(models.Model):
    """A program or scanner that may check people in by the API. Deleting it takes the right away."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="devices")
    name = models.CharField(max_length=60, help_text="As other desks are told who let somebody in: Desk B.")
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "check-in device"

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """What was certified, word for word: later changes of names or programs don't reach it."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="certificates")
    registration = models.ForeignKey(Registration, models.CASCADE, related_name="certificates")
    code = models.CharField(max_length=29, unique=True, default=new_code, editable=False)
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200, blank=True)
    minutes = models.PositiveIntegerField(help_text="Of the program attended, without breaks.")
    words: Any = models.JSONField(default=dict, help_text="Title, dates and place of the event; sessions attended.")
    issued_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    allows_another = models.BooleanField(
        default=False, db_default=False, help_text="Where it was revoked: its person may make a new one."
    )

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["registration"], condition=Q(revoked_at=None), name="one_valid_certificate_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}, {self.name}"
