"""The draft of a program: what organizers edit."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator, validate_slug
from django.db import models
from django.db.models import Q

from portal.models import Event, Hue
from portal.text import slug as make_slug

LONGEST = 1440  # minutes: a session ends within a day of its start
MOST_LINKS = 20
WEB = URLValidator(schemes=["http", "https"])


def fill_slug(row: "Track | Speaker | Session", text: str, fallback: str) -> None:
    """Give a row without a slug one that no other row of its event has."""
    if not row.slug:
        others = type(row).objects.filter(event_id=row.event_id).exclude(pk=row.pk)
        row.slug = make_slug(text, taken=set(others.values_list("slug", flat=True)), fallback=fallback)


def validate_links(links: Any) -> None:
    """Takes a list of {"url", "title"}."""
    if len(links) > MOST_LINKS:
        raise ValidationError(f"{MOST_LINKS} links are the most.")
    for link in links:
        if len(link["url"]) > 500 or len(link["title"]) > 200:
            raise ValidationError("A link's address has at most 500 characters, its title 200.")
        try:
            WEB(link["url"])
        except ValidationError as error:
            raise ValidationError(f"“{link['url'][:80]}” is not a web address: it begins with https://.") from error


class Track(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="tracks", db_index=False)
    slug = models.SlugField(max_length=70, blank=True)
    name = models.CharField(max_length=100)
    hue = models.CharField("color", max_length=10, choices=Hue, default=Hue.PRUSSIAN)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="track_slug_once"),
            models.UniqueConstraint(fields=["event", "name"], name="track_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fill_slug(self, self.name, "track")
        super().save(*args, **kwargs)


class Room(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="rooms", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="room_name_once")]

    def __str__(self) -> str:
        return self.name


class Block(models.Model):
    """An ordered run of sessions. Its start, once known, gives its sessions their clock times."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="blocks")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=100, blank=True, help_text="Shown when an event has several: Morning, Day 2 …")
    room = models.ForeignKey(Room, models.SET_NULL, null=True, blank=True, related_name="blocks")
    start = models.DateTimeField(
        null=True, blank=True, help_text="In the event's time zone. Empty: lengths and offsets only."
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title or f"Block {self.position + 1}"


class Speaker(models.Model):
    event = models.ForeignKey(Event, models.CASCADE, related_name="speakers", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=70, blank=True)
    name = models.CharField(max_length=200)
    affiliation = models.CharField(max_length=200, blank=True)
    biography = models.TextField(blank=True, help_text="Markdown.")
    url = models.URLField("web page", max_length=500, blank=True)
    email = models.EmailField(blank=True, help_text="Never shown. Gets the release mails.")
    source = models.CharField(max_length=200, blank=True, editable=False, help_text="The id in the file it came from.")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="speaker_slug_once"),
            models.UniqueConstraint(fields=["event", "source"], condition=~Q(source=""), name="speaker_source_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        fill_slug(self, self.name, "speaker")
        super().save(*args, **kwargs)


class Session(models.Model):
    class Kind(models.TextChoices):
        TALK = "talk"
        TUTORIAL = "tutorial", "Tutorial part"
        LAB = "lab", "Hands-on lab"
        KEYNOTE = "keynote"
        PANEL = "panel"
        BREAK = "break"
        SOCIAL = "social"

    class Level(models.TextChoices):
        BEGINNER = "beginner"
        INTERMEDIATE = "intermediate"
        ADVANCED = "advanced"

    class Status(models.TextChoices):
        PLANNED = "planned"
        CANCELLED = "cancelled"

    class Visibility(models.TextChoices):
        FULL = "full", "everything"
        TITLE_ONLY = "title_only", "title only"
        TBA = "tba", "to be announced"
        HIDDEN = "hidden", "hidden"

    event = models.ForeignKey(Event, models.CASCADE, related_name="sessions", db_index=False)
    block = models.ForeignKey(Block, models.RESTRICT, related_name="sessions")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=70, blank=True)
    title = models.CharField(max_length=250)
    subtitle = models.CharField(max_length=250, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TALK)
    abstract = models.TextField(blank=True, help_text="Markdown.")
    prerequisites = models.TextField(blank=True, help_text="Markdown: what to know, bring or install.")
    links = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_links],
        help_text="One a line: a title, if you like, and the address after it.",
    )
    level = models.CharField(max_length=12, choices=Level, blank=True)
    language = models.CharField(
        max_length=2, default="en", validators=[validate_slug], help_text="Two letters: en, de, fr …"
    )
    track = models.ForeignKey(Track, models.SET_NULL, null=True, blank=True, related_name="sessions")
    room = models.ForeignKey(
        Room, models.SET_NULL, null=True, blank=True, related_name="sessions", help_text="Empty: the block's."
    )
    duration = models.PositiveIntegerField(
        "minutes", validators=[MinValueValidator(1), MaxValueValidator(LONGEST)], help_text=f"1 to {LONGEST}."
    )
    start = models.DateTimeField(
        "pinned to", null=True, blank=True, help_text="Only for a session with a clock time of its own."
    )
    position = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    visibility = models.CharField(
        "made public",
        max_length=10,
        choices=Visibility,
        default=Visibility.FULL,
        help_text="By the next release. “To be announced” keeps the time and the room and says no more; "
        "“hidden” leaves the session out, and its time stays free.",
    )
    sequence = models.PositiveIntegerField(
        default=0, editable=False, help_text="Calendar revision; raised by releases."
    )
    source = models.CharField(max_length=200, blank=True, editable=False, help_text="The id in the file it came from.")
    speakers = models.ManyToManyField(Speaker, through="Appearance", related_name="sessions")

    class Meta:
        ordering = ["block__position", "block_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["event", "slug"], name="session_slug_once"),
            models.UniqueConstraint(fields=["event", "source"], condition=~Q(source=""), name="session_source_once"),
            models.CheckConstraint(
                name="session_duration_sane",
                condition=Q(duration__gte=1, duration__lte=LONGEST),
                violation_error_message=f"A session takes 1 to {LONGEST} minutes.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        fill_slug(self, self.title, self.kind)
        super().save(*args, **kwargs)


class Appearance(models.Model):
    """A speaker in a session, in the order they are named."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="appearances", db_index=False)
    speaker = models.ForeignKey(Speaker, models.CASCADE, related_name="appearances")
    role = models.CharField(
        max_length=50, blank=True, help_text="Empty for a plain speaker; else moderator, panelist …"
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "speaker"], name="appearance_once")]

    def __str__(self) -> str:
        return f"{self.speaker} in {self.session}"
