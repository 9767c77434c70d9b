"""What both apps stand on: events, who may organize them, and the outbox."""

import re
import uuid
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.timezone import now

RESERVED_SLUGS = {
    "admin",
    "api",
    "static",
    "media",
    "healthz",
    "readyz",
    "metrics",
    "trial",
    "favicon.ico",
    "robots.txt",
}
YEARS = range(1990, 2200)  # that events take place in; calendars can't reckon with those near the ends of time


def validate_timezone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as America/New_York or Europe/Berlin.")


def validate_slug(slug: str) -> None:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise ValidationError(f"“{slug}” can't be an address. Use small letters, digits and single hyphens.")
    if slug in RESERVED_SLUGS:
        raise ValidationError(f"“{slug}” is an address of the portal itself. Choose another.")


class Hue(models.TextChoices):
    """The colors an event can have; each is a set of tokens in tokens.css."""

    LAGOON = "lagoon"
    PRUSSIAN = "prussian"
    INDIGO = "indigo"
    PLUM = "plum"
    MADDER = "madder"
    UMBER = "umber"
    MOSS = "moss"
    PINE = "pine"


class Role(models.TextChoices):
    """What a member of an event may work on. Who may do everything stands for every other."""

    ALL = "all", "everything"
    PROGRAM = "program", "texts, program, releases, materials"
    REGISTRATIONS = "registrations", "registrations, mail, the door"
    MATERIALS = "materials"
    CHECK_IN = "check-in", "the door"

    @property
    def holders(self) -> set["Role"]:
        """The roles that have this right."""
        wider = {Role.MATERIALS: Role.PROGRAM, Role.CHECK_IN: Role.REGISTRATIONS}
        return {Role.ALL, self, wider.get(self, self)}


class EventQuerySet(models.QuerySet["Event"]):
    def public(self) -> "EventQuerySet":
        return self.filter(is_public=True)

    def organized_by(self, user: Any, right: Role | None = None) -> "EventQuerySet":
        """All events for a superuser, else those with a membership: any, or one that has this right."""
        if user.is_superuser:
            return self
        roles = right.holders if right else set(Role)
        return self.filter(memberships__user_id=user.pk, memberships__role__in=roles)

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            hosts = list(self.exclude(host=None).order_by().values_list("host_id", flat=True).distinct())
            done = super().delete()
            Event.objects.filter(pk__in=hosts).renew()
        return done

    def renew(self) -> int:
        """Mark what is public about these events as changed, so that no older page is served any more. Each version has
        a second of its own, which tells it from all others in Last-Modified."""
        second = Value(now().replace(microsecond=0), models.DateTimeField())
        return self.update(
            version=F("version") + 1, changed_at=Greatest(second, F("changed_at") + timedelta(seconds=1))
        )


class Event(models.Model):
    class Kind(models.TextChoices):
        TUTORIAL = "tutorial"
        WORKSHOP = "workshop"
        CONFERENCE = "conference"

    slug = models.CharField(
        max_length=50, unique=True, validators=[validate_slug], help_text="The event's address: /slug/"
    )
    title = models.CharField(max_length=200)
    subtitle = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TUTORIAL)
    host = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="guests",
        help_text="The conference this event belongs to.",
    )
    timezone = models.CharField("time zone", max_length=50, default="UTC", validators=[validate_timezone])
    starts_on = models.DateField("first day", null=True, blank=True)
    ends_on = models.DateField("last day", null=True, blank=True, help_text="Only if it isn't the first day.")
    venue = models.CharField(max_length=200, blank=True, help_text="Building, town. Rooms belong to sessions.")
    organizers = models.TextField(blank=True, help_text="Markdown, as all texts here.")
    overview = models.TextField(blank=True)
    audience = models.TextField("target audience", blank=True)
    prerequisites = models.TextField(blank=True)
    additional = models.TextField("additional information", blank=True)
    final_program_due = models.DateField("final program due", null=True, blank=True)
    contact_email = models.EmailField(blank=True, help_text="Where replies to the event's mails go. Shown on its page.")
    hue = models.CharField("color", max_length=10, choices=Hue, default=Hue.PRUSSIAN)
    is_public = models.BooleanField("public", default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(default=now, editable=False, help_text="When this version began.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "slug"]
        constraints = [
            models.CheckConstraint(
                name="event_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="The last day is before the first.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        hosts = list(Event.objects.filter(guests=self.pk).values_list("pk", flat=True)) if self.pk else []
        if not self._state.adding:
            # What was read with the row may be older than the pages already served.
            self.version, self.changed_at = F("version"), F("changed_at")
        with transaction.atomic():
            super().save(*args, **kwargs)
            Event.objects.filter(Q(pk__in=[self.pk, self.host_id, *hosts]) | Q(host=self.pk)).renew()
        self.refresh_from_db(fields=["version", "changed_at"])

    def get_absolute_url(self) -> str:
        return reverse("event", args=[self.slug])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        hosts = [self.host_id] if self.host_id else []
        with transaction.atomic():
            done = super().delete(*args, **kwargs)
            Event.objects.filter(pk__in=hosts).renew()
        return done

    def clean(self) -> None:
        if self.host_id and self.host_id == self.pk:
            raise ValidationError({"host": "An event can't be its own host."})
        for name in ("starts_on", "ends_on", "final_program_due"):
            day = getattr(self, name)
            if day and day.year not in YEARS:
                raise ValidationError({name: f"Enter a year between {YEARS[0]} and {YEARS[-1]}."})

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class LiveQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of which the public sees the current state: a bulk change renews their events' pages as well."""

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            events = list(self.values_list("event_id", flat=True))
            done = super().delete()
            Event.objects.filter(pk__in=events).renew()
        return done


class LiveModel(models.Model):
    """A row of an event that the public sees at once, without a release."""

    event: Any

    objects = LiveQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            Event.objects.filter(pk=self.event_id).renew()  # type: ignore[attr-defined]

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            done = super().delete(*args, **kwargs)
            Event.objects.filter(pk=self.event_id).renew()  # type: ignore[attr-defined]
        return done


class Membership(models.Model):
    """A user's part in organizing one event."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    event = models.ForeignKey(Event, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role, default=Role.ALL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.event}"


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now: Any) -> "MailQuerySet":
        """Rows to send now, those a dead sender left behind included; urgent ones first."""
        state = Mail.State
        left = Q(state=state.SENDING, lease_until__lt=now)
        return self.filter(Q(state=state.WAITING, due_at__lte=now) | left).order_by("-is_urgent", "due_at", "pk")


class Mail(models.Model):
    """A row of the outbox: one mail to one address because of one occasion. The text is made when it is sent."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    LEASE = timedelta(seconds=75)  # longer than a task may live (portal.tasks), so that no live sender loses its mail

    event = models.ForeignKey(Event, models.CASCADE, related_name="mails")
    kind = models.CharField(max_length=20)
    address = models.EmailField(max_length=254)
    occasion = models.CharField(
        max_length=60, help_text="What caused it: the same occasion never mails an address twice."
    )
    context = models.JSONField(default=dict, blank=True, help_text="Ids the text is made from.")
    is_urgent = models.BooleanField(default=True, help_text="Somebody waits for it: goes before mass mail.")
    message_id = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="What the mail server said last.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "kind", "address", "occasion"], name="mail_once_per_occasion")
        ]
        indexes = [
            models.Index(
                fields=["-is_urgent", "due_at", "id"], name="mail_due", condition=Q(state__in=["waiting", "sending"])
            ),
            models.Index(fields=["event", "state"], name="mail_event_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"

    @staticmethod
    def new_message_id() -> str:
        return f"<{uuid.uuid4().hex}@{settings.SITE_HOST}>"


class Suppression(models.Model):
    """An address that wants, or can take, no more mass mail of an event."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed"
        BOUNCED = "bounced"

    event = models.ForeignKey(Event, models.CASCADE, related_name="suppressions")
    address_key = models.CharField(max_length=254)
    reason = models.CharField(max_length=12, choices=Reason)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "address_key"], name="suppression_once")]

    def __str__(self) -> str:
        return f"{self.address_key} ({self.reason})"
