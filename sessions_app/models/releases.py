"""What was made public of a program."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.models import Event, LiveModel, LiveQuerySet


class ReleaseQuerySet(LiveQuerySet["Release"]):
    def newest_in_full(self, events: Collection[int]) -> set[str]:
        """The sessions that the newest releases of these events tell without keeping anything back, by uuid."""
        newest = (self.filter(event=event).values_list("data", flat=True).first() for event in events)
        items = (item for data in newest if data for item in data["items"])
        return {item["uuid"] for item in items if item.get("visibility", "full") == "full"}

    def brief(self) -> "ReleaseQuerySet":
        """Without the documents, which may be megabytes."""
        return self.defer("data", "changes", "withdrawn", "earlier_starts", "earlier_addresses")


class Release(LiveModel):
    """A numbered copy of the program as it was made public. Rows are only ever added."""

    class Stage(models.TextChoices):
        TENTATIVE = "tentative"
        FINAL = "final"

    event = models.ForeignKey(Event, models.CASCADE, related_name="releases", db_index=False)
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=10, choices=Stage)
    note = models.CharField(max_length=1000, blank=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the document.")
    data = models.JSONField(help_text="The program: sessions_app.program.Program.to_json().")
    changes = models.JSONField(
        default=list, help_text="Against the release before: sessions_app.diff.Change.to_json()."
    )
    change_count = models.PositiveIntegerField(default=0, help_text="How many changes there are.")
    withdrawn = models.JSONField(
        default=list, help_text="Sessions of earlier releases that are gone, as calendars are told of them."
    )
    earlier_starts = models.JSONField(
        default=dict, help_text="The clock time that sessions had before they were last moved, by uuid."
    )
    earlier_addresses = models.JSONField(
        default=dict,
        db_default={},
        help_text="Where sessions, speakers and rooms of earlier releases stood, and no other does now: uuids by slug.",
    )

    event_print = models.CharField(
        max_length=16, blank=True, db_default="", help_text="Of what calendars say of the event itself."
    )

    objects = ReleaseQuerySet.as_manager()  # type: ignore[misc]  # narrower than that of every live row

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["event", "number"], name="release_number_once")]

    def __str__(self) -> str:
        return f"release {self.number} ({self.stage})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises TypeError for a release that is there already: only sessions_app.redaction rewrites one."""
        if not self._state.adding:
            raise TypeError("A release is never changed. Make another.")
        super().save(*args, **kwargs)


class TimedReleaseQuerySet(models.QuerySet["TimedRelease"]):
    def waiting(self) -> "TimedReleaseQuerySet":
        return self.filter(state=TimedRelease.State.WAITING)


class TimedRelease(models.Model):
    """A release that organizers have set a time for. It is made from the draft as it is then."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"
        CALLED_OFF = "called_off", "called off"

    event = models.ForeignKey(Event, models.CASCADE, related_name="timed_releases")
    at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=Release.Stage)
    note = models.CharField(max_length=1000, blank=True)
    is_mailed = models.BooleanField(default=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it could not be made.")
    release = models.ForeignKey(Release, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TimedReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["event"], condition=Q(state="waiting"), name="timed_release_waits_alone")
        ]
        indexes = [models.Index(fields=["at"], condition=Q(state="waiting"), name="timed_release_due")]

    def __str__(self) -> str:
        return f"{self.stage} release at {self.at}"
