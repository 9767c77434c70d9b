"""What organizers want to know, and what they are told."""

import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import models
from django.db.models import F, Q

from portal.models import Event
from portal.text import slug as make_slug
from registration.models.registrations import Registration
from registration.models.tickets import TicketType


class Question(models.Model):
    class Kind(models.TextChoices):
        TEXT = "text", "a line of text"
        LONG = "long", "a longer text"
        CHOICE = "choice", "one of several"
        MANY = "many", "any of several"
        NUMBER = "number", "a number"
        YES_NO = "yes_no", "yes or no"
        FILE = "file", "a file"
        CONSENT = "consent", "a consent"

    event = models.ForeignKey(Event, models.CASCADE, related_name="questions", db_index=False)
    key = models.SlugField(
        max_length=50, blank=True, help_text="Its name in the API and in tables. Empty: made from the question."
    )
    label = models.CharField("question", max_length=300)
    help = models.CharField("hint", max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    is_required = models.BooleanField("required", default=False)
    depends_on = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="dependents",
        help_text="Asked only if that question was answered so. Empty: asked always.",
    )
    depends_value = models.CharField(
        "answered by", max_length=200, blank=True, help_text="A choice; “yes” or “no”; empty: by anything but “no”."
    )
    ticket_types = models.ManyToManyField(
        TicketType, blank=True, related_name="questions", help_text="Only of these. None: of everybody."
    )
    position = models.PositiveIntegerField(default=0)
    retention_days = models.PositiveSmallIntegerField(
        "days the answers are kept",
        null=True,
        blank=True,
        help_text="After the last day of the event; then they are deleted by themselves. Empty: as long as the rest.",
    )

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["event", "key"], name="question_key_once")]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.key:
            others = Question.objects.filter(event_id=self.event_id).exclude(pk=self.pk)
            taken = set(others.values_list("key", flat=True))
            self.key = make_slug(self.label, taken=taken, fallback="question", length=40)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        validate_slug(self.key or "made-later")
        above = self.depends_on
        if above and (above.pk == self.pk or above.depends_on_id):
            raise ValidationError({"depends_on": "Choose a question that itself is always asked."})
        if above and self.pk and self.dependents.exists():
            raise ValidationError({"depends_on": "Other questions depend on this one, so it has to be always asked."})

    def when(self, tickets: Collection[TicketType]) -> str:
        """In which case it is asked, in words; empty for always. Of its tickets it names those to be had, which
        others may not know. Reads what registration.questions has fetched."""
        only = " or ".join(f"“{one}”" for one in self.ticket_types.all() if one in tickets)
        above = self.depends_on
        parts = [f"with the ticket {only}"] if only else []
        if above:
            said = f" with “{self.waits_for}”" if self.waits_for else ""
            parts.append(f"if you answered “{above}”{said}")
        return f"Only {' and '.join(parts)}." if parts else ""

    @property
    def lead(self) -> str:
        """What an answer stands behind."""
        return self.label if self.label.endswith(("?", ":", "!", ".")) else f"{self.label}:"

    @property
    def has_choices(self) -> bool:
        return self.kind in (self.Kind.CHOICE, self.Kind.MANY)

    @property
    def is_yes_or_no(self) -> bool:
        return self.kind in (self.Kind.YES_NO, self.Kind.CONSENT)

    @property
    def waits_for(self) -> str:
        """The answer above after which it is asked; empty for any. Of yes and no it is yes."""
        return self.depends_value or ("yes" if self.depends_on and self.depends_on.is_yes_or_no else "")


class Choice(models.Model):
    """`taken` counts the registrations that chose it and weren't ended; only registration.booking changes it."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="choices", db_index=False)
    text = models.CharField(max_length=200)
    limit = models.PositiveIntegerField(null=True, blank=True, help_text="So many people. Empty: no limit.")
    taken = models.PositiveIntegerField(default=0, editable=False)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["question", "text"], name="choice_once"),
            models.CheckConstraint(
                name="choice_never_over_its_limit", condition=Q(limit__isnull=True) | Q(taken__lte=F("limit"))
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def count(self) -> str:
        """How many are left, in words; empty without a limit."""
        if self.limit is None:
            return ""
        return f"{self.limit - self.taken} left" if self.taken < self.limit else self.why_not

    @property
    def why_not(self) -> str:
        return "None left" if self.limit is not None and self.taken >= self.limit else ""


def upload_path(answer: "Answer", filename: str) -> str:
    """A name of our own; the uploader's is kept in the row only."""
    return f"answers/{uuid.uuid4().hex}"


class Answer(models.Model):
    """`value` is a text, a number, true or false; the chosen text, or a list of them; null for a file."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="answers", db_index=False)
    question = models.ForeignKey(Question, models.RESTRICT, related_name="answers")
    value = models.JSONField(null=True)
    file = models.FileField(upload_to=upload_path, blank=True)
    filename = models.CharField(max_length=150, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["question__position", "question_id"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="answer_once")]

    def __str__(self) -> str:
        return f"{self.question}: {self.words}"

    @property
    def words(self) -> str:
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if isinstance(self.value, list):
            return "; ".join(self.value)
        return self.filename if self.value is None else str(self.value)
