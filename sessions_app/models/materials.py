"""Files and links of sessions and events."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from portal.models import Event, LiveModel
from sessions_app import files
from sessions_app.models.program import Session
from sessions_app.models.releases import Release


def upload_path(material: "Material", filename: str) -> str:
    """A name of our own; the uploader's is kept in the row only."""
    return f"materials/{material.uuid.hex[:2]}/{uuid.uuid4().hex}"


class Material(LiveModel):
    """A file or a link, for everybody or for the registered, open from some moment on."""

    class Audience(models.TextChoices):
        PUBLIC = "public", "everybody"
        REGISTERED = "registered", "registered attendees"

    class Opening(models.TextChoices):
        AT_ONCE = "at_once", "at once"
        AT_RELEASE = "at_release", "when the final program is released"
        AT_TIME = "at_time", "at a set time"

    event = models.ForeignKey(Event, models.CASCADE, related_name="materials")
    session = models.ForeignKey(
        Session,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="materials",
        help_text="Empty: of the whole event.",
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    file = models.FileField(upload_to=upload_path, blank=True)
    url = models.URLField("link", max_length=500, blank=True, help_text="Instead of a file.")
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    opening = models.CharField("open", max_length=10, choices=Opening, default=Opening.AT_ONCE)
    opens_at = models.DateTimeField("opens at", null=True, blank=True)
    filename = models.CharField(
        max_length=150, blank=True, editable=False, help_text="The name it is downloaded under."
    )
    media_type = models.CharField(max_length=100, blank=True, editable=False)
    size = models.PositiveBigIntegerField(null=True, editable=False, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def hold(cls, events: Collection[int]) -> None:
        """As a release does: one that comes meanwhile may tell of their sessions."""
        Event.objects.filter(pk__in=events).lock()

    @classmethod
    def told(cls, rows: models.QuerySet[Any]) -> set[int]:
        """Those of events, and those of sessions that were released in full: sessions_app.materials lists no others."""
        found = list(rows.order_by().values_list("event_id", "session__uuid"))
        in_full = Release.objects.newest_in_full({event for event, session in found if session})
        return {event for event, session in found if not session or str(session) in in_full}

    def clean(self) -> None:
        if self.file and self.url:
            raise ValidationError("Give either a file or a link, not both.")
        if (self.opening == self.Opening.AT_TIME) != (self.opens_at is not None):
            raise ValidationError({"opens_at": "A time belongs to “at a set time”, and to that only."})
        if self.session and self.session.event_id != self.event_id:
            raise ValidationError({"session": "This session belongs to another event."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Notes what a new file is, and removes the one it replaces once that is committed."""
        old = Material.objects.filter(pk=self.pk).values_list("file", flat=True).first() if self.pk else ""
        if not self.file:
            self.filename, self.media_type, self.size, self.sha256 = "", "", None, ""
        self.store()
        super().save(*args, **kwargs)
        if old and old != self.file.name:
            files.discard(self.file.storage, old)

    def store(self) -> None:
        """Put a new file on the disk and note what it is. Raises StorageError."""
        if self.file and not self.file._committed:  # type: ignore[attr-defined]
            kept = files.prepared(self.file.file)
            found = files.examine(kept)
            self.file.save(found.filename, kept, save=False)
            self.filename, self.media_type = found.filename, found.media_type
            self.size, self.sha256 = found.size, found.sha256

    def is_open(self, now: datetime, *, is_final: bool) -> bool:
        """Whether its moment has come; who may have it is sessions_app.access.lock_on's question."""
        if self.opening == self.Opening.AT_RELEASE:
            return is_final
        return self.opens_at is None or self.opens_at <= now
