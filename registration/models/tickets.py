"""What can be had: the seats of an event altogether, and its ticket types."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q

from portal.models import Event, LiveModel

LONGEST_OFFER = 720  # hours


class Admission(models.Model):
    """How an event takes people in, one row an event: the lock on it comes before every other of registration.booking.

    `taken` counts the seats of all ticket types together. Only registration.ledger changes it and `queue`.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="admission")
    capacity = models.PositiveIntegerField(
        "seats altogether", null=True, blank=True, help_text="Above those of the ticket types. Empty: no limit."
    )
    taken = models.PositiveIntegerField(default=0, editable=False)
    queue = models.PositiveIntegerField(
        default=0, editable=False, help_text="The last place given out on the waitlist."
    )
    confirms_at_once = models.BooleanField(
        "confirm at once",
        default=False,
        help_text="A free seat is taken without the mailed link being opened. Addresses are believed then.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="event_never_oversold", condition=Q(capacity__isnull=True) | Q(taken__lte=F("capacity"))
            ),
        ]

    def __str__(self) -> str:
        return f"Admission to {self.event}"


class TicketType(LiveModel):
    """A kind of registration with its own capacity. `taken` counts the seats held or confirmed.

    Only registration.ledger changes `taken` and `waiting`, under the lock on the event's admission and one on this row.
    """

    class Mode(models.TextChoices):
        SEATS = "seats", "a seat"
        INTEREST = "interest", "interest only, without a seat"
        HOST = "host", "registers at the host conference"

    event = models.ForeignKey(Event, models.CASCADE, related_name="ticket_types", db_index=False)
    name = models.CharField(max_length=100, default="Attendee")
    description = models.CharField(max_length=300, blank=True, help_text="One line below the name: what it includes.")
    mode = models.CharField("gives", max_length=10, choices=Mode, default=Mode.SEATS)
    host_url = models.URLField(
        "link to the host's registration", max_length=500, blank=True, help_text="Only for registering there."
    )
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: no limit.")
    taken = models.PositiveIntegerField(default=0, editable=False)
    waiting = models.PositiveIntegerField(default=0, editable=False, help_text="How many are on the waitlist.")
    opens_at = models.DateTimeField("registration opens", null=True, blank=True)
    closes_at = models.DateTimeField("registration closes", null=True, blank=True)
    access_code = models.CharField(
        max_length=50, blank=True, help_text="Shown only to people who type this code. Empty: to everybody."
    )
    needs_approval = models.BooleanField(
        "an organizer approves", default=False, help_text="Nobody holds a seat before you approve."
    )
    offer_hours = models.PositiveSmallIntegerField(
        "hours to accept a freed seat",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_OFFER)],
        help_text="At the event or in a lab. Then it is offered to the next in line. Empty: it is given unasked.",
    )
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

    @classmethod
    def hold(cls, events: Collection[int]) -> None:
        """The lock before every other: no ticket type of these events changes meanwhile."""
        list(Admission.objects.filter(event__in=events).order_by("pk").select_for_update())

    @classmethod
    def told(cls, rows: models.QuerySet[Any]) -> set[int]:
        """Those for everybody; where an event has none, any, as registration.seating.told has it."""
        found = list(rows.order_by().values_list("event_id", "access_code"))
        hidden = {event for event, code in found if code}
        open_ones = cls.objects.filter(event__in=hidden, access_code="").order_by()
        return {event for event, code in found if not code} | hidden - set(open_ones.values_list("event_id", flat=True))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Nothing is booked without the event's admission, so that comes first."""
        with transaction.atomic():
            if self._state.adding:
                Admission.objects.get_or_create(event_id=self.event_id)
            super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "Registration closes before it opens."})
        if self.host_url and self.mode != self.Mode.HOST:
            raise ValidationError({"host_url": "The link is for registering at the host conference only."})
        if self.mode == self.Mode.HOST and not self.host_url:
            raise ValidationError({"host_url": "Give the address of the host's registration."})
        if self.mode != self.Mode.SEATS and self.capacity is not None:
            raise ValidationError({"capacity": "Only seats are counted. Leave this empty."})

    @property
    def has_seats(self) -> bool:
        return self.mode == self.Mode.SEATS
