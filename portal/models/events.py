"""Events, and who may organize them."""

import re
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.timezone import now

from portal.languages import codes, own_name, validate_languages
from portal.zones import zone_names

RESERVED_SLUGS = {
    "admin",
    "api",
    "static",
    "media",
    "healthz",
    "readyz",
    "metrics",
    "trial",
    "webhooks",
    "favicon.ico",
    "robots.txt",
    "sitemap.xml",
}
YEARS = range(1990, 2200)  # that events take place in; calendars can't reckon with those near the ends of time


def validate_timezone(name: str) -> None:
    if name not in zone_names():
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


class Telling(models.TextChoices):
    """Whom releases are mailed to. The first final one goes to everybody in any case."""

    EVERYBODY = "everybody", "everybody, at each release"
    CHANGED = "changed", "everybody, if something has changed"
    CONCERNED = "concerned", "those whose starred sessions, lab seats or own talks have changed"
    NOBODY = "nobody", "nobody, except for the first final program"


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
            self.with_family().lock(no_key=False)
            hosts = list(self.exclude(host=None).order_by().values_list("host_id", flat=True).distinct())
            done = super().delete()
            Event.objects.filter(pk__in=hosts).renew()
        return done

    def with_family(self) -> "EventQuerySet":
        """These, their hosts and their guests."""
        these = Event.objects.filter(pk__in=self.order_by().values("pk"))
        return Event.objects.filter(
            Q(pk__in=these.values("pk")) | Q(pk__in=these.values("host")) | Q(host__in=these.values("pk"))
        )

    def lock(self, *, no_key: bool = True) -> list[int]:
        """These rows are ours until the transaction ends. All take theirs in the same order, lest two wait for each
        other. Other rows may refer to them meanwhile, unless they are to be deleted."""
        return list(self.order_by("pk").select_for_update(no_key=no_key).values_list("pk", flat=True))

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
    told_of_releases = models.CharField(
        "mail about changes",
        max_length=10,
        choices=Telling,
        default=Telling.EVERYBODY,
        db_default=Telling.EVERYBODY,
        help_text="The first final program is mailed to everybody.",
    )
    has_material_digest = models.BooleanField(
        "mail about new materials",
        default=False,
        db_default=False,
        help_text="Once a day at most, to everybody who may open them.",
    )
    languages = models.CharField(
        "languages of mails",
        max_length=60,
        blank=True,
        default="",
        db_default="",
        validators=[validate_languages],
        help_text="The codes of those you write in, the usual one first: en, de. Who registers chooses among several, "
        "and announcements can go to those of one.",
    )
    purpose = models.TextField(
        "what personal data is for",
        blank=True,
        db_default="",
        help_text="Shown where people register, and logged with each registration. Empty: a plain sentence.",
    )
    retention_days = models.PositiveSmallIntegerField(
        "days personal data is kept",
        null=True,
        blank=True,
        validators=[MaxValueValidator(3650)],
        help_text="After the last day; then names, addresses and answers are deleted by themselves. Empty: never.",
    )
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
        self.languages = ", ".join(codes(self.languages))
        if not self._state.adding:
            # What was read with the row may be older than the pages already served.
            self.version, self.changed_at = F("version"), F("changed_at")
        with transaction.atomic():
            before = Event.objects.filter(pk__in=[self.pk]).with_family()
            family = (before | Event.objects.filter(pk__in=[self.host_id])).lock()
            is_told = self.is_public or Event.objects.public().filter(pk=self.pk).exists()
            super().save(*args, **kwargs)
            Event.objects.filter(pk__in=[self.pk, *(family if is_told else [])]).renew()
        self.refresh_from_db(fields=["version", "changed_at"])

    def get_absolute_url(self) -> str:
        return reverse("event", args=[self.slug])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        hosts = [self.host_id] if self.host_id else []
        with transaction.atomic():
            Event.objects.filter(pk=self.pk).with_family().lock(no_key=False)
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
    def public_host(self) -> "Event | None":
        """Its host, if that is told to anybody."""
        return self.host if self.host and self.host.is_public else None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def midnight_after(self) -> datetime | None:
        """When its last day is over."""
        last = self.ends_on or self.starts_on
        return datetime.combine(last + timedelta(days=1), time.min, self.zone) if last else None

    @property
    def languages_to_choose(self) -> dict[str, str]:
        """By their codes, where there are several, what their speakers call them; the first is the usual one."""
        found = codes(self.languages)
        return {code: own_name(code) for code in found} if len(found) > 1 else {}


class LiveQuerySet[M: models.Model](models.QuerySet[M]):
    """Rows of which the public sees the current state: a bulk change renews their events' pages as well."""

    def delete(self) -> tuple[int, dict[str, int]]:
        model = cast(type[LiveModel], self.model)
        with transaction.atomic():
            model.hold(set(self.order_by().values_list("event_id", flat=True)))
            told = set(model.told(self))
            done = super().delete()
            Event.objects.filter(pk__in=told).renew()
        return done


class LiveModel(models.Model):
    """A row of an event that the public sees at once, without a release. One that no page tells of, neither before a
    change nor after it, renews none: else the pages' tags would tell that there is a draft."""

    event: Any

    objects = LiveQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            self.hold({self.event_id})  # type: ignore[attr-defined]
            before = set(self.told(self.as_stored()))
            super().save(*args, **kwargs)
            Event.objects.filter(Q(pk__in=before) | Q(pk__in=self.told(self.as_stored()))).renew()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            self.hold({self.event_id})  # type: ignore[attr-defined]
            told = set(self.told(self.as_stored()))
            done = super().delete(*args, **kwargs)
            Event.objects.filter(pk__in=told).renew()
        return done

    @classmethod
    def hold(cls, events: Collection[int]) -> None:
        """Lock what decides which rows of these events are told, until the transaction ends."""

    @classmethod
    def told(cls, rows: models.QuerySet[Any]) -> Iterable[int]:
        """The events whose public pages tell of any of these rows, as the database has them when this is read."""
        return rows.order_by().values_list("event_id", flat=True)

    def as_stored(self) -> models.QuerySet[Any]:
        return type(self)._default_manager.filter(pk__in=[self.pk])


class Membership(models.Model):
    """A user's part in organizing one event."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=13, choices=Role, default=Role.ALL)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.event}"
