"""Who comes: registrations, seats on their way to somebody else, and followers who want to be told."""

import secrets
import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from portal.languages import LONGEST
from portal.models import Event, Mail
from portal.rows import add
from portal.text import address_key
from registration.models.tickets import TicketType


def new_key() -> str:
    """A secret of 192 bits, safe in a URL."""
    return secrets.token_urlsafe(24)


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def with_ticket(self) -> "RegistrationQuerySet":
        """As Registration.has_ticket has it."""
        return self.filter(state=Registration.State.CONFIRMED, ticket_type__mode=TicketType.Mode.SEATS)


class Registration(models.Model):
    """One person at one event."""

    class State(models.TextChoices):
        PENDING = "pending"
        CONFIRMED = "confirmed"
        WAITLISTED = "waitlisted"
        CANCELLED = "cancelled"
        AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
        DECLINED = "declined"

    ENDED = (State.CANCELLED, State.DECLINED)

    event = models.ForeignKey(Event, models.CASCADE, related_name="registrations", db_index=False)
    ticket_type = models.ForeignKey(TicketType, models.RESTRICT, related_name="registrations", db_index=False)
    key = models.CharField(max_length=40, default=new_key, editable=False)
    uuid = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text="Its id in the API; opens nothing."
    )
    calendar_number = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised to end the address of the personal calendar."
    )
    name = models.CharField(max_length=200)
    email = models.EmailField("e-mail", max_length=254)
    email_key = models.CharField(max_length=254, editable=False)
    affiliation = models.CharField(max_length=200, blank=True)
    language = models.CharField(
        "language of mails",
        max_length=LONGEST,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="A code. Empty: the event's first.",
    )
    state = models.CharField(max_length=20, choices=State, default=State.PENDING)
    place = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="On the waitlist; the lowest is first."
    )
    hold_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="A seat not confirmed or accepted is freed then."
    )
    verified_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the address was proven by its link, or believed."
    )
    round = models.PositiveIntegerField(
        default=1, editable=False, help_text="Raised when the person registers anew or is promoted."
    )
    client = models.CharField(
        max_length=12,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="A print: see registration.alike.",
    )
    note = models.TextField(blank=True, help_text="For organizers only.")
    badge_printed_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RegistrationQuerySet.as_manager()
    is_known = False  # its address is known to be there, so it won't be added

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "email_key"], name="registration_once_per_address"),
            models.UniqueConstraint(fields=["key"], name="registration_key_once"),
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

    def add(self) -> bool:
        """Save what is new, within half the time, if the address is."""
        self.email_key = address_key(self.email)
        return add(self, anew=False) and not self.is_known

    @property
    def holds_seat(self) -> bool:
        return self.state in (self.State.PENDING, self.State.CONFIRMED) and self.ticket_type.has_seats

    @property
    def has_ticket(self) -> bool:
        return self.state == self.State.CONFIRMED and self.ticket_type.has_seats

    @property
    def spoken(self) -> str:
        """The code of the language to write in; empty where the event doesn't have several."""
        known = self.event.languages_to_choose
        return self.language if self.language in known else next(iter(known), "")

    @property
    def is_offered(self) -> bool:
        """The seat waits for a proven address to accept it."""
        return self.state == self.State.PENDING and self.verified_at is not None

    @property
    def has_ended(self) -> bool:
        return self.state in self.ENDED


class TransferQuerySet(models.QuerySet["Transfer"]):
    def withdraw(self) -> None:
        """With the mails by which other people were offered a place."""
        occasions = [f"transfer-{pk}" for pk in self.values_list("pk", flat=True)]
        if occasions:
            Mail.objects.filter(kind="transfer", occasion__in=occasions).delete()
            self.delete()


class Transfer(models.Model):
    """A registration on its way to another person, who has a week to take it."""

    registration = models.OneToOneField(Registration, models.CASCADE, related_name="transfer")
    key = models.CharField(max_length=40, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField("e-mail", max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TransferQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.registration} to {self.name}"


class Follower(models.Model):
    """An address that wants to know when the final program is out, without registering."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="followers", db_index=False)
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
