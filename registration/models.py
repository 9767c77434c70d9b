"""Who comes: ticket types, registrations, and followers who want to be told."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from portal.models import Event, LiveModel
from portal.text import address_key


def new_key() -> str:
    """A secret of 192 bits, safe in a URL."""
    return secrets.token_urlsafe(24)


class TicketType(LiveModel):
    """A kind of registration with its own capacity. `taken` counts the seats held or confirmed.

    Only registration.booking changes `taken` and `queue`, under a lock on this row.
    """

    event = models.ForeignKey(Event, models.CASCADE, related_name="ticket_types")
    name = models.CharField(max_length=100, default="Attendee")
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    taken = models.PositiveIntegerField(default=0, editable=False)
    queue = models.PositiveIntegerField(
        default=0, editable=False, help_text="The last place given out on the waitlist."
    )
    opens_at = models.DateTimeField("registration opens", null=True, blank=True)
    closes_at = models.DateTimeField("registration closes", null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "name"], name="ticket_type_name_once"),
            models.CheckConstraint(
                name="never_oversold", condition=Q(capacity__isnull=True) | Q(taken__lte=F("capacity"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "Registration closes before it opens."})


class Registration(models.Model):
    """One person at one event."""

    class State(models.TextChoices):
        PENDING = "pending"
        CONFIRMED = "confirmed"
        WAITLISTED = "waitlisted"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, models.CASCADE, related_name="registrations")
    ticket_type = models.ForeignKey(TicketType, models.RESTRICT, related_name="registrations")
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField("e-mail", max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    affiliation = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    place = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="On the waitlist; the lowest is first."
    )
    hold_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="An unconfirmed seat is freed then."
    )
    verified_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the address was proven by its link."
    )
    round = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised when the person registers anew or is promoted."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "email_key"], name="registration_once_per_address"),
            models.CheckConstraint(
                name="waitlisted_have_a_place",
                condition=Q(state="waitlisted", place__isnull=False) | ~Q(state="waitlisted"),
            ),
        ]
        indexes = [models.Index(fields=["ticket_type", "state", "place"], name="registration_queue")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_key = address_key(self.email)
        super().save(*args, **kwargs)

    @property
    def holds_seat(self) -> bool:
        return self.state in (self.State.PENDING, self.State.CONFIRMED)


class Follower(models.Model):
    """An address that wants to know when the final program is out, without registering."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="followers")
    email = models.EmailField("e-mail", max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["event", "email_key"], name="follower_once_per_address")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email_key = address_key(self.email)
        super().save(*args, **kwargs)
