"""The outbox: mails, the mailings that many of them belong to, and who wants none."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from portal.models.events import Event
from portal.text import address_key


class Category(models.TextChoices):
    """What mass mail is about; a person can refuse each of them."""

    PROGRAM = "program", "the program and its changes"
    NEWS = "news", "news from the organizers"
    MATERIALS = "materials", "new slides and materials"


class Mailing(models.Model):
    """The mass mails of one release or announcement. Only portal.mailings changes its state."""

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        STOPPED = "stopped", "stopped by itself"
        CANCELLED = "cancelled"

    event = models.ForeignKey(Event, models.CASCADE, related_name="mailings", db_index=False)
    kind = models.CharField(max_length=20)
    occasion = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    category = models.CharField(max_length=10, choices=Category)
    context = models.JSONField(default=dict, blank=True, help_text="Ids that all its mails are made from.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it stopped by itself.")
    expected = models.PositiveIntegerField(
        default=0, help_text="How many mails at most, known before they are written."
    )
    cursor = models.CharField(max_length=60, blank=True, help_text="Where writing the mails goes on.")
    is_filled = models.BooleanField(default=False, help_text="All its mails are written.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["event", "kind", "occasion"], name="mailing_once_per_occasion")]
        indexes = [models.Index(fields=["is_filled"], name="mailing_unfilled", condition=Q(is_filled=False))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("admin:event-mailing", args=[self.event_id, self.pk])

    @property
    def is_held(self) -> bool:
        return self.state in (self.State.PAUSED, self.State.STOPPED)


class MailQuerySet(models.QuerySet["Mail"]):
    def lost(self) -> "MailQuerySet":
        """Those that didn't reach their reader for a reason that can be mended."""
        return self.filter(state__in=[Mail.State.FAILED, Mail.State.BOUNCED])


class Mail(models.Model):
    """A row of the outbox: one mail to one address because of one occasion. The text is made when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        BOUNCED = "bounced"  # taken by the mail server, and reported as not delivered later
        COMPLAINED = "complained"  # its reader called it spam
        HELD = "held"  # its mailing is paused or has stopped
        WITHDRAWN = "withdrawn"  # no longer wanted: cancelled, unsubscribed, its cause is gone

    TAKEN = (State.SENT, State.BOUNCED, State.COMPLAINED)

    event = models.ForeignKey(Event, models.CASCADE, related_name="mails", db_index=False)
    mailing = models.ForeignKey(Mailing, models.CASCADE, null=True, blank=True, related_name="mails", db_index=False)
    kind = models.CharField(max_length=20)
    address = models.EmailField(max_length=254)
    address_key = models.CharField(max_length=254, editable=False, db_default="")
    occasion = models.CharField(
        max_length=60, help_text="What caused it: the same occasion never mails an address twice."
    )
    context = models.JSONField(default=dict, blank=True, help_text="Ids the text is made from.")
    is_urgent = models.BooleanField(default=True, help_text="Somebody waits for it: goes before mass mail.")
    message_id = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="When its state changed last.")
    answer = models.CharField(max_length=500, blank=True, help_text="What the mail server said last.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MailQuerySet.as_manager()
    is_refused = False  # a claimed one: its reader wants no such mail, or can take none
    written: EmailMultiAlternatives | None = None  # a claimed one, before it is its turn

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "address_key", "occasion"], name="mail_once_per_occasion"),
            models.UniqueConstraint(fields=["message_id"], name="mail_message_id_once"),
        ]
        indexes = [
            models.Index(
                fields=["-is_urgent", "due_at", "id"], name="mail_due", condition=Q(state__in=["waiting", "sending"])
            ),
            models.Index(fields=["event", "state"], name="mail_event_state"),
            models.Index(fields=["mailing", "state"], name="mail_mailing_state"),
            models.Index(fields=["address_key"], name="mail_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address_key = address_key(self.address)
        super().save(*args, **kwargs)

    @property
    def written_at(self) -> datetime:
        """The moment its text is true of: that of its claim, by the database's clock, or now for what is only shown."""
        return self.changed_at or timezone.now()

    @cached_property
    def ahead(self) -> dict[Any, Any]:
        """What was read and written for this mail and serves the following ones; their sender lets them share it."""
        return {}

    @staticmethod
    def new_message_id() -> str:
        return f"<{uuid.uuid4().hex}@{settings.SITE_HOST}>"


class Suppression(models.Model):
    """An address that wants, or can take, no more mass mail of an event: of one category, or of any."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        BOUNCED = "bounced"
        COMPLAINED = "complained"

    event = models.ForeignKey(Event, models.CASCADE, related_name="suppressions", db_index=False)
    address_key = models.CharField("address", max_length=254)
    category = models.CharField(
        max_length=10, choices=Category, blank=True, default="", db_default="", help_text="Empty: all of them."
    )
    reason = models.CharField(max_length=12, choices=Reason)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "address_key", "category"], name="suppression_once_a_category")
        ]

    def __str__(self) -> str:
        return f"{self.address_key} ({self.reason})"


class Pace(models.Model):
    """One row: when the next mass mail may go, for all senders together."""

    next_at = models.DateTimeField()
